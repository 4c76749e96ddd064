"""People of one kiosk are called as they came, however its clock was known when their news came."""

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from mqtt_bridge.messages import Up, UpEvent
from office_hub.work import UpCame
from officelib import events as e
from officelib.arrival import Anchor, Arrival
from officelib.catalogue import Catalogue
from officelib.ids import EventId
from officelib.office import Office
from officelib.order import QueueKey
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub


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


def test_a_boot_that_met_no_hub_keeps_its_order_over_batches(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    """When the next boot began is known better at the second batch than at the first."""
    hub = Hub(tmp_path / "office.db", catalogue, clock)
    hub.enrol("k1", "j1")
    send(hub, 1, 5_000, {}, {"boot-0": NINE_MS - 60_000})
    send(hub, 2, 90_000, {}, {"boot-0": NINE_MS - 60_001})
    assert labels_in_order(hub.engine.office) == ["A1-001", "A1-002"]
    hub.close()


def test_a_better_anchor_does_not_turn_two_citizens_round(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock
) -> None:
    hub = Hub(tmp_path / "office.db", catalogue, clock)
    hub.enrol("k1", "j1")
    send(hub, 1, 1_000, {"boot-0": Anchor(0, NINE_MS - 60_000, 300)}, {})
    send(hub, 2, 1_100, {"boot-0": Anchor(0, NINE_MS - 60_250, 2)}, {})
    assert labels_in_order(hub.engine.office) == ["A1-001", "A1-002"]
    second = hub.engine.office.tickets["k1.1.2"]
    assert second.stands.err_ms >= 150, "that it was moved is in its error"
    hub.close()


@given(some.permutations(range(1, 8)), some.lists(some.integers(0, 400), min_size=7, max_size=7))
def test_in_whatever_order_they_come_they_stand_as_they_were_written(order: list[int], guesses: list[int]) -> None:
    """A paper may bring in a ticket before its kiosk tells of those before it."""
    office = Office()
    for n, seq in enumerate(order, start=1):
        arrival = office.in_turn(EventId("k1", 1, seq), Arrival(guesses[seq - 1], 5))
        key = QueueKey(0, arrival.at_ms, "k1", seq)
        body = e.LaneTicket(
            f"k1.1.{seq}", "register", f"A1-{seq:03d}", "walk_in", "es", e.Stands(*key, 5), arrived_ms=arrival.at_ms
        )
        office.apply(e.LogEntry(n, 1, 0, body))
        assert arrival.err_ms - 5 == abs(arrival.at_ms - guesses[seq - 1])
    assert labels_in_order(office) == [f"A1-{seq:03d}" for seq in range(1, 8)]
