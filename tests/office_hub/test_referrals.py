"""A citizen who is sent on to another office: has one place there, the one of here, and is lost by no outage."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from mqtt_bridge.messages import OfficeState, Referrals, ReferralsTaken
from office_hub.core import desk
from office_hub.core.referring import AGAIN_MS
from office_hub.core.views import console_view
from office_hub.work import CityGone, OfficeCame, ReferralsCame, ReferralsWereTaken
from officelib import events as e
from officelib.booking import Booking, short_code
from officelib.catalogue import Catalogue
from officelib.inbound import Result, WantDenied, WantGranted
from officelib.office import State
from officelib.referral import Referral
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub, Kiosk

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS


class Site(Hub):
    """An office's hub, whose words to the other one a test carries."""

    @property
    def id(self) -> str:
        return self.catalogue.office.id

    def meets(self, other: "Site", ses: str = "1") -> None:
        services = {service.id: dict(service.name) for service in other.catalogue.service}
        state = OfficeState(ep=other.engine.epoch, st="on", ses=ses, office=other.id, services=services)
        self.round(OfficeCame(state))

    def sends(self, other: "Site", *, arrives: bool = True, answered: bool = True) -> int:
        """What is due goes to the other office; returns how many that were."""
        due = self.engine.neighbours.due(self.engine.office, self.clock.mono).get(other.id, [])
        if due and arrives:
            other.round(ReferralsCame(Referrals(office=self.id, items=tuple(due))))
        if due and arrives and answered:
            office, refs = other.heard.taken[-1]
            assert office == self.id
            self.round(ReferralsWereTaken(ReferralsTaken(ep=other.engine.epoch, office=other.id, refs=refs)))
        return len(due)

    def refer(self, ticket: str, to: str, service: str = "register", rev: int | None = None) -> desk.Answer:
        known = self.engine.office.tickets[ticket]
        return self.command(desk.Transfer("c1", ticket, known.rev if rev is None else rev, service, to_office=to))


@pytest.fixture
def here(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Site]:
    one = Site(tmp_path / "here.db", catalogue, clock)
    one.sign_in()
    yield one
    one.close()


@pytest.fixture
def there(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Site]:
    office = msgspec.structs.replace(catalogue.office, id="o13", code=13)
    one = Site(tmp_path / "there.db", msgspec.structs.replace(catalogue, office=office), clock)
    one.sign_in()
    yield one
    one.close()


@pytest.fixture
def sent(here: Site, there: Site, clock: ManualClock) -> desk.Agreed:
    """Somebody who came here ten minutes ago is called, and sent on; the other office does not know it yet."""
    here.meets(there)
    here.take_ticket(here.enrol("k1", "j1"))
    clock.advance(10 * MINUTE_MS)
    called = here.command(desk.CallNext("c1"))
    assert isinstance(called, desk.Agreed)
    answer = here.refer(called.ticket, "o13")
    assert isinstance(answer, desk.Agreed)
    return answer


def come(site: Site, kiosk: Kiosk, code: str) -> Result:
    claim = e.Claim("", "es", e.BookingClaim(short=code))
    result = site.write(kiosk, e.Want(claim)).results[-1]
    if isinstance(result, WantGranted):
        site.write(kiosk, e.Print(len(kiosk.events), result.label))
    return result


def test_the_place_in_time_goes_along(here: Site, there: Site, sent: desk.Agreed, clock: ManualClock) -> None:
    assert here.sends(there) == 1
    door = there.enrol("k1", "j9")
    there.take_ticket(door)  # somebody who has waited there for a minute, but came after the other had come here
    clock.advance(MINUTE_MS)
    come(there, door, sent.code)
    called = there.command(desk.CallNext("c1"))
    assert isinstance(called, desk.Agreed)
    ticket = there.engine.office.tickets[called.ticket]
    assert (ticket.flag, ticket.kind, ticket.slot_ms) == ("referred", "walk_in", 0)
    assert ticket.stands.arrival_ms == here.engine.office.tickets[sent.ticket].stands.arrival_ms
    assert ticket.arrived_ms == there.engine.now_ms()


