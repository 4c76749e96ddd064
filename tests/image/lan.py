"""A switch between machines that are tried: no server of addresses, names or time stands at it, and no way out."""

import subprocess
from dataclasses import dataclass

BRIDGE = "antesala-lan"
NET = "192.168.77"
GUESTS = ("hub", "kiosk")


@dataclass(frozen=True)
class Port:
    """A socket of the switch, and the address of who is plugged in there."""

    tap: str
    address: str

    @property
    def settings(self) -> str:
        """What a technician writes into the machine's file."""
        return f'network = "static"\naddress = "{self.address}/24"\n'


def put_up() -> dict[str, Port]:
    """A switch with a socket for each guest; this machine is at it, too."""
    take_down()
    _ip("link", "add", BRIDGE, "type", "bridge", "mcast_snooping", "0")
    _ip("address", "add", f"{NET}.1/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")
    ports = {}
    for at, guest in enumerate(GUESTS):
        tap = f"antesala-{at}"
        _ip("tuntap", "add", tap, "mode", "tap")
        _ip("link", "set", tap, "master", BRIDGE, "up")
        ports[guest] = Port(tap, f"{NET}.{at + 2}")
    return ports


def take_down() -> None:
    """As if it had never been."""
    for name in (*(f"antesala-{at}" for at in range(len(GUESTS))), BRIDGE):
        subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
