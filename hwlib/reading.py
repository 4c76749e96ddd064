"""A thread that reads one device, and waits for it when it is away."""

import fcntl
import logging
import struct
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 1.0
WAS_THERE_S = 10.0
"""A device that was read so long was there: that it goes is news again."""
SET_CLOCK, CLOCK_MONOTONIC = 0x400445A0, 1
"""EVIOCSCLOCKID. Source: linux/input.h."""


class DeviceReader:
    """Opens and reads until it is stopped; a device that goes away is looked for again.

    Attributes:
        on_state: Told in the reader's thread, at each change, why the device is not read; "" while it is.
    """

    on_state: Callable[[str], None]

    def __init__(self, name: str, read: Callable[[threading.Event], None]) -> None:
        """Args:
        name: Of the device, for people.
        read: Opens the device and reads it until the event is set; raises when it is away.
        """
        self._device_name, self._read_device = name, read
        self._ended, self._again = threading.Event(), threading.Event()
        self.on_state, self._state = lambda _why_not: None, "not looked for yet"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the device is let go."""
        self._ended.set()
        self._again.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def look_again(self) -> None:
        """A device was plugged in: see at once whether it is ours."""
        self._again.set()

    def _is_read(self) -> None:
        """The device is open, and whatever comes from it is heard."""
        self._state_is("")

    def _state_is(self, why_not: str) -> None:
        if why_not != self._state and not self._ended.is_set():
            self._state = why_not
            self.on_state(why_not)

    def _run(self) -> None:
        told = ""
        while not self._ended.is_set():
            began_s = time.monotonic()
            try:
                self._read_device(self._ended)
            except Exception as error:  # noqa: BLE001 (an unplugged device raises what its driver likes)
                if time.monotonic() - began_s > WAS_THERE_S:
                    told = ""
                if str(error) != told and not self._ended.is_set():
                    log.warning("%s: %s; it is waited for", self._device_name, error)
                told = str(error)
                self._state_is(str(error) or "it went away")
            self._again.wait(LOOK_AGAIN_S)
            self._again.clear()


def count_by_monotonic_clock(device: int) -> None:
    """Let the kernel date an input device's events by a clock that nobody sets."""
    fcntl.ioctl(device, SET_CLOCK, struct.pack("i", CLOCK_MONOTONIC))
