"""A ticket's template: a TOML file that an office edits, with fields to fill in and nothing to program.

    [[line]]
    text = "{office}"               # or one text a language: text = { es = "...", en = "..." }
    bold = true

A line has one of `text`, `left` with `right`, `qr`, `logo`, `rule` or `feed_mm`. A line of which a field is empty is
left out. The cut is not written: every ticket ends with it.
"""

import string
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from hwlib.errors import TemplateError
from hwlib.printer.document import Align, Columns, Cut, Document, Feed, Logo, Op, Qr, Rule, Text

SCHEMA = 1
LONGEST_BYTES = 65_536
ByLanguage = str | dict[str, str]


class TemplateLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as the file has it. The lengths are those of `hwlib.printer.document`."""

    text: ByLanguage | None = None
    left: ByLanguage | None = None
    right: ByLanguage | None = None
    qr: str | None = None
    logo: str | None = None
    rule: bool | None = None
    feed_mm: Annotated[float, Meta(ge=0, le=100)] | None = None
    size: Annotated[int, Meta(ge=1, le=8)] = 1
    bold: bool = False
    align: Align = "center"
    fit: bool = False
    module_dots: Annotated[int, Meta(ge=3, le=16)] = 5
    width_mm: Annotated[float, Meta(ge=5, le=80)] = 40.0

    @property
    def kinds(self) -> list[str]:
        """Which of the kinds of a line it is: exactly one in a good file."""
        both = (self.left, self.right) != (None, None)
        single = [name for name in ("text", "qr", "logo", "rule", "feed_mm") if getattr(self, name) is not None]
        return single + (["left and right"] if both else [])


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    name: str
    line: tuple[TemplateLine, ...]


class Template(msgspec.Struct, frozen=True):
    """A template that can be filled in. `folder` is where its logos are."""

    name: str
    lines: tuple[TemplateLine, ...]
    folder: Path

    @property
    def fields(self) -> frozenset[str]:
        """All fields that any of its lines names, in any language."""
        return frozenset(name for line in self.lines for text in texts_of(line) for name in placeholders(text))


def read_template(path: Path, fields: Iterable[str]) -> Template:
    """Read a template.

    Args:
        path: The TOML file.
        fields: The names that it may use.

    Raises:
        TemplateError: it is missing or wrong; the message names the line.
    """
    try:
        data = path.read_bytes()
        if len(data) > LONGEST_BYTES:
            raise TemplateError(f"{path}: longer than {LONGEST_BYTES} bytes")
        file = msgspec.convert(tomllib.loads(data.decode()), _File)
    except (OSError, ValueError, RecursionError) as error:
        raise TemplateError(f"{path}: {error}") from error
    if file.schema != SCHEMA:
        raise TemplateError(f"{path}: schema {file.schema}; this release reads {SCHEMA}")
    known = frozenset(fields)
    for number, line in enumerate(file.line, start=1):
        _check(line, known, f"{path}: line {number}")
    return Template(file.name, file.line, path.parent)


def fill(template: Template, fields: Mapping[str, str], language: str) -> Document:
    """The document of a ticket.

    Args:
        template: As read.
        fields: What each field says; an empty one leaves out its lines.
        language: Of the citizen; a text without it is taken in the first language that the line has.
    """
    ops = [op for line in template.lines if (op := line_op(line, template, fields, language)) is not None]
    return (*ops, Cut())


def line_op(line: TemplateLine, template: Template, fields: Mapping[str, str], language: str) -> Op | None:
    """The operation of one line; None when a field of it is empty."""
    texts = {name: _filled(getattr(line, name), fields, language) for name in ("text", "left", "right", "qr")}
    if any(text == "" for text in texts.values()):
        return None
    if (text := texts["text"]) is not None:
        return Text(text, line.size, line.bold, line.align, line.fit)
    if (left := texts["left"]) is not None and (right := texts["right"]) is not None:
        return Columns(left, right, line.bold)
    if (data := texts["qr"]) is not None:
        return Qr(data, line.module_dots)
    if line.logo is not None:
        file = template.folder / line.logo
        return Logo(file, line.width_mm, file.stat().st_mtime_ns if file.exists() else 0)
    return Feed(line.feed_mm) if line.feed_mm is not None else Rule()


def texts_of(line: TemplateLine) -> list[str]:
    """A line's texts in all its languages."""
    given = [value for value in (line.text, line.left, line.right, line.qr) if value is not None]
    return [text for value in given for text in ([value] if isinstance(value, str) else value.values())]


def placeholders(text: str) -> list[str]:
    """The fields that a text names.

    Raises:
        ValueError: braces that are not closed, or more between them than a name.
    """
    names = []
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if spec or conversion or not name.isidentifier():
            raise ValueError(f"'{{{name}}}': only a field's name may stand in braces")
        names.append(name)
    return names


def _check(line: TemplateLine, known: frozenset[str], where: str) -> None:
    if len(line.kinds) != 1:
        has = " and ".join(line.kinds) or "none"
        raise TemplateError(f"{where}: give one of text, left with right, qr, logo, rule, feed_mm; it has {has}")
    if (line.left is None) is not (line.right is None):
        raise TemplateError(f"{where}: 'left' and 'right' belong together")
    if line.logo is not None and (Path(line.logo).is_absolute() or ".." in Path(line.logo).parts):
        raise TemplateError(f"{where}: a logo is a file in the template's own folder, not '{line.logo}'")
    for text in texts_of(line):
        try:
            unknown = [name for name in placeholders(text) if name not in known]
        except ValueError as error:
            raise TemplateError(f"{where}: {error}") from error
        if unknown:
            raise TemplateError(f"{where}: no field '{unknown[0]}'; there are {', '.join(sorted(known))}")


def _filled(text: ByLanguage | None, fields: Mapping[str, str], language: str) -> str | None:
    """A text with its fields; "" when one of them is empty, None when there is no text."""
    if text is None:
        return None
    chosen = text if isinstance(text, str) else text.get(language) or next(iter(text.values()), "")
    names = placeholders(chosen)
    if any(not fields[name] for name in names):
        return ""
    return chosen.format_map(fields)
