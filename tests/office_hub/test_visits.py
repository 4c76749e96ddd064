"""Parties and visits: a family has one ticket, and several services are one visit with one number."""

import msgspec
import pytest

from office_hub.core import desk, views
from office_hub.work import BookingsCame
from officelib import events as e
from officelib.booking import Booking, read_bookings
from officelib.catalogue import Catalogue
from officelib.inbound import PaperAnswered, WantGranted
from officelib.office import State
from officelib.referral import Referral
from tests.conftest import NINE_MS
from tests.office_hub.hub import Hub, Kiosk

MINUTE = 60_000
REF = "c3" * 10


def with_visit(hub: Hub, *, persons: int = 1, then: tuple[str, ...] = ()) -> e.BookingClaim:
    booking = Booking(REF, "register", NINE_MS + 10 * MINUTE, "SHORTCOD", persons=persons, then=then)
    hub.round(BookingsCame([booking], lambda _: None))
    return e.BookingClaim(booking.ref, booking.slot_ms)


def arrived(hub: Hub, **visit: object) -> tuple[Kiosk, WantGranted]:
    kiosk, claim = hub.enrol(), with_visit(hub, **visit)  # type: ignore[arg-type]
    granted = hub.write(kiosk, e.Want(e.Claim("register", "es", claim))).results[0]
    assert isinstance(granted, WantGranted)
    hub.write(kiosk, e.Print(1, granted.label))
    return kiosk, granted


def test_a_list_of_bookings_says_who_comes_together_and_what_follows(catalogue: Catalogue) -> None:
    text = f"ref,service,slot,persons,then\n{REF},register,2026-01-07T10:30,4,taxes certificates\n"
    bookings, refused = read_bookings(text.encode(), catalogue)
    assert not refused
    assert (bookings[0].persons, bookings[0].then) == (4, ("taxes", "certificates"))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("0,", "persons '0' is not a number from 1 to 20"),
        ("21,", "persons '21' is not a number from 1 to 20"),
        ("four,", "persons 'four' is not a number from 1 to 20"),
        ("1,taxes marriage", "service 'marriage' is not in the catalogue"),
    ],
)
def test_what_a_list_says_wrongly_is_told(catalogue: Catalogue, fields: str, reason: str) -> None:
    text = f"ref,service,slot,persons,then\n{REF},register,2026-01-07T10:30,{fields}\n"
    _, refused = read_bookings(text.encode(), catalogue)
    assert [one.reason for one in refused] == [reason]


def test_a_visit_goes_on_with_its_number_and_its_place(hub: Hub) -> None:
    kiosk, granted = arrived(hub, then=("taxes",))
    assert granted.then == ("taxes",), "the paper says what follows"
    hub.clock.advance(20 * MINUTE)
    later = hub.take_ticket(kiosk, "taxes")
    hub.sign_in("c1", "ana")
    hub.sign_in("c2", "biel")
    assert hub.command(desk.CallNext("c1")).label == granted.label
    hub.command(desk.Start("c1"))
    hub.clock.advance(4 * MINUTE)
    assert hub.command(desk.Finish("c1")) == desk.Agreed(granted.label, "k1.1.1", service="taxes")
    ticket = hub.engine.office.tickets["k1.1.1"]
    assert (ticket.state, ticket.service, ticket.then) == (State.WAITING, "taxes", ())
    assert hub.engine.office.minutes == {"register": 4.0}, "the first service is measured as any other"
    hub.restart()
    assert hub.command(desk.CallNext("c2")).label == granted.label, "it arrived before the other"
    assert hub.command(desk.Finish("c2")) == desk.Agreed(granted.label, "k1.1.1")
    assert hub.engine.office.tickets["k1.1.1"].state is State.FINISHED
    assert hub.command(desk.CallNext("c2")).label == later


def test_a_clerk_may_end_the_whole_visit(hub: Hub) -> None:
    _, granted = arrived(hub, then=("taxes", "certificates"))
    hub.sign_in()
    hub.command(desk.CallNext("c1"))
    assert hub.command(desk.Finish("c1", whole=True)) == desk.Agreed(granted.label, "k1.1.1")
    ticket = hub.engine.office.tickets["k1.1.1"]
    assert (ticket.state, ticket.then) == (State.FINISHED, ()), "nothing brings it back"


def test_a_service_that_the_office_no_longer_has_is_left_out_of_a_visit(hub: Hub) -> None:
    arrived(hub, then=("taxes", "certificates"))
    hub.engine.catalogue = msgspec.structs.replace(
        hub.catalogue, service=tuple(one for one in hub.catalogue.service if one.id != "taxes")
    )
    hub.sign_in()
    hub.command(desk.CallNext("c1"))
    hub.command(desk.Finish("c1"))
    ticket = hub.engine.office.tickets["k1.1.1"]
    assert (ticket.service, ticket.then) == ("certificates", ())


