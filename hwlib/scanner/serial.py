"""A scanner on a serial line or USB-CDC."""

import threading
import time
from collections.abc import Callable
from typing import Any

from hwlib.reading import DeviceReader
from hwlib.scanner import Scan
from hwlib.scanner.framing import IDLE_MS, Debounce, Framer

READ_S = 0.02


class SerialScanner(DeviceReader):
    """Reads a port."""

    def __init__(self, port: str, baud: int, on_scan: Callable[[Scan], None]) -> None:
        """Args:
        port: As /dev/ttyACM0.
        baud: Its speed.
        on_scan: Called in the scanner's thread.
        """
        super().__init__(f"scanner {port}", self._open)
        self._port, self._baud, self._on_scan = port, baud, on_scan

    def _open(self, ended: threading.Event) -> None:
        import serial  # noqa: PLC0415

        with serial.Serial(self._port, self._baud, timeout=READ_S, exclusive=True) as port:
            self._wait_for_quiet(port, ended)
            framer, debounce = Framer(), Debounce()
            self._is_read()
            while not ended.is_set():
                data = port.read(max(1, port.in_waiting))
                now_ms = time.monotonic_ns() // 1_000_000
                for scan in framer.feed(data, now_ms) if data else framer.idle(now_ms):
                    if debounce.passes(scan, now_ms):
                        self._on_scan(scan)

    def _wait_for_quiet(self, port: Any, ended: threading.Event) -> None:
        """A scan that is under way when the port opens has lost its head: it is dropped whole."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < IDLE_MS / 1000 and not ended.is_set():
            if port.read(max(1, port.in_waiting)):
                quiet_since = time.monotonic()
