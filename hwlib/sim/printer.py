"""A simulated printer at a port: TCP or a serial line. Keeps each ticket as PNG and bytes."""

import contextlib
import os
import pty
import select
import socket
import socketserver
import threading
import tty
from pathlib import Path
from typing import Any

from hwlib.sim.control import serve_control
from hwlib.sim.paper import Ticket
from hwlib.sim.printer_model import ENDLESS_MM, Hand, PrinterModel

PIECE_BYTES = 1024
WAIT_S = 0.005


class PrinterSim:
    """A simulated printer on a TCP port; see `PrinterModel` for what it does."""

    def __init__(self, folder: Path, *, port: int = 0, **model: Any) -> None:
        """Args:
        folder: Where tickets go: 001.png, 001.bin and so on.
        port: On 127.0.0.1; 0 for any.
        model: For `PrinterModel`.
        """
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._number = len(list(folder.glob("*.png")))
        self._lock = threading.Lock()
        self.tickets: list[list[str]] = []
        self.first_byte_mono_ms: list[int] = []
        self.model = PrinterModel(self._keep, **model)
        sim = self

        class Host(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                sim._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", port), Host)
        self._closing = threading.Event()
        self._pty: tuple[int, int] | None = None
        self.port: int = self._server.server_address[1]

    @property
    def hand(self) -> Hand:
        """What a hand at the printer can change."""
        return self.model.hand

    def start(self, control: Path | None = None) -> None:
        """Listen; with `control`, also for commands."""
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="printer-sim", daemon=True).start()
        if control is not None:
            serve_control(control, self._command)

    def open_line(self) -> str:
        """A serial line to the same printer; returns the path of its terminal."""
        self._pty = pty.openpty()
        for end in self._pty:
            tty.setraw(end)
        os.set_blocking(self._pty[0], False)
        threading.Thread(target=self._serve_line, args=(self._pty[0],), name="printer-line", daemon=True).start()
        return os.ttyname(self._pty[1])

    def stop(self) -> None:
        """Switch it off."""
        self._closing.set()
        self.model.stop()
        self._server.shutdown()
        self._server.server_close()

    def unplug(self) -> None:
        """Pull its cable: connections break, and come no more until `stop`."""
        self._closing.set()

    def plug(self) -> None:
        """Put the cable back."""
        self._closing.clear()

    def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        for name, value in command.items():
            if name == "paper":
                self.hand.paper_left_mm = ENDLESS_MM if value else 0
            elif name == "take":
                self.model.take_ticket()
            elif hasattr(self.hand, name):
                setattr(self.hand, name, value)
        with self._lock:
            return {
                "tickets": list(self.tickets),
                "first_byte_mono_ms": list(self.first_byte_mono_ms),
                "at_outlet": self.model.at_outlet,
            }

    def _serve(self, connection: socket.socket) -> None:
        def say(data: bytes) -> None:
            with contextlib.suppress(OSError):
                connection.sendall(data)

        self.model.attach(say)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._closing.is_set():
                room = min(PIECE_BYTES, self.model.room)
                if not room:
                    self._closing.wait(WAIT_S)
                elif select.select([connection], [], [], 0.05)[0]:
                    data = connection.recv(room)
                    if not data:
                        return
                    self.model.receive(data)
        except OSError:
            return
        finally:
            self.model.detach(say)
            with contextlib.suppress(OSError):  # a pulled cable: the host hears of it as a reset
                connection.shutdown(socket.SHUT_RDWR)

    def _serve_line(self, end: int) -> None:
        def say(data: bytes) -> None:
            with contextlib.suppress(OSError):
                os.write(end, data)

        self.model.attach(say)
        while not self._closing.is_set():
            room = min(PIECE_BYTES, self.model.room)
            if not room:
                self._closing.wait(WAIT_S)
                continue
            try:
                if select.select([end], [], [], 0.05)[0]:
                    self.model.receive(os.read(end, room))
            except OSError:
                self._closing.wait(WAIT_S)
        if self._pty is not None:
            for one in self._pty:
                os.close(one)

    def _keep(self, ticket: Ticket, raw: bytes, began_ms: int) -> None:
        with self._lock:
            self._number += 1
            name = f"{self._number:03d}"
            aside = self._folder / f".{name}.png"
            ticket.image.save(aside)
            (self._folder / f"{name}.bin").write_bytes(raw)
            aside.rename(self._folder / f"{name}.png")
            self.tickets.append(ticket.lines)
            self.first_byte_mono_ms.append(began_ms)
