"""A document as the bytes of one model of printer: ESC/POS, or Star's own language as pictures."""

from functools import lru_cache
from typing import Any, assert_never

from hwlib.printer import raster, starprnt
from hwlib.printer.document import Cut, Document, Op
from hwlib.printer.layout import Block, Dots, End, Line, NativeQr, White, op_blocks
from hwlib.printer.profile import Profile, codec_of

Encoder = Any
"""python-escpos' Dummy: a printer that keeps its bytes. It carries no types."""

ALIGN = {"left": b"\x1ba\x00", "center": b"\x1ba\x01", "right": b"\x1ba\x02"}


def encode(document: Document, profile: Profile, stored_logos: frozenset[bytes] = frozenset()) -> bytes:
    """The bytes of a ticket, from ESC @ to the cut.

    Each operation's bytes set what they need, so that those that many tickets share are made once.

    Args:
        document: What the ticket says.
        profile: Of the printer.
        stored_logos: Keys of the logos that are in its memory already.

    Raises:
        EncodeError: the document holds what cannot be put on paper.
    """
    if profile.language == "starprnt":
        return starprnt.encode(document, profile)
    return opening(profile) + b"".join([_op_bytes(op, profile, stored_logos) for op in document])


def opening(profile: Profile) -> bytes:
    """ESC @; automatic status again, which some models forget at it; motion units of one dot where GS P sets them."""
    status = b"\x1da\xff" if profile.status.asb else b""
    units = b"\x1dP" + bytes((min(profile.media.dpi, 255),) * 2) if profile.feed.gs_p else b""
    return b"\x1b@" + status + units


@lru_cache(maxsize=1024)
def _op_bytes(op: Op, profile: Profile, stored_logos: frozenset[bytes]) -> bytes:
    """A new encoder for each operation: python-escpos 3.1 keeps its code page over ESC @, and a second ticket of the
    same encoder would come out garbled."""
    if isinstance(op, Cut):
        return _cut(profile)
    data = bytearray()
    for block in op_blocks(op, profile):
        match block:
            case Line():
                data += _line(block, profile)
            case Dots():
                data += _dots(block, profile, stored_logos)
            case NativeQr():
                data += ALIGN["center"] + _native_qr(block)
            case White():
                data += raster.feed_command(profile.feed_units(block.dots))
            case End():
                data += _cut(profile)
            case _:
                assert_never(block)
    return bytes(data)


def _line(line: Line, profile: Profile) -> bytes:
    data = bytearray(_style(line.align, line.size, bold=line.bold))
    for run in line.runs:
        if run.dots is not None:
            data += raster.column_run(run.dots)
        elif run.page:
            data += b"\x1bt" + bytes((profile.text.slots[run.page],)) + run.text.encode(codec_of(run.page) or "ascii")
        else:
            data += run.text.encode("ascii")
    return bytes(data) + b"\n"


@lru_cache(maxsize=64)
def _style(align: str, size: int, *, bold: bool) -> bytes:
    from escpos.printer import Dummy  # noqa: PLC0415 (its import takes 0.4 s and writes a file: not at start-up)

    printer = Dummy()
    printer.set(align=align, bold=bold, normal_textsize=False, custom_size=True, width=size, height=size)
    output: bytes = printer.output
    return output


def _native_qr(block: NativeQr) -> bytes:
    """GS ( k: model 2, size, level M, store, print. Source: Epson's reference, GS ( k functions 165 to 181."""
    data = block.data.encode()
    stored = b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data
    return (
        b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C%c\x1d(k\x03\x001E1" % block.module_dots + stored + b"\x1d(k\x03\x001Q0"
    )


def _dots(block: Dots, profile: Profile, stored_logos: frozenset[bytes]) -> bytes:
    key = raster.logo_key(block.image) if block.is_logo and stored_logos else b""
    if key and key in stored_logos:
        return ALIGN["center"] + b"\x1d(L\x06\x000E" + key + b"\x01\x01"
    left = ALIGN["left"] if profile.image.command == "column" else b""
    return left + raster.raster_commands(block.image, profile)


def _cut(profile: Profile) -> bytes:
    if profile.cut.mode == "none":
        return raster.feed_command(profile.feed_units(profile.dots_of(profile.cut.head_to_cutter_mm)))
    return b"\x1dV" + (b"A" if profile.cut.mode == "full" else b"B") + b"\x00"


def define_logo(block: Dots) -> bytes:
    """GS ( L function 67: keep a logo in the printer's memory under its key. At most 10 times a day, says Epson."""
    rows = block.image.height
    page = raster.padded(block.image)
    body = (
        b"0C0" + raster.logo_key(block.image) + b"\x01" + page.width.to_bytes(2, "little") + rows.to_bytes(2, "little")
    )
    body += b"1" + raster.scrubbed(raster.packed_rows(page))
    return b"\x1d(L" + len(body).to_bytes(2, "little") + body if len(body) < 65_536 else b""


def logos_of(document: Document, profile: Profile) -> list[Dots]:
    """The logos of a document as they stand on this printer's paper."""
    blocks: list[Block] = [block for op in document for block in op_blocks(op, profile)]
    return [block for block in blocks if isinstance(block, Dots) and block.is_logo]
