"""What one round of the hub will commit, already applied to the office in memory."""

from dataclasses import dataclass, field

from officelib import events as e
from officelib.ids import EventId
from officelib.journal.office_log import Mark
from officelib.office import Office


@dataclass
class Draft:
    """Entries, acknowledged places and replies that go to the disk together.

    Attributes:
        office: Changed by every entry that is added.
        followed_to: The newest entry that the standby has; None when there is no standby.
    """

    office: Office
    epoch: int
    now_ms: int
    followed_to: int | None = None
    entries: list[e.LogEntry] = field(default_factory=list)
    marks: dict[tuple[str, int], Mark] = field(default_factory=dict)
    requests: dict[str, bytes] = field(default_factory=dict)

    def add(self, bodies: list[e.LogBody], source: EventId | None = None) -> None:
        """Append entries and apply them."""
        for body in bodies:
            entry = e.LogEntry(self.office.n + 1, self.epoch, self.now_ms, body, source)
            self.office.apply(entry)
            self.entries.append(entry)

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.marks or self.requests)
