"""Which times an office still has for bookings that its kiosks give. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from officelib.catalogue import Catalogue, Service

MINUTE_MS = 60_000
OFFERED = 4
"""So many times are offered at once: on a screen and by ear, more are not a choice but a list."""
AFTERNOON = time(14)


def horizon_ms(catalogue: Catalogue, now_ms: int) -> int:
    """Until when a kiosk may give bookings, hub time."""
    return now_ms + catalogue.slots.days * 86_400_000


def slot_of(catalogue: Catalogue, at_ms: int) -> int:
    """The beginning of the slot that a time is in: of its local day, every so many minutes."""
    moment = catalogue.local(at_ms)
    into_min = (moment.hour * 60 + moment.minute) % catalogue.slots.every_min
    return at_ms - into_min * MINUTE_MS - moment.second * 1000 - moment.microsecond // 1000


def is_free(catalogue: Catalogue, service: Service, slot_ms: int, taken: int, now_ms: int) -> bool:
    """Whether a slot can still be had: it has room, is not too near or too far, and the office is open all of it."""
    if not service.per_slot or taken >= service.per_slot or slot_of(catalogue, slot_ms) != slot_ms:
        return False
    if not now_ms + catalogue.slots.lead_min * MINUTE_MS <= slot_ms <= horizon_ms(catalogue, now_ms):
        return False
    closes_ms = catalogue.closes_ms(slot_ms)
    return closes_ms is not None and slot_ms + service.minutes * MINUTE_MS <= closes_ms


def offered_slots(catalogue: Catalogue, service: Service, taken: Counter[int], now_ms: int) -> tuple[int, ...]:
    """The first free slot of each morning and of each afternoon, the earliest first, `OFFERED` at most.

    Args:
        catalogue: The office's.
        service: What for.
        taken: Bookings of that service by their slot.
        now_ms: Hub time.
    """
    found: list[int] = []
    halves: set[tuple[str, bool]] = set()
    for slot_ms in _slots(catalogue, now_ms):
        moment = catalogue.local(slot_ms)
        half = (moment.date().isoformat(), moment.time() >= AFTERNOON)
        if half not in halves and is_free(catalogue, service, slot_ms, taken[slot_ms], now_ms):
            halves.add(half)
            found.append(slot_ms)
            if len(found) == OFFERED:
                break
    return tuple(found)


def _slots(catalogue: Catalogue, now_ms: int) -> Iterator[int]:
    """Every slot within the opening hours of the days ahead."""
    step = timedelta(minutes=catalogue.slots.every_min)
    today = catalogue.local(now_ms).date()
    for days in range(catalogue.slots.days + 1):
        midnight = datetime.combine(today + timedelta(days=days), time(), catalogue.zone)
        for start, end in catalogue.hours_on(midnight):
            slot = slot_of(catalogue, int(datetime.combine(midnight.date(), start, catalogue.zone).timestamp() * 1000))
            moment = catalogue.local(slot)
            while moment.date() == midnight.date() and moment.time() < end:
                yield int(moment.timestamp() * 1000)
                moment += step
