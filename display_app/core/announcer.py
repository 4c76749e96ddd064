"""Which call is said aloud, and when. Pure.

A call is announced once, and only while it is young: a display that was away shows what happened meanwhile and keeps
silent about it. First calls go before recalls, newer before older. A call that another one of the same ticket has
replaced is not said any more: it may name the wrong counter. What was said and not answered is repeated once, when
there is nothing else to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from officelib.board import Call

YOUNG_MS = 30_000
REPEAT_AFTER_MS, REPEAT_BEFORE_MS = 10_000, 15_000
"""A call that nobody came for is said once more, so long after it was said first; not later."""
CALM = 1
"""Repeats and second languages are for calm times: with more calls than that in half a minute the voice is kept for
first calls."""


@dataclass(frozen=True)
class Announcer:
    """Calls that wait for the voice, and those that had their turn.

    Attributes:
        waiting: To be announced, in that order.
        speaking: Under way.
        repeating: What is under way was said before.
        repeats: Said once and not answered, with when that was.
        known: (id, time) of young calls that were met, so that none is met twice; the journal keeps them over a
            restart.
    """

    waiting: tuple[Call, ...] = ()
    speaking: Call | None = None
    repeating: bool = False
    repeats: tuple[tuple[Call, int], ...] = ()
    known: frozenset[tuple[str, int]] = frozenset()

    @property
    def is_silent(self) -> bool:
        """Nothing is being said, or waits to be."""
        return self.speaking is None and not self.waiting

    @property
    def is_calm(self) -> bool:
        """There is time for more than first calls."""
        return len(self.known) <= CALM


def see(announcer: Announcer, calls: Sequence[Call], hub_ms: int) -> Announcer:
    """The board shows these calls now."""
    fresh = [call for call in calls if (call.id, call.at_ms) not in announcer.known]
    newest = {call.ticket: call.id for call in calls}
    young = [call for call in fresh if not call.answered and hub_ms - call.at_ms < YOUNG_MS]
    wanted = [call for call in (*young, *announcer.waiting) if newest.get(call.ticket, call.id) == call.id]
    waiting = tuple(sorted(wanted, key=lambda call: (call.recall, -call.at_ms)))
    known = announcer.known | {(call.id, call.at_ms) for call in fresh}
    still_young = frozenset((call, at_ms) for call, at_ms in known if hub_ms - at_ms < YOUNG_MS)
    called = {call.id for call in calls if not call.answered}
    repeats = tuple(
        (call, said_ms)
        for call, said_ms in announcer.repeats
        if call.id in called and hub_ms - said_ms < REPEAT_BEFORE_MS
    )
    return replace(announcer, waiting=waiting, repeats=repeats, known=still_young)


def next_call(announcer: Announcer, hub_ms: int) -> tuple[Announcer, Call | None]:
    """The call to announce now, if the voice is free; what became old meanwhile is not said any more."""
    if announcer.speaking is not None:
        return announcer, None
    waiting = tuple(call for call in announcer.waiting if hub_ms - call.at_ms < YOUNG_MS)
    if not waiting:
        return replace(announcer, waiting=()), None
    return replace(announcer, waiting=waiting[1:], speaking=waiting[0]), waiting[0]


def next_repeat(announcer: Announcer, hub_ms: int) -> tuple[Announcer, Call | None]:
    """The call to say once more now, if there is nothing else to say."""
    if not announcer.is_silent or not announcer.is_calm:
        return announcer, None
    due = next((call for call, said_ms in announcer.repeats if hub_ms - said_ms >= REPEAT_AFTER_MS), None)
    if due is None:
        return announcer, None
    left = tuple((call, said_ms) for call, said_ms in announcer.repeats if call.id != due.id)
    return replace(announcer, speaking=due, repeating=True, repeats=left), due


def spoken(announcer: Announcer, said_ms: int | None = None) -> Announcer:
    """The voice is free again; what it said at `said_ms` may have to be repeated, what was not said need not."""
    said = announcer.speaking
    again = () if said is None or said_ms is None or announcer.repeating else ((said, said_ms),)
    return replace(announcer, speaking=None, repeating=False, repeats=(*announcer.repeats, *again))
