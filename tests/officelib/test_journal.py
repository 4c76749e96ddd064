"""The journals: what was committed is there after any end, and damage shows."""

import multiprocessing
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from officelib import events as e
from officelib.arrival import Anchor
from officelib.booking import Booking
from officelib.errors import KnownError
from officelib.ids import EventId
from officelib.journal import chain
from officelib.journal.database import open_writer
from officelib.journal.device import DeviceJournal, JournalFull, open_journal
from officelib.journal.office_log import Commit, Mark, open_office_log
from officelib.journal.outbox import Outbox
from tests.conftest import ManualClock

CLAIM = e.Claim("register", "es")


def opened(path: Path, clock: ManualClock) -> DeviceJournal:
    journal, aside = open_journal(path, "k1", clock)  # type: ignore[arg-type]
    assert aside is None
    return journal


def granted(path: Path, clock: ManualClock) -> DeviceJournal:
    journal = opened(path, clock)
    with journal.transaction():
        journal.grant(1, 2)
    return journal


def test_a_new_journal_writes_no_event_before_the_hub_has_granted_it(tmp_path: Path, clock: ManualClock) -> None:
    journal = opened(tmp_path / "j.db", clock)
    with pytest.raises(KnownError, match="no incarnation"), journal.transaction():
        journal.append(e.Want(CLAIM))
    assert journal.head == 0
    journal.close()


def test_events_are_contiguous_over_restarts_and_failed_transactions(tmp_path: Path, clock: ManualClock) -> None:
    journal = granted(tmp_path / "j.db", clock)
    with journal.transaction():
        assert journal.append(e.Want(CLAIM)) == 1
    with pytest.raises(ZeroDivisionError), journal.transaction():
        journal.append(e.Want(CLAIM))
        _ = 1 / 0
    journal.close()
    journal = opened(tmp_path / "j.db", clock)
    with journal.transaction():
        assert journal.append(e.Print(1, "A001")) == 2
    assert journal.open_wants() == set()
    journal.close()


def test_wants_without_an_end_are_found(tmp_path: Path, clock: ManualClock) -> None:
    journal = granted(tmp_path / "j.db", clock)
    for event in (e.Want(CLAIM), e.Want(CLAIM), e.Want(CLAIM), e.Want(CLAIM)):
        with journal.transaction():
            journal.append(event)
    with journal.transaction():
        journal.append(e.Print(1, "A001"))
        journal.append(e.Lane("A2-001", CLAIM, 2))
        journal.append(e.Abandon(3, "test"))
    assert list(journal.open_wants()) == [4]
    journal.close()


def test_a_lane_goes_on_and_never_gives_a_number_twice(tmp_path: Path, clock: ManualClock) -> None:
    numbers = []
    for _ in range(3):
        journal = granted(tmp_path / "j.db", clock)
        for _ in range(3):
            with journal.transaction():
                numbers.append(journal.next_lane("A"))
        with pytest.raises(ZeroDivisionError), journal.transaction():
            journal.next_lane("A")
            _ = 1 / 0
        journal.close()
    assert numbers == list(range(1, 10))


def test_a_call_is_claimed_once(tmp_path: Path, clock: ManualClock) -> None:
    journal = granted(tmp_path / "j.db", clock)
    for first in (True, False):
        with journal.transaction():
            assert journal.announce("1-5", 1_000) is first
    with journal.transaction():
        assert journal.announce("1-6", 4 * 86_400_000)
        assert journal.announce("1-5", 4 * 86_400_000), "two days later it is forgotten"
    journal.close()


def test_the_best_anchor_and_the_highest_ack_stay(tmp_path: Path, clock: ManualClock) -> None:
    journal = granted(tmp_path / "j.db", clock)
    for acked, anchor in ((5, Anchor(0, 100, 9)), (3, Anchor(10, 110, 2)), (4, Anchor(20, 120, 50))):
        with journal.transaction():
            journal.acknowledge(1, acked, acked, clock.boot, anchor)
    assert journal.acked == 5
    assert journal.anchor() == Anchor(10, 110, 2)
    journal.close()


def test_a_journal_belongs_to_one_device(tmp_path: Path, clock: ManualClock) -> None:
    opened(tmp_path / "j.db", clock).close()
    with pytest.raises(KnownError, match="journal of k1, not of k2"):
        open_journal(tmp_path / "j.db", "k2", clock)  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", ["edit", "delete", "garbage", "truncate"])
