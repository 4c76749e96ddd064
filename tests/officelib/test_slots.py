"""Which times a kiosk may give bookings for."""

from collections import Counter
from datetime import datetime

import msgspec
import pytest

from officelib.catalogue import Catalogue, Service, SlotRules
from officelib.slots import is_free, offered_slots, slot_of
from tests.conftest import NINE_MS

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
RULES = SlotRules(every_min=15, lead_min=45, days=3)


@pytest.fixture
def office(catalogue: Catalogue) -> Catalogue:
    """Open from eight to two, and from four to six; closed on Thursdays."""
    hours = dict.fromkeys(("mon", "tue", "wed", "fri"), ("08:00-14:00", "16:00-18:00"))
    return msgspec.structs.replace(catalogue, hours=hours, slots=RULES)


@pytest.fixture
def service(office: Catalogue) -> Service:
    return msgspec.structs.replace(office.services["taxes"], per_slot=2, minutes=20.0)


def times(office: Catalogue, slots: tuple[int, ...]) -> list[str]:
    return [f"{office.local(slot):%a %H:%M}" for slot in slots]


def test_the_first_of_each_half_day_is_offered(office: Catalogue, service: Service) -> None:
    assert datetime.fromtimestamp(NINE_MS / 1000, office.zone).strftime("%a %H:%M") == "Wed 09:00"
    offered = offered_slots(office, service, Counter(), NINE_MS)
    assert times(office, offered) == ["Wed 09:45", "Wed 16:00", "Fri 08:00", "Fri 16:00"], "Thursday is closed"


def test_a_slot_that_is_full_is_passed_over(office: Catalogue, service: Service) -> None:
    first = NINE_MS + 45 * MINUTE
    assert times(office, offered_slots(office, service, Counter({first: 1}), NINE_MS))[0] == "Wed 09:45"
    assert times(office, offered_slots(office, service, Counter({first: 2}), NINE_MS))[0] == "Wed 10:00"


@pytest.mark.parametrize(
    ("off_ms", "free"),
    [
        (HOUR, True),
        (44 * MINUTE, False),
        (HOUR + MINUTE, False),
        (4 * HOUR + 30 * MINUTE, True),
        (4 * HOUR + 45 * MINUTE, False),
        (5 * HOUR, False),
        (DAY + HOUR, False),
        (2 * DAY + HOUR, True),
        (3 * DAY + HOUR, False),
        (-DAY, False),
    ],
    ids=["in an hour", "too near", "no slot", "ends in time", "ends too late", "closed", "closed all day", "later",
         "too far", "past"],
)  # fmt: skip
def test_what_can_be_had(office: Catalogue, service: Service, off_ms: int, free: bool) -> None:
    assert is_free(office, service, NINE_MS + off_ms, 0, NINE_MS) is free
    assert not is_free(office, service, NINE_MS + off_ms, 2, NINE_MS), "it is full"


def test_a_service_without_bookings_at_kiosks_offers_none(office: Catalogue) -> None:
    assert offered_slots(office, office.services["register"], Counter(), NINE_MS) == ()


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_slots_keep_local_time_when_clocks_change(office: Catalogue, service: Service, day: str) -> None:
    always = msgspec.structs.replace(office, hours=dict.fromkeys(("sat", "sun", "mon"), ("00:00-24:00",)))
    morning = int(datetime.fromisoformat(f"{day}T00:10").replace(tzinfo=office.zone).timestamp() * 1000)
    for slot in offered_slots(always, service, Counter(), morning):
        assert slot_of(always, slot) == slot
        assert is_free(always, service, slot, 0, morning)
