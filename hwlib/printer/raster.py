"""Text and QR codes as dots, for what a printer cannot set itself."""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

MAX_BAND_ROWS = 240
"""Rows a raster command; a multiple of 48 confuses some clones (python-escpos #424), and so does a tall one."""
QUIET_MODULES = 4
ARABIC = range(0x0600, 0x0700)


def text_image(text: str, *, width_dots: int, height_dots: int, bold: bool, align: str) -> Image.Image:
    """A line of text, shaped and in its own direction, wrapped at words.

    Args:
        text: In any script that the fonts hold.
        width_dots: Of the paper.
        height_dots: Of one line, at least; a script with deep descenders gets what it needs.
        bold: Whether in bold.
        align: "left", "center" or "right".
    Returns:
        1-bit image, 0 is black, `width_dots` wide and a whole number of lines high.
    """
    font = _font(arabic=is_arabic(text), bold=bold, size=round(height_dots * 0.8))
    direction = "rtl" if is_arabic(text) else "ltr"
    lines = _wrapped(text, font, direction, width_dots)
    line_dots = max(height_dots, sum(font.getmetrics()))
    image = Image.new("1", (width_dots, line_dots * len(lines)), 1)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        wide = font.getlength(line, direction=direction)
        left = {"left": 0.0, "center": (width_dots - wide) / 2, "right": width_dots - wide}[align]
        draw.text((left, number * line_dots), line, font=font, fill=0, direction=direction)
    return image


def qr_image(data: str, module_dots: int) -> Image.Image:
    """A QR code with its quiet zone, 1-bit, 0 is black."""
    import qrcode  # noqa: PLC0415 (150 ms that a printer with its own QR never needs)

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(data)
    code.make()
    matrix = code.get_matrix()
    image = Image.new("1", (len(matrix), len(matrix)), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    return image.resize((len(matrix) * module_dots,) * 2, Image.Resampling.NEAREST)


def raster_commands(image: Image.Image, width_dots: int) -> bytes:
    """GS v 0 commands for an image, centred on the paper and free of bytes that a printer would obey at once."""
    wide = (width_dots + 7) // 8 * 8
    page = Image.new("1", (wide, image.height), 1)
    page.paste(image, ((width_dots - image.width) // 2, 0))
    packed = bytes(~byte & 0xFF for byte in page.tobytes())
    row_bytes = wide // 8
    commands = bytearray()
    row = 0
    while row < image.height:
        rows = min(MAX_BAND_ROWS - 1, image.height - row)
        band = packed[row * row_bytes : (row + rows) * row_bytes]
        commands += b"\x1dv0\x00" + row_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
        commands += scrubbed(band)
        row += rows
    return bytes(commands)


def scrubbed(data: bytes) -> bytes:
    """Image data without DLE EOT, DLE ENQ and DLE DC4: a printer obeys those even inside a picture.

    One dot changes: DLE (10h) becomes 11h. Source: Epson's reference warns that image data "might include" them.
    """
    for second in (0x04, 0x05, 0x14):
        data = data.replace(bytes((0x10, second)), bytes((0x11, second)))
    return data


def is_arabic(text: str) -> bool:
    """Whether a text runs from right to left."""
    return any(ord(char) in ARABIC for char in text)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, direction: str, width_dots: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer, direction=direction) > width_dots:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@lru_cache(maxsize=16)
def _font(*, arabic: bool, bold: bool, size: int) -> ImageFont.FreeTypeFont:
    name = f"NotoSans{'Arabic' if arabic else ''}-{'Bold' if bold else 'Regular'}.ttf"
    path = Path(str(resources.files("assets"))) / "fonts" / name
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)
