"""Where a document's operations stand on one printer's paper: the step that bytes, pictures and lengths share. Pure."""

import textwrap
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops

from hwlib.printer import raster, typeface
from hwlib.printer.document import Align, Columns, Cut, Document, Feed, Logo, Op, Qr, Rule, Text
from hwlib.printer.profile import Profile, codec_of

RULE_DOTS = 3


@dataclass(frozen=True)
class Run:
    """A part of a line: characters of one code page (empty for plain ASCII), or dots where no page holds them."""

    text: str
    page: str
    dots: Image.Image | None = None


@dataclass(frozen=True)
class Line:
    """A line that the printer sets in its own font."""

    runs: tuple[Run, ...]
    size: int
    bold: bool
    align: Align


@dataclass(frozen=True)
class Dots:
    """A picture across the paper. `key` names it when it is a logo for the printer's memory."""

    image: Image.Image
    is_logo: bool = False


@dataclass(frozen=True)
class NativeQr:
    """A QR code that the printer makes itself; `image` is what it will look like, without its quiet zone."""

    data: str
    module_dots: int


@dataclass(frozen=True)
class White:
    """Paper without ink, dots."""

    dots: int


@dataclass(frozen=True)
class End:
    """The cut."""


Block = Line | Dots | NativeQr | White | End


def blocks_of(document: Document, profile: Profile) -> list[Block]:
    """A document's blocks from top to bottom.

    Raises:
        EncodeError: it holds what cannot be put on paper.
    """
    return [block for op in document for block in op_blocks(op, profile)]


@lru_cache(maxsize=512)
def op_blocks(op: Op, profile: Profile) -> tuple[Block, ...]:
    """The blocks of one operation.

    Raises:
        EncodeError: it holds what cannot be put on paper.
    """
    match op:
        case Text():
            return _text(op, profile)
        case Columns():
            return _columns(op, profile)
        case Rule():
            return (Dots(Image.new("1", (profile.media.dots, RULE_DOTS), 0)),) if _draws(profile) else _dashes(profile)
        case Qr():
            return _qr(op, profile)
        case Logo():
            if not _draws(profile):
                return ()
            width = min(profile.dots_of(op.width_mm), profile.media.dots)
            return (Dots(raster.logo_image(op.file, width), is_logo=True),)
        case Feed():
            return (White(profile.dots_of(op.mm)),)
        case Cut():
            return (End(),)


def height_dots(blocks: list[Block], profile: Profile) -> int:
    """How much paper blocks take, dots: what stands before the cut, and the way to the cutter."""
    total = 0
    for block in blocks:
        match block:
            case Line():
                total += max(profile.line_pitch_dots, profile.text.line_dots * block.size)
            case Dots():
                total += block.image.height
            case NativeQr():
                total += qr_side_dots(block)
            case White():
                total += block.dots
            case End():
                total += profile.dots_of(profile.cut.head_to_cutter_mm)
    return total


@lru_cache(maxsize=64)
def qr_side_dots(block: NativeQr) -> int:
    """The side of a QR code without its quiet zone, dots."""
    return raster.qr_image(block.data, 1).width * block.module_dots - 2 * raster.QUIET_MODULES * block.module_dots


def page_of(text: str, profile: Profile) -> str | None:
    """The first trusted code page that holds a text: "" for ASCII, None when none does."""
    if text.isascii():
        return ""
    for page in profile.text.code_pages:
        codec = codec_of(page)
        if codec is None or page not in profile.text.slots:
            continue
        try:
            text.encode(codec)
        except UnicodeEncodeError:
            continue
        return page
    return None


def _draws(profile: Profile) -> bool:
    return profile.image.command != "none"


def _text(op: Text, profile: Profile) -> tuple[Block, ...]:
    text = typeface.clean(op.text)
    if not _draws(profile):
        text = _without_dots(text, profile)
    page = None if profile.text.as_dots else page_of(text, profile)
    size = _fitting(text, op, profile, native=page is not None)
    if page is not None:
        columns = profile.text.columns // size
        lines = [text] if len(text) <= columns else textwrap.wrap(text, columns)
        return tuple([Line((Run(line, page),), size, op.bold, op.align) for line in lines])
    line = _mixed_line(text, op, profile) if size == 1 else None
    if line is not None:
        return (line,)
    image = typeface.text_image(
        text,
        width_dots=profile.media.dots,
        size_dots=profile.text.line_dots * size,
        bold=op.bold,
        align=op.align,
    )
    return (Dots(image),)


