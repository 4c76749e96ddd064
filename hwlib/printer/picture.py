"""A document as a picture: what an office looks at before paper is spent, and what goes to printers of dots alone."""

from pathlib import Path
from typing import assert_never

from PIL import Image

from hwlib.printer import raster, typeface
from hwlib.printer.document import Document
from hwlib.printer.layout import Block, Dots, End, Line, NativeQr, White, blocks_of
from hwlib.printer.profile import Profile

MARGIN_MM = 3.0


def picture(document: Document, profile: Profile) -> Image.Image:
    """A ticket as it will come out, with the paper's margins; 1-bit, 0 is black.

    Raises:
        EncodeError: the document holds what cannot be put on paper.
    """
    printed = paper(blocks_of(document, profile), profile)
    margin = profile.dots_of(MARGIN_MM)
    page = Image.new("1", (printed.width + 2 * margin, printed.height), 1)
    page.paste(printed, (margin, 0))
    return page


def save(document: Document, profile: Profile, file: Path) -> None:
    """Write a ticket's picture as PNG or PDF, by the file's ending, in its true size.

    Raises:
        EncodeError: the document holds what cannot be put on paper.
        OSError: the file cannot be written.
    """
    dpi = profile.media.dpi
    picture(document, profile).save(file, resolution=dpi, dpi=(dpi, dpi))


def paper(blocks: list[Block], profile: Profile) -> Image.Image:
    """What the head prints, as wide as its dots."""
    strips = [strip for block in blocks if (strip := _strip(block, profile)) is not None]
    page = Image.new("1", (profile.media.dots, max(1, sum(strip.height for strip in strips))), 1)
    top = 0
    for strip in strips:
        page.paste(strip, (0, top))
        top += strip.height
    return page


def _strip(block: Block, profile: Profile) -> Image.Image | None:
    match block:
        case Line():
            return _line(block, profile)
        case Dots():
            return _placed(block.image, "center", block.image.height, profile)
        case NativeQr():
            quiet = raster.QUIET_MODULES * block.module_dots
            code = raster.qr_image(block.data, block.module_dots)
            code = code.crop((quiet, quiet, code.width - quiet, code.height - quiet))
            return _placed(code, "center", code.height, profile)
        case White():
            return _white(block.dots, profile)
        case End():
            return _white(profile.dots_of(profile.cut.head_to_cutter_mm), profile)
        case _:
            assert_never(block)


def _line(line: Line, profile: Profile) -> Image.Image:
    """Characters in their cells; under them, white up to the next line."""
    wide, high = profile.cell_dots[0] * line.size, profile.cell_dots[1] * line.size
    cells = [
        image
        for run in line.runs
        for image in (
            [run.dots]
            if run.dots is not None
            else [typeface.cell_image(c, bold=line.bold, cell_dots=profile.cell_dots, size=line.size) for c in run.text]
        )
    ]
    whole = Image.new("1", (max(wide, sum(cell.width for cell in cells)), high), 1)
    left = 0
    for cell in cells:
        whole.paste(cell, (left, high - cell.height))
        left += cell.width
    return _placed(whole, line.align, max(profile.line_pitch_dots, high), profile)


def _placed(image: Image.Image, align: str, height_dots: int, profile: Profile) -> Image.Image:
    dots = profile.media.dots
    strip = _white(height_dots, profile)
    if strip is None:
        strip = Image.new("1", (dots, 1), 1)
    strip.paste(image, ({"left": 0, "center": (dots - image.width) // 2, "right": dots - image.width}[align], 0))
    return strip


def _white(dots: int, profile: Profile) -> Image.Image | None:
    return Image.new("1", (profile.media.dots, dots), 1) if dots else None
