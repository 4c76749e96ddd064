"""How a device is: what its app says of its parts, and what its bridge sees of the machine."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
RELEASE = Path("/usr/lib/antesala/release")
OK = "ok"


class AppHealth(msgspec.Struct, frozen=True):
    """What an app says of itself.

    Attributes:
        software: Its release.
        parts: Each part's state, "ok" or what is wrong and what to do.
        figures: What can be counted, as "tickets_left" on the roll.
    """

    software: str
    parts: dict[str, str] = {}
    figures: dict[str, float] = {}


class Health(msgspec.Struct, frozen=True):
    """A device's health as its hub hears it.

    Attributes:
        app: None while the app is not there.
        boot: Of the machine.
        outbox: Events that the hub has not acknowledged.
        clock_err_ms: How well the device knows the office's time; -1 when it does not.
        disk_free_mb: Where the journal lies.
        temperature_c: Of the processor; None where it cannot be read.
        system: The release of the image; "" where the machine was set up by hand.
    """

    app: AppHealth | None
    boot: str
    outbox: int
    clock_err_ms: int
    disk_free_mb: int
    temperature_c: float | None = None
    system: str = ""


Reach = Literal["up", "no_hub", "off", "out"]
"""The hub answers; the broker does, and the hub does not; neither; the device was shut out."""
STATUS_FILE = "status.json"


class DeviceStatus(msgspec.Struct, frozen=True):
    """What a bridge writes beside its socket every few seconds, for `antesalactl`. `mono_ms`: when."""

    device: str
    office: str
    link: Reach
    mono_ms: int
    health: Health


@dataclass(frozen=True)
class Vitals:
    """What a machine shows of itself."""

    disk_free_mb: int
    temperature_c: float | None
    system: str = ""


def vitals_of(journal: Path) -> Callable[[], Vitals]:
    """Reads this machine's."""

    def read() -> Vitals:
        try:
            free_mb = shutil.disk_usage(journal.parent).free >> 20
        except OSError:
            free_mb = 0
        try:
            temperature_c: float | None = int(THERMAL.read_text()) / 1000
        except (OSError, ValueError):
            temperature_c = None
        return Vitals(free_mb, temperature_c, system)

    system = system_release()
    return read


def system_release() -> str:
    """Of this machine's image."""
    try:
        return RELEASE.read_text().strip()
    except OSError:
        return ""
