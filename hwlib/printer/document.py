"""What a ticket says, as a list of operations that any printer, a picture or plain text can be told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Text:
    """Text, wrapped at words when it is too long.

    Attributes:
        text: In any script.
        size: Multiplies the printer's font, 1 to 8.
        bold: Whether in bold.
        align: Where its lines stand.
        fit: Rather smaller than on two lines: `size` is then the most that it may be.
    """

    text: str
    size: int = 1
    bold: bool = False
    align: Align = "center"
    fit: bool = False


@dataclass(frozen=True)
class Columns:
    """One line with a text at its left and one at its right end."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True)
class Qr:
    """A QR code. The quiet zone of 4 modules is part of it."""

    data: str
    module_dots: int = 5


@dataclass(frozen=True)
class Logo:
    """A picture from a file, in black and white. `version_ns` tells a changed file from the one before."""

    file: Path
    width_mm: float
    version_ns: int = 0


@dataclass(frozen=True)
class Feed:
    """White paper, millimetres."""

    mm: float


@dataclass(frozen=True)
class Cut:
    """The ticket ends."""


Op = Text | Columns | Rule | Qr | Logo | Feed | Cut
Document = tuple[Op, ...]
