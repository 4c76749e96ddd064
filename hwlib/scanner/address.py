"""The scanner at an address, whatever way its codes come in."""

from collections.abc import Callable

from hwlib.errors import HardwareError
from hwlib.scanner import Scan, Scanner
from hwlib.scanner.camera import CameraScanner, capture_command
from hwlib.scanner.hid_pos import HidPosScanner
from hwlib.scanner.layouts import LayoutFinder
from hwlib.scanner.serial import SerialScanner
from hwlib.scanner.wedge import WedgeScanner

CAMERA_PX = (640, 480)


def scanner_at(address: str, baud: int, finder: Callable[[], LayoutFinder], on_scan: Callable[[Scan], None]) -> Scanner:
    """The scanner of an address.

    Args:
        address: serial://, wedge://, hidpos:// or camera:// and a path.
        baud: Speed of a serial one.
        finder: Finds the layout in which one types; called for a wedge alone.
        on_scan: Called in the scanner's thread.

    Raises:
        HardwareError: the address is of no known kind.
    """
    kind, _, path = address.partition("://")
    match kind:
        case "serial":
            return SerialScanner(path, baud, on_scan)
        case "wedge":
            return WedgeScanner(path, finder(), on_scan)
        case "hidpos":
            return HidPosScanner(path, on_scan)
        case "camera":
            return CameraScanner(capture_command(path, *CAMERA_PX), CAMERA_PX, on_scan)
        case _:
            raise HardwareError(f"'{address}'")