def test_an_office_may_let_them_begin_anew(here: Site, there: Site, sent: desk.Agreed) -> None:
    order = msgspec.structs.replace(there.catalogue.order, transfer="end")
    there.engine.catalogue = msgspec.structs.replace(there.catalogue, order=order)
    here.sends(there)
    come(there, there.enrol("k1", "j9"), sent.code)
    (ticket,) = there.engine.office.tickets.values()
    assert ticket.stands.arrival_ms == there.engine.now_ms()


def test_here_the_ticket_is_over(here: Site, sent: desk.Agreed) -> None:
    assert here.engine.office.tickets[sent.ticket].state is State.REFERRED
    assert here.engine.office.at_counter == {}
    assert all(call.answered for call in here.engine.office.board.calls)
    assert here.command(desk.CallNext("c1")) == desk.Refusal("nobody_waits")


def test_shown_twice_it_is_one_ticket(here: Site, there: Site, sent: desk.Agreed) -> None:
    here.sends(there)
    for n in range(2):
        come(there, there.enrol(f"k{n + 1}", f"j{n}"), sent.code)
    assert len(there.engine.office.tickets) == 1


def test_it_is_sent_until_it_is_taken(here: Site, there: Site, sent: desk.Agreed, clock: ManualClock) -> None:
    assert here.sends(there, arrives=False) == 1
    assert here.sends(there) == 0, "not again at once"
    clock.advance(AGAIN_MS)
    assert here.sends(there, answered=False) == 1
    clock.advance(AGAIN_MS)
    rev = there.store.bookings.rev()
    assert here.sends(there) == 1
    assert there.store.bookings.rev() == rev, "what is known is not new"
    clock.advance(AGAIN_MS)
    assert here.sends(there) == 0
    assert there.store.bookings.find(short=sent.code) is not None


def test_a_hub_that_dies_sends_again_what_its_log_holds(here: Site, there: Site, sent: desk.Agreed) -> None:
    here.restart()
    assert here.sends(there) == 0, "nobody is there yet"
    here.meets(there)
    assert here.sends(there) == 1


def test_a_hub_that_was_replaced_is_told_again(
    here: Site, there: Site, sent: desk.Agreed, clock: ManualClock, tmp_path: Path
) -> None:
    here.sends(there)
    there.store.close()
    there.path = tmp_path / "restored.db"
    there.open()
    there.engine.epoch = 2
    here.meets(there, ses="2")
    assert here.sends(there) == 1
    come(there, there.enrol("k1", "j9"), sent.code)
    assert len(there.engine.office.tickets) == 1
    dead = OfficeState(ep=1, st="off", ses="1", office="o13")
    here.round(OfficeCame(dead))
    assert [one.id for one in here.engine.neighbours.elsewhere] == ["o13"], "a lower epoch is dead"
    clock.advance(AGAIN_MS)
    assert here.sends(there) == 0


def test_an_answer_of_a_higher_epoch_counts_though_its_birth_was_not_heard(
    here: Site, there: Site, sent: desk.Agreed, clock: ManualClock
) -> None:
    there.engine.epoch = 3
    assert here.sends(there) == 1
    clock.advance(AGAIN_MS)
    assert here.sends(there) == 0


def test_tomorrow_nobody_is_expected_any_more(here: Site, there: Site, sent: desk.Agreed, clock: ManualClock) -> None:
    here.sends(there)
    clock.advance(DAY_MS)
    result = come(there, there.enrol("k1", "j9"), sent.code)
    assert getattr(result, "reason", "") == "unknown_code"
    assert here.sends(there) == 0


