"""What this machine is made of, as the kernel shows it."""

import re
from dataclasses import dataclass
from pathlib import Path

NO_SOCKET = "Writeback"
"""A connector of the Raspberry Pi's that leads into memory."""
EDID_BYTES = 128
EDID_CM = slice(21, 23)
"""Where an EDID has the panel's width and height in centimetres. Source: VESA E-EDID, release A, section 3."""


@dataclass(frozen=True)
class Output:
    """A panel that is connected. `diagonal_in` is 0 where it does not say."""

    name: str
    width_px: int
    height_px: int
    diagonal_in: float


@dataclass(frozen=True)
class UsbDisk:
    """The disk that the machine started from, where it is on USB."""

    vendor: str
    product: str
    serial: str


@dataclass(frozen=True)
class Machine:
    """All that the settings need to know of it. `sockets`: where a panel could be, by name, also while none is."""

    id: str = ""
    outputs: tuple[Output, ...] = ()
    sockets: tuple[str, ...] = ()
    own_disk: UsbDisk | None = None
    has_wifi: bool = False


def look(
    sys: Path = Path("/sys"),
    root_part: Path = Path("/dev/disk/by-partlabel/antesala-a"),
    machine_id: Path = Path("/etc/machine-id"),
) -> Machine:
    """This machine. What cannot be read is as if it were not there."""
    sockets = [path for path in sorted(sys.glob("class/drm/card*-*")) if NO_SOCKET not in path.name]
    return Machine(
        machine_id.read_text().strip() if machine_id.exists() else "",
        tuple(output for path in sockets if (output := _output(path))),
        tuple(_name(path) for path in sockets),
        _own_disk(sys, root_part),
        any((path / "wireless").exists() for path in (sys / "class/net").glob("*")),
    )


def _output(path: Path) -> Output | None:
    try:
        if (path / "status").read_text().strip() != "connected":
            return None
        first = (path / "modes").read_text().split()[0]
        edid = (path / "edid").read_bytes()
    except (OSError, IndexError):
        return None
    size = re.match(r"(\d+)x(\d+)", first)
    if size is None:
        return None
    cm = edid[EDID_CM] if len(edid) >= EDID_BYTES else b"\0\0"
    inches = (cm[0] ** 2 + cm[1] ** 2) ** 0.5 / 2.54 if all(cm) else 0.0
    return Output(_name(path), int(size[1]), int(size[2]), round(inches, 1))


def _name(path: Path) -> str:
    """As compositors call it: card1-HDMI-A-1 is HDMI-A-1."""
    return path.name.split("-", 1)[1]


def _own_disk(sys: Path, root_part: Path) -> UsbDisk | None:
    place = (sys / "class/block" / root_part.resolve().name).resolve()
    for folder in place.parents:
        if (folder / "idVendor").exists():
            facts = [(folder / name) for name in ("idVendor", "idProduct", "serial")]
            return UsbDisk(*(fact.read_text().strip() if fact.exists() else "" for fact in facts))
    return None
