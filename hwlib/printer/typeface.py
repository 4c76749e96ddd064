"""Text as dots: for what a printer cannot set itself, and for pictures of what it sets."""

import unicodedata
from functools import lru_cache
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from hwlib.errors import EncodeError

SYSTEM_FONTS = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/opentype/noto"))
"""Where Debian's fonts-noto packages put the scripts that the release does not carry."""
RTL = frozenset({"R", "AL"})
MISSING = "\U0010ffff"
Segment = tuple[str, ImageFont.FreeTypeFont, bool]
"""A stretch of text, its font, and whether it runs from right to left."""


def clean(text: str) -> str:
    """Text without control characters: none may reach a printer as a command, and none may turn the line around."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char)[0] != "C")


def is_rtl(text: str) -> bool:
    """Whether a text runs from right to left: its first letter decides."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind in RTL for kind in strong if kind in RTL or kind == "L"), False)


def has_rtl(text: str) -> bool:
    """Whether any letter of a text runs from right to left."""
    return any(unicodedata.bidirectional(char) in RTL for char in text)


def has_latin(text: str) -> bool:
    """Whether any letter of a text is Latin."""
    return any(unicodedata.name(char, "").startswith("LATIN") for char in text)


def text_image(text: str, *, width_dots: int, size_dots: int, bold: bool, align: str) -> Image.Image:
    """Text, shaped and in its own direction, wrapped at words.

    Args:
        text: In any script that the fonts hold.
        width_dots: Of the paper.
        size_dots: Height of a line, at least; a script with deep descenders gets what it needs.
        bold: Whether in bold.
        align: "left", "center" or "right".
    Returns:
        1-bit image, 0 is black, `width_dots` wide and a whole number of lines high.
    Raises:
        EncodeError: no font holds a character.
    """
    size = round(size_dots * 0.8)
    lines = [segments(line, bold=bold, size=size) for line in _wrapped(text, width_dots, bold=bold, size=size)]
    fonts = [font for line in lines for _, font, _ in line] or [_fonts(bold=bold, size=size)[0]]
    ascent = max(font.getmetrics()[0] for font in fonts)
    line_dots = max(size_dots, ascent + max(font.getmetrics()[1] for font in fonts))
    image = Image.new("1", (width_dots, line_dots * len(lines)), 1)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        wide = _length(line)
        at = {"left": 0.0, "center": (width_dots - wide) / 2, "right": width_dots - wide}[align]
        base_rtl = bool(line) and is_rtl("".join(part for part, _, _ in line))
        for part, font, rtl in reversed(line) if base_rtl else line:
            direction = "rtl" if rtl else "ltr"
            draw.text((at, number * line_dots + ascent), part, font=font, fill=0, direction=direction, anchor="ls")
            at += font.getlength(part, direction=direction)
    return image


def run_image(text: str, *, height_dots: int, bold: bool) -> Image.Image:
    """A few words as wide as they are, `height_dots` high: to stand between a printer's own characters.

    Raises:
        EncodeError: no font holds a character.
    """
    size = round(height_dots * 0.72)
    wide = max(1, round(_length(segments(text, bold=bold, size=size))))
    image = text_image(text, width_dots=wide + 2, size_dots=round(size / 0.8), bold=bold, align="left")
    top = max(0, (image.height - height_dots) // 2)
    return image.crop((0, top, image.width, top + height_dots))


def text_width(text: str, *, size_dots: int, bold: bool) -> float:
    """How wide a text is on one line, dots.

    Raises:
        EncodeError: no font holds a character.
    """
    return _length(segments(text, bold=bold, size=round(size_dots * 0.8)))


def segments(text: str, *, bold: bool, size: int) -> list[Segment]:
    """A line cut where its font or its direction changes, in reading order.

    Raises:
        EncodeError: no font holds a character.
    """
    parts: list[Segment] = []
    fonts = _fonts(bold=bold, size=size)
    base_rtl = is_rtl(text)
    for char in text:
        kind = unicodedata.bidirectional(char)
        if parts:
            last, font, rtl = parts[-1]
            same = (kind not in RTL and kind != "L") or (kind in RTL) is rtl
            if same and _holds(font, char):
                parts[-1] = (last + char, font, rtl)
                continue
        found = next((font for font in fonts if _holds(font, char)), None)
        if found is None:
            raise EncodeError(f"no font holds '{char}' (U+{ord(char):04X}, {unicodedata.name(char, 'unnamed')})")
        rtl, white = kind in RTL or (kind != "L" and base_rtl), ""
        if parts and rtl is base_rtl is not parts[-1][2]:  # white between two directions belongs to the line's own
            last, font, other = parts[-1]
            bare = last.rstrip()
            parts[-1], white = (bare, font, other), last[len(bare) :]
        parts.append((white + char, found, rtl))
    return parts


@lru_cache(maxsize=2048)
def cell_image(char: str, *, bold: bool, cell_dots: tuple[int, int], size: int) -> Image.Image:
    """A character in its cell, as a printer's own font would fill it; 1-bit, 0 is black.

    Args:
        char: One character.
        bold: Whether in bold.
        cell_dots: Width and height of a cell at size 1.
        size: Multiplies both.
    """
    cell = (cell_dots[0] * size, cell_dots[1] * size)
    font = _fonts(bold=bold, size=round(cell_dots[1] * 0.79) * size)[0]
    middle = (cell[0] * 1.5, cell[1] * 0.80)
    drawn = Image.new("L", (cell[0] * 3, cell[1]), 255)
    draw = ImageDraw.Draw(drawn)
    draw.text(middle, char, font=font, fill=0, anchor="ms")
    box = draw.textbbox(middle, char, font=font, anchor="ms")
    half = max(cell[0] / 2, (box[2] - box[0]) / 2 + 0.5)
    fitted = drawn.crop((int(middle[0] - half), 0, int(middle[0] + half), cell[1])).resize(cell)
    return fitted.point(lambda level: 255 if level > 140 else 0).convert("1")


def _length(line: list[Segment]) -> float:
    return sum(font.getlength(part, direction="rtl" if rtl else "ltr") for part, font, rtl in line)


def _wrapped(text: str, width_dots: int, *, bold: bool, size: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _length(segments(longer, bold=bold, size=size)) > width_dots:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@lru_cache(maxsize=4096)
def _holds(font: ImageFont.FreeTypeFont, char: str) -> bool:
    """Whether a font has a glyph of its own for a character."""
    if not char.isprintable() or char.isspace():
        return True
    mask, missing = font.getmask(char), font.getmask(MISSING)
    return mask.size != missing.size or bytes(mask) != bytes(missing)


@lru_cache(maxsize=32)
def _fonts(*, bold: bool, size: int) -> tuple[ImageFont.FreeTypeFont, ...]:
    """The fonts in the order in which they are asked, at one size."""
    return tuple(
        ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM) for path in _font_files(bold=bold)
    )


@lru_cache(maxsize=2)
def _font_files(*, bold: bool) -> tuple[Path, ...]:
    weight = "Bold" if bold else "Regular"
    own = Path(str(resources.files("assets"))) / "fonts"
    ours = [own / f"NotoSans{script}-{weight}.ttf" for script in ("", "Arabic")]
    others = (path for folder in SYSTEM_FONTS for path in sorted(folder.glob(f"NotoSans*-{weight}.tt[fc]")))
    return (*ours, *others)
