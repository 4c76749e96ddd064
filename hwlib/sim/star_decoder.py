"""Reads the few commands of StarPRNT that tickets use, as a printer would. Written from Star's specification."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from hwlib.sim.paper import Paper

LENGTHS = {b"@": 2, b"d": 3, b"\x06": 3, b"\x1e": 4, b"\x16": 4}
"""ESC and a byte: how long the command is."""


@dataclass
class StarDecoder:
    """A Star printer's command interpreter; `on_command` hears of b"ASK", b"AUTO" and b"SYN0", b"SYN1", b"SYN3"."""

    paper: Paper
    reply: Callable[[bytes], None]
    on_cut: Callable[[], None]
    on_command: Callable[[bytes, int], None]
    _buffer: bytearray = field(default_factory=bytearray)
    _counter: int = 0

    def take(self, data: bytes) -> None:
        """Receive bytes."""
        self._buffer += data

    def step(self) -> int:
        """Obey one command; returns its length, 0 when none is complete."""
        if not self._buffer:
            return 0
        data = bytes(self._buffer)
        used = self._command(data) if data[0] == 0x1B else 1
        del self._buffer[:used]
        return used

    @property
    def waiting_bytes(self) -> int:
        """Received, not yet obeyed."""
        return len(self._buffer)

    def clear(self) -> None:
        """Buffers emptied."""
        self._buffer.clear()

    def _command(self, data: bytes) -> int:
        kind = data[1:2]
        if kind == b"\x1d":
            return self._group(data)
        length = LENGTHS.get(kind, 2)
        if len(data) < length:
            return 0
        match kind:
            case b"@":
                self.on_command(b"AUTO", 0)
            case b"d":
                self.on_cut()
            case b"\x06":
                self.on_command(b"ASK", data[2])
            case b"\x1e":
                self.on_command(b"AUTO", data[3])
            case b"\x16":
                self.on_command(b"SYN" + data[2:3], data[3])
            case _:
                pass
        return length

    def _group(self, data: bytes) -> int:
        """ESC GS: S prints a picture, ETX counts when all before it is printed and echoes itself."""
        if data[2:3] == b"\x03":
            if len(data) < 6:
                return 0
            self._counter = (self._counter + data[3]) % 256
            self.reply(data[:6] + bytes((self._counter, 0)))
            return 6
        if data[2:3] != b"S":
            return 3 if len(data) >= 3 else 0
        if len(data) < 9:
            return 0
        row_bytes, rows = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
        length = 9 + row_bytes * rows
        if len(data) < length:
            return 0
        packed = bytes(~byte & 0xFF for byte in data[9:length])
        image = Image.frombytes("1", (row_bytes * 8, rows), packed)
        self.paper.strip(image.crop((0, 0, min(image.width, self.paper.dots), rows)))
        return length
