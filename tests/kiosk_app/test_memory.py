"""The kiosk's memory: nothing is told before it is on the disk, and a crash leaves nothing half done."""

import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.paper import FIELDS, paper_fields
from kiosk_app.core.states import TicketFacts
from kiosk_app.memory import RECOVER_MS, Memory
from officelib import events as e
from officelib import inbound
from officelib.arrival import Anchor
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.events import BookingClaim, Claim
from officelib.inbound import OfficeConfig
from officelib.journal.outbox import Outbox
from officelib.texts import read_texts
from officelib.ticket_code import read_code
from tests.conftest import NINE_MS, ManualClock

CLAIM = Claim("register", "es")
BOOKED = Claim("taxes", "fr", BookingClaim("ab" * 10, NINE_MS))


class Kept:
    """A memory, what it tells, and its journal as the bridge sees it."""

    def __init__(self, path: Path, clock: ManualClock) -> None:
        self.path, self.clock = path, clock
        self.told: queue.Queue[ev.Event] = queue.Queue()
        self.open()

    def open(self) -> None:
        self.memory = Memory(self.path, "k1", self.clock, self.told.put)  # type: ignore[arg-type]
        self.memory.start()

    def next(self) -> ev.Event:
        return self.told.get(timeout=5)

    def crash(self) -> None:
        """As after SIGKILL: the work that was not done is not done."""
        self.memory.stop()
        while not self.told.empty():
            self.told.get()
        self.open()

    def journal(self) -> list[e.DeviceEvent]:
        outbox = Outbox(self.path)
        events = [msgspec.json.decode(row.body, type=e.DeviceEvent) for row in outbox.after(0, 999)]
        outbox.close()
        return events

    def enrol(self, catalogue: Catalogue) -> None:
        outbox = Outbox(self.path)
        identity = outbox.identity()
        assert identity is not None
        outbox.close()
        self.memory.hear(inbound.Granted(identity.journal, 1, 2))
        assert self.next() == ev.Enrolled(has_lane=True)
        self.memory.hear(inbound.ConfigChanged(OfficeConfig(catalogue, ())))
        assert isinstance(self.next(), ev.OfficeTold)


@pytest.fixture
def kept(tmp_path: Path, clock: ManualClock, catalogue: Catalogue) -> Iterator[Kept]:
    one = Kept(tmp_path / "journal.db", clock)
    one.enrol(catalogue)
    yield one
    one.memory.stop()


def ticket(seq: int, label: str = "A001") -> TicketFacts:
    return TicketFacts(seq, label, "register", "es", 0, 0, 0, NINE_MS)


def test_what_is_told_is_in_the_journal_already(kept: Kept) -> None:
    kept.memory.do(ev.WriteWant(CLAIM))
    assert kept.next() == ev.WantWritten(1)
    assert kept.journal() == [e.Want(CLAIM)]
    kept.memory.do(ev.WritePrint(ticket(1), ""))
    written = kept.next()
    assert isinstance(written, ev.TicketWritten)
    assert replace(written.ticket, code="") == ticket(1)
    code = read_code(written.ticket.code)
    assert (code.device, code.inc, code.seq, code.label, code.err_ms) == ("k1", 1, 1, "A001", -1)
    assert kept.journal()[-1] == e.Print(1, "A001")
    kept.memory.do(ev.WriteAbandon(1, "test"))
    kept.memory.print_ended(1, "done", "printed", 0)
    assert kept.next() == ev.PaperEnded(1, printed=True)
    assert kept.journal()[-2:] == [e.Abandon(1, "test"), e.Printed(1, "done", "printed")]


def test_lane_numbers_go_on_after_a_crash(kept: Kept) -> None:
    labels = []
    for _ in range(3):
        kept.memory.do(ev.WriteLane(CLAIM, 0))
        written = kept.next()
        assert isinstance(written, ev.TicketWritten)
        labels.append(written.ticket.label)
        kept.memory.print_ended(written.ticket.seq, "done", "printed", 0)
        kept.next()
        kept.crash()
        assert isinstance(kept.next(), ev.OfficeTold)
        assert isinstance(kept.next(), ev.Enrolled)
    assert labels == ["A2-001", "A2-002", "A2-003"]


