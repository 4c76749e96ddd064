"""Which call is said aloud, and when. Pure.

A call is announced once, and only while it is young: a display that was away shows what happened meanwhile and keeps
silent about it. First calls go before repeats, newer before older. A call that another one of the same ticket has
replaced is not said any more: it may name the wrong counter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from officelib.board import Call

YOUNG_MS = 30_000


@dataclass(frozen=True)
class Announcer:
    """Calls that wait for the voice, and those that had their turn.

    Attributes:
        waiting: To be announced, in that order.
        speaking: Under way.
        known: (id, time) of young calls that were met, so that none is met twice; the journal keeps them over a
            restart.
    """

    waiting: tuple[Call, ...] = ()
    speaking: Call | None = None
    known: frozenset[tuple[str, int]] = frozenset()

    @property
    def is_silent(self) -> bool:
        """Nothing is being said, or waits to be."""
        return self.speaking is None and not self.waiting


def see(announcer: Announcer, calls: Sequence[Call], hub_ms: int) -> Announcer:
    """The board shows these calls now."""
    fresh = [call for call in calls if (call.id, call.at_ms) not in announcer.known]
    newest = {call.ticket: call.id for call in calls}
    young = [call for call in fresh if not call.answered and hub_ms - call.at_ms < YOUNG_MS]
    wanted = [call for call in (*young, *announcer.waiting) if newest.get(call.ticket, call.id) == call.id]
    waiting = tuple(sorted(wanted, key=lambda call: (call.recall, -call.at_ms)))
    known = announcer.known | {(call.id, call.at_ms) for call in fresh}
    still_young = frozenset((call, at_ms) for call, at_ms in known if hub_ms - at_ms < YOUNG_MS)
    return replace(announcer, waiting=waiting, known=still_young)


def next_call(announcer: Announcer, hub_ms: int) -> tuple[Announcer, Call | None]:
    """The call to announce now, if the voice is free; what became old meanwhile is not said any more."""
    if announcer.speaking is not None:
        return announcer, None
    waiting = tuple(call for call in announcer.waiting if hub_ms - call.at_ms < YOUNG_MS)
    if not waiting:
        return replace(announcer, waiting=()), None
    return replace(announcer, waiting=waiting[1:], speaking=waiting[0]), waiting[0]


def spoken(announcer: Announcer) -> Announcer:
    """The voice is free again."""
    return replace(announcer, speaking=None)
