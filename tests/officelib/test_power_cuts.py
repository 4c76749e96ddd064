"""The power goes at each write and sync of a journal: what was promised is there, and nothing is half there."""

import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from officelib import events as e
from officelib.arrival import Anchor
from officelib.ids import EventId
from officelib.journal import office_log
from officelib.journal.device import DeviceJournal, open_journal
from officelib.journal.office_log import Commit, Mark, OfficeLog, open_office_log
from tests.conftest import ManualClock
from tests.officelib.power import AsSqlite3, files_of, play, put

SHORT, LONG = 600, 10_000
"""Cuts of each database: in every run, and with --long."""


@pytest.fixture
def cuts(request: pytest.FixtureRequest) -> int:
    return LONG if request.config.getoption("--long") else SHORT


def kiosk_work(connection: Any, clock: ManualClock, promised: list[tuple[int, int]]) -> None:
    """Tickets as a kiosk writes them; after each commit it would print: (head, lane) of what it may print then."""
    journal = DeviceJournal(connection, clock)  # type: ignore[arg-type]
    for turn in range(30):
        with journal.transaction():
            want = journal.append(e.Want(e.Claim("register", "es")))
        with journal.transaction():
            number = journal.next_lane("A")
            journal.append(e.Lane(f"A1-{number:03d}", e.Claim("register", "es"), want))
            journal.queue_print(want, b"{}")
            journal.see_booking(f"{turn:020x}", want)
        promised.append((journal.head, number))
        with journal.transaction():
            journal.mark_print(want, "sending")
        with journal.transaction():
            journal.mark_print(want, "ended")
            journal.append(e.Printed(want, "done", "printed"))
            journal.acknowledge(1, journal.head, journal.head, clock.boot, Anchor(1, 2, 3))
        clock.advance(7_200_000)
        with journal.transaction():
            journal.forget(turn * 7_200_000)


def test_a_kiosk_keeps_every_ticket_that_it_may_have_printed(tmp_path: Path, cuts: int) -> None:
    clock = ManualClock()
    first, _ = open_journal(tmp_path / "journal.db", "k1", clock)  # type: ignore[arg-type]
    with first.transaction():
        first.grant(1, 1)
    first.close()
    files = files_of(tmp_path / "journal.db")
    operations = play(files, "journal.db", -1, lambda c: kiosk_work(c, ManualClock(), []))[0].worked
    folder = tmp_path / "left"
    folder.mkdir()
    rng, went = random.Random(1), 0
    for cut in range(cuts):
        promised: list[tuple[int, int]] = []
        cut_at = cut % operations if cuts >= operations else rng.randrange(operations)
        disk, cut_off = play(files, "journal.db", cut_at, partial(kiosk_work, clock=ManualClock(), promised=promised))
        went += cut_off
        put(disk.after_cut(rng), folder)
        journal, aside = open_journal(folder / "journal.db", "k1", clock)  # type: ignore[arg-type]
        head, lane = promised[-1] if promised else (0, 0)
        assert aside is None, f"cut {cut_at}: the journal is damaged"
        assert journal.head >= head, f"cut {cut_at}: a ticket that was printed is lost"
        sql = journal._connection.execute
        assert (sql("SELECT last FROM lane").fetchone() or (0,))[0] >= lane, f"cut {cut_at}: a number is given again"
        lanes = sql('SELECT count(*) FROM event WHERE body LIKE \'{"t":"lane%\'').fetchone()
        owed = sql("SELECT count(*) FROM print_job").fetchone()
        assert lanes == owed, f"cut {cut_at}: a ticket without its paper"
        journal.close()
    assert went == cuts, "every cut hit something"


def hub_work(connection: Any, path: Path, promised: list[tuple[int, int]]) -> None:
    """Rounds as a hub commits them; after each it would acknowledge: (entry, device's event)."""
    log = OfficeLog(connection, path)
    seq = log.marks().get(("k1", 1), Mark(0)).seq
    for turn in range(25):
        n = log.head
        bodies: list[e.LogBody] = [e.DayOpened("2026-01-07")] if n == 0 else []
        stands = e.Stands(0, turn, "k1", turn, 5)
        ticket = f"k1.1.{turn}"
        bodies += [
            e.TicketNumbered(ticket, "register", f"A{turn + 1:03d}", "walk_in", "es", stands),
            e.TicketWaiting(ticket),
        ]
        seq += 2
        entries = [e.LogEntry(n + i, 1, turn, b, EventId("k1", 1, seq)) for i, b in enumerate(bodies, start=1)]
        log.commit(Commit(entries, {("k1", 1): Mark(seq, bytes(8))}, {f"r{turn}": b"{}"}, "2026-01-07"), turn)
        promised.append((log.head, seq))


def test_a_hub_keeps_everything_that_it_acknowledged(tmp_path: Path, cuts: int) -> None:
    open_office_log(tmp_path / "office.db").close()
    files = files_of(tmp_path / "office.db")

    def work(promised: list[tuple[int, int]]) -> Any:
        def on(connection: AsSqlite3) -> None:
            hub_work(connection, tmp_path / "office.db", promised)

        return on

    operations = play(files, "office.db", -1, work([]))[0].worked
    folder = tmp_path / "left"
    folder.mkdir()
    rng = random.Random(2)
    for cut in range(cuts):
        promised: list[tuple[int, int]] = []
        cut_at = cut % operations if cuts >= operations else rng.randrange(operations)
        disk, cut_off = play(files, "office.db", cut_at, work(promised))
        assert cut_off
        put(disk.after_cut(rng), folder)
        log = open_office_log(folder / "office.db")
        n, seq = promised[-1] if promised else (0, 0)
        mark = log.marks().get(("k1", 1), Mark(0)).seq
        assert (log.head >= n, mark >= seq) == (True, True), f"cut {cut_at}: an acknowledged event is lost"
        entries = list(log.entries_after(0))
        newest = entries[-1].src.seq if entries and entries[-1].src else 0
        assert newest == mark, f"cut {cut_at}: acknowledged and written part company"
        sql = log._connection.execute
        numbered = sum(1 for x in entries if isinstance(x.body, e.TicketNumbered))
        assert sql("SELECT count(*) FROM label_used").fetchone()[0] == numbered, f"cut {cut_at}: a label without ticket"
        assert sql("SELECT count(*) FROM request").fetchone()[0] == numbered, f"cut {cut_at}: a reply without its round"
        log.close()


def test_this_disk_loses_what_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: with synchronous=NORMAL acknowledged rounds are lost."""
    open_office_log(tmp_path / "office.db").close()
    files = files_of(tmp_path / "office.db")
    lost, rng = 0, random.Random(3)
    folder = tmp_path / "left"
    folder.mkdir()
    for _ in range(60):
        promised: list[tuple[int, int]] = []

        def work(connection: AsSqlite3, promised: list[tuple[int, int]] = promised) -> None:
            connection.execute("PRAGMA synchronous=NORMAL")
            hub_work(connection, tmp_path / "office.db", promised)

        disk, _ = play(files, "office.db", rng.randrange(60, 120), work)
        put(disk.after_cut(rng), folder)
        log = office_log.open_office_log(folder / "office.db")
        lost += bool(promised) and log.head < promised[-1][0]
        log.close()
    assert lost > 10