def test_a_want_that_a_crash_interrupted_is_abandoned_at_the_start(kept: Kept) -> None:
    kept.memory.do(ev.WriteWant(CLAIM))
    kept.next()
    kept.crash()
    kept.next(), kept.next()
    kept.memory.do(ev.WriteWant(CLAIM))
    assert kept.next() == ev.WantWritten(3)
    assert kept.journal()[1] == e.Abandon(1, "the kiosk was interrupted")


@pytest.mark.parametrize(("begun", "copies"), [(False, 0), (True, 1)])
def test_owed_paper_is_printed_after_a_crash_as_a_copy_if_it_may_be_out(kept: Kept, begun: bool, copies: int) -> None:
    kept.memory.do(ev.WritePrint(ticket(1), ""))
    kept.next()
    if begun:
        kept.memory.print_begins(1)
    kept.crash()
    kept.next(), kept.next()
    recovered = kept.next()
    assert isinstance(recovered, ev.Recovered)
    assert (recovered.ticket.label, recovered.ticket.copies) == ("A001", copies)


@pytest.mark.parametrize("late_by", ["time", "boot"])
def test_old_paper_is_not_printed(kept: Kept, late_by: str) -> None:
    kept.memory.do(ev.WritePrint(ticket(1), ""))
    kept.next()
    if late_by == "time":
        kept.clock.advance(RECOVER_MS)
    else:
        kept.clock.boot = "boot-2"
    kept.crash()
    kept.next(), kept.next()
    kept.memory.do(ev.WriteWant(CLAIM))
    assert isinstance(kept.next(), ev.WantWritten), "nothing was recovered"
    assert e.Printed(1, "expired", "none") in kept.journal()


def test_a_booking_is_known_again_after_a_crash(kept: Kept) -> None:
    booking = BOOKED.booking or BookingClaim()
    kept.memory.do(ev.LookUpBooking(BOOKED, booking))
    assert kept.next() == ev.BookingNew(BOOKED)
    kept.memory.do(ev.WriteLane(BOOKED, 0))
    written = kept.next()
    assert isinstance(written, ev.TicketWritten)
    kept.memory.print_ended(written.ticket.seq, "done", "printed", 0)
    kept.next()
    kept.crash()
    kept.next(), kept.next()
    kept.memory.do(ev.LookUpBooking(BOOKED, booking))
    seen = kept.next()
    assert isinstance(seen, ev.BookingSeen)
    assert (seen.ticket.label, seen.ticket.copies) == (written.ticket.label, 1)


def test_a_booking_that_was_moved_is_another_appointment(kept: Kept) -> None:
    kept.memory.do(ev.WriteLane(BOOKED, 0))
    kept.next()
    moved = Claim("taxes", "fr", BookingClaim("ab" * 10, NINE_MS + 86_400_000))
    kept.memory.do(ev.LookUpBooking(moved, moved.booking or BookingClaim()))
    assert kept.next() == ev.BookingNew(moved)


def test_the_hubs_time_is_carried_on_the_monotonic_clock(kept: Kept) -> None:
    answer = inbound.WantDenied(1, "cancelled")
    kept.clock.wall = 0
    kept.memory.hear(inbound.Acked(1, 0, kept.clock.boot, Anchor(kept.clock.mono, 5_000_000, 1), (answer,)))
    assert kept.next() == ev.HubAnswered(answer, 5_000_000)
    kept.clock.mono += 1_234
    kept.clock.wall = 10**13
    assert kept.memory.keeper.hub_ms() == 5_001_234


def let_no_page_be_added(kept: Kept) -> None:
    connection = kept.memory.keeper._journal._connection
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")


def make_room(kept: Kept) -> None:
    """There is room again, and the hub says something."""
    kept.memory.keeper._journal._connection.execute("PRAGMA max_page_count = 1000000")
    kept.memory.hear(inbound.Acked(1, 0, kept.clock.boot, Anchor(kept.clock.mono, 5_000_000, 1), ()))


