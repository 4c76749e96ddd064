"""What a printer is told to print, and how that ended."""

import time
from dataclasses import dataclass
from typing import Literal

from hwlib.printer.document import Document
from hwlib.printer.status import Fault

Outcome = Literal["done", "not_started", "failed", "unknown", "expired", "cancelled"]
Level = Literal["none", "sent", "processed", "printed", "clean", "taken"]


@dataclass(frozen=True)
class Job:
    """A document to print.

    Attributes:
        key: The caller's name for it.
        document: What it says.
        expires_in_s: Not begun by then, it is not printed at all.
    """

    key: str
    document: Document
    expires_in_s: float


@dataclass(frozen=True)
class PrintResult:
    """How a job ended.

    Attributes:
        key: The job's.
        outcome: "not_started" when nothing reached the printer: only then is another try safe. "failed" when it will
            not come out whole, "unknown" when it may.
        level: As far as the printer proved it.
        fault: What hindered it.
        accepted_bytes: What reached the printer, of `total_bytes`.
        elapsed_ms: From the order to this.
        length_mm: Of the ticket.
    """

    key: str
    outcome: Outcome
    level: Level
    fault: Fault
    accepted_bytes: int
    total_bytes: int
    elapsed_ms: int
    length_mm: float = 0.0

    @property
    def may_be_printing(self) -> bool:
        """Whether the printer took all of it, shows no fault, and only did not answer: it is left alone."""
        whole = self.accepted_bytes == self.total_bytes
        return self.outcome == "unknown" and whole and self.fault in (Fault.NONE, Fault.SILENT)


@dataclass(frozen=True)
class Ready:
    """A job's bytes, with the number that will prove it."""

    job: Job
    since_s: float
    data: bytes = b""
    process_id: bytes = b""
    length_mm: float = 0.0

    def ended(self, outcome: Outcome, level: Level, fault: Fault, accepted_bytes: int = 0) -> PrintResult:
        """Its result, now."""
        return PrintResult(
            key=self.job.key,
            outcome=outcome,
            level=level,
            fault=fault,
            accepted_bytes=accepted_bytes,
            total_bytes=len(self.data),
            elapsed_ms=round((time.monotonic() - self.since_s) * 1000),
            length_mm=round(self.length_mm, 1),
        )
