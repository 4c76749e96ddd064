"""A ticket that only its paper knows: shown at another kiosk or at a counter it is in the queue, once, at its place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mqtt_bridge.messages import OfficeState
from office_hub.core import desk
from office_hub.work import EnrolCame, OfficeCame, RevokeCame
from officelib import events as e
from officelib.authority import new_key, request_of
from officelib.catalogue import Catalogue
from officelib.enrolment import new_token
from officelib.inbound import PaperAnswered
from officelib.office import State
from officelib.signature import signer
from officelib.ticket_code import TicketCode, write_code
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub, Kiosk

KEY = new_key()
REF = bytes(range(10))
MINUTE_MS = 60_000


class Office(Hub):
    """A hub with a kiosk k2 that it let in, and that is cut off now."""

    def let_in(self) -> Kiosk:
        token = new_token(self.store.enrolment_key, "k2", 2, self.engine.now_ms(), ())
        self.round(EnrolCame(token.invitation, request_of(KEY, "k2"), lambda _: None))
        return self.enrol("k2", "j2")

    def rejected(self) -> list[str]:
        return [x.body.reason for x in self.heard.entries if isinstance(x.body, e.EventRejected)]

    def states(self) -> dict[str, State]:
        return {label: t.state for t in self.engine.office.tickets.values() for label in t.labels}


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Office]:
    one = Office(tmp_path / "office.db", catalogue, clock)
    one.cut_off = one.let_in()  # type: ignore[attr-defined]
    one.sign_in()
    yield one
    one.close()


def paper(hub: Hub, **changes: object) -> str:
    facts = {
        "office": 12,
        "device": "k2",
        "inc": 1,
        "seq": 1,
        "label": "A2-001",
        "service": hub.catalogue.services["register"].code,
        "language": "es",
        "arrived_ms": hub.engine.now_ms() - 10 * MINUTE_MS,
        "err_ms": 500,
    }
    key = changes.pop("key", KEY)
    return write_code(TicketCode(**{**facts, **changes}), signer(key))  # type: ignore[arg-type]


def show(hub: Office, text: str) -> desk.Answer:
    return hub.command(desk.TakePaper("c1", text))


def test_it_stands_where_its_citizen_came(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    hub.take_ticket(here)
    assert show(hub, paper(hub)) == desk.Agreed("A2-001")
    called = hub.command(desk.CallNext("c1"))
    assert isinstance(called, desk.Agreed)
    assert called.label == "A2-001", "ten minutes before the other"


def test_shown_often_and_sent_later_it_is_one_ticket(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    text = paper(hub)
    for _ in range(2):
        hub.write(here, e.PaperShown(text))
        show(hub, text)
    hub.write(hub.cut_off, e.Lane("A2-001", e.Claim("register", "es")))  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.WAITING}
    assert len(hub.engine.office.tickets) == 1
    assert hub.rejected() == []


def test_a_lane_number_of_a_want_is_the_wants_ticket(hub: Office) -> None:
    show(hub, paper(hub, seq=1))
    claim = e.Claim("register", "es")
    hub.write(hub.cut_off, e.Want(claim), e.Lane("A2-001", claim, 1))  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.WAITING}
    assert hub.rejected() == []


def test_a_booking_that_came_twice_is_one_citizen(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    claim = e.Claim("register", "es", e.BookingClaim(REF.hex(), NINE_MS))
    hub.write(here, e.Lane("A1-001", claim))
    show(hub, paper(hub, ref=REF, slot_ms=NINE_MS))
    assert len(hub.engine.office.tickets) == 1
    assert set(hub.states()) == {"A1-001", "A2-001"}


def test_a_paper_of_another_office_is_none_of_this_one(hub: Office) -> None:
    assert show(hub, paper(hub, office=13)) == desk.Refusal("no_paper")
    assert hub.states() == {}


def test_a_paper_that_was_sent_on_says_its_code_again(hub: Office) -> None:
    text = paper(hub)
    show(hub, text)
    (ticket,) = hub.engine.office.tickets.values()
    hub.round(OfficeCame(OfficeState(ep=1, st="on", ses="1", office="o13", services={"entry": {}})))
    sent = hub.command(desk.Transfer("c1", ticket.id, ticket.rev, "entry", to_office="o13"))
    assert isinstance(sent, desk.Agreed)
    assert sent.code
    assert show(hub, text) == desk.Agreed("A2-001", code=sent.code)


def test_a_main_number_that_a_lost_hub_gave_is_believed(hub: Office) -> None:
    show(hub, paper(hub, label="A042"))
    assert hub.states() == {"A042": State.WAITING}


@pytest.mark.parametrize(
    "changes",
    [
        {"key": new_key()},
        {"device": "k3"},
        {"label": "A1-001"},
        {"service": 9_999},
        {"arrived_ms": NINE_MS - 86_400_000},
        {"label": "nonsense"},
    ],
    ids=["forged", "stranger", "foreign lane", "no service", "yesterday", "no label"],
)
def test_what_is_no_paper_of_today_changes_nothing(hub: Office, changes: dict[str, object]) -> None:
    here = hub.enrol("k1", "j1")
    answer = show(hub, paper(hub, **changes))
    assert isinstance(answer, desk.Refusal)
    assert answer.reason == "no_paper"
    assert hub.states() == {}
    hub.write(here, e.PaperShown(paper(hub, **changes)))
    assert hub.states() == {}
    assert len(hub.rejected()) == 1, "told in the log"


def test_who_was_passed_over_is_back(hub: Office) -> None:
    text = paper(hub)
    show(hub, text)
    hub.command(desk.CallNext("c1"))
    hub.command(desk.MarkNoShow("c1"))
    assert hub.states() == {"A2-001": State.NO_SHOW}
    show(hub, text)
    assert hub.states() == {"A2-001": State.WAITING}


def test_the_number_on_the_paper_is_the_one_that_is_called(hub: Office) -> None:
    """The hub had numbered the want, the kiosk never heard of it and gave one of its lane."""
    hub.write(hub.cut_off, e.Want(e.Claim("register", "es")))  # type: ignore[attr-defined]
    assert hub.states() == {"A001": State.NUMBERED}
    assert show(hub, paper(hub)) == desk.Agreed("A2-001")
    assert hub.states() == {"A2-001": State.WAITING}


def test_papers_of_a_kiosk_that_was_replaced_are_good(hub: Office) -> None:
    text = paper(hub)
    token = new_token(hub.store.enrolment_key, "k2", 0, hub.engine.now_ms(), ())
    hub.round(EnrolCame(token.invitation, request_of(new_key(), "k2"), lambda _: None))
    hub.enrol("k2", "another journal")
    assert hub.engine.office.devices["k2"].slot != 2
    assert show(hub, text) == desk.Agreed("A2-001")


def test_papers_of_a_kiosk_that_is_out_are_not(hub: Office) -> None:
    serials = tuple(one.serial for one in hub.store.registry.of("k2"))
    hub.round(RevokeCame("k2", serials, lambda _: None))
    assert isinstance(show(hub, paper(hub)), desk.Refusal)


def test_three_kiosks_may_name_one_number_of_a_booking(hub: Office) -> None:
    """After a promotion: a lane ticket is here, and two kiosks send what the hub before had told them."""
    claim = e.Claim("register", "es", e.BookingClaim(REF.hex(), NINE_MS))
    kiosks = [hub.enrol(f"k{n}", f"j{n}") for n in (4, 5, 6)]
    lane = f"A{hub.engine.office.devices['k4'].slot}-001"
    hub.write(kiosks[0], e.Lane(lane, claim))
    hub.write(kiosks[1], e.Want(claim), e.Print(1, "A042"))
    hub.write(kiosks[2], e.Want(claim), e.Abandon(1, "refused: already", "A042"))
    assert hub.states() == {lane: State.WAITING, "A042": State.WAITING}
    assert hub.up(kiosks[2]).acked == 2
    assert hub.rejected() == []


def test_a_label_that_is_none_blocks_nobody(hub: Office) -> None:
    claim = e.Claim("register", "es")
    assert hub.write(hub.cut_off, e.Want(claim), e.Abandon(1, "", "nonsense")).acked == 2  # type: ignore[attr-defined]


# --- served while the hub was away


def by_paper(hub: Office, label: str, counter: str = "c1", ago_s: int = 90) -> desk.Answer:
    """Noted so many seconds ago."""
    return hub.command(desk.ServedByPaper(counter, label, ago_s))


def test_who_was_served_by_paper_is_called_no_more(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    first, second = hub.take_ticket(here), hub.take_ticket(here)
    assert by_paper(hub, f" {first.lower()} ") == desk.Agreed(first, "k1.1.1")
    assert by_paper(hub, first) == desk.Agreed(first, "k1.1.1"), "noted at two counters, or twice"
    told = [x.body for x in hub.heard.entries if isinstance(x.body, e.ServedByPaper)]
    assert [(x.ticket, x.counter, hub.engine.now_ms() - x.at_ms) for x in told] == [("k1.1.1", "c1", 90_000)]
    called = hub.command(desk.CallNext("c1"))
    assert isinstance(called, desk.Agreed)
    assert called.label == second
    assert [call.labels for call in hub.engine.office.board.calls] == [(second,)], "nobody was called for a paper"


def test_a_paper_that_the_hub_hears_of_later_is_served_already(hub: Office) -> None:
    assert by_paper(hub, "A2-001", ago_s=0) == desk.Agreed("A2-001")
    assert by_paper(hub, "A2-001", ago_s=0) == desk.Agreed("A2-001")
    hub.restart()
    hub.write(hub.cut_off, e.Lane("A2-001", e.Claim("register", "es")))  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.FINISHED}
    assert sum(isinstance(x.body, e.PaperNoted) for x in hub.store.entries_after(0)) == 1


@pytest.mark.parametrize("label", ["A001", "A2-001"])
def test_a_number_that_was_misread_costs_nobody_a_turn(hub: Office, clock: ManualClock, label: str) -> None:
    assert by_paper(hub, label, ago_s=0) == desk.Agreed(label)
    clock.advance(5 * MINUTE_MS)
    if label == "A001":
        assert hub.take_ticket(hub.enrol("k1", "j1")) == label
    else:
        hub.write(hub.cut_off, e.Lane(label, e.Claim("register", "es")))  # type: ignore[attr-defined]
    assert hub.states() == {label: State.WAITING}, "given after the note: another citizen"


def test_a_bookings_second_paper_that_was_served_serves_the_booking(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    claim = e.Claim("register", "es", e.BookingClaim(REF.hex(), NINE_MS))
    hub.write(here, e.Lane("A1-001", claim))
    by_paper(hub, "A2-001", ago_s=0)
    hub.write(hub.cut_off, e.Lane("A2-001", claim))  # type: ignore[attr-defined]
    assert hub.states() == {"A1-001": State.FINISHED, "A2-001": State.FINISHED}


def test_who_sits_at_another_counter_now_stays_there(hub: Office) -> None:
    hub.sign_in("c2", "biel")
    here = hub.enrol("k1", "j1")
    label = hub.take_ticket(here)
    hub.command(desk.CallNext("c2"))
    assert by_paper(hub, label) == desk.Refusal("wrong_state", label)
    assert hub.states() == {label: State.CALLED}
    assert by_paper(hub, label, "c2") == desk.Agreed(label, "k1.1.1")
    assert hub.states() == {label: State.FINISHED}
    assert isinstance(hub.command(desk.CallNext("c2")), desk.Refusal), "the counter is free, and nobody waits"


def test_what_is_no_number_is_told(hub: Office) -> None:
    assert by_paper(hub, "hello") == desk.Refusal("no_paper", "hello")


def answers(hub: Office, *events: e.DeviceEvent) -> list[PaperAnswered]:
    kiosk = hub.reader  # type: ignore[attr-defined]
    return [result for result in hub.write(kiosk, *events).results if isinstance(result, PaperAnswered)]


def test_a_paper_is_answered_with_how_its_ticket_stands(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    text = paper(hub)
    (waiting,) = answers(hub, e.PaperShown(text))
    assert (waiting.label, waiting.state, waiting.ahead) == ("A2-001", "waiting", 0)
    hub.command(desk.CallNext("c1"))
    (called,) = answers(hub, e.PaperShown(text))
    assert (called.state, called.counter) == ("called", "1")
    assert answers(hub, e.Left(text))[0].state == "called", "a clerk waits for them"
    hub.command(desk.Start("c1"))
    hub.command(desk.Finish("c1"))
    (over,) = answers(hub, e.PaperShown(text))
    assert (over.state, over.service) == ("over", "register")
    assert answers(hub, e.Left(text))[0].state == "over"
    assert hub.rejected() == []


def test_who_leaves_is_not_called_and_may_come_again(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    text = paper(hub, ref=REF, slot_ms=hub.engine.now_ms())
    answers(hub, e.PaperShown(text))
    assert answers(hub, e.Left(text))[0].state == "left"
    assert isinstance(hub.command(desk.CallNext("c1")), desk.Refusal)
    assert answers(hub, e.Left(text), e.PaperShown(text))[-1].state == "left", "the same however often it is said"
    claim = e.Claim("register", "es", e.BookingClaim(REF.hex(), hub.engine.now_ms()))
    granted = hub.take_ticket(hub.reader, booking=claim.booking)  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.VOID, granted: State.WAITING}


def test_who_leaves_before_the_hub_ever_heard_of_the_ticket_has_left(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    assert answers(hub, e.Left(paper(hub)))[0].state == "left"
    hub.write(hub.cut_off, e.Lane("A2-001", e.Claim("register", "es")))  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.VOID}


def test_a_forged_paper_takes_nobody_out_of_the_queue(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    answers(hub, e.PaperShown(paper(hub)))
    assert answers(hub, e.Left(paper(hub, key=new_key())))[0].state == "unknown"
    assert hub.states() == {"A2-001": State.WAITING}
    assert hub.rejected() == ["a paper of k2 that no kiosk of this office has signed"]


def test_a_paper_of_yesterday_says_nothing_of_who_has_its_number_today(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    old = paper(hub)
    answers(hub, e.PaperShown(old))
    hub.clock.advance(24 * 60 * MINUTE_MS)
    hub.sign_in()
    answers(hub, e.PaperShown(paper(hub, seq=9)))
    assert answers(hub, e.PaperShown(old), e.Left(old)) == [PaperAnswered(3), PaperAnswered(4)]
    assert hub.states() == {"A2-001": State.WAITING}


def test_of_a_ticket_that_was_sent_to_another_office_nothing_is_said(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    text = paper(hub)
    answers(hub, e.PaperShown(text))
    ticket = next(iter(hub.engine.office.tickets.values()))
    hub.engine.office.tickets[ticket.id] = replace(ticket, state=State.REFERRED)
    assert answers(hub, e.PaperShown(text)) == [], "its number stays on the screen"


def test_a_rating_is_of_a_service_and_of_nobody(hub: Office) -> None:
    hub.reader = hub.enrol("k1", "j1")  # type: ignore[attr-defined]
    hub.write(hub.reader, e.Rated("register", 4), e.Rated("no-such", 1))  # type: ignore[attr-defined]
    rated = [entry.body for entry in hub.heard.entries if isinstance(entry.body, e.ServiceRated)]
    assert rated == [e.ServiceRated("register", 4)]
    assert set(rated[0].__struct_fields__) == {"service", "score"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"t":"rated","service":"register","score":9}', type=e.Rated)
