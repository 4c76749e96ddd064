"""The leader's side of following: what the standby has, and the ceilings that it must know first. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from office_hub.core.draft import Draft
from officelib import events as e
from officelib.catalogue import Catalogue
from officelib.journal.office_log import Mark

LATE_ENTRIES = 64
"""A hub that follows is the standby once it lacks no more than these."""


@dataclass
class Leading:
    """How far the standby is.

    Attributes:
        hub: Who follows; "" before anybody was heard since the start.
        to: The newest entry that it has.
        written: Of each journal (entry, seq): its newest event on the leader's disk, and the log's head then.
        stable: Of each journal its newest event that the standby was seen to have too.
    """

    hub: str = ""
    to: int = 0
    written: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    stable: dict[tuple[str, int], int] = field(default_factory=dict)

    def followed_to(self, standby: str) -> int | None:
        """The newest entry that the standby has, as far as is known; None when the office has no standby."""
        if not standby:
            return None
        return self.to if self.hub == standby else 0

    def heard(self, hub: str, n: int) -> None:
        """A hub holds the log up to `n`."""
        self.hub, self.to = hub, n
        self.stable |= {journal: seq for journal, (at, seq) in self.written.items() if at <= n}

    def wrote(self, marks: Mapping[tuple[str, int], Mark], n: int) -> None:
        """The leader's disk has these marks, and the log up to `n`."""
        self.written |= {journal: (n, mark.seq) for journal, mark in marks.items()}

    def stable_of(self, standby: str, journal: tuple[str, int], acked: int) -> int:
        """Up to where a device's events are safe."""
        return min(acked, self.stable.get(journal, 0)) if standby else acked


def series_of(catalogue: Catalogue) -> list[str]:
    """The letters that tickets may carry."""
    return sorted({service.series for service in catalogue.services.values()})


def join(draft: Draft, catalogue: Catalogue, hub: str, n: int) -> None:
    """A hub follows: it becomes the standby once it is close enough, and no other one is."""
    office = draft.office
    if office.standby or office.n - n > LATE_ENTRIES or office.numbers.unknown:
        return
    ceilings = office.numbers.first_ceilings(series_of(catalogue))
    draft.add([*(e.CeilingRaised(*ceiling) for ceiling in ceilings), e.StandbyJoined(hub)])


def raise_ceilings(draft: Draft, catalogue: Catalogue, to: int) -> None:
    """Before the numbers under a ceiling run out, the standby is told of a higher one."""
    due = draft.office.numbers.due_ceilings(series_of(catalogue), to)
    draft.add([e.CeilingRaised(*ceiling) for ceiling in due])
