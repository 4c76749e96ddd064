"""A scanner that types like a keyboard, read from its event device and kept from everybody else."""

import logging
import select
import threading
import time
from collections.abc import Callable
from typing import Any

from hwlib.scanner import Scan
from hwlib.scanner.framing import Debounce

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
WAIT_S = 0.1
_DIGITS = {code: str((code - 1) % 10) for code in range(2, 12)}
_ROWS = {16: "qwertyuiop", 30: "asdfghjkl", 44: "zxcvbnm"}
_SIGNS = {12: "-", 13: "=", 26: "[", 27: "]", 39: ";", 40: "'", 51: ",", 52: ".", 53: "/", 57: " "}
_SHIFTED = dict(zip("1234567890-=[];',./", '!@#$%^&*()_+{}:"<>?', strict=True))
US_LAYOUT = _DIGITS | {start + i: char for start, row in _ROWS.items() for i, char in enumerate(row)} | _SIGNS
"""Characters by Linux key code on a keyboard of US layout. Source: linux/input-event-codes.h."""
SHIFT_KEYS = frozenset({42, 54})
END_KEYS = frozenset({28, 96, 15})
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3


class KeyAssembler:
    """Makes scans of key events. A scan of which the kernel dropped keys is rejected, never guessed. Pure."""

    def __init__(self) -> None:
        self._text = ""
        self._shift = False
        self._broken = ""

    def event(self, kind: int, code: int, value: int) -> Scan | None:
        """Take one event (type, code, value of the kernel's); returns a scan when it ends one."""
        if kind == EV_SYN and code == SYN_DROPPED:
            self._broken = "keys were lost"
        if kind != EV_KEY:
            return None
        if code in SHIFT_KEYS:
            self._shift = value != 0
        elif value == 1 and code in END_KEYS:
            return self._end()
        elif value == 1:
            char = US_LAYOUT.get(code, "")
            self._text += (_SHIFTED.get(char, char.upper())) if self._shift else char
        return None

    def _end(self) -> Scan | None:
        text, broken = self._text, self._broken
        self._text = self._broken = ""
        if broken:
            return Scan("", broken)
        return Scan(text) if text else None


class WedgeScanner:
    """Grabs an event device and reads it in batches: its buffer holds 15 key strokes and no more."""

    def __init__(self, path: str, on_scan: Callable[[Scan], None]) -> None:
        """Args:
        path: As /dev/input/by-id/usb-...-event-kbd.
        on_scan: Called in the scanner's thread.
        """
        self._path, self._on_scan = path, on_scan
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        import evdev  # noqa: PLC0415

        away = False
        while not self._ended.is_set():
            try:
                device = evdev.InputDevice(self._path)
                with device.grab_context():
                    away = False
                    self._read(device)
            except OSError as error:
                if not away:
                    log.warning("scanner %s: %s; it is waited for", self._path, error)
                away = True
                self._ended.wait(LOOK_AGAIN_S)

    def _read(self, device: Any) -> None:
        assembler, debounce = KeyAssembler(), Debounce()
        while not self._ended.is_set():
            if not select.select([device.fd], [], [], WAIT_S)[0]:
                continue
            for event in device.read():
                scan = assembler.event(event.type, event.code, event.value)
                if scan is not None and debounce.passes(scan, time.monotonic_ns() // 1_000_000):
                    self._on_scan(scan)
