"""Scanners: whatever way a code comes in, it comes out whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Scan:
    """A code that was read.

    Attributes:
        text: What it says; empty when there is a problem.
        problem: Why it cannot be trusted: a person must scan again.
        aim: The symbology by AIM's identifier, as "]Q1" for a QR code; empty when the scanner does not tell.
    """

    text: str
    problem: str = ""
    aim: str = ""


class Scanner(Protocol):
    """A source of scans with a thread of its own. `on_state`: see `hwlib.reading.DeviceReader`."""

    on_state: Callable[[str], None]

    def start(self) -> None:
        """Begin to read."""

    def stop(self) -> None:
        """End."""

    def look_again(self) -> None:
        """A device was plugged in."""
