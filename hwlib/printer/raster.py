"""Pictures as commands: three ways that printers know, none of which hides a command of its own."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from PIL import Image

from hwlib.errors import EncodeError
from hwlib.printer.profile import Profile

QUIET_MODULES = 4
"""White around a QR code. Source: ISO/IEC 18004, 5.3.8."""
LARGEST_LOGO_PX = 4_000
DIGIT_OF_DOT = bytes(0x31 if level == 0 else 0x30 for level in range(256))
REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


def qr_image(data: str, module_dots: int) -> Image.Image:
    """A QR code at level M with its quiet zone, 1-bit, 0 is black.

    Raises:
        EncodeError: more than a QR code holds.
    """
    import qrcode  # noqa: PLC0415 (150 ms that a printer with its own QR never needs)

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(data)
    try:
        code.make()
    except (qrcode.exceptions.DataOverflowError, ValueError) as error:
        raise EncodeError(f"{len(data)} characters do not fit into a QR code") from error
    matrix = code.get_matrix()
    image = Image.new("1", (len(matrix), len(matrix)), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    return image.resize((len(matrix) * module_dots,) * 2, Image.Resampling.NEAREST)


def logo_image(file: Path, width_dots: int) -> Image.Image:
    """A picture from a file, scaled and in black and white; 0 is black.

    Raises:
        EncodeError: no picture, or too large a one.
    """
    try:
        with Image.open(file) as opened:
            if max(opened.size) > LARGEST_LOGO_PX:
                raise EncodeError(f"logo {file}: {opened.size} is larger than {LARGEST_LOGO_PX} pixels")
            paper = Image.new("RGBA", opened.size, "white")
            picture = Image.alpha_composite(paper, opened.convert("RGBA")).convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EncodeError(f"logo {file}: {error}") from error
    height_dots = max(1, round(picture.height * width_dots / picture.width))
    return picture.resize((width_dots, height_dots), Image.Resampling.LANCZOS).convert("1")


def logo_key(image: Image.Image) -> bytes:
    """Two characters that name a picture in a printer's memory: the same picture, the same name.

    Key codes are bytes of 20h to 7Eh. Source: Epson's reference, GS ( L function 67.
    """
    digest = hashlib.sha256(image.size[0].to_bytes(4, "big") + image.tobytes()).digest()
    return bytes(0x20 + byte % 0x5F for byte in digest[:2])


def raster_commands(image: Image.Image, profile: Profile) -> bytes:
    """Commands for an image, centred on the paper and free of bytes that a printer would obey at once.

    Args:
        image: 1-bit, 0 is black, no wider than the paper.
        profile: Says which command, how many rows at once, and which numbers of rows confuse its firmware.
    """
    page = _centred(image, profile.media.dots)
    if profile.image.command == "column":
        return _columns(page, profile)
    row_bytes = page.width // 8
    packed = packed_rows(page)
    commands = bytearray()
    row = 0
    while row < page.height:
        rows = _band_rows(page.height - row, profile)
        band = scrubbed(packed[row * row_bytes : (row + rows) * row_bytes])
        commands += _graphics(band, page.width, rows) if profile.image.command == "graphics" else _raster(band, rows)
        row += rows
    return bytes(commands)


def padded(image: Image.Image) -> Image.Image:
    """The same image with white at its right up to a whole number of bytes."""
    wide = (image.width + 7) // 8 * 8
    if wide == image.width:
        return image
    page = Image.new("1", (wide, image.height), 1)
    page.paste(image, (0, 0))
    return page


def packed_rows(image: Image.Image) -> bytes:
    """Rows of a 1-bit image, a whole number of bytes wide, 8 dots a byte, 1 is black.

    By way of one long binary number: three times as fast as Pillow packs bits itself.
    """
    digits = image.tobytes("raw", "L").translate(DIGIT_OF_DOT)
    return int(digits, 2).to_bytes(len(digits) // 8, "big")


def column_run(image: Image.Image, rows: int = 24) -> bytes:
    """ESC *: an image of 8 or 24 rows as part of a line, in the printer's full density."""
    turned = image.transpose(Image.Transpose.ROTATE_90).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    wide = Image.new("1", (rows, image.width), 1)
    wide.paste(turned, (0, 0))
    mode = b"\x21" if rows == 24 else b"\x01"
    return b"\x1b*" + mode + image.width.to_bytes(2, "little") + scrubbed(packed_rows(wide))


def scrubbed(data: bytes) -> bytes:
    """Image data without DLE EOT, DLE ENQ and DLE DC4: a printer obeys those even inside a picture.

    One dot changes: DLE (10h) becomes 11h. Source: Epson's reference warns that image data "might include" them.
    """
    return REAL_TIME.sub(b"\x11", data)


@lru_cache(maxsize=64)
def feed_command(dots: int) -> bytes:
    """ESC J: feed dots, in steps of 255 at most."""
    return b"".join(b"\x1bJ" + bytes((min(255, dots - done),)) for done in range(0, dots, 255))


def _band_rows(left: int, profile: Profile) -> int:
    """Rows of the next command; a profile's unlucky multiple is avoided by one row less."""
    rows = min(profile.image.max_rows, left)
    unlucky = profile.image.avoid_row_multiple
    return rows - 1 if unlucky and rows % unlucky == 0 and rows > 1 else rows


def _raster(band: bytes, rows: int) -> bytes:
    """GS v 0."""
    return b"\x1dv0\x00" + (len(band) // rows).to_bytes(2, "little") + rows.to_bytes(2, "little") + band


def _graphics(band: bytes, width_dots: int, rows: int) -> bytes:
    """GS ( L (GS 8 L when large): function 112 stores the graphics, function 50 prints them."""
    body = b"0p0\x01\x011" + width_dots.to_bytes(2, "little") + rows.to_bytes(2, "little") + band
    head = (
        b"\x1d(L" + len(body).to_bytes(2, "little")
        if len(body) < 65_536
        else b"\x1d8L" + len(body).to_bytes(4, "little")
    )
    return head + body + b"\x1d(L\x02\x0002"


def _columns(page: Image.Image, profile: Profile) -> bytes:
    """ESC * in bands of 24 rows (8 for needles), each fed by its own height."""
    band_dots = profile.image.band_dots
    commands = bytearray()
    for top in range(0, page.height, band_dots):
        band = Image.new("1", (page.width, band_dots), 1)
        band.paste(page.crop((0, top, page.width, min(top + band_dots, page.height))))
        commands += column_run(band, band_dots) + feed_command(profile.feed_units(band_dots))
    return bytes(commands)


def _centred(image: Image.Image, width_dots: int) -> Image.Image:
    wide = (width_dots + 7) // 8 * 8
    if image.width == wide:
        return image
    page = Image.new("1", (wide, image.height), 1)
    page.paste(image, ((width_dots - image.width) // 2, 0))
    return page
