"""How a device is: what its app says of its parts, and what its bridge sees of the machine."""

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

ADDRESSES = Path("/proc/net/fib_trie")
THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
LIFE = tuple(Path(f"/sys/block/mmcblk{number}/device/life_time") for number in range(3))
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
        disk_worn_percent: How much of its life the card has behind it; None where it does not say.
        app_starts: How often the app came within the last hour; one that hangs is started again.
    """

    app: AppHealth | None
    boot: str
    outbox: int
    clock_err_ms: int
    disk_free_mb: int
    temperature_c: float | None = None
    system: str = ""
    disk_worn_percent: int | None = None
    app_starts: int = 0


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
    disk_worn_percent: int | None = None


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
        return Vitals(free_mb, temperature_c, system, worn_percent(LIFE))

    system = system_release()
    return read


def worn_percent(files: Iterable[Path]) -> int | None:
    """Of an eMMC: the greater of its two estimates, in tens. Source: JEDEC JESD84-B51, EXT_CSD[268, 269]."""
    worst = None
    for path in files:
        try:
            tenths = [int(word, 16) for word in path.read_text().split()]
        except (OSError, ValueError):
            continue
        worst = max([worst or 0, *(10 * tenth for tenth in tenths)])
    return worst or None


def system_release() -> str:
    """Of this machine's image."""
    try:
        return RELEASE.read_text().strip()
    except OSError:
        return ""


def addresses(table: Path = ADDRESSES) -> list[str]:
    """This machine's IPv4 addresses, without the loopback's; none where the kernel does not tell."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return []
    found = [lines[n - 1].split()[-1] for n, line in enumerate(lines) if "/32 host LOCAL" in line]
    return sorted({one for one in found if not one.startswith("127.")})
