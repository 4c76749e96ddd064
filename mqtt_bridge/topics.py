"""Topics: built and read here alone."""

from typing import Literal, NamedTuple

ROOT = "antesala/1"
View = Literal["board", "services"]


class DeviceTopic(NamedTuple):
    """A topic of one device, taken apart."""

    office: str
    device: str
    leaf: str


def device_state(office: str, device: str) -> str:
    """Retained: birth and will of a device."""
    return f"{ROOT}/{office}/dev/{device}/state"


def up(office: str, device: str) -> str:
    """Batches of a device's events."""
    return f"{ROOT}/{office}/dev/{device}/up"


def down(office: str, device: str) -> str:
    """Acks, results and grants for a device."""
    return f"{ROOT}/{office}/dev/{device}/down"


def hub_state(office: str) -> str:
    """Retained: birth and will of the hub."""
    return f"{ROOT}/{office}/hub/state"


def beat(office: str) -> str:
    """The hub's heartbeat."""
    return f"{ROOT}/{office}/hub/beat"


def follow(office: str, hub: str) -> str:
    """A standby tells the hub how far it has the log."""
    return f"{ROOT}/{office}/hub/follow/{hub}"


def replica(office: str, hub: str) -> str:
    """The hub tells a standby what it lacks."""
    return f"{ROOT}/{office}/hub/replica/{hub}"


def log(office: str) -> str:
    """Entries of the office's log, in order."""
    return f"{ROOT}/{office}/log"


def snapshot(office: str, view: View) -> str:
    """Retained: a view as a whole."""
    return f"{ROOT}/{office}/snap/{view}"


def config(office: str) -> str:
    """Retained: catalogue and keys for all devices."""
    return f"{ROOT}/{office}/cfg/all"


def config_of(office: str, device: str) -> str:
    """What the hub tells one device alone."""
    return f"{ROOT}/{office}/cfg/{device}"


def rpc(office: str, device: str) -> str:
    """A device's questions to the hub."""
    return f"{ROOT}/{office}/rpc/{device}"


def from_devices(office: str) -> tuple[str, ...]:
    """What the hub subscribes to."""
    return device_state(office, "+"), up(office, "+"), rpc(office, "+"), follow(office, "+")


def parse_device(topic: str) -> DeviceTopic | None:
    """The parts of a topic that a device writes; None when it is none."""
    match topic.split("/"):
        case ["antesala", "1", office, "dev", device, ("state" | "up") as leaf]:
            return DeviceTopic(office, device, leaf)
        case ["antesala", "1", office, "rpc", device]:
            return DeviceTopic(office, device, "rpc")
        case ["antesala", "1", office, "hub", "follow", device]:
            return DeviceTopic(office, device, "follow")
        case _:
            return None
