"""The names of llhttp's callbacks, without their ``on_``."""

CALLBACKS = (
    "message_begin",
    "protocol",
    "url",
    "status",
    "method",
    "version",
    "header_field",
    "header_value",
    "chunk_extension_name",
    "chunk_extension_value",
    "headers_complete",
    "body",
    "message_complete",
    "protocol_complete",
    "url_complete",
    "status_complete",
    "method_complete",
    "version_complete",
    "header_field_complete",
    "header_value_complete",
    "chunk_extension_name_complete",
    "chunk_extension_value_complete",
    "chunk_header",
    "chunk_complete",
    "reset",
)
"""All callbacks, in the order of llhttp_settings_t."""

SPANS = (*CALLBACKS[1:10], "body")
"""The callbacks that get data."""

NOTIFIES = tuple(name for name in CALLBACKS if name not in SPANS)
"""The callbacks without data."""