def test_a_reference_that_comes_again_another_day_is_somebody_else(
    here: Site, there: Site, sent: desk.Agreed, clock: ManualClock
) -> None:
    """As after the other office's database was lost: its tickets count from one again."""
    here.sends(there)
    (ref,) = here.engine.office.referred
    clock.advance(DAY_MS)
    again = Referral(ref, "taxes", there.engine.now_ms() - MINUTE_MS)
    there.round(ReferralsCame(Referrals(office="o12", items=(again,))))
    come(there, there.enrol("k1", "j9"), sent.code)
    (ticket,) = there.engine.office.tickets.values()
    assert ticket.service == "taxes"


def test_a_booking_is_not_overwritten_by_another_office(there: Site) -> None:
    ref = "ab" * 10
    booking = Booking(ref, "register", NINE_MS, short_code(ref))
    there.store.bookings.put([booking])
    there.round(ReferralsCame(Referrals(office="o12", items=(Referral(ref, "taxes", NINE_MS),))))
    assert there.store.bookings.find(ref=ref) == booking
    assert there.heard.taken == [("o12", ())]


def test_a_place_in_the_future_counts_as_now(there: Site) -> None:
    there.round(ReferralsCame(Referrals(office="o12", items=(Referral("ab" * 10, "register", 2**53),))))
    booking = there.store.bookings.find(ref="ab" * 10)
    assert booking is not None
    assert booking.stands_ms == there.engine.now_ms()


def test_who_is_gone_is_not_offered_until_heard_again(here: Site, there: Site) -> None:
    here.meets(there)
    here.round(CityGone())
    here.round(OfficeCame(OfficeState(ep=1, st="on", ses="9", office="o99")))
    assert [one.id for one in here.engine.neighbours.elsewhere] == ["o99"]
    here.meets(there)
    assert [one.id for one in here.engine.neighbours.elsewhere] == ["o13", "o99"]


def test_an_office_without_numbers_lets_its_kiosk_give_one_of_the_lane(
    here: Site, there: Site, sent: desk.Agreed
) -> None:
    here.sends(there)
    there.engine.office.numbers.unknown = True
    door = there.enrol("k1", "j9")
    denied = come(there, door, sent.code)
    assert denied == WantDenied(1, "no_number", service="register")
    claim = e.Claim("register", "es", e.BookingClaim(short=sent.code))
    there.write(door, e.Lane("A1-001", claim, 1))
    (ticket,) = there.engine.office.tickets.values()
    assert (ticket.label, ticket.flag) == ("A1-001", "referred")
    assert ticket.stands.arrival_ms == here.engine.office.tickets[sent.ticket].stands.arrival_ms


def test_the_code_can_be_read_again(here: Site, sent: desk.Agreed) -> None:
    (view,) = console_view(here.engine.office, here.catalogue, {}, 0, broker_on=True).set_aside
    assert (view.state, view.code) == (State.REFERRED, sent.code)


def test_what_cannot_be_done_is_told(here: Site, there: Site) -> None:
    here.take_ticket(here.enrol("k1", "j1"))
    (ticket,) = here.engine.office.tickets
    assert here.refer(ticket, "o13") == desk.Refusal("no_such_office", "A001")
    here.meets(there)
    assert here.refer(ticket, "o13", rev=99) == desk.Refusal("stale", "A001")
    assert here.refer(ticket, "o13", service="flights") == desk.Refusal("no_such_service", "A001")
    here.round(CityGone())
    assert here.refer(ticket, "o13") == desk.Refusal("no_such_office", "A001")
    here.meets(there)
    assert isinstance(here.refer(ticket, "o13"), desk.Agreed)
    assert here.refer(ticket, "o13") == desk.Refusal("wrong_state", "A001")


def test_what_goes_to_a_standby_says_where_they_stand(here: Site, there: Site, sent: desk.Agreed) -> None:
    here.sends(there)
    (booking,), _ = there.store.bookings.after(0, 10)
    stands_ms = here.engine.office.tickets[sent.ticket].stands.arrival_ms
    assert (booking.short, booking.stands_ms) == (sent.code, stands_ms)
    assert short_code(booking.ref) == sent.code
