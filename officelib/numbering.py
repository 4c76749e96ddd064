"""The hub's numbers of a business day: strictly sequential, never derived, never given again.

A hub with a standby gives only numbers under a ceiling that the standby knew before: whoever is promoted goes on above
it, and no number is given twice although the last entries of the log may be lost.
"""

from collections.abc import Iterable
from typing import NamedTuple

from officelib.ids import HIGHEST_NUMBER, Label, main_label

CEILING_STEP = 200
"""Numbers that a raise adds; as many may stay unused when a standby is promoted."""
CEILING_MARGIN = 100
"""A ceiling is raised when fewer numbers than that are left under it."""


class NoNumber(ValueError):
    """The hub may give no main number now: a kiosk takes one of its lane."""


class Ceiling(NamedTuple):
    """Numbers up to `in_force` may be given; up to `to` once the standby has the log's entry `n`."""

    in_force: int
    to: int
    n: int


class Numbers:
    """The last number given in each series, and the ceilings, where there is a standby."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self.ceilings: dict[str, Ceiling] = {}
        self.unknown = False

    def next_label(self, series: str, followed_to: int | None) -> str:
        """The label that comes next; `seen` makes it taken.

        Args:
            series: Its letter.
            followed_to: The newest entry that the standby has; None when there is no standby.

        Raises:
            NoNumber: today's numbers are exhausted, unknown after a restore, or end at the ceiling.
        """
        number = self._last.get(series, 0) + 1
        if self.unknown:
            raise NoNumber("which numbers were given today is not known: the log was restored")
        if number > HIGHEST_NUMBER:
            raise NoNumber(f"series {series} has no number left today")
        if followed_to is not None and number > self._ceiling(series, followed_to):
            raise NoNumber(f"series {series} is at the ceiling that the standby knows")
        return main_label(series, number)

    def first_ceilings(self, series: Iterable[str]) -> list[tuple[str, int, int]]:
        """(series, in force, to) for a standby that joins: until it has joined it cannot be promoted."""
        return [(one, last + CEILING_STEP, last + CEILING_STEP) for one in series for last in (self._last.get(one, 0),)]

    def due_ceilings(self, series: Iterable[str], followed_to: int) -> list[tuple[str, int, int]]:
        """(series, in force, to) of the ceilings that should be raised now."""
        due = []
        for one in series:
            known, last = self.ceilings.get(one), self._last.get(one, 0)
            if known is None:
                due.append((one, last, last + CEILING_STEP))
            elif followed_to >= known.n and known.to - last < CEILING_MARGIN and known.to < HIGHEST_NUMBER:
                due.append((one, known.to, known.to + CEILING_STEP))
        return due

    def jump_to_ceilings(self) -> None:
        """Another hub gave numbers up to any ceiling: they all count as given."""
        for series, ceiling in self.ceilings.items():
            self._last[series] = max(self._last.get(series, 0), ceiling.to)
        self.ceilings = {}

    def _ceiling(self, series: str, followed_to: int) -> int:
        known = self.ceilings.get(series)
        if known is None:
            return 0
        return known.to if followed_to >= known.n else known.in_force

    def seen(self, label: Label) -> None:
        """A main label has been given."""
        self._last[label.series] = max(label.number, self._last.get(label.series, 0))


def next_lane_number(last: int) -> int:
    """The number after `last` in a lane. Lanes go on over days and start again only after 9999."""
    return last % HIGHEST_NUMBER + 1
