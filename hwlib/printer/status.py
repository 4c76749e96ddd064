"""How a printer is, put together from whatever it answers. Pure."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from hwlib.printer.replies import AutomaticStatus, FullStatus, StarStatus

State = Literal["absent", "opening", "probing", "ready", "printing", "confirming", "blocked", "sick"]


class Fault(StrEnum):
    """Why a printer does not print."""

    NONE = ""
    GONE = "gone"
    SILENT = "silent"
    OFFLINE = "offline"
    COVER_OPEN = "cover_open"
    PAPER_OUT = "paper_out"
    CUTTER = "cutter"
    HEAD_HOT = "head_hot"
    JAM = "jam"
    ERROR = "error"
    UNRECOVERABLE = "unrecoverable"


MEND = {
    Fault.GONE: "see that it is plugged in and switched on",
    Fault.SILENT: "it takes data and says nothing: switch it off and on, see its cable",
    Fault.OFFLINE: "press its feed button, see its lamps",
    Fault.COVER_OPEN: "close its cover",
    Fault.PAPER_OUT: "put in a new roll",
    Fault.CUTTER: "open it and free the cutter of paper",
    Fault.HEAD_HOT: "nothing: it goes on by itself when its head is cooler",
    Fault.JAM: "take the paper out of its mouth",
    Fault.ERROR: "see its lamps; switch it off and on",
    Fault.UNRECOVERABLE: "switch it off and on; if that does not help it must be repaired",
}
"""What a person does about a fault."""


SICK = frozenset({Fault.UNRECOVERABLE, Fault.SILENT})


@dataclass(frozen=True)
class PrinterStatus:
    """A printer as it was last heard.

    Attributes:
        state: What its worker does.
        fault: What hinders it.
        paper_low: Whether the roll is about to end, by its sensor or by what was counted.
        one_way: Whether it says nothing at all: then nothing can be proved.
        model: What it calls itself; empty when it was not asked.
        remaining_mm: Paper left, as far as it is known.
    """

    state: State = "absent"
    fault: Fault = Fault.NONE
    paper_low: bool = False
    one_way: bool = False
    model: str = ""
    remaining_mm: int | None = None

    def __str__(self) -> str:
        said = [self.state, *(f"{self.fault}: {MEND[self.fault]}" for _ in "1" if self.fault)]
        said += ["paper is low"] if self.paper_low else []
        return ", ".join(said)


@dataclass(frozen=True)
class Heard:
    """What one answer tells: the fault, and whether the roll nears its end (None: it did not say)."""

    fault: Fault
    near_end: bool | None


def of_real_time(offline: int, cause: int, error: int, paper: int) -> Heard:
    """The answers to DLE EOT 1, 2, 3 and 4. Source: Epson's reference, DLE EOT."""
    fault = _first(
        (error & 0x20, Fault.UNRECOVERABLE),
        (error & 0x08, Fault.CUTTER),
        (error & 0x40, Fault.HEAD_HOT),
        (cause & 0x04, Fault.COVER_OPEN),
        (paper & 0x60 or cause & 0x20, Fault.PAPER_OUT),
        (cause & 0x40 or error & 0x04, Fault.ERROR),
        (offline & 0x08, Fault.OFFLINE),
    )
    return Heard(fault, near_end=bool(paper & 0x0C))


def of_automatic(status: AutomaticStatus) -> Heard:
    """ASB. Source: Epson's reference, GS a: the bits are those of DLE EOT in other places."""
    first, second, third, _ = status.data
    fault = _first(
        (second & 0x20, Fault.UNRECOVERABLE),
        (second & 0x08, Fault.CUTTER),
        (second & 0x40, Fault.HEAD_HOT),
        (first & 0x20, Fault.COVER_OPEN),
        (third & 0x0C, Fault.PAPER_OUT),
        (second & 0x04, Fault.ERROR),
        (first & 0x08, Fault.OFFLINE),
    )
    return Heard(fault, near_end=bool(third & 0x03))


def of_full(status: FullStatus) -> Heard:
    """Custom's full status. Source: Custom, KPM300 command reference, DLE EOT 20; that bit 0 of the last byte is the
    cutter's was not verified on a device."""
    fault = _first(
        (status.unrecoverable & 0x01, Fault.CUTTER),
        (status.unrecoverable, Fault.UNRECOVERABLE),
        (status.recoverable & 0x40, Fault.JAM),
        (status.user & 0x03, Fault.COVER_OPEN),
        (status.paper & 0x01, Fault.PAPER_OUT),
        (status.recoverable & 0x01, Fault.HEAD_HOT),
        (status.recoverable, Fault.ERROR),
    )
    return Heard(fault, near_end=bool(status.paper & 0x44))


def of_star(status: StarStatus) -> Heard:
    """Star's automatic status. Source: StarPRNT specification, automatic status."""
    data = status.data.ljust(5, b"\x00")
    fault = _first(
        (data[1] & 0x20, Fault.UNRECOVERABLE),
        (data[1] & 0x08, Fault.CUTTER),
        (data[1] & 0x40, Fault.HEAD_HOT),
        (data[0] & 0x20, Fault.COVER_OPEN),
        (data[3] & 0x08, Fault.PAPER_OUT),
        (data[1] & 0x04 or data[2] & 0x0A, Fault.ERROR),
        (data[0] & 0x08, Fault.OFFLINE),
    )
    return Heard(fault, near_end=bool(data[3] & 0x04))


def _first(*bits: tuple[int, Fault]) -> Fault:
    """The first fault whose bits are set: the one that a person must mend before the others show."""
    return next((fault for bit, fault in bits if bit), Fault.NONE)


def is_busy(status: FullStatus) -> bool:
    """Whether Custom's printer still moves paper or has something to print."""
    return bool(status.user & 0x0C)


def heard(status: PrinterStatus, now: Heard, *, paper_low: bool) -> PrinterStatus:
    """A status after an answer. Paper counts as low when its gauge says so."""
    state = status.state
    if state in ("ready", "blocked", "sick", "probing", "opening"):
        state = "sick" if now.fault in SICK else "blocked" if now.fault else "ready"
    return replace(status, state=state, fault=now.fault, paper_low=paper_low)
