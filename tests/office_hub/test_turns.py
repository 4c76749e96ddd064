"""People of one kiosk are called as they came, however its clock was known when their news came."""

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from mqtt_bridge.messages import Up, UpEvent
from office_hub.core import desk
from office_hub.work import UpCame
from officelib import events as e
from officelib.arrival import Anchor, Arrival
from officelib.ids import EventId
from officelib.office import Office
from officelib.order import QueueKey
from tests.conftest import NINE_MS
from tests.office_hub.hub import Hub, states

MINUTE = 60_000


def send(hub: Hub, seq: int, mono_ms: int, anchors: dict[str, Anchor], not_after: dict[str, int]) -> None:
    """One lane ticket of a boot that is over, in a batch of its own."""
    lane = e.Lane(f"A1-{seq:03d}", e.Claim("register", "es"))
    event = UpEvent(seq, "boot-0", mono_ms, msgspec.Raw(msgspec.json.encode(lane)))
    hub.round(
        UpCame(
            Up(
                device="k1",
                journal="j1",
                inc=1,
                boot="boot-1",
                sent_mono_ms=0,
                slot=1,
                head=seq,
                anchors=anchors,
                not_after=not_after,
                events=(event,),
            )
        )
    )


def labels_in_order(office: Office) -> list[str]:
    return [office.tickets[ticket].label for _, ticket in office.queue("register")]


def test_a_boot_that_met_no_hub_keeps_its_order_over_batches(hub: Hub) -> None:
    """When the next boot began is known better at the second batch than at the first."""
    hub.enrol("k1", "j1")
    send(hub, 1, 5_000, {}, {"boot-0": NINE_MS - 60_000})
    send(hub, 2, 90_000, {}, {"boot-0": NINE_MS - 60_001})
    assert labels_in_order(hub.engine.office) == ["A1-001", "A1-002"]


def test_a_better_anchor_does_not_turn_two_citizens_round(hub: Hub) -> None:
    hub.enrol("k1", "j1")
    send(hub, 1, 1_000, {"boot-0": Anchor(0, NINE_MS - 60_000, 300)}, {})
    send(hub, 2, 1_100, {"boot-0": Anchor(0, NINE_MS - 60_250, 2)}, {})
    assert labels_in_order(hub.engine.office) == ["A1-001", "A1-002"]
    second = hub.engine.office.tickets["k1.1.2"]
    assert second.stands.err_ms >= 150, "that it was moved is in its error"


def test_a_paper_of_unknown_time_moves_nobody_whose_time_is_known(hub: Hub) -> None:
    """It is dated when it is shown: hours after the others of its kiosk came."""
    office = hub.engine.office
    paper = e.LaneTicket("k1.1.2", "register", "A1-002", "walk_in", "es", e.Stands(0, NINE_MS, "k1", 2, -1))
    office.apply(
        e.LogEntry(office.n + 1, 1, 0, msgspec.structs.replace(paper, arrived_ms=NINE_MS), EventId("k2", 1, 1))
    )
    early = Arrival(NINE_MS - 7_000_000, 300)
    assert office.in_turn(EventId("k1", 1, 3), early) == early
    unknown = Arrival(NINE_MS - 60_000, -1)
    assert office.in_turn(EventId("k1", 1, 4), unknown) == unknown


Guess = some.tuples(some.integers(0, 400), some.booleans())


@given(some.permutations(range(1, 8)), some.lists(Guess, min_size=7, max_size=7))
def test_in_whatever_order_they_come_they_stand_as_they_were_written(
    order: list[int], guesses: list[tuple[int, bool]]
) -> None:
    """A paper may bring in a ticket before its kiosk tells of those before it. Guesses yield to known times."""
    office = Office()
    for n, seq in enumerate(order, start=1):
        at_ms, is_known = guesses[seq - 1]
        arrival = office.in_turn(EventId("k1", 1, seq), Arrival(at_ms, 5 if is_known else -1))
        stands = e.Stands(*QueueKey(0, arrival.at_ms, "k1", seq), arrival.err_ms)
        label = f"A1-{seq:03d}"
        body = e.LaneTicket(f"k1.1.{seq}", "register", label, "walk_in", "es", stands, arrived_ms=arrival.at_ms)
        office.apply(e.LogEntry(n, 1, 0, body, EventId("k1", 1, seq)))
        assert arrival.err_ms == (5 + abs(arrival.at_ms - at_ms) if is_known else -1)
    kinds = {is_known for _, is_known in guesses}
    mine = [f"A1-{seq:03d}" for seq in range(1, 8) if guesses[seq - 1][1] or len(kinds) == 1]
    assert [label for label in labels_in_order(office) if label in mine] == mine


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
