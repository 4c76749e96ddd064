"""A scanner on a serial line or USB-CDC."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from hwlib.scanner import Scan
from hwlib.scanner.framing import IDLE_MS, Debounce, Framer

log = logging.getLogger(__name__)

READ_S = 0.02
LOOK_AGAIN_S = 1.0


class SerialScanner:
    """Reads a port in a thread of its own, and waits for it when it is away."""

    def __init__(self, port: str, baud: int, on_scan: Callable[[Scan], None]) -> None:
        self._port, self._baud, self._on_scan = port, baud, on_scan
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        import serial  # noqa: PLC0415

        away = False
        while not self._ended.is_set():
            try:
                with serial.Serial(self._port, self._baud, timeout=READ_S) as port:
                    if away:
                        log.info("scanner %s is back", self._port)
                    away = False
                    self._read(port)
            except Exception as error:  # noqa: BLE001 (an unplugged port raises what its driver likes)
                if not away:
                    log.warning("scanner %s: %s; it is waited for", self._port, error)
                away = True
                self._ended.wait(LOOK_AGAIN_S)

    def _read(self, port: Any) -> None:
        self._wait_for_quiet(port)
        framer, debounce = Framer(), Debounce()
        while not self._ended.is_set():
            data = port.read(max(1, port.in_waiting))
            now_ms = time.monotonic_ns() // 1_000_000
            for scan in framer.feed(data, now_ms) if data else framer.idle(now_ms):
                if debounce.passes(scan, now_ms):
                    self._on_scan(scan)

    def _wait_for_quiet(self, port: Any) -> None:
        """A scan that is under way when the port opens has lost its head: it is dropped whole."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < IDLE_MS / 1000 and not self._ended.is_set():
            if port.read(max(1, port.in_waiting)):
                quiet_since = time.monotonic()