def test_who_waits_behind_a_family_waits_for_each_of_it(hub: Hub) -> None:
    kiosk, granted = arrived(hub, persons=4)
    assert granted.persons == 4
    hub.sign_in()
    hub.clock.advance(30 * MINUTE)
    behind = hub.write(kiosk, e.Want(e.Claim("register", "es"))).results[0]
    assert isinstance(behind, WantGranted)
    assert behind.ahead == 4
    minutes = hub.catalogue.services["register"].minutes
    assert behind.wait_min == 4 * minutes
    view = views.services_view(hub.engine.office, hub.catalogue, 1, hub.engine.now_ms())
    assert view.services["register"].waiting == 4
    hub.command(desk.CallNext("c1"))
    hub.command(desk.Start("c1"))
    hub.clock.advance(20 * MINUTE)
    hub.command(desk.Finish("c1"))
    assert hub.engine.office.minutes == {"register": 5.0}, "of one person"


def test_what_a_cut_off_kiosk_did_not_know_of_a_visit_the_hub_does(hub: Hub) -> None:
    kiosk, claim = hub.enrol(), with_visit(hub, persons=3, then=("taxes",))
    hub.write(kiosk, e.Lane("A1-001", e.Claim("register", "es", claim)))
    ticket = hub.engine.office.tickets["k1.1.1"]
    assert (ticket.persons, ticket.then) == (3, ("taxes",))


def test_one_that_was_served_by_paper_goes_on(hub: Hub) -> None:
    _, granted = arrived(hub, then=("taxes",))
    hub.sign_in()
    hub.command(desk.ServedByPaper("c1", granted.label))
    ticket = hub.engine.office.tickets["k1.1.1"]
    assert (ticket.state, ticket.service, ticket.then) == (State.WAITING, "taxes", ())


def test_one_whose_paper_was_noted_before_the_hub_knew_it_goes_on(hub: Hub) -> None:
    kiosk, claim = hub.enrol(), with_visit(hub, then=("taxes",))
    hub.sign_in()
    hub.clock.advance(MINUTE)
    hub.command(desk.ServedByPaper("c1", "A1-001"))
    kiosk.events, kiosk.monos = [e.Lane("A1-001", e.Claim("register", "es", claim))], [hub.clock.mono - MINUTE]
    hub.up(kiosk)
    ticket = hub.engine.office.tickets["k1.1.1"]
    assert (ticket.state, ticket.service, ticket.then) == (State.WAITING, "taxes", ())


def test_one_that_is_transferred_to_what_follows_has_that_once(hub: Hub) -> None:
    _, granted = arrived(hub, then=("taxes", "certificates"))
    hub.sign_in()
    hub.command(desk.CallNext("c1"))
    rev = hub.engine.office.tickets["k1.1.1"].rev
    hub.command(desk.Transfer("c1", "k1.1.1", rev, "taxes"))
    assert hub.engine.office.tickets["k1.1.1"].then == ("certificates",)
    hub.sign_in("c2", "biel")
    assert hub.command(desk.CallNext("c2")).label == granted.label
    assert hub.command(desk.Finish("c2")) == desk.Agreed(granted.label, "k1.1.1", service="certificates")


def test_a_service_that_no_counter_serves_is_left_out_of_a_visit(hub: Hub) -> None:
    _, granted = arrived(hub, then=("taxes",))
    counters = tuple(
        msgspec.structs.replace(one, services=tuple(s for s in one.services if s != "taxes") or ("register",))
        for one in hub.catalogue.counter
    )
    hub.engine.catalogue = msgspec.structs.replace(hub.catalogue, counter=counters)
    hub.sign_in()
    hub.command(desk.CallNext("c1"))
    assert hub.command(desk.Finish("c1")) == desk.Agreed(granted.label, "k1.1.1")


def test_nobody_was_called_before_for_the_next_service(hub: Hub) -> None:
    arrived(hub, then=("taxes",))
    hub.sign_in()
    hub.command(desk.CallNext("c1"))
    hub.command(desk.Recall("c1"))
    hub.command(desk.Finish("c1"))
    assert hub.engine.office.tickets["k1.1.1"].calls == 0


def test_a_paper_that_is_shown_tells_of_the_service_that_is_next(hub: Hub) -> None:
    _, granted = arrived(hub, then=("taxes", "certificates"))
    hub.sign_in()
    hub.command(desk.CallNext("c1"))
    hub.command(desk.Finish("c1"))
    told = views.paper_result(hub.engine.office, hub.catalogue, 9, hub.engine.office.tickets["k1.1.1"], granted.label)
    assert isinstance(told, PaperAnswered)
    assert (told.state, told.service, told.then) == ("waiting", "taxes", ("certificates",))


def test_a_party_is_a_party_in_another_office_too() -> None:
    assert Referral(REF, "taxes", 5, 4).as_booking(9).persons == 4