def test_a_damaged_journal_is_set_aside_and_a_new_one_begun(tmp_path: Path, clock: ManualClock, damage: str) -> None:
    path = tmp_path / "j.db"
    journal = granted(path, clock)
    for _ in range(20):
        with journal.transaction():
            journal.append(e.Want(CLAIM))
    journal.close()
    if damage in ("edit", "delete"):
        sql = {
            "edit": "UPDATE event SET mono_ms = mono_ms + 1 WHERE seq = 7",
            "delete": "DELETE FROM event WHERE seq = 7",
        }
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(sql[damage])
        connection.close()
    elif damage == "garbage":
        path.write_bytes(b"\0" * 8192)
    else:
        path.write_bytes(path.read_bytes()[:5000])
    journal, aside = open_journal(path, "k1", clock)  # type: ignore[arg-type]
    assert aside is not None
    assert aside.exists()
    assert journal.identity.inc == 0
    assert journal.head == 0
    journal.close()


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path, clock: ManualClock) -> None:
    journal = granted(tmp_path / "j.db", clock)
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalFull):
        for _ in range(200):
            with journal.transaction():
                journal.append(e.Want(e.Claim("register", "es", e.BookingClaim("f" * 20, 1))))
    head = journal.head
    journal.close()
    journal = opened(tmp_path / "j.db", clock)
    assert journal.head == head
    journal.close()


