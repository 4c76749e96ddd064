"""Ways to a printer. Each says how many bytes were accepted: nothing is ever lost in silence."""

from typing import Protocol

from hwlib.errors import HardwareError
from hwlib.printer.profile import Serial
from hwlib.printer.transports.serial import SerialTransport
from hwlib.printer.transports.tcp import TcpTransport
from hwlib.printer.transports.usb import UsbTransport
from hwlib.printer.transports.usblp import UsblpTransport


class Transport(Protocol):
    """A way to a printer, used by one thread. `holds` says whether the device is kept open between tickets."""

    holds: bool

    def open(self) -> None:
        """Connect, without resetting the printer.

        Raises:
            DeviceGone: it is not there.
            DeviceBusy: another program holds it.
            PermissionDenied: it is there, and closed to this user.
        """

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """Hand over bytes; returns how many were accepted, which may be fewer, or none.

        Raises:
            DeviceGone: it went away.
        """

    def read_some(self, timeout_s: float) -> bytes:
        """What the printer said meanwhile; empty when nothing.

        Raises:
            DeviceGone: it went away.
        """

    def close(self) -> None:
        """Let go of the printer."""


def open_address(address: str, line: Serial | None = None) -> Transport:
    """The transport of an address: "tcp://host:port", "usblp:///dev/usb/lp0", "usb://04b8:0e32" (with "/serial number"
    when there are two alike), "serial:///dev/ttyUSB0".

    Args:
        address: As configured.
        line: Settings of a serial line, from the printer's profile.

    Raises:
        HardwareError: the address is of no known kind.
    """
    kind, _, rest = address.partition("://")
    match kind:
        case "tcp":
            host, _, port = rest.rpartition(":")
            if not host or not port.isdigit():
                raise HardwareError(f"printer address '{address}': write tcp://host:9100")
            return TcpTransport(host, int(port))
        case "usblp":
            return UsblpTransport(rest)
        case "serial":
            return SerialTransport(rest, line or Serial())
        case "usb":
            ids, _, serial_number = rest.partition("/")
            vendor, _, product = ids.partition(":")
            try:
                return UsbTransport(int(vendor, 16), int(product, 16), serial_number=serial_number)
            except ValueError as error:
                raise HardwareError(f"printer address '{address}': write usb://04b8:0e32") from error
        case _:
            raise HardwareError(f"printer address '{address}': write tcp://, usblp://, usb:// or serial://")