def fill_the_disk(kept: Kept) -> None:
    let_no_page_be_added(kept)
    for _ in range(200):
        kept.memory.do(ev.WriteWant(Claim("register" * 20, "es")))
        if isinstance(kept.next(), ev.JournalRefused):
            return
    pytest.fail("the disk was never full")


def test_a_full_disk_is_told_as_such(kept: Kept) -> None:
    fill_the_disk(kept)


def test_how_a_paper_ended_on_a_full_disk_is_written_when_there_is_room(kept: Kept) -> None:
    kept.memory.do(ev.WriteLane(CLAIM, 0))
    assert isinstance(kept.next(), ev.TicketWritten)
    kept.memory.print_begins(1)
    fill_the_disk(kept)
    told = []
    for attempt in range(200):
        kept.memory.print_ended(1, "done", "printed", attempt)
        told.append(kept.next())
        if told[-1] == ev.JournalRefused():
            break
    assert told[-2] == ev.PaperEnded(1, printed=True), "the citizen has the paper, whatever the disk says"
    make_room(kept)
    kept.crash()
    assert e.Printed(1, "done", "printed", attempt) in kept.journal(), "and before what the new start writes"


def start_on_a_full_disk(kept: Kept, after_ms: int) -> list[int]:
    """A paper was begun and wants are open when the kiosk dies; returns the wants."""
    kept.memory.do(ev.WriteLane(CLAIM, 0))
    assert isinstance(kept.next(), ev.TicketWritten)
    kept.memory.print_begins(1)
    fill_the_disk(kept)
    kept.memory.stop()
    wants = [seq for seq, event in enumerate(kept.journal(), start=1) if isinstance(event, e.Want)]
    kept.clock.advance(after_ms)
    kept.told = queue.Queue()
    kept.memory = Memory(kept.path, "k1", kept.clock, kept.told.put)  # type: ignore[arg-type]
    let_no_page_be_added(kept)
    kept.memory.start()
    while (told := kept.next()) != ev.JournalRefused():
        assert not isinstance(told, ev.Recovered), "nothing is promised yet"
    return wants


def test_what_a_crash_left_half_done_is_ended_though_the_disk_was_full_at_the_start(kept: Kept) -> None:
    wants = start_on_a_full_disk(kept, RECOVER_MS + 1)
    make_room(kept)
    kept.memory.stop()
    events = kept.journal()
    assert e.Printed(1, "unknown", "none") in events
    assert [event.want for event in events if isinstance(event, e.Abandon)] == wants


def test_paper_that_is_owed_comes_once_when_there_is_room(kept: Kept) -> None:
    start_on_a_full_disk(kept, 1_000)
    make_room(kept)
    make_room(kept)
    kept.memory.stop()
    told = list(kept.told.queue)
    assert [event.ticket.label for event in told if isinstance(event, ev.Recovered)] == ["A2-001"]


def test_what_was_left_open_is_not_written_in_another_journal(kept: Kept) -> None:
    start_on_a_full_disk(kept, RECOVER_MS + 1)
    kept.memory.hear(inbound.Disowned(kept.memory.keeper._journal.identity.journal))
    assert kept.next() == ev.Enrolled(has_lane=False, granted=False)
    make_room(kept)
    kept.memory.stop()
    assert kept.journal() == []


def test_the_paper_says_everything_in_the_citizens_language(catalogue: Catalogue) -> None:
    texts = read_texts(asset("i18n"), "ticket", ("es", "ca", "en", "fr", "ar"))
    facts = TicketFacts(7, "A042", "taxes", "fr", 3, 12, NINE_MS + 1_800_000, NINE_MS, copies=2, code="QT1ABC")
    paper = paper_fields(facts, catalogue, texts["fr"])
    assert set(paper) == set(FIELDS)
    assert paper["label"] == "A042"
    assert paper["service"] == "Impôts et taxes"
    assert paper["copy"] == "COPIE 2"
    assert paper["booked_at"] == "Rendez-vous à 09:30"
    assert paper["people_ahead"] == "3 personnes avant vous"
    assert paper["wait_about"] == "Attente : environ 12 minutes"
    assert paper["code"] == "QT1ABC"
    assert paper["printed_at"] == "07/01/2026 09:00"
