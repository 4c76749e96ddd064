"""Where everything stands on a panel, and how large, so that the last row can read it. Pure; millimetres throughout.

Letters are as large as the panel has room for, and never smaller than the furthest seat needs. Where a panel has no
room for what is wanted, fewer calls stand large at once; where it has none for a single one, it is refused.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hwlib.screen.panel import CALL_DEG, SIDE_DEG, Panel, cap_height_mm

MOST_CALLS = 4
HISTORY_ROWS = 4
"""So many calls before the large ones are wanted. Source: UX, a call moves to a list of at least four."""
MOST_ROWS = 6
STRIP_PART = 0.2
"""The strip's share of the height, at most."""
STRIP_LETTERS = 52
"""The strip has room for that at once where it can: the longest of the display's own sentences."""
MOST_GROWTH, MOST_CALL_GROWTH = 3.0, 5.0
"""Letters, and called numbers, are not larger than so many times what the furthest seat needs."""
LEAST_GROWTH = 0.75
"""Small letters grow less than large ones: as this power."""
LEAST_PART = 250
"""The smallest capitals are the distance by this. Source: PRM TSI (EU) 1300/2014, signs."""

LABEL_CAPS, COUNTER_CAPS, ROW_COUNTER_CAPS = 5.0, 8.6, 2.6
"""Widths in capital heights: "M2-007", "Counter C12", "C12" in Noto Sans Bold, measured. Longer ones are condensed."""
ARROW_CAPS = 1.6
PAD_CAPS = 0.2
"""Free beside a large number, by its own height."""
LINE = 1.92
"""Height of a line in capital heights: the font's own, measured."""
LETTER_CAPS = 0.8
"""Mean width of a letter in capital heights: "abcdefghijklmnopqrstuvwxyz " in Noto Sans Bold, measured."""
WHOLE_WORDS = 0.9
"""The part of a line that words which do not break fill."""
TABLE_CAPS = 34
"""A row of the waits needs so much for one line; a narrower one has two."""


