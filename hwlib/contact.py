"""A dry contact on an input pin, as that of a house's alarm: to the kernel it is a key (overlay gpio-key)."""

import select
import threading
from collections.abc import Callable
from typing import Any

from hwlib.reading import DeviceReader

EV_KEY = 1
WAIT_S = 0.1


class Contact(DeviceReader):
    """Tells whether the contact is closed: now, and whenever that changes."""

    def __init__(self, path: str, on_change: Callable[[bool], None]) -> None:
        """Args:
        path: Of the event device, as /dev/input/by-path/platform-alarm-event.
        on_change: Called in the contact's thread.
        """
        super().__init__(f"contact {path}", self._open)
        self._path, self._on_change = path, on_change
        self._is_closed: bool | None = None

    def _open(self, ended: threading.Event) -> None:
        import evdev  # noqa: PLC0415

        device = evdev.InputDevice(self._path)
        try:
            self._tell(closed=bool(device.active_keys()))
            while not ended.is_set():
                if select.select([device.fd], [], [], WAIT_S)[0]:
                    self.take(device.read())
        finally:
            device.close()

    def take(self, events: Any) -> None:
        """Take a batch of the kernel's events: a key that goes down closes the contact, repeats say nothing new."""
        for event in events:
            if event.type == EV_KEY:
                self._tell(closed=event.value != 0)

    def _tell(self, *, closed: bool) -> None:
        if closed != self._is_closed:
            self._is_closed = closed
            self._on_change(closed)
