"""Reads ESC/POS as a printer would, and paints it. Written from the manuals, not from our encoder."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PIL import Image

from hwlib.printer.typeface import cell_image
from hwlib.sim.paper import Paper

CODE_PAGES = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858",
    46: "cp1251", 45: "cp1250", 47: "cp1253",
}  # fmt: skip
"""Source: Epson's reference, ESC t."""
INFORMATION = {65: b"1.00", 66: b"ANTESALA", 67: b"TM-m30III", 68: b"0001"}
LONGEST_COMMAND = 4_200_000


@dataclass(frozen=True)
class _Style:
    size: tuple[int, int] = (1, 1)
    bold: bool = False
    align: int = 0
    code_page: str = "cp437"


@dataclass
class EscPosDecoder:
    """A printer's command interpreter.

    Attributes:
        paper: What it prints on.
        reply: Sends bytes back to the host.
        on_cut: Called at each cut.
        on_command: Called with commands of the device that concern more than paper: b"GS a", b"GS e" and their value.
        dpi: Dots an inch.
        head_to_cutter_dots: What GS V 65 and 66 feed.
        logos: Pictures in its memory, by key.
    """

    paper: Paper
    reply: Callable[[bytes], None]
    on_cut: Callable[[], None]
    on_command: Callable[[bytes, int], None] = lambda _name, _value: None
    dpi: int = 203
    head_to_cutter_dots: int = 120
    logos: dict[bytes, Image.Image] = field(default_factory=dict)
    has_gs_paren_h: bool = True
    _buffer: bytearray = field(default_factory=bytearray)
    _style: _Style = field(default_factory=_Style)
    _line: list[tuple[Image.Image, int, str]] = field(default_factory=list)
    _qr_data: str = ""
    _qr_module: int = 3
    _graphics: Image.Image | None = None

    def take(self, data: bytes) -> None:
        """Receive bytes."""
        self._buffer += data

    def step(self) -> int:
        """Obey one command; returns its length, 0 when none is complete."""
        if not self._buffer:
            return 0
        used = self._command(bytes(self._buffer[:LONGEST_COMMAND]))
        del self._buffer[:used]
        return used

    def feed(self, data: bytes) -> None:
        """Take bytes and do all that is complete."""
        self.take(data)
        while self.step():
            pass

    @property
    def waiting_bytes(self) -> int:
        """Received, not yet obeyed."""
        return len(self._buffer)

    def clear(self) -> None:
        """Buffers emptied; what was half received is gone."""
        self._buffer.clear()
        self._line.clear()
        self._style = _Style()
        self._graphics = None

    # --- commands

    def _command(self, data: bytes) -> int:
        first = data[0]
        if first == 0x1B:
            return self._esc(data)
        if first == 0x1D:
            return self._gs(data)
        if first == 0x0A:
            self._end_line()
        elif first >= 0x20:
            self._character(first)
        return 1

    def _character(self, byte: int) -> None:
        style = self._style
        text = bytes((byte,)).decode(style.code_page, "replace")
        glyph = cell_image(text, bold=style.bold, cell_dots=(12, 24), size=max(style.size))
        wide, high = 12 * style.size[0], 24 * style.size[1]
        self._line.append((glyph if glyph.size == (wide, high) else glyph.resize((wide, high)), style.align, text))

    def _esc(self, data: bytes) -> int:
        if len(data) < 2:
            return 0
        kind = data[1:2]
        if kind == b"@":
            self._style = _Style()
            self._line.clear()
            self.on_command(b"GS a", 0)
            return 2
        if kind in b"2":
            return 2
        if len(data) < 3:
            return 0
        value = data[2]
        match kind:
            case b"E":
                self._style = replace(self._style, bold=bool(value & 1))
            case b"a":
                self._style = replace(self._style, align=value % 48)
            case b"t":
                self._style = replace(self._style, code_page=CODE_PAGES.get(value, "cp437"))
            case b"!":
                size = (2 if value & 32 else 1, 2 if value & 16 else 1)
                self._style = replace(self._style, bold=bool(value & 8), size=size)
            case b"J":
                self._flush_line()
                self.paper.white(value)
            case b"d":
                self._flush_line()
                self.paper.white(value * round(self.dpi / 6))
            case b"*":
                return self._columns(data)
            case _:
                pass
        return 3

    def _columns(self, data: bytes) -> int:
        if len(data) < 5:
            return 0
        rows = 24 if data[2] in (32, 33) else 8
        columns = int.from_bytes(data[3:5], "little")
        length = 5 + columns * rows // 8
        if len(data) < length:
            return 0
        packed = bytes(~byte & 0xFF for byte in data[5:length])
        turned = Image.frombytes("1", (rows, columns), packed)
        image = turned.transpose(Image.Transpose.FLIP_TOP_BOTTOM).transpose(Image.Transpose.ROTATE_270)
        self._line.append((image, self._style.align, ""))
        return length

    def _gs(self, data: bytes) -> int:
        if len(data) < 3:
            return 0
        value = data[2]
        match data[1:2]:
            case b"!":
                self._style = replace(self._style, size=((value >> 4) + 1, (value & 7) + 1))
                return 3
            case b"V":
                return self._cut(data)
            case b"r":
                self.reply(b"\x00")
                return 3
            case b"I":
                if value in INFORMATION:
                    self.reply(b"\x5f" + INFORMATION[value] + b"\x00")
                return 3
            case b"a":
                self.on_command(b"GS a", value)
                return 3
            case b"e":
                if value == 3 and len(data) < 4:
                    return 0
                self.on_command(b"GS e", value)
                return 4 if value == 3 else 3
            case b"P":
                return 4 if len(data) >= 4 else 0
            case b"(" | b"8":
                return self._bracket(data)
            case b"v":
                return self._raster(data)
            case _:
                return 3

    def _cut(self, data: bytes) -> int:
        if data[2] in (0, 1, 48, 49):
            self.on_cut()
            return 3
        if len(data) < 4:
            return 0
        self.paper.white(data[3] + self.head_to_cutter_dots)
        self.on_cut()
        return 4

    def _bracket(self, data: bytes) -> int:
        head = 5 if data[1:2] == b"(" else 7
        if len(data) < head:
            return 0
        length = head + int.from_bytes(data[3:head], "little")
        if len(data) < length:
            return 0
        body = data[head:length]
        match data[2:3]:
            case b"H" if body[:2] == b"00" and self.has_gs_paren_h:
                self.reply(b"\x37\x22" + body[2:6] + b"\x00")
            case b"k" if body[:1] == b"1":
                self._qr(body)
            case b"L":
                self._graphic(body)
            case _:
                pass
        return length

    def _qr(self, body: bytes) -> None:
        match body[1:2]:
            case b"C":
                self._qr_module = body[2]
            case b"P":
                self._qr_data = body[3:].decode("utf-8", "replace")
            case b"Q":
                self._print_qr()
            case _:
                pass

    def _graphic(self, body: bytes) -> None:
        """GS ( L. Functions 64 keys, 67 define, 69 print by key, 112 store, 2 and 50 print what was stored."""
        function = body[1]
        match function:
            case 64:
                keys = b"".join(sorted(self.logos))
                self.reply(b"\x37\x72\x40" + keys + b"\x00")
            case 67:
                self.logos[body[3:5]] = _bitmap(body[6:8], body[8:10], body[11:])
            case 69:
                if body[2:4] in self.logos:
                    self.paper.strip(self.logos[body[2:4]], self._style.align)
            case 112:
                self._graphics = _bitmap(body[6:8], body[8:10], body[10:])
            case 2 | 50:
                if self._graphics is not None:
                    image, self._graphics = self._graphics, None
                    self.paper.strip(image.crop((0, 0, min(self.paper.dots, image.width), image.height)))
            case _:
                pass

    def _raster(self, data: bytes) -> int:
        if len(data) < 8:
            return 0
        row_bytes, rows = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
        length = 8 + row_bytes * rows
        if len(data) < length:
            return 0
        if row_bytes and rows:
            image = _bitmap((row_bytes * 8).to_bytes(2, "little"), data[6:8], data[8:length])
            self.paper.strip(image.crop((0, 0, min(self.paper.dots, image.width), rows)))
        return length

    def _print_qr(self) -> None:
        import qrcode  # noqa: PLC0415

        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=self._qr_module, border=0)
        code.add_data(self._qr_data)
        code.make()
        self.paper.qr.append(self._qr_data)
        self.paper.strip(code.make_image().get_image().convert("1"), self._style.align)

    def _flush_line(self) -> None:
        """ESC J and ESC d print what stands in the line before they feed."""
        if self._line:
            self._end_line(feeds=False)

    def _end_line(self, *, feeds: bool = True) -> None:
        parts, self._line = self._line, []
        pitch = round(self.dpi / 6) if feeds else 0
        if not parts:
            self.paper.white(pitch)
            return
        text = "".join(char for _, _, char in parts)
        if text:
            self.paper.lines.append(text)
        high = max(image.height for image, _, _ in parts)
        line = Image.new("1", (sum(image.width for image, _, _ in parts), high), 1)
        left = 0
        for image, _, _ in parts:
            line.paste(image, (left, high - image.height))
            left += image.width
        if feeds:
            self.paper.strip(line, parts[0][1], high=pitch)
        else:
            self.paper.strip(line.crop((0, 0, min(line.width, self.paper.dots), high)), parts[0][1])


def _bitmap(wide: bytes, high: bytes, data: bytes) -> Image.Image:
    """An image of packed rows, 1 is black; what lacks is white."""
    width, rows = int.from_bytes(wide, "little"), int.from_bytes(high, "little")
    size = (width + 7) // 8 * rows
    packed = bytes(~byte & 0xFF for byte in data[:size].ljust(size, b"\x00"))
    return Image.frombytes("1", (max(1, width), max(1, rows)), packed if size else b"\xff")
