"""Who comes without a code: the booking that somebody has today, told to a kiosk that asks with a hash."""

import logging
from collections import deque
from collections.abc import Callable, Sequence

from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.office import OVER, Office

log = logging.getLogger(__name__)

MISSES = 10
WITHIN_MS = 600_000
"""A kiosk that asked so often in vain in that time is answered no more: somebody tries out numbers."""


class Lookups:
    """Used by the engine's thread. Nothing of who asked is kept, and nothing is written down."""

    def __init__(self, bookings_of: Callable[[str], Sequence[Booking]]) -> None:
        self._bookings_of = bookings_of
        self._misses: dict[str, deque[int]] = {}

    def find(self, device: str, who: str, office: Office, catalogue: Catalogue, now_ms: int) -> str | None:
        """The short code of the first booking that is still to be served today; empty when there is none.

        None: this device is not answered, neither yes nor no.

        Args:
            device: The kiosk that asks.
            who: The citizen's hash.
            office: As it stands.
            catalogue: The office's.
            now_ms: Hub time.
        """
        if not device.startswith("k"):
            return None
        missed = self._misses.setdefault(device, deque(maxlen=MISSES))
        if len(missed) == MISSES and now_ms - missed[0] < WITHIN_MS:
            log.error("%s asked %d times in vain who somebody is: it is not answered for a while", device, MISSES)
            return None
        for booking in self._bookings_of(who) if catalogue.identify else ():
            ticket = office.tickets.get(office.by_booking.get(booking.ref, ""))
            is_today = catalogue.business_day(booking.slot_ms) == catalogue.business_day(now_ms)
            if is_today and (ticket is None or ticket.state not in OVER):
                return booking.short
        missed.append(now_ms)
        return ""
