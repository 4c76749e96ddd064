"""The mouth of a kiosk printer: what hands a ticket out, takes a forgotten one back, and tells which of the two it was.

Sources: Custom, KPM216H command reference, GS e; Star, Line Thermal Printer specification, ESC SYN 0, 1 and 3.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hwlib.printer.conversation import Conversation
from hwlib.printer.profile import Presenter
from hwlib.printer.replies import FullStatus, Processed, Reply, StarTickets

Fate = Literal["held", "taken", "retracted", "unknown"]
"""What became of a ticket in the mouth."""
AT_OUTLET_EJECTOR, AT_OUTLET_FULL = 0x08, 0x20
"""The ticket's bit in the ejector's byte (GS e 6) and in the full status (DLE EOT 20)."""
SHOWN_MM, STEP_MM = 60, 0.625
SHOW = b"\x1de\x03" + bytes((round(SHOWN_MM / STEP_MM),))
"""GS e 3: so much of the ticket comes out that a hand finds it; the rest is held."""
HALF_SECONDS = 2


@dataclass(frozen=True)
class Commands:
    """A presenter's commands; empty where it needs none."""

    before: bytes
    show: bytes
    ask: bytes
    retract: bytes


def commands_of(presenter: Presenter) -> Commands | None:
    """The commands of a kind of presenter; None for a printer without one."""
    match presenter.kind:
        case "none":
            return None
        case "custom":
            return Commands(before=b"", show=SHOW, ask=b"\x10\x04\x14", retract=b"\x1de\x02")
        case "bixolon":
            return Commands(before=b"", show=SHOW, ask=b"\x1de\x06", retract=b"\x1de\x02")
        case "star":
            wait = bytes((min(255, round(presenter.hold_s * HALF_SECONDS)),))
            return Commands(
                before=b"\x1b\x161" + wait,
                show=b"",
                ask=b"\x1b\x163\x00\x1b\x163\x01",
                retract=b"\x1b\x160\x00",
            )


@dataclass
class Watch:
    """What became of one ticket, from the answers after it was printed."""

    since_s: float
    hold_s: float
    was_seen: bool = False
    retracting: bool = False
    counts: tuple[int, int] | None = None
    _counted: dict[int, int] | None = None

    def hear(self, reply: Reply) -> Fate:
        """Take an answer to `ask`."""
        match reply:
            case Processed():
                return self._sensor(is_there=bool(reply.byte & AT_OUTLET_EJECTOR))
            case FullStatus():
                return self._sensor(is_there=bool(reply.paper & AT_OUTLET_FULL))
            case StarTickets():
                self._counted = {**(self._counted or {}), reply.kind: reply.count}
                if len(self._counted) < 2:
                    return "held"
                now = (self._counted[0], self._counted[1])
                before, self.counts, self._counted = self.counts, self.counts or now, None
                if before is None or now == before:
                    return "held"
                return "taken" if now[0] != before[0] else "retracted"
            case _:
                return "held"

    def _sensor(self, *, is_there: bool) -> Fate:
        if is_there:
            self.was_seen = True
        if is_there or not self.was_seen:
            return "held"
        return "retracted" if self.retracting else "taken"

    def is_overdue(self, now_s: float) -> bool:
        """Whether the ticket has been held long enough."""
        return not self.retracting and now_s - self.since_s > self.hold_s

    def is_lost(self, now_s: float) -> bool:
        """Whether the presenter said nothing clear for so long that it is not asked any more."""
        return now_s - self.since_s > 3 * self.hold_s


LOOK_S = 0.2


class Mouth:
    """Watches the ticket that was printed last, between the tickets."""

    def __init__(self, talk: Conversation, on_fate: Callable[[str, Fate], None]) -> None:
        self._talk, self._on_fate = talk, on_fate
        self._commands = commands_of(talk.profile.presenter)
        self._watched: tuple[str, Watch] | None = None

    @property
    def before(self) -> bytes:
        """What goes in front of a ticket."""
        return self._commands.before if self._commands else b""

    @property
    def show(self) -> bytes:
        """What goes behind it."""
        return self._commands.show if self._commands else b""

    @property
    def is_busy(self) -> bool:
        """Whether a ticket is held."""
        return self._watched is not None

    def hold(self, key: str) -> None:
        """A ticket is in the mouth, or may be."""
        if self._commands is not None:
            self._watched = (key, Watch(time.monotonic(), self._talk.profile.presenter.hold_s))

    def give_up(self) -> None:
        """The next ticket pushes the one before out: nothing more is known of it."""
        if self._watched is not None:
            self._end("unknown")

    def look(self, now_s: float) -> None:
        """Ask for the ticket; pull a forgotten one back: it would be read by whoever comes next.

        Raises:
            DeviceGone: the printer went away.
        """
        if self._commands is None or self._watched is None:
            return
        _, watch = self._watched
        fate: Fate = "held"
        self._talk.write(self._commands.ask, owes=1 if self._talk.profile.presenter.kind == "bixolon" else 0)
        while fate == "held" and time.monotonic() < now_s + LOOK_S:
            for reply in self._talk.listen(0.02):
                told = watch.hear(reply)
                fate = told if told != "held" else fate
        if fate != "held":
            self._end(fate)
        elif watch.is_overdue(now_s):
            watch.retracting = True
            self._talk.write(self._commands.retract)
        elif watch.is_lost(now_s):
            self._end("unknown")

    def _end(self, fate: Fate) -> None:
        if self._watched is not None:
            key, self._watched = self._watched[0], None
            self._on_fate(key, fate)
