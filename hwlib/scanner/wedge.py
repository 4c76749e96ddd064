"""A scanner that types like a keyboard, read from its event device and kept from everybody else."""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable

from hwlib.errors import DeviceGone
from hwlib.reading import DeviceReader
from hwlib.scanner import Scan
from hwlib.scanner.framing import Debounce, without_aim
from hwlib.scanner.keys import Burst, KeyAssembler
from hwlib.scanner.layouts import LayoutFinder
from hwlib.scanner.wedge_child import EVENT, READY

WAIT_S = 0.05
PIPE_BYTES = 65_536
KeyEvent = tuple[int, int, int, int]
"""Milliseconds of the monotonic clock, type, code, value."""


class WedgeScanner(DeviceReader):
    """Reads the events that a child process grabs: see `wedge_child` for why."""

    def __init__(
        self, path: str, finder: LayoutFinder, on_scan: Callable[[Scan], None], *, command: tuple[str, ...] = ()
    ) -> None:
        """Args:
        path: As /dev/input/by-id/usb-...-event-kbd.
        finder: Finds the layout in which it types.
        on_scan: Called in the scanner's thread.
        command: Starts the child; that of this package when empty.
        """
        super().__init__(f"scanner {path}", self._open)
        self._command = command or (sys.executable, "-m", "hwlib.scanner.wedge_child", path)
        self._finder, self._on_scan = finder, on_scan

    def _open(self, ended: threading.Event) -> None:
        pipe = subprocess.PIPE
        with subprocess.Popen(self._command, stdout=pipe, stderr=pipe, bufsize=0) as child:  # noqa: S603
            try:
                self._read(child, ended)
            finally:
                child.kill()

    def _read(self, child: "subprocess.Popen[bytes]", ended: threading.Event) -> None:
        if child.stdout is None or child.stderr is None:
            raise DeviceGone("the reading process has no pipes")
        line, rest = KeyLine(self._finder, self._on_scan), b""
        while not ended.is_set():
            if not select.select([child.stdout], [], [], WAIT_S)[0]:
                line.rest()
                continue
            data = os.read(child.stdout.fileno(), PIPE_BYTES)
            if not data:
                raise DeviceGone(child.stderr.read().decode(errors="replace").strip() or "the reading process ended")
            data = rest + data
            whole = len(data) // EVENT.size * EVENT.size
            rest = data[whole:]
            events = list(EVENT.iter_unpack(data[:whole]))
            if any(EVENT.pack(*event) == READY for event in events):
                self._is_read()
            line.take(event for event in events if EVENT.pack(*event) != READY)


class KeyLine:
    """From key events to scans: bursts, their layout, each code once."""

    def __init__(self, finder: LayoutFinder, on_scan: Callable[[Scan], None]) -> None:
        self._finder, self._on_scan = finder, on_scan
        self._assembler, self._debounce = KeyAssembler(), Debounce()

    def take(self, events: Iterable[KeyEvent]) -> None:
        """Take a batch of the kernel's events, each with its own time."""
        for at_ms, kind, code, value in events:
            self._bursts(self._assembler.event(kind, code, value, at_ms))

    def rest(self) -> None:
        """No key for a while."""
        self._bursts(self._assembler.idle(time.monotonic_ns() // 1_000_000))

    def _bursts(self, bursts: list[Burst]) -> None:
        for burst in bursts:
            found = self._finder.text_of(burst.keys)
            scan = without_aim(Scan(found.text, burst.problem or found.problem))
            if (scan.text or scan.problem) and self._debounce.passes(scan, time.monotonic_ns() // 1_000_000):
                self._on_scan(scan)
