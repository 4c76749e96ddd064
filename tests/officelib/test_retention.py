"""What journals forget, when they stop taking tickets, and how the office's time goes on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import messages, relay, topics
from officelib import events as e
from officelib import inbound
from officelib.clock import OfficeClock
from officelib.errors import KnownError
from officelib.health import Vitals
from officelib.journal import keeper as keeper_module
from officelib.journal.ballast import Ballast
from officelib.journal.database import only_writer
from officelib.journal.device import DeviceJournal, JournalFull, open_journal
from officelib.journal.outbox import Outbox
from tests.conftest import ManualClock
from tests.sim.devices import InlineKeeper

HOUR = 3_600_000
CLAIM = e.Claim("register", "es")


@pytest.fixture
def keeper(tmp_path: Path, clock: ManualClock) -> Iterator[InlineKeeper]:
    one = InlineKeeper(tmp_path / "k1" / "journal.db", "k1", clock, lambda: None)  # type: ignore[arg-type]
    with one.journal.transaction():
        one.journal.grant(1, 1)
    yield one
    one.stop()


def take(journal: DeviceJournal) -> int:
    with journal.transaction():
        seq = journal.append(e.Lane("A1-001", CLAIM))
        journal.queue_print(seq, b"{}")
        journal.mark_print(seq, "ended")
        journal.see_booking(f"{seq:020x}", seq)
    return seq


def test_a_device_forgets_two_days_after_hub_and_standby_have_it(keeper: InlineKeeper, clock: ManualClock) -> None:
    journal = keeper.journal
    for _ in range(3):
        take(journal)
    hub_ms = 1_000_000_000_000
    with journal.transaction():
        journal.acknowledge(1, 3, 2, clock.boot, None)
    gone = []
    for hour in range(52):
        with journal.transaction():
            gone.append(journal.forget(hub_ms + hour * HOUR))
    assert sum(gone) == 2, "what the standby lacks stays"
    assert gone.index(2) == 48
    assert take(journal) == 4
    path = Path(journal._connection.execute("PRAGMA database_list").fetchone()[2])
    assert journal._connection.execute("SELECT count(*) FROM print_job").fetchone() == (2,)
    assert journal._connection.execute("SELECT count(*) FROM booking_seen").fetchone() == (2,)
    outbox = Outbox(path)
    assert (outbox.floor(), outbox.head(), [row.seq for row in outbox.after(0, 9)]) == (2, 4, [3, 4])
    outbox.close()
    again, aside = open_journal(path, "k1", clock)  # type: ignore[arg-type]
    assert (aside, again.head) == (None, 4), "the chain goes on from what was forgotten"
    again.close()


def test_on_a_full_disk_what_was_begun_ends_and_nothing_new_begins(keeper: InlineKeeper) -> None:
    journal, troubles = keeper.journal, []
    keeper._on_trouble = lambda: troubles.append("refused")
    with journal.transaction():
        want = journal.append(e.Want(CLAIM))
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")

    def begin(one: DeviceJournal) -> None:
        with one.transaction():
            for _ in range(2_000):
                one.append(e.Want(e.Claim("x" * 100, "es")))

    keeper.do(begin)
    assert (troubles, journal.head, keeper._ballast.is_there) == (["refused"], want, False)
    journal._connection.execute("PRAGMA max_page_count=1000000")  # what the ballast gave
    keeper.do(begin)
    assert (len(troubles), journal.head) == (2, want), "there is room, and it is not for new tickets"

    def end(one: DeviceJournal) -> None:
        with one.transaction():
            one.append(e.Abandon(want, "full"))

    keeper.do(end)
    assert (len(troubles), journal.head) == (2, want + 1)
    keeper.acked(journal, inbound.Acked(1, 0, "boot-1", None))
    assert not journal.is_closing, "the disk has room for a ballast again"


def test_over_its_quota_a_journal_begins_no_ticket(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "QUOTA_BYTES", 1_000)
    one = InlineKeeper(tmp_path / "journal.db", "k1", clock, lambda: None)  # type: ignore[arg-type]
    with one.journal.transaction():
        one.journal.grant(1, 1)
    with pytest.raises(JournalFull, match="no room"), one.journal.transaction():
        one.journal.append(e.Want(CLAIM))
    one.stop()


def test_a_ballast_is_made_only_where_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ballast = Ballast(tmp_path / "j.db")
    assert ballast.take_in()
    assert (tmp_path / "j.db.ballast").stat().st_blocks * 512 >= 4 * 1024 * 1024, "it takes real room"
    assert (ballast.give_up(), ballast.give_up()) == (True, False)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))
    assert not ballast.take_in()


def test_a_copied_journal_finds_out_and_begins_anew(tmp_path: Path, keeper: InlineKeeper, clock: ManualClock) -> None:
    """A memory card is cloned, or an old image is put back: the hub knows more of the journal than it holds."""
    journal = keeper.journal
    path = Path(journal._connection.execute("PRAGMA database_list").fetchone()[2])
    take(journal)
    told: list[inbound.Inbound] = []
    bridge = relay.Relay("o12", "k1", Outbox(path), clock, told.append, lambda: Vitals(1, None))  # type: ignore[arg-type]
    bridge.link = _Silent()
    bridge.handle(relay.BrokerUp())
    identity = journal.identity

    def down(acked: int, link: str) -> relay.MessageCame:
        answer = messages.Down(
            ep=1, device="k1", journal=identity.journal, inc=1, acked=acked, slot=1, hub_ms=5, boot=clock.boot,
            echo_mono_ms=1, link=link,
        )  # fmt: skip
        return relay.MessageCame(topics.down("o12", "k1"), messages.encode(answer))

    outbox = Outbox(path)
    own_link = outbox.link_at(1)
    outbox.close()
    assert own_link
    bridge.handle(down(1, own_link))
    assert not [line for line in told if isinstance(line, inbound.Disowned)]
    for acked, link in ((2, ""), (1, "00" * 8)):
        told.clear()
        bridge.handle(down(acked, link))
        assert [line for line in told if isinstance(line, inbound.Disowned)], (acked, link)
    with journal.transaction():
        journal.acknowledge(7, 1, 1, clock.boot, None)
    keeper.disowned(journal, inbound.Disowned("another"))
    assert keeper.journal is journal
    keeper.disowned(journal, inbound.Disowned(identity.journal))
    fresh = keeper.journal
    assert (fresh.head, fresh.identity.inc, fresh.epoch) == (0, 0, 7), "fenced as before"
    assert fresh.identity.journal != identity.journal
    assert list(path.parent.glob("journal.db.damaged-1")), "kept for a person"


class _Silent:
    def start(self) -> None: ...

    def stop(self) -> None: ...

    def renew(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None: ...


def test_only_one_process_writes(tmp_path: Path) -> None:
    with only_writer(tmp_path / "x.db"), pytest.raises(KnownError, match="has it open"), only_writer(tmp_path / "x.db"):
        pass
    with only_writer(tmp_path / "x.db"):
        pass


# --- the office's time


def test_the_offices_time_never_jumps_back_and_goes_on_over_a_restart(clock: ManualClock) -> None:
    time = OfficeClock(clock)  # type: ignore[arg-type]
    start = time.now_ms()
    clock.wall -= 50_000_000
    clock.mono += 1_000
    time.correct()
    assert 0 <= start + 1_000 - time.now_ms() <= 1, "slowly, 50 millionths at most"
    kept = time.kept()
    clock.mono += 5_000
    again = OfficeClock(clock, 0, kept)  # type: ignore[arg-type]
    assert abs(again.now_ms() - start - 6_000) <= 1
    assert again.name == time.name


def test_a_clock_that_was_set_far_ahead_is_followed_under_another_name(clock: ManualClock) -> None:
    time = OfficeClock(clock)  # type: ignore[arg-type]
    name = time.name
    clock.wall += 3_600_000
    time.correct()
    assert (time.now_ms(), time.name != name) == (clock.wall, True)


def test_a_hub_that_starts_in_the_past_goes_on_from_its_log(clock: ManualClock) -> None:
    written = clock.wall + 3_600_000
    assert OfficeClock(clock, written).now_ms() == written  # type: ignore[arg-type]
    far = clock.wall + 400 * 86_400_000
    assert OfficeClock(clock, far).now_ms() == clock.wall, "that entry's time was wrong"  # type: ignore[arg-type]


def test_another_boot_keeps_the_difference_to_the_wall_clock(clock: ManualClock) -> None:
    time = OfficeClock.carried_on(clock, clock.mono, clock.wall + 90_000)  # type: ignore[arg-type]
    kept = time.kept()
    clock.boot, clock.mono, clock.wall = "boot-2", 500, clock.wall + 60_000
    assert OfficeClock(clock, 0, kept).now_ms() == clock.wall + 90_000  # type: ignore[arg-type]


def test_a_board_without_a_battery_follows_its_clock_once_it_is_set(clock: ManualClock) -> None:
    """It starts behind its own log; then the network sets the clock."""
    time = OfficeClock(clock, clock.wall + 60_000)  # type: ignore[arg-type]
    clock.wall += 600_000
    time.correct()
    assert time.now_ms() == clock.wall
