"""Topics: built and read here alone."""

from typing import Literal, NamedTuple

ROOT = "antesala/1"
View = Literal["board", "services"]


CITY = f"{ROOT}/city"
"""Between offices, on the city's broker; what is below the name of an office is written by its hub alone."""


class CityTopic(NamedTuple):
    """A topic between offices, taken apart: who writes it, "" for the city itself, and what it is."""

    office: str
    leaf: str


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


def answer(office: str, device: str) -> str:
    """The hub's answers to questions that leave no trace."""
    return f"{ROOT}/{office}/rpc/{device}/answer"


def help_answer(office: str, device: str) -> str:
    """The hub's word to whoever called for help at a kiosk."""
    return f"{ROOT}/{office}/rpc/{device}/help"


def errand(office: str, device: str) -> str:
    """What IT has a device do."""
    return f"{ROOT}/{office}/rpc/{device}/errand"


def errand_told(office: str, device: str) -> str:
    """How that stands."""
    return f"{ROOT}/{office}/rpc/{device}/told"


def office_state(office: str) -> str:
    """Retained: birth and will of an office's hub, for the other offices."""
    return f"{CITY}/{office}/state"


def referrals(office: str, to: str) -> str:
    """Citizens whom an office sends to another one."""
    return f"{CITY}/{office}/to/{to}/referrals"


def referrals_taken(office: str, to: str) -> str:
    """The answer to those."""
    return f"{CITY}/{office}/to/{to}/taken"


def city_notices() -> str:
    """Retained: messages to everybody in every office, written by the city alone."""
    return f"{CITY}/notices"


def from_city(office: str) -> tuple[str, ...]:
    """What a hub subscribes to at the city's broker."""
    return office_state("+"), referrals("+", office), referrals_taken("+", office), city_notices()


def from_devices(office: str) -> tuple[str, ...]:
    """What the hub subscribes to."""
    parts = (device_state, up, rpc, errand_told, follow)
    return tuple(part(office, "+") for part in parts)


def parse_device(topic: str) -> DeviceTopic | None:
    """The parts of a topic that a device writes; None when it is none."""
    match topic.split("/"):
        case ["antesala", "1", office, "dev", device, ("state" | "up") as leaf]:
            return DeviceTopic(office, device, leaf)
        case ["antesala", "1", office, "rpc", device]:
            return DeviceTopic(office, device, "rpc")
        case ["antesala", "1", office, "rpc", device, "told"]:
            return DeviceTopic(office, device, "told")
        case ["antesala", "1", office, "hub", "follow", device]:
            return DeviceTopic(office, device, "follow")
        case _:
            return None


def parse_city(topic: str, office: str) -> CityTopic | None:
    """The parts of a topic that another office writes for all, or for this one; None when it is none."""
    match topic.split("/"):
        case ["antesala", "1", "city", "notices"]:
            return CityTopic("", "notices")
        case ["antesala", "1", "city", other, "state"]:
            return CityTopic(other, "state")
        case ["antesala", "1", "city", other, "to", to, ("referrals" | "taken") as leaf] if to == office:
            return CityTopic(other, leaf)
        case _:
            return None
