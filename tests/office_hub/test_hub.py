"""The authority: numbers, order, conflicts, retries, restarts."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqtt_bridge.messages import Up, UpEvent
from office_hub.core import desk, views
from office_hub.work import BookingsCame, CatalogueCame, CommandCame, UpCame
from officelib import events as e
from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.inbound import WantDenied, WantGranted
from officelib.office import Office, State
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub, Kiosk

MINUTE = 60_000


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Hub]:
    one = Hub(tmp_path / "office.db", catalogue, clock)
    yield one
    one.close()


def states(hub: Hub) -> dict[str, State]:
    return {ticket.label: ticket.state for ticket in hub.engine.office.tickets.values()}


# --- enrolment


def test_a_journal_is_granted_once_however_often_it_asks(hub: Hub) -> None:
    first = hub.up(Kiosk("k1", "j1"))
    again = hub.up(Kiosk("k1", "j1"))
    assert (first.inc, first.slot) == (again.inc, again.slot) == (1, 1)
    hub.restart()
    assert hub.up(Kiosk("k1", "j1")).inc == 1


def test_a_lost_journal_gets_a_new_incarnation_and_a_lane_never_used_today(hub: Hub) -> None:
    hub.up(Kiosk("k1", "j1"))
    hub.up(Kiosk("k2", "j2"))
    lost = hub.up(Kiosk("k1", "j3"))
    assert (lost.inc, lost.slot) == (2, 3)
    hub.restart()
    assert hub.up(Kiosk("k2", "j4")).slot == 4


def test_when_all_nine_slots_are_used_there_is_no_lane(hub: Hub) -> None:
    slots = [hub.up(Kiosk("k1", f"j{n}")).slot for n in range(10)]
    assert slots == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]


def test_a_display_needs_no_lane(hub: Hub) -> None:
    assert hub.up(Kiosk("s1", "j1")).slot == 0


def test_a_journal_that_is_not_the_newest_is_not_heard(hub: Hub) -> None:
    old = hub.enrol("k1", "j1")
    hub.enrol("k1", "j2")
    answers = len(hub.heard.downs)
    old.events, old.monos = [e.Want(e.Claim("register", "es"))], [0]
    hub.round(UpCame(Up(device="k1", journal="j1", inc=1, boot="b", sent_mono_ms=0)))
    assert len(hub.heard.downs) == answers


# --- numbers


def test_a_ticket_is_callable_once_the_citizen_knows_its_number(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.sign_in()
    down = hub.write(kiosk, e.Want(e.Claim("register", "es")))
    assert down.results == (WantGranted(1, "A001", "register", 0, 0, 0),)
    assert hub.command(desk.CallNext("c1")) == desk.Refusal("nobody_waits")
    hub.write(kiosk, e.Print(1, "A001"))
    assert hub.command(desk.CallNext("c1")) == desk.Agreed("A001", "k1.1.1")


def test_a_batch_that_comes_twice_has_one_effect_and_the_same_answer(hub: Hub) -> None:
    kiosk = hub.enrol()
    first = hub.write(kiosk, e.Want(e.Claim("register", "es")))
    again = hub.up(kiosk)
    assert again.results == first.results
    assert again.acked == 1
    hub.restart()
    assert hub.up(kiosk).results == first.results
    assert list(states(hub)) == ["A001"]


def test_events_after_a_gap_wait_for_their_turn(hub: Hub) -> None:
    kiosk = hub.enrol()
    want = e.Want(e.Claim("register", "es"))
    kiosk.events, kiosk.monos = [want, want, want], [1, 2, 3]
    assert hub.up(kiosk, 2).acked == 0
    assert hub.up(kiosk, 1).acked == 3


def test_a_late_number_is_voided_and_never_given_again(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.write(kiosk, e.Want(e.Claim("register", "es")))
    hub.write(kiosk, e.Lane("A1-001", e.Claim("register", "es"), 1))
    assert states(hub) == {"A1-001": State.WAITING}
    assert hub.take_ticket(kiosk) == "A002"
    assert any(isinstance(entry.body, e.NumberVoided) for entry in hub.heard.entries)


def test_a_want_whose_end_is_in_the_same_batch_costs_no_number(hub: Hub) -> None:
    kiosk = hub.enrol()
    claim = e.Claim("register", "es")
    hub.write(kiosk, e.Want(claim), e.Lane("A1-001", claim, 1), e.Want(claim), e.Abandon(3, "gone"))
    assert hub.take_ticket(kiosk) == "A001"


def test_an_abandoned_want_leaves_nothing_to_call(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.sign_in()
    hub.write(kiosk, e.Want(e.Claim("register", "es")))
    hub.write(kiosk, e.Abandon(1, "crash"))
    assert hub.command(desk.CallNext("c1")) == desk.Refusal("nobody_waits")


def test_a_label_of_another_lane_is_rejected_told_and_acknowledged(hub: Hub) -> None:
    kiosk = hub.enrol()
    down = hub.write(kiosk, e.Lane("A2-001", e.Claim("register", "es")), e.Want(e.Claim("register", "es")))
    assert down.acked == 2
    assert "not of the lane" in str([x.body for x in hub.heard.entries if isinstance(x.body, e.EventRejected)])


@pytest.mark.parametrize(
    "body",
    [b'{"t":"nonsense"}', b'{"t":"want"}', b"7", b'{"t":"lane","label":"??","claim":{"service":"a","language":"b"}}'],
)
def test_a_poison_event_blocks_nothing_and_vanishes_nowhere(hub: Hub, body: bytes) -> None:
    kiosk = hub.enrol()
    good = msgspec.json.encode(e.Want(e.Claim("register", "es")))
    events = (UpEvent(1, "b", 1, msgspec.Raw(body)), UpEvent(2, "b", 2, msgspec.Raw(good)))
    hub.round(UpCame(Up(device="k1", journal="j1", inc=kiosk.inc, boot="b", sent_mono_ms=0, events=events)))
    assert hub.heard.downs[-1].acked == 2
    assert len([x for x in hub.heard.entries if isinstance(x.body, e.EventRejected)]) == 1
    assert list(states(hub)) == ["A001"]


# --- order


def test_two_kiosks_are_called_by_arrival_not_by_news(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    hub.sign_in()
    hub.clock.advance(10 * MINUTE)
    two.events, two.monos = [e.Lane("A2-001", e.Claim("register", "es"))], [hub.clock.mono]
    hub.clock.advance(5 * MINUTE)
    later = hub.take_ticket(one)
    hub.clock.advance(30 * MINUTE)
    hub.up(two)
    assert hub.command(desk.CallNext("c1")) == desk.Agreed("A2-001", "k2.1.1")
    hub.command(desk.Finish("c1"))
    assert hub.command(desk.CallNext("c1")).label == later


def test_a_ticket_without_a_known_arrival_says_so(hub: Hub) -> None:
    kiosk = hub.enrol()
    kiosk.events, kiosk.monos = [e.Lane("A1-001", e.Claim("register", "es"))], [5]
    hub.up(kiosk, anchored=False)
    assert hub.engine.office.tickets["k1.1.1"].stands.err_ms == -1


def test_a_lane_ticket_of_yesterday_is_not_called_today(hub: Hub) -> None:
    kiosk = hub.enrol()
    kiosk.events, kiosk.monos = [e.Lane("A1-001", e.Claim("register", "es"))], [hub.clock.mono]
    hub.clock.advance(24 * 60 * MINUTE)
    hub.up(kiosk)
    assert states(hub) == {}
    told = [x.body for x in hub.heard.entries if isinstance(x.body, e.PastTicket)]
    assert [(t.ticket, t.label) for t in told] == [("k1.1.1", "A1-001")]


# --- bookings


def with_booking(hub: Hub, *, cancelled: bool = False, in_min: int = 10) -> e.BookingClaim:
    booking = Booking("b1" * 10, "taxes", NINE_MS + in_min * MINUTE, "SHORTCOD", cancelled)
    done: list[int] = []
    hub.round(BookingsCame([booking], lambda refs: done.append(len(refs))))
    assert done == [0]
    return e.BookingClaim(booking.ref, booking.slot_ms)


def test_a_booking_is_redeemed_once_in_the_office(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = with_booking(hub)
    label = hub.take_ticket(one, "taxes", booking=claim)
    down = hub.write(two, e.Want(e.Claim("taxes", "es", claim)))
    assert down.results == (WantDenied(1, "already", label, "taxes"),)
    assert hub.up(two).results == down.results


def test_a_short_code_finds_its_booking(hub: Hub) -> None:
    kiosk = hub.enrol()
    with_booking(hub)
    down = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short="SHORTCOD"))))
    assert isinstance(down.results[0], WantGranted)
    assert down.results[0].service == "taxes"
    down = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short="OTHERONE"))))
    assert down.results == (WantDenied(2, "unknown_code"),)


def test_a_cancelled_booking_gives_no_ticket_but_one_that_was_given_stays(hub: Hub) -> None:
    kiosk = hub.enrol()
    claim = with_booking(hub, cancelled=True)
    assert hub.write(kiosk, e.Want(e.Claim("taxes", "es", claim))).results == (WantDenied(1, "cancelled"),)
    hub.write(kiosk, e.Lane("M1-001", e.Claim("taxes", "es", claim)))
    assert hub.engine.office.tickets["k1.1.2"].flag == "cancelled"
    assert states(hub) == {"M1-001": State.WAITING}


def test_a_booking_accepted_at_two_kiosks_while_offline_is_one_ticket_with_one_call(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    one.events, one.monos = [e.Lane("M1-001", claim)], [hub.clock.mono + 60_000]
    two.events, two.monos = [e.Lane("M2-001", claim)], [hub.clock.mono]
    hub.clock.advance(2 * MINUTE)
    hub.up(one)
    hub.up(two)
    assert hub.command(desk.CallNext("c2")).label == "M1-001"
    called = [entry.body for entry in hub.heard.entries if isinstance(entry.body, e.TicketCalled)]
    assert [body.labels for body in called] == [("M1-001", "M2-001")]
    hub.command(desk.Finish("c2"))
    assert hub.command(desk.CallNext("c2")) == desk.Refusal("nobody_waits")


@pytest.mark.parametrize(("in_min", "reason"), [(3 * 1440, "other_day"), (31, "too_early"), (30, "")])
def test_a_short_code_is_held_to_its_time_like_a_signed_one(hub: Hub, in_min: int, reason: str) -> None:
    kiosk = hub.enrol()
    with_booking(hub, in_min=in_min)
    (result,) = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short="SHORTCOD")))).results
    if reason:
        assert result == WantDenied(1, reason, slot_ms=NINE_MS + in_min * MINUTE)  # type: ignore[arg-type]
    else:
        assert isinstance(result, WantGranted)


def test_a_booking_whose_kiosk_died_before_the_paper_is_called_all_the_same(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    hub.write(one, e.Want(claim))
    assert hub.write(two, e.Want(claim)).results == (WantDenied(1, "already", "M001", "taxes"),)
    hub.write(one, e.Abandon(1, "the kiosk was interrupted"))
    assert hub.command(desk.CallNext("c2")).label == "M001"


def test_a_lane_ticket_joins_the_booking_that_another_kiosk_only_wanted(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    hub.write(one, e.Want(claim))
    hub.write(two, e.Lane("M2-001", claim))
    hub.write(one, e.Lane("M1-001", claim, 1))
    hub.command(desk.CallNext("c2"))
    called = [entry.body.labels for entry in hub.heard.entries if isinstance(entry.body, e.TicketCalled)]
    assert called == [("M001", "M2-001", "M1-001")]


def test_who_missed_the_call_waits_again_after_a_new_scan(hub: Hub) -> None:
    one = hub.enrol()
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    hub.write(one, e.Want(claim))
    hub.write(one, e.Print(1, "M001"))
    hub.command(desk.CallNext("c2"))
    hub.command(desk.MarkNoShow("c2"))
    hub.write(one, e.Want(claim))
    assert hub.command(desk.CallNext("c2")).label == "M001"
    hub.command(desk.Finish("c2"))
    hub.clock.advance(1)
    hub.write(one, e.Lane("M1-001", claim))
    assert hub.command(desk.CallNext("c2")).label == "M1-001", "served before: a new visit"


def test_a_number_whose_journal_was_lost_is_called_rather_than_forgotten(hub: Hub) -> None:
    hub.write(hub.enrol("k1", "j1"), e.Want(e.Claim("register", "es")))
    hub.sign_in()
    hub.enrol("k1", "j2")
    assert hub.command(desk.CallNext("c1")).label == "A001"


# --- clerks


def test_two_clerks_at_once_get_two_tickets_and_a_retry_the_same(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.take_ticket(kiosk)
    hub.sign_in("c1", "ana")
    hub.sign_in("c2", "biel")
    first = hub.command(desk.CallNext("c1"), "same")
    assert hub.command(desk.CallNext("c2")).label == "A002"
    assert hub.command(desk.CallNext("c1"), "same") == first
    hub.restart()
    assert hub.command(desk.CallNext("c1"), "same") == first


def test_the_whole_way_of_a_ticket(hub: Hub) -> None:
    kiosk = hub.enrol()
    label = hub.take_ticket(kiosk)
    hub.sign_in()
    assert hub.command(desk.CallNext("c1")).label == label
    assert hub.command(desk.CallNext("c1")) == desk.Refusal("finish_first", label)
    assert hub.command(desk.Recall("c1")).label == label
    assert hub.command(desk.Park("c1")).label == label
    assert hub.command(desk.Resume("c1", "k1.1.1")).label == label
    assert hub.command(desk.CallNext("c1")).label == label
    assert hub.command(desk.Start("c1")).label == label
    hub.clock.advance(4 * MINUTE)
    assert hub.command(desk.MarkNoShow("c1")) == desk.Refusal("wrong_state", label)
    assert hub.command(desk.Finish("c1")).label == label
    assert hub.engine.office.minutes == {"register": 4.0}
    assert hub.engine.office.tickets["k1.1.1"].calls == 3
    assert hub.command(desk.Finish("c1")) == desk.Refusal("no_ticket")


def test_a_stale_transfer_is_refused_and_a_right_one_keeps_the_arrival(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.clock.advance(MINUTE)
    other = hub.take_ticket(kiosk, "taxes")
    hub.sign_in("c2", "biel")
    hub.command(desk.CallNext("c2"))
    rev = hub.engine.office.tickets["k1.1.1"].rev
    assert hub.command(desk.Transfer("c2", "k1.1.1", rev - 1, "taxes")) == desk.Refusal("stale", "A001")
    assert hub.command(desk.Transfer("c2", "k1.1.1", rev, "taxes")).label == "A001"
    assert hub.command(desk.CallNext("c2")).label == "A001", "it arrived before the other"
    hub.command(desk.Finish("c2"))
    assert hub.command(desk.CallNext("c2")).label == other


def test_a_transfer_to_a_counter_waits_for_it_alone(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.sign_in("c1", "ana")
    hub.sign_in("c3", "biel")
    rev = hub.engine.office.tickets["k1.1.1"].rev
    hub.command(desk.Transfer("c1", "k1.1.1", rev, to_counter="c3"))
    assert hub.command(desk.CallNext("c1")) == desk.Refusal("nobody_waits")
    assert hub.command(desk.CallNext("c3")).label == "A001"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (desk.CallNext("c9"), "counter_unknown"),
        (desk.CallNext("c1"), "not_signed_in"),
        (desk.SignIn("c2", "ana"), "counter_taken"),
        (desk.Transfer("c2", "none", 0, "taxes"), "no_ticket"),
        (desk.AddWalkIn("c2", "massage", "es"), "no_such_service"),
        (desk.Resume("c2", "none"), "wrong_state"),
        (desk.CallTicket("c2", "none"), "no_ticket"),
    ],
)
def test_what_cannot_be_done_is_said(hub: Hub, command: desk.AnyCommand, reason: str) -> None:
    hub.sign_in("c2", "biel")
    answer = hub.command(command)
    assert isinstance(answer, desk.Refusal)
    assert answer.reason == reason


def test_a_walk_in_added_by_a_clerk_takes_the_next_number_until_the_doors_close(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.sign_in()
    assert hub.command(desk.AddWalkIn("c1", "register", "ca", priority=True)).label == "A002"
    assert hub.command(desk.CallNext("c1")).label == "A002", "priority is a head start of twenty minutes"
    hub.command(desk.CloseDoors("c1"))
    assert hub.command(desk.AddWalkIn("c1", "register", "ca")) == desk.Refusal("doors_closed")
    hub.command(desk.OpenDoors("c1"))
    assert hub.command(desk.AddWalkIn("c1", "register", "ca")).label == "A003"


# --- days and restarts


def test_a_new_day_starts_the_numbers_again_and_keeps_the_devices(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.clock.advance(24 * 60 * MINUTE)
    assert hub.take_ticket(kiosk) == "A001"
    assert list(states(hub)) == ["A001"]
    assert hub.engine.office.day == "2026-01-08"


def test_a_clock_that_steps_back_ends_no_day(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.clock.wall -= 3 * 24 * 60 * MINUTE
    assert hub.take_ticket(kiosk) == "A002"
    hub.clock.wall += 3 * 24 * 60 * MINUTE
    assert hub.take_ticket(kiosk) == "A003"
    assert len(states(hub)) == 3


def test_a_round_that_cannot_be_written_costs_only_what_is_wrong_in_it(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.sign_in()
    hub.store._connection.execute("INSERT INTO label_used VALUES('2026-01-07', 'A001', 'x')")
    replies: list[bytes] = []
    want = UpEvent(1, "b", 1, msgspec.Raw(msgspec.json.encode(e.Want(e.Claim("register", "es")))))
    up = Up(device="k1", journal="j1", inc=kiosk.inc, boot="b", sent_mono_ms=0, events=(want,))
    hub.round(UpCame(up), CommandCame("r", "ana", desk.CloseDoors("c1"), replies.append))
    assert replies, "the clerk is answered"
    assert hub.engine.office.doors_closed


def test_events_that_are_sent_again_with_new_ones_have_their_effect_once(hub: Hub) -> None:
    kiosk = hub.enrol()
    want = e.Want(e.Claim("register", "es"))
    hub.write(kiosk, want)
    kiosk.events += [want, want]
    kiosk.monos += [1, 2]
    assert hub.up(kiosk, 1).acked == 3
    assert list(states(hub)) == ["A001", "A002", "A003"]


def test_a_catalogue_without_a_service_that_people_wait_for_is_refused(hub: Hub, catalogue: Catalogue) -> None:
    hub.take_ticket(hub.enrol())
    left = tuple(s for s in catalogue.service if s.id != "register")
    hub.round(CatalogueCame(msgspec.structs.replace(catalogue, service=left)))
    assert "register" in hub.engine.catalogue.services


def test_a_clerk_cannot_leave_a_called_ticket_behind(hub: Hub) -> None:
    hub.take_ticket(hub.enrol())
    hub.sign_in("c1", "ana")
    hub.command(desk.CallNext("c1"))
    assert hub.command(desk.SignIn("c2", "ana")) == desk.Refusal("finish_first", "A001")
    assert hub.command(desk.CallNext("c1"), clerk="biel") == desk.Refusal("not_signed_in")


def test_a_restart_finds_the_office_as_it_was(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.sign_in()
    for _ in range(4):
        hub.take_ticket(kiosk)
    hub.command(desk.CallNext("c1"))
    before = views.console_view(hub.engine.office, hub.catalogue, {}, 0, broker_on=True)
    hub.restart()
    assert views.console_view(hub.engine.office, hub.catalogue, {}, 0, broker_on=True) == before
    assert hub.take_ticket(kiosk) == "A005"


def test_the_office_refuses_an_entry_out_of_turn() -> None:
    office = Office()
    office.apply(e.LogEntry(5, 1, 0, e.DayOpened("2026-01-07")))
    with pytest.raises(ValueError, match="entry 7 after 5"):
        office.apply(e.LogEntry(7, 1, 0, e.DoorsClosed()))


actions = st.lists(
    st.sampled_from(["ticket", "lane", "late", "call", "finish", "no_show", "park", "restart", "wait", "resend"]),
    min_size=5,
    max_size=40,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(script=actions)
def test_whatever_happens_labels_are_unique_and_everybody_is_called_in_order(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue, script: list[str]
) -> None:
    clock = ManualClock()
    hub = Hub(tmp_path_factory.mktemp("hub") / "office.db", catalogue, clock)
    kiosk = hub.enrol()
    hub.sign_in()
    lane = 0
    told: list[str] = []
    claim = e.Claim("register", "es")
    for action in [*script, *["finish", "call"] * 45]:
        clock.advance(7_000)
        match action:
            case "ticket":
                told.append(hub.take_ticket(kiosk))
            case "lane":
                lane += 1
                hub.write(kiosk, e.Lane(f"A1-{lane:03d}", claim))
                told.append(f"A1-{lane:03d}")
            case "late":
                lane += 1
                hub.write(kiosk, e.Want(claim))
                hub.write(kiosk, e.Lane(f"A1-{lane:03d}", claim, len(kiosk.events)))
                told.append(f"A1-{lane:03d}")
            case "call":
                hub.command(desk.CallNext("c1"))
            case "finish":
                hub.command(desk.Finish("c1"))
            case "no_show":
                hub.command(desk.MarkNoShow("c1"))
            case "park":
                answer = hub.command(desk.Park("c1"))
                if isinstance(answer, desk.Agreed):
                    hub.command(desk.Resume("c1", answer.ticket))
            case "restart":
                hub.restart()
            case "resend":
                hub.up(kiosk)
            case _:
                clock.advance(MINUTE)
    log = list(hub.store.entries_after(0))
    labels = [x.body.label for x in log if isinstance(x.body, e.TicketNumbered | e.LaneTicket)]
    assert len(labels) == len(set(labels))
    assert len(told) == len(set(told))
    first_calls = []
    for entry in log:
        if isinstance(entry.body, e.TicketCalled) and entry.body.labels[0] not in first_calls:
            first_calls.append(entry.body.labels[0])
    assert first_calls == told, "one kiosk, one service: called as they were issued"
    fold = Office()
    for entry in log:
        fold.apply(entry)
    assert fold.tickets == hub.engine.office.tickets
    hub.close()
