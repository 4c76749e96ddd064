"""A printer on a TCP port: obeys ESC/POS, answers status, keeps each ticket as PNG and bytes, and fails on demand."""

import socket
import socketserver
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwlib.sim.control import serve_control
from hwlib.sim.escpos_decoder import EscPosDecoder, Ticket

HEALTHY = {1: 0x16, 2: 0x12, 3: 0x12, 4: 0x12}


@dataclass
class PrinterState:
    """What a hand at the printer can change, and what has come out of it."""

    paper: bool = True
    cover_closed: bool = True
    silent: bool = False
    tickets: list[list[str]] = field(default_factory=list)
    first_byte_mono_ms: list[int] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        return not (self.paper and self.cover_closed)

    def status(self, number: int) -> int:
        """The answer to DLE EOT. Source: Epson's reference, DLE EOT."""
        byte = HEALTHY[number]
        if number == 1 and self.is_blocked:
            byte |= 0x08
        if number == 2:
            byte |= (0 if self.cover_closed else 0x04) | (0 if self.paper else 0x20)
        if number == 4 and not self.paper:
            byte |= 0x60
        return byte


class PrinterSim:
    """A simulated printer."""

    def __init__(self, folder: Path, *, port: int = 0, dots: int = 576, mm_s: float = 250.0) -> None:
        """Args:
        folder: Where tickets go: 001.png, 001.bin and so on.
        port: On 127.0.0.1; 0 for any.
        dots: Width of the paper.
        mm_s: How fast it prints; a confirmation waits for the paper.
        """
        self._folder, self._dots, self._mm_s = folder, dots, mm_s
        self._folder.mkdir(parents=True, exist_ok=True)
        self._number = len(list(folder.glob("*.png")))
        self.state = PrinterState()
        self._lock = threading.Lock()
        sim = self

        class Host(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                sim._serve(self.request)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Host)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def start(self, control: Path | None = None) -> None:
        """Listen; with `control`, also for commands."""
        threading.Thread(target=self._server.serve_forever, name="printer-sim", daemon=True).start()
        if control is not None:
            serve_control(control, self._command)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        for name in ("paper", "cover_closed", "silent"):
            if name in command:
                setattr(self.state, name, bool(command[name]))
        with self._lock:
            return {"tickets": list(self.state.tickets), "first_byte_mono_ms": list(self.state.first_byte_mono_ms)}

    def _serve(self, connection: socket.socket) -> None:
        raw = bytearray()
        began_ms = 0

        def say(data: bytes) -> None:
            if not self.state.silent:
                connection.sendall(data)

        def keep(ticket: Ticket) -> None:
            nonlocal began_ms
            time.sleep(ticket.image.height / 203 * 25.4 / self._mm_s)
            self._keep(ticket, bytes(raw), began_ms)
            raw.clear()
            began_ms = 0

        decoder = EscPosDecoder(self._dots, say, keep, self.state.status)
        waiting = bytearray()
        connection.settimeout(0.05)
        while True:
            try:
                data = connection.recv(4096)
                if not data:
                    return
            except TimeoutError:
                data = b""
            except OSError:
                return
            if not self.state.silent and len(data) == 3:
                data = decoder.answer_real_time(data)
            if data and not began_ms:
                began_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
            waiting += data
            if waiting and not self.state.is_blocked:
                raw += waiting
                now, waiting = bytes(waiting), bytearray()
                decoder.feed(now)

    def _keep(self, ticket: Ticket, raw: bytes, began_ms: int) -> None:
        with self._lock:
            self._number += 1
            name = f"{self._number:03d}"
            aside = self._folder / f".{name}.png"
            ticket.image.save(aside)
            (self._folder / f"{name}.bin").write_bytes(raw)
            aside.rename(self._folder / f"{name}.png")
            self.state.tickets.append(ticket.lines)
            self.state.first_byte_mono_ms.append(began_ms)
