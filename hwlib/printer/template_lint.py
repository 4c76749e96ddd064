"""What would be wrong with a template's tickets, found before paper is spent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hwlib.errors import EncodeError
from hwlib.printer import picture, raster, typeface
from hwlib.printer.document import Columns, Cut, Feed, Logo, Op, Qr, Text
from hwlib.printer.layout import Line, blocks_of, height_dots, op_blocks
from hwlib.printer.profile import Profile
from hwlib.printer.template import Template, TemplateLine, line_op

HEAD_WHITE_MM = 10.0
"""White at the head alone tells by touch which end is up. Source: EN 301 549 V3.2.1, 8.4.3."""
LONGEST_MM = 250.0
DARKEST = 0.4
"""Share of black dots from which heads slow down. Source: Axiohm's table of speeds, 50 % at 72 % of the speed."""
SMALLEST_MODULE_MM = 0.45
"""Phones read it at arm's length; 4 dots at 203 dpi are 0.50 mm, 3 at 180 dpi 0.42."""
MAX_LINES = 3


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and what to do. An error refuses the template."""

    level: Literal["error", "warning"]
    line: int
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the ticket"
        return f"{self.level}: {where}: {self.message}"


@dataclass(frozen=True)
class Needs:
    """What no ticket may lack, where its field says something.

    Attributes:
        texts: Fields that must stand as text, with how high at least, millimetres; 0 for any.
        codes: Fields that must stand in a QR code.
    """

    texts: Mapping[str, float]
    codes: tuple[str, ...]


def lint(
    template: Template,
    profile: Profile,
    samples: Iterable[tuple[str, Mapping[str, str]]],
    *,
    needs: Needs,
) -> list[Finding]:
    """The findings of a template on one printer.

    Args:
        template: As read.
        profile: Of the printer.
        samples: A language and its fields, each: as long as they can become, and as few as there may be.
        needs: What each of these tickets must have.
    """
    findings: list[Finding] = []
    for language, fields in samples:
        findings += [
            Finding(found.level, found.line, f"in '{language}': {found.message}")
            for found in _findings(template, profile, fields, language, needs)
        ]
    return list(dict.fromkeys(findings))


def _findings(
    template: Template, profile: Profile, fields: Mapping[str, str], language: str, needs: Needs
) -> Iterator[Finding]:
    ops: list[Op] = []
    for number, line in enumerate(template.lines, start=1):
        yield from _of_language(number, line, language)
        op = line_op(line, template, fields, language)
        if op is None:
            continue
        try:
            op_blocks(op, profile)
        except EncodeError as error:
            yield Finding("error", number, str(error))
            continue
        ops.append(op)
        yield from _of_op(number, op, profile)
    white_mm = sum(
        op.mm
        for op in ops[: next((i for i, op in enumerate(ops) if not isinstance(op, Feed)), 0)]
        if isinstance(op, Feed)
    )
    if white_mm < HEAD_WHITE_MM:
        yield Finding(
            "error",
            1,
            f"{white_mm:g} mm of white before the first line: {HEAD_WHITE_MM:g} tell by touch which end is up",
        )
    yield from _of_needs(ops, profile, fields, needs)
    yield from _of_paper([*ops, Cut()], profile)


def _of_language(number: int, line: TemplateLine, language: str) -> Iterator[Finding]:
    for name in ("text", "left", "right"):
        value = getattr(line, name)
        if isinstance(value, dict) and language not in value:
            yield Finding("warning", number, f"'{name}' has no text; {next(iter(value), 'none')} is taken")


def _of_op(number: int, op: Op, profile: Profile) -> Iterator[Finding]:
    blocks = op_blocks(op, profile)
    match op:
        case Text():
            longest = max((len(word) for word in op.text.split()), default=0) * op.size
            if isinstance(blocks[0], Line) and longest > profile.text.columns and not op.fit:
                yield Finding("error", number, f"a word is wider than the paper at size {op.size}; give fit = true")
            lines = (
                len(blocks)
                if isinstance(blocks[0], Line)
                else height_dots(list(blocks), profile) // (profile.text.line_dots * op.size)
            )
            if lines > MAX_LINES:
                yield Finding("warning", number, f"the text takes {lines} lines at size {op.size}")
        case Columns():
            if len(blocks) > 1:
                yield Finding("error", number, "left and right do not stand side by side")
        case Qr():
            wide = raster.qr_image(op.data, op.module_dots).width
            if wide > profile.media.dots:
                yield Finding(
                    "error", number, f"the QR code with its quiet zone needs {wide} dots of {profile.media.dots}"
                )
            if profile.mm_of(op.module_dots) < SMALLEST_MODULE_MM:
                yield Finding(
                    "error",
                    number,
                    f"modules of {profile.mm_of(op.module_dots):.2f} mm are too small ({SMALLEST_MODULE_MM})",
                )
            if not blocks:
                yield Finding("warning", number, "this printer has no QR code and draws none")
        case Logo():
            if profile.dots_of(op.width_mm) > profile.media.dots:
                yield Finding(
                    "error", number, f"the logo is wider than the paper ({profile.mm_of(profile.media.dots):.0f} mm)"
                )
        case _:
            pass


def _of_needs(ops: list[Op], profile: Profile, fields: Mapping[str, str], needs: Needs) -> Iterator[Finding]:
    """What must be on each ticket, is it?"""
    for name, least_mm in needs.texts.items():
        value = fields[name]
        if not value:
            continue
        standing = [op for op in ops if isinstance(op, Text) and value in op.text]
        if not standing:
            yield Finding("error", 0, f"the field '{name}' is missing: a ticket without it is no ticket")
            continue
        high_mm = max(_height_mm(replace(op, text=value), profile) for op in standing)
        if high_mm < least_mm:
            said = typeface.clean(value)
            yield Finding("error", 0, f"'{said}' stands {high_mm:.1f} mm high; it needs {least_mm:g}")
    for name in needs.codes:
        if fields[name] and not any(isinstance(op, Qr) and fields[name] in op.data for op in ops):
            yield Finding("error", 0, f"the field '{name}' stands in no QR code")


def _height_mm(op: Text, profile: Profile) -> float:
    printed = picture.paper(list(op_blocks(op, profile)), profile).convert("L").point(lambda level: 255 - level)
    top, bottom = (printed.getbbox() or (0, 0, 0, 0))[1::2]
    return profile.mm_of(bottom - top)


def _of_paper(ops: list[Op], profile: Profile) -> Iterator[Finding]:
    try:
        blocks = blocks_of(tuple(ops), profile)
    except EncodeError:
        return
    length_mm = profile.mm_of(height_dots(blocks, profile))
    if length_mm > LONGEST_MM:
        yield Finding("error", 0, f"{length_mm:.0f} mm long; at most {LONGEST_MM:g}")
    image = picture.paper(blocks, profile)
    share = 1 - sum(image.convert("L").histogram()[1:]) / (image.width * image.height)
    if share > DARKEST:
        yield Finding("warning", 0, f"{share:.0%} of the dots are black: the printer slows down above {DARKEST:.0%}")