def test_a_newer_schema_is_refused_politely(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    ours = Migrations("x")

    @ours()
    def s1(db: Database) -> None:
        db.conn.execute("CREATE TABLE t(a)")

    newer = Migrations("x")
    newer()(s1)

    @newer()
    def s2(db: Database) -> None:
        db.conn.execute("CREATE TABLE u(a)")

    open_writer(path, newer).close()
    with pytest.raises(KnownError, match="'s2' of a newer release"):
        open_writer(path, ours)


def test_a_migration_that_dies_leaves_the_old_schema(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    steps = Migrations("x")

    @steps()
    def s1(db: Database) -> None:
        db.conn.execute("CREATE TABLE t(a)")

    dying = Migrations("x")
    dying()(s1)

    @dying()
    def s2(db: Database) -> None:
        db.conn.execute("CREATE TABLE u(a)")
        raise RuntimeError("power")

    with pytest.raises(RuntimeError):
        open_writer(path, dying)
    connection = open_writer(path, steps)
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert "t" in names
    assert "u" not in names


def test_the_chain_shows_every_change() -> None:
    rows, previous = [], chain.GENESIS
    for n in range(1, 6):
        previous = chain.link(previous, n, "body")
        rows.append((n, previous, (n, "body")))
    assert chain.first_break(chain.GENESIS, rows) is None
    rows[2] = (3, rows[2][1], (3, "other"))
    assert chain.first_break(chain.GENESIS, rows) == 3
    assert chain.link(b"", "ab", "c") != chain.link(b"", "a", "bc")


# --- the outbox


def test_the_outbox_reads_what_is_committed_and_waits_for_a_file(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "j.db"
    outbox = Outbox(path)
    assert outbox.identity() is None
    assert (outbox.head(), outbox.after(0, 9)) == (0, [])
    journal = granted(path, clock)
    with journal.transaction():
        journal.append(e.Want(CLAIM))
        assert outbox.head() == 0, "not before the commit"
    assert [row.seq for row in outbox.after(0, 9)] == [1]
    identity = outbox.identity()
    assert identity is not None
    assert (identity.device, identity.inc, identity.slot) == ("k1", 1, 2)
    journal.close()
    for name in ("j.db", "j.db-wal", "j.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    opened(path, clock).close()
    again = outbox.identity()
    assert again is not None
    assert again.journal != identity.journal, "a replaced file is read anew"
    outbox.close()


# --- kill -9 in the middle of writing


def write_until_killed(path: str) -> None:
    journal, _ = open_journal(Path(path), "k1", ManualClock())  # type: ignore[arg-type]
    if not journal.identity.inc:
        with journal.transaction():
            journal.grant(1, 1)
    with open(f"{path}.told", "a") as told:
        while True:
            with journal.transaction():
                seq = journal.append(e.Want(CLAIM))
                journal.next_lane("A")
            told.write(f"{seq}\n")
            told.flush()


def test_what_was_told_as_committed_survives_sigkill(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "j.db"
    context = multiprocessing.get_context("spawn")
    for round_number in range(3):
        process = context.Process(target=write_until_killed, args=(str(path),))
        process.start()
        deadline = time.monotonic() + 20
        told = Path(f"{path}.told")
        while not told.exists() or len(told.read_text().splitlines()) < 40 * (round_number + 1):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        process.close()
        journal = opened(path, clock)
        last_told = int(told.read_text().split("\n")[-2])
        assert journal.head >= last_told
        with journal.transaction():
            assert journal.next_lane("A") == journal.head + round_number + 1, "lane and event are one transaction"
        journal.close()


# --- the hub's log


def numbered(label: str, ticket: str = "k1.1.1") -> e.TicketNumbered:
    return e.TicketNumbered(ticket, "register", label, "walk_in", "es", e.Stands(0, 1, "k1", 1, 0))


def commit(*bodies: e.LogBody, first: int = 1, day: str = "") -> Commit:
    entries = [e.LogEntry(first + i, 1, 5, body, EventId("k1", 1, i + 1)) for i, body in enumerate(bodies)]
    return Commit(entries, {("k1", 1): Mark(len(bodies))}, {"r1": b"{}"}, day)


def test_the_log_comes_back_as_it_was_written(tmp_path: Path) -> None:
    log = open_office_log(tmp_path / "o.db")
    written = commit(e.DayOpened("2026-01-06"), e.DayOpened("2026-01-07"), numbered("A001"))
    log.commit(written, 5)
    secret, key = log.secret, log.booking_key.private_bytes_raw()
    log.close()
    log = open_office_log(tmp_path / "o.db")
    assert list(log.entries_after(0)) == list(written.entries)
    assert [entry.n for entry in log.entries_of_today()] == [2, 3]
    assert (log.head, log.marks(), log.reply("r1"), log.reply("r2")) == (3, {("k1", 1): Mark(3)}, b"{}", None)
    assert (log.secret, log.booking_key.private_bytes_raw()) == (secret, key)
    log.forget_requests(5 + 3 * 86_400_000)
    assert log.reply("r1") is None
    log.close()


def test_the_database_itself_refuses_a_label_twice(tmp_path: Path) -> None:
    log = open_office_log(tmp_path / "o.db")
    log.commit(commit(e.DayOpened("2026-01-07"), numbered("A001")), 5)
    twice = Commit([e.LogEntry(3, 1, 5, numbered("A001", "k1.1.9"))], {}, {"r9": b"{}"}, "2026-01-07")
    with pytest.raises(sqlite3.IntegrityError):
        log.commit(twice, 5)
    assert (log.head, log.reply("r9")) == (2, None), "nothing of it is kept"
    next_day = Commit(
        [e.LogEntry(3, 1, 5, e.DayOpened("2026-01-08")), e.LogEntry(4, 1, 5, numbered("A001", "k1.1.9"))], {}, {}, ""
    )
    log.commit(next_day, 5)
    assert log.head == 4
    log.close()


def test_an_edited_log_is_not_opened(tmp_path: Path) -> None:
    log = open_office_log(tmp_path / "o.db")
    log.commit(commit(e.DayOpened("2026-01-07"), numbered("A001"), numbered("A002", "k1.1.2")), 5)
    log.close()
    connection = sqlite3.connect(tmp_path / "o.db")
    with connection:
        connection.execute("UPDATE log SET body = replace(body, 'A001', 'A009') WHERE n = 2")
    connection.close()
    with pytest.raises(KnownError, match="entry 2 does not follow"):
        open_office_log(tmp_path / "o.db")


def test_bookings_are_changed_by_a_later_import(tmp_path: Path) -> None:
    log = open_office_log(tmp_path / "o.db")
    log.bookings.put([Booking("ab", "taxes", 1_000, "SHORT1")])
    log.bookings.put([Booking("ab", "taxes", 2_000, "SHORT1", cancelled=True)])
    assert (
        log.bookings.find(ref="ab")
        == log.bookings.find(short="SHORT1")
        == Booking("ab", "taxes", 2_000, "SHORT1", True)
    )
    assert log.bookings.find(ref="zz") is None
    assert log.bookings.put([Booking("cd", "taxes", 1, "SHORT1"), Booking("ef", "taxes", 1, "SHORT2")]) == ["cd"]
    assert log.bookings.find(ref="ef") is not None
    log.close()
