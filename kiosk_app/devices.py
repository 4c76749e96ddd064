"""The kiosk's devices, built from its configuration."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from hwlib.errors import HardwareError
from hwlib.printer.profile import Profile, read_profile
from hwlib.printer.status import Fault, PrinterStatus
from hwlib.printer.transports import Transport, open_address
from hwlib.scanner import Scan, Scanner
from hwlib.scanner.address import scanner_at
from hwlib.scanner.layouts import LayoutFinder
from kiosk_app.config import KioskConfig
from kiosk_app.core.check_in import is_checked_code
from kiosk_app.device_memory import read_layout, write_layout
from officelib.errors import KnownError
from officelib.health import OK

log = logging.getLogger(__name__)

WELL = ("ready", "printing", "confirming")


def printers_of(config: KioskConfig) -> list[tuple[Transport, Profile]]:
    """The way to each printer, and what it can do.

    Raises:
        KnownError: an address or a profile is wrong.
    """
    wanted = [(config.printer, config.printer_profile), (config.second_printer, config.second_printer_profile)]
    try:
        profiles = [(address, read_profile(name)) for address, name in wanted if address]
        return [(open_address(address, profile.serial), profile) for address, profile in profiles]
    except HardwareError as error:
        raise KnownError(
            str(error),
            where="keys 'printer', 'printer_profile', 'second_printer' and 'second_printer_profile'",
            mend="Correct them; 'kiosk-app printers list' names the profiles.",
        ) from error


@dataclass
class PrinterNews:
    """Lines for the operator about one printer: what is new, once."""

    number: int
    _told: tuple[Fault, bool] | None = None

    def part(self, status: PrinterStatus, tickets_left: int | None) -> str:
        """A printer's state for the office's hub."""
        left = f", about {tickets_left} tickets left" if tickets_left is not None else ""
        return OK if status.state in WELL and not status.fault and not status.paper_low else f"{status}{left}"

    def tell(self, status: PrinterStatus, tickets_left: int | None) -> None:
        """A printer is otherwise than before."""
        if status.state in ("opening", "probing") or (status.fault, status.paper_low) == self._told:
            return
        self._told = (status.fault, status.paper_low)
        left = f"; about {tickets_left} tickets are left on the roll" if status.paper_low and tickets_left else ""
        if status.fault or status.paper_low:
            log.warning("printer %d: %s%s", self.number, status, left)
        else:
            log.info("printer %d: ready", self.number)


def scanner_of(config: KioskConfig, is_signed: Callable[[str], bool], on_scan: Callable[[Scan], None]) -> Scanner:
    """The scanner of an address.

    Args:
        config: Holds the address.
        is_signed: Whether a text is a signed code: it tells in which keyboard layout a scanner types.
        on_scan: Called in the scanner's thread.

    Raises:
        KnownError: the address is of no known kind.
    """

    def finder() -> LayoutFinder:
        memory = config.journal.with_suffix(".layout")
        return LayoutFinder(
            is_signed, is_checked_code, read_layout(memory), lambda layout: write_layout(memory, layout)
        )

    try:
        return scanner_at(config.scanner, config.scanner_baud, finder, on_scan)
    except HardwareError as error:
        raise KnownError(
            str(error), where="key 'scanner'", mend="Write serial://, wedge://, hidpos:// or camera:// and a path."
        ) from error
