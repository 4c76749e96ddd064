"""Scanners: whatever way a code comes in, it comes out whole or not at all."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Scan:
    """A code that was read. `problem` says why it cannot be trusted; then the text is empty."""

    text: str
    problem: str = ""


class Scanner(Protocol):
    """A source of scans with a thread of its own."""

    def start(self) -> None:
        """Begin to read."""

    def stop(self) -> None:
        """End."""
