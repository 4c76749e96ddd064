"""The bookings that kiosks give: what is taken, what is offered, and their codes."""

import secrets
from collections import Counter

from office_hub.bookings import code_of
from officelib.booking import REF_BYTES, Booking, short_code
from officelib.catalogue import Catalogue
from officelib.journal.bookings import booking_of
from officelib.journal.office_log import OfficeLog
from officelib.office import Office
from officelib.slots import horizon_ms, offered_slots, slot_of


class Slots:
    """What the hub's list of bookings, and the round under way, leave free. Used in the engine's thread."""

    def __init__(self, store: OfficeLog) -> None:
        self._store = store
        self._offered: dict[str, tuple[int, ...]] = {}
        self._offered_for: tuple[Catalogue, int, int] | None = None

    def taken(self, office: Office, catalogue: Catalogue, service: str, slot_ms: int) -> int:
        """How many bookings of a service a slot has, those of this round with them."""
        end_ms = slot_ms + catalogue.slots.every_min * 60_000 - 1
        listed = sum(one.service == service for one in self._store.bookings.taken(slot_ms, end_ms))
        made = [one for one in office.booked.values() if (one.service, one.slot_ms) == (service, slot_ms)]
        return listed + sum(self._store.bookings.find(ref=one.ref) is None for one in made)

    def offered(self, catalogue: Catalogue, now_ms: int) -> dict[str, tuple[int, ...]]:
        """Times that kiosks may offer, by service; found anew once a minute, and when bookings or catalogue change."""
        asked_for = (catalogue, self._store.bookings.rev(), now_ms // 60_000)
        if asked_for != self._offered_for:
            self._offered, self._offered_for = self._find(catalogue, now_ms), asked_for
        return self._offered

    def _find(self, catalogue: Catalogue, now_ms: int) -> dict[str, tuple[int, ...]]:
        services = [service for service in catalogue.service if service.per_slot]
        if not services:
            return {}
        taken: dict[str, Counter[int]] = {service.id: Counter() for service in services}
        for one in self._store.bookings.taken(now_ms, horizon_ms(catalogue, now_ms)):
            if one.service in taken:
                taken[one.service][slot_of(catalogue, one.slot_ms)] += 1
        return {service.id: offered_slots(catalogue, service, taken[service.id], now_ms) for service in services}

    def fresh_ref(self) -> str:
        """A reference whose short code no booking has."""
        while True:
            ref = secrets.token_hex(REF_BYTES)
            if self._store.bookings.find(short=short_code(ref)) is None:
                return ref

    def given_for(self, office: Office, want: str) -> Booking | None:
        """The booking that a kiosk's event got, in this round or before; None when none, or taken back."""
        made = office.booked.get(want)
        listed = self._store.bookings.given_for(want)
        if made is None or (listed is not None and listed.ref == made.ref):
            return listed
        return booking_of(made) if self._store.bookings.find(ref=made.ref) is None else None

    def code_of(self, catalogue: Catalogue, given: Booking) -> str:
        """What the QR of a kiosk's booking says; empty once its service is gone."""
        return code_of(given, catalogue, self._store.booking_key) if given.service in catalogue.services else ""
