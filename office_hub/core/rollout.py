"""An update for many devices, a few at first: goes on while those that have it are well, and stops where one is not.

Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

SETTLE_MS = 600_000
"""So long a device must be well with its new system before more of them get it."""
SILENT_MS = 2_700_000
"""A device that is at it says so each minute, also while it fetches; the slowest start takes a quarter of an hour."""
LASTS_MS = 86_400_000
"""Who is not there within a day is left as it is."""
PARTS = (0.0, 0.1, 0.5, 1.0)
"""How many have been asked after each stage: one, a tenth, half, all."""

Standing = Literal["untouched", "away", "at_it", "well", "ill"]
"""Can be asked; not there; busy, or new for less than SETTLE_MS; and how it went."""
Wellness = Literal["well", "alerted", "ill"]
"""Nothing is wrong; something is, for a moment; something has been for minutes."""


class Step(NamedTuple):
    """What is to be done: `ask` these devices; or the rollout is over, in one way or the other."""

    ask: tuple[str, ...] = ()
    is_over: bool = False
    ill: tuple[str, ...] = ()


def standing(state: str, told_ms: int | None, now_ms: int, *, is_there: bool, wellness: Wellness) -> Standing:
    """How a device stands.

    Args:
        state: Of its errand, as `office_hub.errands.Stage`; "" where it has none.
        told_ms: When it was heard of last; None where it never was.
        now_ms: Hub time.
        is_there: It is on line.
        wellness: Of the device, by its alerts.
    """
    match state:
        case "":
            return "untouched" if is_there else "away"
        case "waiting" | "sent" | "expired" if told_ms is None or state == "waiting":
            return "at_it" if is_there and state != "expired" else "away"
        case "sent" | "taken":
            return "ill" if now_ms - (told_ms or 0) > SILENT_MS else "at_it"
        case "done" if wellness != "ill":
            return "well" if wellness == "well" and now_ms - (told_ms or 0) >= SETTLE_MS else "at_it"
        case _:
            return "ill"


def step(standings: Mapping[str, Standing], age_ms: int, *, at_once: bool) -> Step:
    """What is to be done next.

    Args:
        standings: Of all devices, in the order in which they are to be asked.
        age_ms: Since when the rollout goes on.
        at_once: All at the same time, without stages.
    """
    ill = tuple(device for device, how in standings.items() if how == "ill")
    busy, away = "at_it" in standings.values(), "away" in standings.values()
    if ill and not (at_once and busy):
        return Step(is_over=True, ill=ill)
    untouched = [device for device, how in standings.items() if how == "untouched"]
    is_late = age_ms > LASTS_MS
    if untouched and not is_late and (at_once or not busy):
        return Step(tuple(untouched if at_once else untouched[: _stage(standings)]))
    return Step(is_over=not busy and (is_late or not away))


def _stage(standings: Mapping[str, Standing]) -> int:
    """How many more may be asked: as far as those go that are well with it."""
    well = sum(how == "well" for how in standings.values())
    goals = [max(1, round(len(standings) * part)) for part in PARTS]
    return next((goal for goal in goals if goal > well), len(standings)) - well


def stages(count: int) -> Sequence[int]:
    """How many devices each stage asks, of so many."""
    goals = sorted({max(1, round(count * part)) for part in PARTS}) if count else []
    return [after - before for before, after in zip([0, *goals], goals, strict=False)]
