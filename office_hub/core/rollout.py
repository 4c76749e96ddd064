"""An update for many devices, a few at first: goes on while those that have it are well, and stops where one is not.

Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

SETTLE_MS = 600_000
"""So long a device must be well with its new system before more of them get it."""
PARTS = (0.0, 0.1, 0.5, 1.0)
"""How many have been asked after each stage: one, a tenth, half, all."""

Standing = Literal["untouched", "away", "at_it", "well", "ill"]
"""Not asked yet; asked while off line, and left to itself; busy, or new for less than SETTLE_MS; and how it went."""


class Step(NamedTuple):
    """What is to be done: `ask` these devices; or the rollout is over, in one way or the other."""

    ask: tuple[str, ...] = ()
    is_over: bool = False
    ill: tuple[str, ...] = ()


def standing(state: str, told_ms: int | None, now_ms: int, *, is_ill: bool) -> Standing:
    """How a device stands.

    Args:
        state: Of its errand, as `office_hub.errands.Stage`; "" where it has none.
        told_ms: When it was heard of last.
        now_ms: Hub time.
        is_ill: Something of the device is wrong now.
    """
    match state:
        case "":
            return "untouched"
        case "waiting":
            return "away"
        case "sent" | "taken":
            return "at_it"
        case "done":
            if is_ill:
                return "ill"
            return "well" if now_ms - (told_ms or 0) >= SETTLE_MS else "at_it"
        case _:
            return "ill"


def step(standings: Mapping[str, Standing], *, at_once: bool) -> Step:
    """What is to be done next.

    Args:
        standings: Of all devices, in the order in which they are to be asked.
        at_once: All at the same time, without stages.
    """
    ill = tuple(device for device, how in standings.items() if how == "ill")
    if ill and not at_once:
        return Step(is_over=True, ill=ill)
    untouched = [device for device, how in standings.items() if how == "untouched"]
    if at_once:
        return Step(tuple(untouched)) if untouched else Step(is_over=_is_done(standings), ill=ill)
    if "at_it" in standings.values():
        return Step()
    if not untouched:
        return Step(is_over=_is_done(standings))
    asked = len(standings) - len(untouched)
    goals = [max(1, round(len(standings) * part)) for part in PARTS]
    goal = next(goal for goal in goals if goal > asked)
    return Step(tuple(untouched[: goal - asked]))


def _is_done(standings: Mapping[str, Standing]) -> bool:
    return not {"at_it", "away"} & set(standings.values())


def stages(count: int) -> Sequence[int]:
    """How many devices each stage asks, of so many."""
    goals = sorted({max(1, round(count * part)) for part in PARTS}) if count else []
    return [after - before for before, after in zip([0, *goals], goals, strict=False)]