class Box(NamedTuple):
    """A rectangle from the panel's upper left corner, in the order of a language that runs from left to right."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Tiling:
    """The stage when so many calls stand there.

    Attributes:
        boxes: One for each, the newest first.
        call_mm: Capitals of a called number.
        side_mm: Capitals of its counter.
        in_rows: A number and its counter stand side by side, not one above the other.
    """

    boxes: tuple[Box, ...]
    call_mm: float
    side_mm: float
    in_rows: bool


@dataclass(frozen=True)
class Layout:
    """A panel, divided.

    Attributes:
        margin_mm: Free at the edges.
        header: The office's name and the clock.
        header_lines: Lines of the name.
        stage: The large calls; what stands there while nobody is called.
        tilings: For one large call, for two, and so on.
        history: The calls before.
        rows: So many of them.
        strip: Messages and waits.
        strip_lines: Lines of text in it.
        side_mm: Capitals of the history.
        least_mm: Capitals of the rest.
        floor_mm: Capitals that the furthest seat just reads: of what is long.
    """

    margin_mm: float
    header: Box
    header_lines: int
    stage: Box
    tilings: tuple[Tiling, ...]
    history: Box
    rows: int
    strip: Box
    strip_lines: int
    side_mm: float
    least_mm: float
    floor_mm: float

    @property
    def most_large(self) -> int:
        """So many calls stand large at once."""
        return len(self.tilings)

    @property
    def strip_letters(self) -> int:
        """Letters that the strip has room for at once."""
        return _letters(_strip_width(self.strip.width, self.margin_mm, self.floor_mm), self.strip_lines, self.floor_mm)

    @property
    def stage_letters(self) -> int:
        """Letters of an urgent message that the stage has room for at once, below its heading."""
        lines = int((self.stage.height - self.margin_mm - 2 * self.least_mm) / (LINE * self.floor_mm))
        return _letters(self.stage.width - 2 * self.margin_mm, max(1, lines), self.floor_mm)

    @property
    def table_lines(self) -> int:
        """Lines of a row of the waits."""
        return 1 if self.stage.width - 2 * self.margin_mm >= TABLE_CAPS * self.floor_mm else 2

    @property
    def table_rows(self) -> int:
        """So many rows has the largest table on the stage."""
        row = (self.table_lines * LINE + 0.5) * self.floor_mm
        return max(1, int((self.stage.height - self.margin_mm) / row))

    def table_mm(self, rows: int) -> float:
        """Capitals of a table of so many rows."""
        high = (self.stage.height - self.margin_mm) / max(1, rows) / (self.table_lines * LINE + 0.5)
        wide = (self.stage.width - 2 * self.margin_mm) / (TABLE_CAPS if self.table_lines == 1 else TABLE_CAPS / 2)
        return max(self.floor_mm, min(self.least_mm, high, wide))


class TooSmall(ValueError):
    """A panel on which no call can be read from the furthest seat."""

    def __init__(self, farthest_mm: int) -> None:
        """`farthest_mm` is the distance from which it can be read."""
        super().__init__(f"it can be read from {farthest_mm} mm at most")
        self.farthest_mm = farthest_mm


def lay_out(panel: Panel, viewing_mm: float, calls: int) -> Layout:
    """Divide a panel.

    Args:
        panel: As it hangs.
        viewing_mm: The furthest seat.
        calls: How many calls are wanted large at once, 1 to 4.

    Raises:
        TooSmall: there is no room for one.
    """
    for most_large, rows in _wishes(calls):
        low, high = 1.0, MOST_GROWTH
        if _divided(panel, viewing_mm, most_large, rows, low) is None:
            continue
        for _ in range(12):
            middle = (low + high) / 2
            low, high = (middle, high) if _divided(panel, viewing_mm, most_large, rows, middle) else (low, middle)
        found = _divided(panel, viewing_mm, most_large, rows, low)
        if found is not None:
            return found
    raise TooSmall(_farthest_mm(panel))


def _wishes(calls: int) -> Iterator[tuple[int, int]]:
    """How many large calls, and how many before: the best first."""
    for most_large in range(calls, 0, -1):
        yield most_large, HISTORY_ROWS
    yield 1, 1


def _farthest_mm(panel: Panel) -> int:
    low, high = 1.0, 100_000.0
    for _ in range(32):
        middle = (low + high) / 2
        low, high = (middle, high) if _divided(panel, middle, 1, 1, 1.0) else (low, middle)
    return math.floor(low)


def _divided(panel: Panel, viewing_mm: float, most_large: int, rows: int, growth: float) -> Layout | None:
    """The panel with letters that many times as large as they must be; None where they do not fit."""
    width, height = panel.width_px * panel.pitch_mm, panel.height_mm
    is_wide = width > height
    call, side = (cap_height_mm(viewing_mm, degrees) for degrees in (CALL_DEG, SIDE_DEG))
    floor = viewing_mm / LEAST_PART
    shown, least = side * growth, floor * growth**LEAST_GROWTH
    margin = 0.045 * min(width, height)
    gap = margin / 2
    header_lines = 1 if is_wide else 2
    header = Box(margin, gap, width - 2 * margin, header_lines * LINE * least)
    in_line = max(1, _letters(_strip_width(width, margin, floor), 1, floor))
    strip_lines = min(math.ceil(STRIP_LETTERS / in_line), int((STRIP_PART * height - gap / 2) / (LINE * floor)))
    strip_height = max(LINE * least, strip_lines * LINE * floor) + gap / 2
    strip = Box(0, height - strip_height, width, strip_height)
    top, bottom = header.y + header.height + gap / 2, strip.y - gap
    heading = LINE * least
    if is_wide:
        history_width = max(0.28 * width, shown * (LABEL_CAPS + ROW_COUNTER_CAPS + 0.5))
        history = Box(width - margin - history_width, top, history_width, bottom - top)
        stage = Box(margin, top, history.x - gap - margin, bottom - top)
    else:
        history_height = heading + rows * LINE * shown
        history = Box(margin, bottom - history_height, width - 2 * margin, history_height)
        stage = Box(margin, top, width - 2 * margin, history.y - gap - top)
    room = math.floor((history.height - heading) / (LINE * shown) + 0.001)
    if room < rows or not strip_lines or strip_height > STRIP_PART * height or min(stage.width, stage.height) <= 0:
        return None
    tilings = tuple(_tiling(stage, count, call, side, gap, LINE * least) for count in range(1, most_large + 1))
    if tilings[-1].call_mm < call * growth:
        return None
    rows = min(room, MOST_ROWS)
    return Layout(margin, header, header_lines, stage, tilings, history, rows, strip, strip_lines, shown, least, floor)


def _tiling(stage: Box, count: int, call: float, side: float, gap: float, caption: float) -> Tiling:
    """So many calls on the stage, as large as it has room for: `call` and `side` are the least of their capitals."""
    ways = []
    counter = side * (COUNTER_CAPS + ARROW_CAPS)
    for columns in (1, 2)[:count]:
        boxes = _boxes(stage, count, columns, gap, caption)
        last = boxes[-1]
        for in_rows in (False, True):
            if in_rows:
                wide, high = call * (LABEL_CAPS + 3 * PAD_CAPS) + counter, call * (LINE + PAD_CAPS)
            else:
                wide = max(call * LABEL_CAPS, counter) + 2 * PAD_CAPS * call
                high = call * (LINE + PAD_CAPS) + side * LINE
            height = last.height if len(boxes) > columns else last.height - caption
            grown = min(MOST_CALL_GROWTH, last.width / wide, height / high)
            ways.append(Tiling(boxes, call * grown, side * grown, in_rows))
    return max(ways, key=lambda way: way.call_mm)


def _boxes(stage: Box, count: int, columns: int, gap: float, caption: float) -> tuple[Box, ...]:
    """The first row of boxes has a caption more: it says what is new."""
    lines = math.ceil(count / columns)
    width = (stage.width - (columns - 1) * gap) / columns
    height = (stage.height - caption - (lines - 1) * gap) / lines
    boxes = []
    for number in range(count):
        line, column = divmod(number, columns)
        y = stage.y + line * (height + gap) + (caption if line else 0.0)
        boxes.append(Box(stage.x + column * (width + gap), y, width, height if line else height + caption))
    return tuple(boxes)


def _letters(width: float, lines: int, cap: float) -> int:
    return int(WHOLE_WORDS * lines * width / (LETTER_CAPS * cap))


def _strip_width(width: float, margin: float, floor: float) -> float:
    """What the strip's text has beside its picture."""
    return width - 2.5 * margin - 1.6 * floor
