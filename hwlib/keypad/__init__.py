"""Keypads with keys that are told by touch, and the jack for headphones: both are event devices of the kernel."""

import fcntl
import select
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from hwlib.errors import HardwareError
from hwlib.keypad.functions import Function
from hwlib.reading import DeviceReader, count_by_monotonic_clock

EV_KEY, EV_SW = 1, 5
HEADPHONES = 2
"""SW_HEADPHONE_INSERT. Source: linux/input-event-codes.h."""
PRESSED = 1
GET_SWITCHES = 0x8001451B
"""EVIOCGSW(1). Source: linux/input.h."""
DOUBLE_STRIKE_MS = 500
"""A second press of the same key within this time is a trembling hand. Source: EN 301 549 V3.2.1, 5.8."""
WAIT_S = 0.1


@dataclass(frozen=True)
class KeyStruck:
    """A key that counts. `function` is "unknown" for one that the table does not have."""

    function: Function


@dataclass(frozen=True)
class JackMoved:
    """Headphones were plugged in or out."""

    inserted: bool


Event = KeyStruck | JackMoved


def read_table(name_or_path: str) -> dict[int, Function]:
    """A keypad's table, by the name of one that is shipped or by its file.

    Raises:
        HardwareError: it is missing or wrong; the message says where.
    """
    shipped = Path(str(resources.files("hwlib.keypad"))) / f"{name_or_path}.toml"
    path = shipped if shipped.exists() else Path(name_or_path)
    try:
        keys = tomllib.loads(path.read_text())["keys"]
        return {int(code): function_of(name) for code, name in keys.items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise HardwareError(f"keypad table {path}: {error}") from error


def function_of(name: str) -> Function:
    """What a key of that name does.

    Raises:
        ValueError: there is no such function.
    """
    for known in get_args(Function):
        if known == name and known != "unknown":
            found: Function = known
            return found
    raise ValueError(f"no function '{name}'; there are {', '.join(get_args(Function)[:-1])}")


@dataclass
class KeypadReader:
    """Makes events of the kernel's. Repeats never count, nor does a double strike. Pure."""

    table: dict[int, Function]
    double_strike_ms: int = DOUBLE_STRIKE_MS
    _last: dict[int, int] = field(default_factory=dict)

    def event(self, kind: int, code: int, value: int, at_ms: int) -> Event | None:
        """Take one event (type, code, value of the kernel's, its own time)."""
        if kind == EV_SW and code == HEADPHONES:
            return JackMoved(bool(value))
        if kind != EV_KEY or value != PRESSED:
            return None
        function = self.table.get(code, "unknown")
        if function in ("jack_in", "jack_out"):
            return JackMoved(function == "jack_in")
        before_ms = self._last.get(code)
        if before_ms is not None and at_ms - before_ms < self.double_strike_ms:
            return None
        self._last[code] = at_ms
        return KeyStruck(function)


class Keypad(DeviceReader):
    """Grabs an event device: nothing typed on it reaches a console."""

    def __init__(self, path: str, reader: KeypadReader, on_event: Callable[[Event], None]) -> None:
        """Args:
        path: As /dev/input/by-id/usb-Storm_Interface...-event-kbd, or that of a sound card's jack.
        reader: With the keypad's table.
        on_event: Called in the keypad's thread.
        """
        super().__init__(f"keypad {path}", self._open)
        self._path, self._reader, self._on_event = path, reader, on_event

    def _open(self, ended: threading.Event) -> None:
        import evdev  # noqa: PLC0415

        device = evdev.InputDevice(self._path)
        try:
            if HEADPHONES in device.capabilities().get(EV_SW, []):
                self._on_event(JackMoved(_is_inserted(device.fd)))
            count_by_monotonic_clock(device.fd)
            with device.grab_context():
                while not ended.is_set():
                    if select.select([device.fd], [], [], WAIT_S)[0]:
                        self.take(device.read())
        finally:
            device.close()

    def take(self, events: Any) -> None:
        """Take a batch of the kernel's events, each with its own time."""
        for event in events:
            told = self._reader.event(event.type, event.code, event.value, event.sec * 1000 + event.usec // 1000)
            if told is not None:
                self._on_event(told)


def _is_inserted(device: int) -> bool:
    """Whether headphones were in the jack before anybody looked."""
    switches = fcntl.ioctl(device, GET_SWITCHES, bytes(1))
    return bool(switches[0] & 1 << HEADPHONES)
