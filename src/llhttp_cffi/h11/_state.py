"""The sentinels: roles, states, and what `next_event` returns in place of an event."""

from __future__ import annotations

from ._util import Sentinel

__all__ = [
    "CLIENT",
    "CLOSED",
    "DONE",
    "ERROR",
    "IDLE",
    "MIGHT_SWITCH_PROTOCOL",
    "MUST_CLOSE",
    "NEED_DATA",
    "PAUSED",
    "SEND_BODY",
    "SEND_RESPONSE",
    "SERVER",
    "SWITCHED_PROTOCOL",
]

# ---- Roles ----


class CLIENT(Sentinel, metaclass=Sentinel):
    pass


class SERVER(Sentinel, metaclass=Sentinel):
    pass


# ---- States ----


class IDLE(Sentinel, metaclass=Sentinel):
    pass


class SEND_RESPONSE(Sentinel, metaclass=Sentinel):  # noqa: N801
    pass


class SEND_BODY(Sentinel, metaclass=Sentinel):  # noqa: N801
    pass


class DONE(Sentinel, metaclass=Sentinel):
    pass


class MUST_CLOSE(Sentinel, metaclass=Sentinel):  # noqa: N801
    pass


class CLOSED(Sentinel, metaclass=Sentinel):
    pass


class ERROR(Sentinel, metaclass=Sentinel):
    pass


class MIGHT_SWITCH_PROTOCOL(Sentinel, metaclass=Sentinel):  # noqa: N801
    pass


class SWITCHED_PROTOCOL(Sentinel, metaclass=Sentinel):  # noqa: N801
    pass


# ---- What is no event ----


class NEED_DATA(Sentinel, metaclass=Sentinel):  # noqa: N801
    pass


class PAUSED(Sentinel, metaclass=Sentinel):
    pass