def _without_dots(text: str, profile: Profile) -> str:
    """For a printer that draws nothing: what its first code page lacks becomes a question mark."""
    page = next(iter(profile.text.code_pages), "")
    codec = codec_of(page) or "ascii"
    return text.encode(codec, "replace").decode(codec)


def _fitting(text: str, op: Text, profile: Profile, *, native: bool) -> int:
    """The size at which a text that must fit stands on one line."""
    if not op.fit:
        return op.size
    for size in range(op.size, 1, -1):
        if native and len(text) * size <= profile.text.columns:
            return size
        height = profile.text.line_dots * size
        if not native and typeface.text_width(text, size_dots=height, bold=op.bold) <= profile.media.dots:
            return size
    return 1


def _mixed_line(text: str, op: Text, profile: Profile) -> Line | None:
    """Words that a code page holds as characters and the others as dots between them; None where that does not do:
    in two directions, over more than a line, when too little would stay in the printer's own font, or when letters of
    one alphabet would stand in two fonts."""
    if profile.text.as_dots or not profile.image.inline or typeface.has_rtl(text) or not _draws(profile):
        return None
    words = text.split()
    pages = [page_of(word, profile) for word in words]
    foreign = "".join(word for word, page in zip(words, pages, strict=True) if page is None)
    if sum(page is not None for page in pages) * 2 <= len(words) or typeface.has_latin(foreign):
        return None
    runs: list[Run] = []
    for number, (word, page) in enumerate(zip(words, pages, strict=True)):
        space = " " if number else ""
        if page is None:
            if space:
                runs.append(Run(space, ""))
            height = profile.text.line_dots
            runs.append(Run(word, "", typeface.run_image(word, height_dots=height, bold=op.bold)))
        elif runs and runs[-1].dots is None and runs[-1].page == page:
            runs[-1] = Run(runs[-1].text + space + word, page)
        else:
            runs.append(Run(space + word, page))
    wide = sum(run.dots.width if run.dots else len(run.text) * profile.cell_dots[0] for run in runs)
    return Line(tuple(runs), 1, op.bold, op.align) if wide <= profile.media.dots else None


def _columns(op: Columns, profile: Profile) -> tuple[Block, ...]:
    left, right = typeface.clean(op.left), typeface.clean(op.right)
    if not _draws(profile):
        left, right = _without_dots(left, profile), _without_dots(right, profile)
    room = profile.text.columns - len(left) - len(right)
    page = page_of(left + right, profile)
    if page is not None and room > 0 and not profile.text.as_dots:
        return (Line((Run(left + " " * room + right, page),), 1, op.bold, "left"),)
    if not _draws(profile):
        return _text(Text(left, bold=op.bold, align="left"), profile) + _text(Text(right, align="right"), profile)
    rtl = typeface.is_rtl(left)
    sides = [(left, "right" if rtl else "left"), (right, "left" if rtl else "right")]
    images = [
        typeface.text_image(
            text, width_dots=profile.media.dots, size_dots=profile.text.line_dots, bold=op.bold, align=align
        )
        for text, align in sides
        if text
    ]
    wide = sum(typeface.text_width(text, size_dots=profile.text.line_dots, bold=op.bold) for text, _ in sides)
    if len(images) < 2 or wide + profile.cell_dots[0] > profile.media.dots:
        return tuple(Dots(image) for image in images)
    both = Image.new("1", (profile.media.dots, max(image.height for image in images)), 1)
    both.paste(images[0], (0, 0))
    other = Image.new("1", both.size, 1)
    other.paste(images[1], (0, 0))
    return (Dots(ImageChops.logical_and(both, other)),)


def _qr(op: Qr, profile: Profile) -> tuple[Block, ...]:
    data = typeface.clean(op.data)
    if profile.qr_native:
        quiet = White(raster.QUIET_MODULES * op.module_dots)
        return (quiet, NativeQr(data, op.module_dots), quiet)
    return (Dots(raster.qr_image(data, op.module_dots)),) if _draws(profile) else ()


def _dashes(profile: Profile) -> tuple[Block, ...]:
    return (Line((Run("-" * profile.text.columns, ""),), 1, bold=False, align="left"),)
