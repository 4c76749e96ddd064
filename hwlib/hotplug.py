"""Tells when a device comes or goes, from the kernel's own messages: the bus is never searched for it."""

import errno
import logging
import os
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

NETLINK_KOBJECT_UEVENT = 15
KERNEL, UDEV = 1, 2
"""Multicast groups: the kernel's own messages, and udev's after its rules have set names and rights."""
UDEV_MAGIC = b"libudev\x00"
LONGEST_BYTES = 65_536


@dataclass(frozen=True)
class Uevent:
    """A device came ("add"), went ("remove") or changed; `properties` are the kernel's, as SUBSYSTEM and DEVNAME."""

    action: str
    properties: dict[str, str]


def read_uevent(data: bytes) -> Uevent | None:
    """A message of either group; None when it is none."""
    if data.startswith(UDEV_MAGIC):
        if len(data) < 40:
            return None
        at = int.from_bytes(data[16:20], "little")
        parts = data[at:].split(b"\x00")
    else:
        parts = data.split(b"\x00")[1:]
    pairs = (part.decode("utf-8", "replace").partition("=") for part in parts if b"=" in part)
    properties = {key: value for key, _, value in pairs}
    return Uevent(properties["ACTION"], properties) if "ACTION" in properties else None


class Hotplug:
    """Calls back at each device that comes or goes. Where the kernel tells nothing (containers), it stays silent."""

    def __init__(self, on_event: Callable[[Uevent], None], subsystems: frozenset[str]) -> None:
        """Args:
        on_event: Called in a thread of its own.
        subsystems: As "usbmisc", "usb", "tty", "input", "hidraw".
        """
        self._on_event, self._subsystems = on_event, subsystems
        self._stop_read, self._stop_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="hotplug", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        os.write(self._stop_write, b"x")
        if self._thread.is_alive():
            self._thread.join(2)
        os.close(self._stop_read)
        os.close(self._stop_write)

    def _run(self) -> None:
        try:
            with socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT
            ) as link:
                link.bind((0, KERNEL | UDEV))
                self._listen(link)
        except OSError as error:
            log.warning("no word of devices that come and go: %s; they are looked for every few seconds", error)

    def _listen(self, link: socket.socket) -> None:
        while True:
            ready = select.select([link.fileno(), self._stop_read], [], [])[0]
            if self._stop_read in ready:
                return
            try:
                data = link.recv(LONGEST_BYTES)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                continue  # messages were lost; the devices are looked for anyway
            event = read_uevent(data)
            if event is not None and event.properties.get("SUBSYSTEM") in self._subsystems:
                self._on_event(event)
