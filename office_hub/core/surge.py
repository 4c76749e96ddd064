"""Who may come in when many come at once: first come, first served, each told its place and its time. Pure.

Nobody is kept in memory: a visitor has a number, and numbers are let in at a steady rate. What is not used is not saved
up beyond a small burst, so that a quiet hour opens no flood.
"""

import math
from dataclasses import dataclass, replace

ROUNDING = 1e-6


@dataclass(frozen=True)
class Surge:
    """The way in.

    Attributes:
        per_s: Visitors let in a second.
        burst: So many may come at once after a quiet time.
        given: Numbers given so far.
        through: Numbers up to this one are in.
        at_ms: When `through` was true, on a clock that nobody sets.
    """

    per_s: float
    burst: int
    given: int = 0
    through: float = 0.0
    at_ms: int = 0


@dataclass(frozen=True)
class Wait:
    """A visitor's place before the door, from 1, and the seconds until it opens for it."""

    place: int
    seconds: int


def begin(per_s: float, burst: int, now_ms: int) -> Surge:
    """An open door."""
    return Surge(per_s, burst, 0, float(burst), now_ms)


def passed(surge: Surge, now_ms: int) -> Surge:
    """The way in as it stands now."""
    grown = surge.through + surge.per_s * max(0, now_ms - surge.at_ms) / 1000
    return replace(surge, through=min(grown, float(surge.given + surge.burst)), at_ms=max(now_ms, surge.at_ms))


def arrive(surge: Surge, now_ms: int) -> tuple[Surge, int]:
    """A visitor comes. Returns its number."""
    surge = passed(surge, now_ms)
    surge = replace(surge, given=surge.given + 1)
    return surge, surge.given


def wait_of(surge: Surge, number: int, now_ms: int) -> Wait | None:
    """How long a number waits; None when it is in."""
    through = passed(surge, now_ms).through + ROUNDING
    if number <= through:
        return None
    return Wait(math.ceil(number - through), max(1, math.ceil((number - through) / surge.per_s)))
