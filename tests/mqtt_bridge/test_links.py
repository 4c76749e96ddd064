"""The pure halves of the bridge: what is sent when, and what a display gets in which order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt_bridge import downlink, uplink
from mqtt_bridge.downlink import AskBoard, Downlink
from mqtt_bridge.uplink import BEAT_LOST_MS, RETRY_MS, AckReceived, SendAfter, Uplink
from officelib import events as e
from officelib.board import BoardSnapshot
from officelib.inbound import BoardReset, LogLine
from officelib.journal.device import Identity

ME = Identity("k1", "j1", 1, 1)


def run(link: Uplink, *events: uplink.UplinkEvent, now_ms: int = 0) -> tuple[Uplink, list[SendAfter]]:
    sends = []
    for event in events:
        link, send = uplink.step(link, event, now_ms)
        if send is not None:
            sends.append(send)
    return link, sends


def greeted(head: int = 0) -> Uplink:
    link, sends = run(Uplink(), uplink.JournalRead(ME, head), uplink.Connected(), AckReceived("j1", 1, 0))
    assert sends[0] == SendAfter(0, greeting=True)
    return link


def test_nothing_is_sent_before_the_hub_has_told_its_time() -> None:
    link, sends = run(Uplink(), uplink.JournalRead(ME, 5), uplink.Connected(), uplink.Tick())
    assert sends == [SendAfter(0, greeting=True)]
    _, sends = run(link, AckReceived("j1", 1, 0))
    assert sends == [SendAfter(0, greeting=False)]


def test_one_batch_is_in_flight_and_is_sent_again_until_it_landed() -> None:
    link, sends = run(greeted(), uplink.JournalRead(ME, 3))
    assert sends == [SendAfter(0, greeting=False)]
    link = uplink.sent(link, 3)
    assert run(link, uplink.JournalRead(ME, 9))[1] == []
    now, waits = 0, []
    for _ in range(len(RETRY_MS) + 1):
        assert run(link, uplink.Tick(), now_ms=link.retry_at_ms - 1)[1] == []
        waits.append(link.retry_at_ms - now)
        now = link.retry_at_ms
        link, sends = run(link, uplink.Tick(), now_ms=now)
        assert sends == [SendAfter(0, greeting=False)]
    assert waits[:-1] == list(RETRY_MS)
    assert waits[-1] == RETRY_MS[-1]
    link, sends = run(link, uplink.JournalRead(ME, 9), AckReceived("j1", 1, 3), now_ms=now)
    assert sends == [SendAfter(3, greeting=False)]


def test_an_ack_that_goes_back_after_a_lossy_promotion_is_believed() -> None:
    link, _ = run(greeted(9), AckReceived("j1", 1, 9))
    _, sends = run(link, AckReceived("j1", 1, 4))
    assert sends == [SendAfter(4, greeting=False)]


def test_an_ack_for_another_journal_means_nothing() -> None:
    link = uplink.sent(run(greeted(), uplink.JournalRead(ME, 3))[0], 3)
    after, _ = run(link, AckReceived("other", 1, 3))
    assert after.in_flight_to == 3


def test_a_grant_is_waited_for_until_the_journal_has_it() -> None:
    new = replace(ME, inc=0)
    link, _ = run(Uplink(), uplink.JournalRead(new, 0), uplink.Connected(), AckReceived("j1", 1, 0))
    assert not link.greeted
    link, sends = run(link, uplink.JournalRead(ME, 0))
    assert sends == [SendAfter(0, greeting=True)]


def test_the_link_is_up_while_the_hub_is_heard() -> None:
    link, _ = run(greeted(), uplink.HubHeard(), now_ms=1_000)
    assert link.is_up(1_000 + BEAT_LOST_MS - 1)
    assert not link.is_up(1_000 + BEAT_LOST_MS)
    assert not run(link, uplink.Disconnected(), now_ms=1_001)[0].is_up(1_001)


# --- down


def entry(n: int, ep: int = 1) -> e.LogEntry:
    return e.LogEntry(n, ep, 0, e.DoorsOpened())


def board(n: int, ep: int = 1) -> BoardSnapshot:
    return BoardSnapshot(ep, n, 0, ())


def test_a_display_starts_from_a_snapshot_and_goes_on_from_there() -> None:
    state, out = downlink.entries(Downlink(), (entry(6),), 0)
    assert out == [AskBoard()]
    state, out = downlink.snapshot(state, board(5))
    assert out == [BoardReset(board(5)), LogLine(entry(6))]
    assert state.n == 6


def test_a_gap_asks_once_a_second_and_is_closed_by_what_was_kept() -> None:
    state, _ = downlink.snapshot(Downlink(), board(1))
    state, out = downlink.entries(state, (entry(3),), 0)
    assert out == [AskBoard()]
    state, out = downlink.entries(state, (entry(4),), 500)
    assert out == []
    state, out = downlink.entries(state, (entry(2),), 600)
    assert out == [LogLine(entry(2)), LogLine(entry(3)), LogLine(entry(4))]
    assert downlink.beat(state, 1, 4, 2_000)[1] == []
    assert downlink.beat(state, 1, 5, 2_000)[1] == [AskBoard()]


def test_a_lower_epoch_is_dead_and_a_higher_one_starts_anew() -> None:
    state, _ = downlink.snapshot(Downlink(), board(9, ep=2))
    assert downlink.snapshot(state, board(50, ep=1)) == (state, [])
    assert downlink.entries(state, (entry(10, ep=1),), 0)[1] == []
    assert downlink.beat(state, 1, 99, 0) == (state, [])
    _, out = downlink.snapshot(state, board(3, ep=3))
    assert out == [BoardReset(board(3, ep=3))]


@given(st.data())
def test_whatever_the_network_does_a_display_sees_every_entry_once_and_in_order(data: st.DataObject) -> None:
    """Loss, repeats and reordering; snapshots at any time; in the end the hub answers."""
    total = data.draw(st.integers(1, 15))
    state, seen = Downlink(), 0
    deliveries = data.draw(st.lists(st.integers(1, total), max_size=40))
    snapshots = data.draw(st.lists(st.booleans(), min_size=len(deliveries), max_size=len(deliveries)))
    for now, (n, snap) in enumerate(zip(deliveries, snapshots, strict=True)):
        state, out = downlink.snapshot(state, board(n)) if snap else downlink.entries(state, (entry(n),), now)
        for line in out:
            if isinstance(line, BoardReset):
                assert line.board.n >= seen
                seen = line.board.n
            elif isinstance(line, LogLine):
                assert line.entry.n == seen + 1
                seen = line.entry.n
    state, out = downlink.beat(state, 1, total, 10**9)
    if seen < total:
        assert out == [AskBoard()]
        state, out = downlink.snapshot(state, board(total))
        assert out[0] == BoardReset(board(total))
    assert state.n is None or state.n <= total


@pytest.mark.parametrize("size", [downlink.MAX_WAITING * 3])
def test_what_waits_is_bounded(size: int) -> None:
    state = Downlink()
    for n in range(2, size):
        state, _ = downlink.entries(state, (entry(n),), 0)
    assert len(state.waiting) == downlink.MAX_WAITING
