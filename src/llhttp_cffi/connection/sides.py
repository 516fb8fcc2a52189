"""What both sides are doing: the state machine of csrc/connection/states.c."""

from __future__ import annotations

from .._ffi import ffi, lib
from .states import Role, State

__all__ = ["Kind", "Sides"]

STATES = {
    lib.LLX_IDLE: State.IDLE,
    lib.LLX_SEND_RESPONSE: State.RESPOND,
    lib.LLX_SEND_BODY: State.BODY,
    lib.LLX_DONE: State.DONE,
    lib.LLX_MUST_CLOSE: State.MUST_CLOSE,
    lib.LLX_CLOSED: State.CLOSED,
    lib.LLX_MIGHT_SWITCH: State.MIGHT_SWITCH,
    lib.LLX_SWITCHED: State.SWITCHED,
    lib.LLX_BROKEN: State.ERROR,
}
ROLES = {Role.CLIENT: lib.LLX_CLIENT, Role.SERVER: lib.LLX_SERVER}


class Kind:
    """What a side sends."""

    REQUEST: int = lib.LLX_REQUEST
    INFORMATIONAL: int = lib.LLX_INFORMATIONAL
    RESPONSE: int = lib.LLX_RESPONSE
    DATA: int = lib.LLX_DATA
    END: int = lib.LLX_END
    CLOSE: int = lib.LLX_CLOSE


class Sides:
    """The states of the client and of the server, and what moves them."""

    def __init__(self) -> None:
        self._sides = ffi.new("llx_sides_t *")
        lib.llx_sides_init(self._sides)

    def __getitem__(self, role: Role) -> State:
        return STATES[self._sides.state[ROLES[role]]]

    @property
    def keep_alive(self) -> bool:
        return bool(self._sides.keep_alive)

    def propose(self, is_connect: bool) -> None:
        """The client's request proposes another protocol."""
        what = lib.LLX_PROPOSE_CONNECT if is_connect else lib.LLX_PROPOSE_UPGRADE
        lib.llx_sides_propose(self._sides, what)

    def send(self, role: Role, kind: int) -> bool:
        """False, if that side may not send that now."""
        return bool(lib.llx_sides_send(self._sides, ROLES[role], kind, 0))

    def switch(self, kind: int) -> bool:
        """The server accepts what was proposed, with a response of that kind."""
        accepted = self._sides.proposals
        server = ROLES[Role.SERVER]
        return bool(lib.llx_sides_send(self._sides, server, kind, accepted))

    def disable_keep_alive(self) -> None:
        lib.llx_sides_disable_keep_alive(self._sides)

    def break_(self, role: Role) -> None:
        """That side has broken the protocol: there will be no further cycle."""
        lib.llx_sides_break(self._sides, ROLES[role])
        self.disable_keep_alive()

    def start_next_cycle(self) -> bool:
        """False, unless both sides are DONE."""
        return bool(lib.llx_sides_start_next_cycle(self._sides))
