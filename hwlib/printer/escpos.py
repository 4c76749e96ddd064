"""A document as ESC/POS bytes for one model of printer."""

import textwrap
import unicodedata
from typing import Any

from PIL import Image

from hwlib.printer import raster
from hwlib.printer.document import Cut, Document, Feed, Qr, Rule, Text
from hwlib.printer.profile import Profile

RULE_DOTS = 3
Encoder = Any
"""python-escpos' Dummy: a printer that keeps its bytes. It carries no types."""


def encode(document: Document, profile: Profile) -> bytes:
    """The bytes of a ticket, from ESC @ to the cut.

    A new encoder for each ticket: python-escpos 3.1 keeps its code page over ESC @, and a second ticket of the same
    encoder would come out garbled.
    """
    from escpos.printer import Dummy  # noqa: PLC0415 (its import takes 0.4 s and writes a file: not at start-up)

    printer = Dummy()
    printer.hw("INIT")
    if profile.code_page:
        printer.charcode(profile.code_page.upper())
    for op in document:
        match op:
            case Text():
                _text(printer, op, profile)
            case Rule():
                _send(printer, raster.raster_commands(Image.new("1", (profile.dots, RULE_DOTS), 0), profile.dots))
            case Qr():
                _qr(printer, op, profile)
            case Feed():
                _send(printer, _feed(profile.dots_of(op.mm)))
            case Cut():
                _cut(printer, profile)
    output: bytes = printer.output
    return output


def fits_code_page(text: str, profile: Profile) -> bool:
    """Whether a printer can set a text itself."""
    try:
        text.encode(profile.code_page or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def clean(text: str) -> str:
    """Text without control characters: none may reach a printer as a command, and none may turn the line around."""
    return "".join(char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char)[0] != "C")


def _text(printer: Encoder, op: Text, profile: Profile) -> None:
    text = clean(op.text)
    if not fits_code_page(text, profile):
        height = profile.font_dots[1] * op.size
        image = raster.text_image(text, width_dots=profile.dots, height_dots=height, bold=op.bold, align=op.align)
        _send(printer, raster.raster_commands(image, profile.dots))
        return
    printer.set(align=op.align, bold=op.bold, normal_textsize=False, custom_size=True, width=op.size, height=op.size)
    for line in textwrap.wrap(text, profile.columns // op.size) or [""]:
        printer.text(line + "\n")


def _qr(printer: Encoder, op: Qr, profile: Profile) -> None:
    if not profile.native_qr:
        _send(printer, raster.raster_commands(raster.qr_image(op.data, op.module_dots), profile.dots))
        return
    quiet = raster.QUIET_MODULES * op.module_dots
    printer.set(align="center")
    _send(printer, _feed(quiet))
    printer.qr(op.data, ec=1, size=op.module_dots, model=2, native=True)
    _send(printer, _feed(quiet))


def _cut(printer: Encoder, profile: Profile) -> None:
    if profile.cut == "none":
        _send(printer, _feed(profile.dots_of(profile.head_to_cutter_mm)))
    else:
        _send(printer, b"\x1dV" + (b"A" if profile.cut == "full" else b"B") + b"\x00")


def _send(printer: Encoder, data: bytes) -> None:
    printer._raw(data)  # noqa: SLF001 (its only way to take bytes)


def _feed(dots: int) -> bytes:
    """ESC J: feed dots, in steps of 255 at most."""
    return b"".join(b"\x1bJ" + bytes((min(255, dots - done),)) for done in range(0, dots, 255))
