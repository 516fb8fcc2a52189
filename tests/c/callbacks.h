/* callbacks.h - llhttp's callbacks, for the programs in this folder.
 *
 * NOTIFIES are those without data, each with its text in the log; SPANS get data. */
#ifndef CALLBACKS_H_
#define CALLBACKS_H_

#define NOTIFIES(X)                                          \
  X(message_begin, "message begin")                          \
  X(headers_complete, "headers complete")                    \
  X(message_complete, "message complete")                    \
  X(protocol_complete, "protocol complete")                  \
  X(url_complete, "url complete")                            \
  X(status_complete, "status complete")                      \
  X(method_complete, "method complete")                      \
  X(version_complete, "version complete")                    \
  X(header_field_complete, "header_field complete")          \
  X(header_value_complete, "header_value complete")          \
  X(chunk_extension_name_complete, "chunk_extension_name complete")   \
  X(chunk_extension_value_complete, "chunk_extension_value complete") \
  X(chunk_header, "chunk header")                            \
  X(chunk_complete, "chunk complete")                        \
  X(reset, "reset")

#define SPANS(X)                                                          \
  X(protocol) X(url) X(status) X(method) X(version) X(header_field)       \
  X(header_value) X(chunk_extension_name) X(chunk_extension_value) X(body)

#endif /* CALLBACKS_H_ */
