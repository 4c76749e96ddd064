"""A scanner that types like a keyboard, read from its event device and kept from everybody else."""

import select
import threading
import time
from collections.abc import Callable
from typing import Any

from hwlib.reading import DeviceReader
from hwlib.scanner import Scan
from hwlib.scanner.framing import Debounce, without_aim
from hwlib.scanner.keys import Burst, KeyAssembler
from hwlib.scanner.layouts import LayoutFinder

WAIT_S = 0.05


class WedgeScanner(DeviceReader):
    """Grabs an event device and reads it in batches: its buffer holds 15 key strokes and no more."""

    def __init__(self, path: str, finder: LayoutFinder, on_scan: Callable[[Scan], None]) -> None:
        """Args:
        path: As /dev/input/by-id/usb-...-event-kbd.
        finder: Finds the layout in which it types.
        on_scan: Called in the scanner's thread.
        """
        super().__init__(f"scanner {path}", self._open)
        self._path = path
        self.line = KeyLine(finder, on_scan)

    def _open(self, ended: threading.Event) -> None:
        import evdev  # noqa: PLC0415

        device = evdev.InputDevice(self._path)
        try:
            with device.grab_context():
                while not ended.is_set():
                    if select.select([device.fd], [], [], WAIT_S)[0]:
                        self.line.take(device.read())
                    else:
                        self.line.rest()
        finally:
            device.close()


class KeyLine:
    """From key events to scans: bursts, their layout, each code once."""

    def __init__(self, finder: LayoutFinder, on_scan: Callable[[Scan], None]) -> None:
        self._finder, self._on_scan = finder, on_scan
        self._assembler, self._debounce = KeyAssembler(), Debounce()

    def take(self, events: Any) -> None:
        """Take a batch of the kernel's events, each with its own time."""
        for event in events:
            at_ms = event.sec * 1000 + event.usec // 1000
            self._bursts(self._assembler.event(event.type, event.code, event.value, at_ms))

    def rest(self) -> None:
        """No key for a while."""
        self._bursts(self._assembler.idle(time.time_ns() // 1_000_000))

    def _bursts(self, bursts: list[Burst]) -> None:
        for burst in bursts:
            found = self._finder.text_of(burst.keys)
            scan = without_aim(Scan(found.text, burst.problem or found.problem))
            if (scan.text or scan.problem) and self._debounce.passes(scan, time.monotonic_ns() // 1_000_000):
                self._on_scan(scan)
