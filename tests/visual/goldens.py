"""Every page as it should look: small grey pictures beside the tests, and how far a page may be from its own.

A golden holds the mean brightness of each square of `BLOCK_PX` pixels: small enough to keep a thousand of them, and
fine enough to miss no word. `make goldens` writes them anew, for people to look at before they are kept.
"""

from pathlib import Path

import PySide6
from PIL import Image, ImageChops
from PySide6.QtGui import QImage

FOLDER = Path(__file__).parent / "goldens"
MADE_WITH = "6.11.3"
"""PySide6 that painted them: another one may shape and smooth letters otherwise."""
BLOCK_PX = 20
NOISE_FLOOR = 2
"""Levels of 255 by which a square differs between two paintings of a page, measured: the edges of very large letters
depend on what was painted before. 104 pages, three times in random order: 81 by none, 18 by one, 5 by two."""
TOLERANCE = 5
"""Levels by which a square may differ: the noise, and another processor's rounding."""


def reduced(picture: QImage) -> Image.Image:
    """A picture's squares, grey."""
    grey = picture.convertToFormat(QImage.Format.Format_RGB888)
    whole = Image.frombuffer(
        "RGB", (grey.width(), grey.height()), bytes(grey.constBits()), "raw", "RGB", grey.bytesPerLine(), 1
    )
    return whole.convert("L").reduce(BLOCK_PX)


def difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two squares, levels of 255; 255 where the sizes differ."""
    if one.size != other.size:
        return 255
    return int(ImageChops.difference(one, other).getextrema()[1])  # type: ignore[arg-type]


def golden(name: str) -> Path:
    """The file of a page's golden."""
    return FOLDER / f"{name}.png"


def comparable() -> bool:
    """Whether the goldens were painted by what paints here."""
    return PySide6.__version__ == MADE_WITH


def write(picture: QImage, name: str) -> None:
    """Keep a page as it looks now."""
    path = golden(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    reduced(picture).save(path, optimize=True)


def check(picture: QImage, name: str) -> None:
    """Compare a page with its golden.

    Raises:
        AssertionError: it has none, or looks otherwise.
    """
    path = golden(name)
    assert path.exists(), f"{name} has no golden: make goldens, and look at it"
    with Image.open(path) as kept:
        off = difference(reduced(picture), kept.convert("L"))
    assert off <= TOLERANCE, f"{name} looks otherwise, by {off} levels: look at it (make screens), then make goldens"
