"""What a ticket says, as a list of operations that any printer can be told."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Text:
    """A line of text, wrapped when it is too long. `size` multiplies the printer's font, 1 to 8."""

    text: str
    size: int = 1
    bold: bool = False
    align: Align = "center"


@dataclass(frozen=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True)
class Qr:
    """A QR code. The quiet zone of 4 modules is part of it."""

    data: str
    module_dots: int = 5


@dataclass(frozen=True)
class Feed:
    """White paper, millimetres."""

    mm: float


@dataclass(frozen=True)
class Cut:
    """The ticket ends."""


Op = Text | Rule | Qr | Feed | Cut
Document = tuple[Op, ...]
