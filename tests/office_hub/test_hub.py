"""The authority: enrolment, numbers, retries, restarts."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqtt_bridge.messages import Up, UpEvent
from office_hub.core import desk, views
from office_hub.engine import DISK_RESTS_MS
from office_hub.work import CatalogueCame, CommandCame, UpCame
from officelib import events as e
from officelib.catalogue import Catalogue
from officelib.inbound import WantGranted
from officelib.office import Office, State
from tests.conftest import ManualClock
from tests.office_hub.hub import Hub, Kiosk, NotAnswered, states
from tests.sim.devices import fill

MINUTE = 60_000


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
    assert down.results == (WantGranted(1, "A001", "register", 0, 0, 0, (0, 0)),)
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
    said: list[str] = []
    hub.round(CatalogueCame(msgspec.structs.replace(catalogue, service=left), said.append))
    assert "people wait for register" in said[0]
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


# --- a disk that is full


def test_a_full_disk_costs_one_reading_of_the_day_a_second_however_many_ask(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = hub.enrol()
    label = hub.take_ticket(kiosk)
    hub.sign_in()
    recalled: list[int] = []
    recall = hub.engine._recall

    def counted() -> object:
        recalled.append(hub.clock.mono)
        return recall()

    monkeypatch.setattr(hub.engine, "_recall", counted)
    monkeypatch.setattr(hub.engine._ballast, "give_up", lambda: False)
    fill(hub.store._connection, full=True)
    kiosk.events += [e.Want(e.Claim("register", "es" * 2_000))]
    kiosk.monos += [hub.clock.mono]
    for _ in range(50):
        with pytest.raises(NotAnswered):
            hub.up(kiosk, len(kiosk.events))
        hub.clock.advance(100)
    assert 4 <= len(recalled) <= 6
    assert hub.engine.is_well(), "an engine that goes round is not to be restarted for it"

    fill(hub.store._connection, full=False)
    hub.clock.advance(DISK_RESTS_MS)
    assert isinstance(hub.up(kiosk, len(kiosk.events)).results[-1], WantGranted)
    assert hub.command(desk.CallNext("c1")).label == label
