"""Reads ESC/POS as a printer would, and paints it. Written from the manuals, not from our encoder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858"}
CELL = (12, 24)
MARGIN_DOTS = 24


@dataclass
class Ticket:
    """What came out at the cut: the picture, its text as lines, and the QR codes that the printer set itself."""

    image: Image.Image
    lines: list[str]
    qr: list[str]


@dataclass
class _Style:
    width: int = 1
    height: int = 1
    bold: bool = False
    align: int = 0
    code_page: str = "cp437"


@dataclass
class EscPosDecoder:
    """A printer's command interpreter.

    Attributes:
        dots: Width of the paper.
        reply: Sends bytes back to the host.
        on_ticket: Called at each cut.
        real_time_status: The bytes that DLE EOT 1 to 4 answer.
    """

    dots: int
    reply: Callable[[bytes], None]
    on_ticket: Callable[[Ticket], None]
    real_time_status: Callable[[int], int]
    _buffer: bytearray = field(default_factory=bytearray)
    _style: _Style = field(default_factory=_Style)
    _strips: list[Image.Image] = field(default_factory=list)
    _line: list[tuple[str, _Style]] = field(default_factory=list)
    _lines: list[str] = field(default_factory=list)
    _qr: list[str] = field(default_factory=list)
    _qr_data: str = ""
    _qr_module: int = 3

    def feed(self, data: bytes) -> None:
        """Take bytes and do what is complete."""
        self._buffer += data
        while self._buffer:
            used = self._command(bytes(self._buffer[:70_000]))
            if used == 0:
                return
            del self._buffer[:used]

    def answer_real_time(self, data: bytes) -> bytes:
        """Obey DLE EOT at once, as a printer does even when it is blocked; returns the bytes without it."""
        rest = bytearray()
        at = 0
        while at < len(data):
            if data[at : at + 2] == b"\x10\x04" and at + 2 < len(data) and 1 <= data[at + 2] <= 4:
                self.reply(bytes((self.real_time_status(data[at + 2]),)))
                at += 3
            else:
                rest.append(data[at])
                at += 1
        return bytes(rest)

    def reset(self) -> None:
        """Power off and on: what was half received is gone."""
        self._buffer.clear()
        self._strips.clear()
        self._line.clear()
        self._style = _Style()

    def _command(self, data: bytes) -> int:
        """Obey the first command; returns its length, 0 when it is not complete."""
        first = data[0]
        if first == 0x1B:
            return self._esc(data)
        if first == 0x1D:
            return self._gs(data)
        if first == 0x0A:
            self._end_line()
        elif first >= 0x20:
            text = bytes((first,)).decode(self._style.code_page, "replace")
            self._line.append((text, _Style(**vars(self._style))))
        return 1

    def _esc(self, data: bytes) -> int:
        if len(data) < 2:
            return 0
        kind = data[1:2]
        if kind == b"@":
            self._style = _Style()
            self._line.clear()
            return 2
        if len(data) < 3:
            return 0
        value = data[2]
        match kind:
            case b"E":
                self._style.bold = bool(value & 1)
            case b"a":
                self._style.align = value % 48
            case b"t":
                self._style.code_page = CODE_PAGES.get(value, "cp437")
            case b"!":
                self._style.bold = bool(value & 8)
                self._style.height = 2 if value & 16 else 1
                self._style.width = 2 if value & 32 else 1
            case b"J":
                self._white(value)
            case b"d":
                self._end_line()
                self._white(value * CELL[1])
            case _:
                pass
        return 3

    def _gs(self, data: bytes) -> int:
        if len(data) < 3:
            return 0
        match data[1:2]:
            case b"!":
                self._style.width, self._style.height = (data[2] >> 4) + 1, (data[2] & 7) + 1
                return 3
            case b"V":
                if data[2] in (0, 1, 48, 49):
                    self._cut()
                    return 3
                if len(data) < 4:
                    return 0
                self._white(data[3] + 120)
                self._cut()
                return 4
            case b"r":
                self.reply(b"\x00")
                return 3
            case b"(":
                return self._gs_bracket(data)
            case b"v":
                return self._raster(data)
            case _:
                return 3

    def _gs_bracket(self, data: bytes) -> int:
        if len(data) < 5:
            return 0
        length = 5 + int.from_bytes(data[3:5], "little")
        if len(data) < length:
            return 0
        body = data[5:length]
        if data[2:3] == b"H" and body[:2] == b"00":
            self.reply(b"\x37\x22" + body[2:6] + b"\x00")
        if data[2:3] == b"k" and body[:1] == b"1":
            match body[1:2]:
                case b"C":
                    self._qr_module = body[2]
                case b"P":
                    self._qr_data = body[3:].decode("utf-8", "replace")
                case b"Q":
                    self._print_qr()
                case _:
                    pass
        return length

    def _raster(self, data: bytes) -> int:
        if len(data) < 8:
            return 0
        row_bytes, rows = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
        length = 8 + row_bytes * rows
        if len(data) < length:
            return 0
        packed = bytes(~byte & 0xFF for byte in data[8:length])
        image = Image.frombytes("1", (row_bytes * 8, rows), packed)
        self._strip(image.crop((0, 0, min(self.dots, image.width), rows)), 0)
        return length

    def _print_qr(self) -> None:
        import qrcode  # noqa: PLC0415

        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=self._qr_module, border=0)
        code.add_data(self._qr_data)
        code.make()
        self._qr.append(self._qr_data)
        self._strip(code.make_image().get_image().convert("1"), self._style.align)

    def _end_line(self) -> None:
        characters, self._line = self._line, []
        if not characters:
            self._white(CELL[1])
            return
        self._lines.append("".join(char for char, _ in characters))
        height = max(style.height for _, style in characters) * CELL[1]
        wide = sum(style.width for _, style in characters) * CELL[0]
        image = Image.new("1", (wide, height), 1)
        left = 0
        for char, style in characters:
            image.paste(
                _glyph(char, bold=style.bold, width=style.width, height=style.height),
                (left, height - style.height * CELL[1]),
            )
            left += style.width * CELL[0]
        self._strip(image, characters[0][1].align)

    def _strip(self, image: Image.Image, align: int) -> None:
        strip = Image.new("1", (self.dots, image.height), 1)
        strip.paste(image, ((0, (self.dots - image.width) // 2, self.dots - image.width)[align], 0))
        self._strips.append(strip)

    def _white(self, dots: int) -> None:
        if dots:
            self._strips.append(Image.new("1", (self.dots, dots), 1))

    def _cut(self) -> None:
        height = sum(strip.height for strip in self._strips)
        page = Image.new("1", (self.dots + 2 * MARGIN_DOTS, height + MARGIN_DOTS), 1)
        top = MARGIN_DOTS
        for strip in self._strips:
            page.paste(strip, (MARGIN_DOTS, top))
            top += strip.height
        ticket = Ticket(page, self._lines, self._qr)
        self._strips, self._lines, self._qr = [], [], []
        self.on_ticket(ticket)


def _glyph(char: str, *, bold: bool, width: int, height: int) -> Image.Image:
    """A character in its cell, as a printer's font would fill it."""
    cell = (CELL[0] * width, CELL[1] * height)
    name = f"NotoSans-{'Bold' if bold else 'Regular'}.ttf"
    font = ImageFont.truetype(str(Path(str(resources.files("assets"))) / "fonts" / name), 19 * height)
    drawn = Image.new("L", (cell[0] * 3, cell[1]), 255)
    draw = ImageDraw.Draw(drawn)
    draw.text((cell[0] * 1.5, cell[1] * 0.80), char, font=font, fill=0, anchor="ms")
    box = draw.textbbox((cell[0] * 1.5, cell[1] * 0.80), char, font=font, anchor="ms")
    half = max(cell[0] / 2, (box[2] - box[0]) / 2 + 0.5)
    fitted = drawn.crop((int(cell[0] * 1.5 - half), 0, int(cell[0] * 1.5 + half), cell[1])).resize(cell)
    return fitted.point(lambda level: 255 if level > 140 else 0).convert("1")
