"""SIGKILL of each process in turn, in the middle of the morning, with the real broker: nothing is lost or repeated."""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.office.citizens import Entrance, Papers, morning_bookings, opening_ms
from bench.office.clerk import ClerkClient
from bench.office.errands import ask
from bench.office.report import Notes, all_calls, announcements, check_log, check_outboxes, check_papers, due_calls
from bench.office.stage import CLERKS, EDITOR, ROLES, Options, Stage, wait_for
from hwlib.sim.control import command
from office_hub.tools import read_log
from officelib import events as e
from officelib.assets import asset
from officelib.journal.outbox import Outbox

pytestmark = pytest.mark.timeout(300)
NEWS_S = 90
"""A device says every minute that it is there, should the broker not keep what it said before."""
LABEL_STATES = ("ticket-printed", "ticket-fault", "ticket-printing")


class Office:
    """A running office that a test kills parts of."""

    def __init__(self, folder: Path, kind: type[Stage] = Stage) -> None:
        self.stage = kind(folder, asset("demo", "office.toml"), Options(sound_pace=0.15, idle_ms=8_000))
        self.stage.start_all()
        self.entrance = Entrance(self.stage)
        self.clerk = ClerkClient(self.stage.console, "ana", CLERKS["ana"][1], "c2")
        self.shown: list[str] = []

    def open(self) -> None:
        self.entrance.until("attract")
        self.clerk.sign_in()
        self.wait_until_linked()
        self.papers = Papers(self.stage, self.stage.run / "papers")
        self.bookings = morning_bookings(opening_ms(self.stage))
        self.papers.issue(self.bookings, listed=True)

    def wait_until_linked(self) -> None:
        wait_for(
            lambda: {d for d, on in self.clerk.view()["devices"].items() if on} == {"k1", "s1"}, "all devices", NEWS_S
        )
        wait_for(lambda: all(self.inc(role) for role in ("kiosk", "display")), "both journals to be granted")

    def board_shows_a_call(self) -> bool:
        try:
            return bool(command(self.stage.control("display"), look=True)["screen"] == "calling")
        except (RuntimeError, OSError):
            return False

    def inc(self, role: str) -> int:
        outbox = Outbox(self.stage.run / role / "journal.db")
        identity = outbox.identity()
        outbox.close()
        return identity.inc if identity else 0

    def walk_in(self) -> str:
        """A citizen who does not give up: touches until there is a number."""
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            try:
                seen = self.entrance.look()
                screen = seen["screen"]
                if screen in LABEL_STATES:
                    if screen == "ticket-printing":
                        time.sleep(0.05)
                        continue
                    label = str(seen["painted"][-1][1]).partition(" ")[2]
                    self.shown.append(label)
                    self.entrance.touch("done")
                    return label
                step = {"attract": "start", "choosing": "service-register", "confirming": "confirm"}.get(screen)
                if step:
                    self.entrance.touch(step)
                elif screen.startswith("problem"):
                    self.entrance.touch("done")
            except (RuntimeError, OSError):
                pass
            time.sleep(0.05)
        raise AssertionError("no ticket in 40 s")

    def settle(self, still_s: float = 0) -> None:
        """Everything that is under way has arrived.

        Args:
            still_s: And nothing new was written for so long: an announcement under way is told when it ends.
        """

        since, before = time.monotonic(), [(0, 0)]

        def quiet() -> bool:
            nonlocal since, before
            outboxes = []
            for role in ("kiosk", "display"):
                outbox = Outbox(self.stage.run / role / "journal.db")
                outboxes.append((outbox.head(), outbox.epoch_and_acked()[1]))
                outbox.close()
            if outboxes != before:
                since, before = time.monotonic(), outboxes
            return all(head == acked for head, acked in outboxes) and time.monotonic() - since >= still_s

        wait_for(quiet, "the outboxes to be empty", 40)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    one = Office(tmp_path_factory.mktemp("office"))
    try:
        one.open()
        yield one
    finally:
        one.stage.stop()


def log_of(office: Office) -> list[e.LogEntry]:
    return read_log(office.stage.hub_config.database)


@pytest.mark.parametrize("role", ROLES)
def test_sigkill_loses_no_ticket_and_repeats_no_announcement(office: Office, role: str) -> None:
    """The process dies while one citizen takes a ticket and a clerk calls another; then it starts again."""
    before = office.walk_in()
    called = office.clerk.do("call_next")
    assert called["answer"] == "done", called

    def dies_and_returns() -> None:
        time.sleep(0.25)
        office.stage.kill(role)
        time.sleep(0.4)
        office.stage.start(role)

    killer = threading.Thread(target=dies_and_returns)
    killer.start()
    during = office.walk_in()
    killer.join()
    wait_for(office.board_shows_a_call, "the board to show the call, also after its own death")
    office.wait_until_linked()
    office.clerk.do("finish")
    after = office.walk_in()
    assert len({before, during, after}) == 3
    for _ in range(8):
        if office.clerk.do("call_next")["answer"] != "done":
            break
        office.clerk.do("finish")
    wait_for(lambda: office.clerk.view()["waiting_total"] == 0, "everybody to be called")
    office.settle()
    log = log_of(office)
    known = {x.body.label for x in log if isinstance(x.body, e.TicketNumbered | e.LaneTicket)}
    assert {before, during, after} <= known, "what a citizen saw, the hub knows"
    calls = [x.body.ticket for x in log if isinstance(x.body, e.TicketCalled)]
    assert len(calls) == len(set(calls)), "nobody was called twice"
    told = [x.body.call for x in log if isinstance(x.body, e.CallAnnounced)]
    assert len(told) == len(set(told)), "nothing was announced twice"
    said = [path.stem.partition("-")[2] for path in announcements(office.stage)]
    assert said.count(called["label"]) <= 1, "nor begun again after it was interrupted"


LOOPS = 300


def _kill_and_start(office: Office, role: str, wait_s: float, gone_s: float) -> None:
    time.sleep(wait_s)
    office.stage.kill(role)
    time.sleep(gone_s)
    office.stage.start(role)


@pytest.mark.timeout(7_200)
def test_many_sigkills_in_a_row(office: Office, request: pytest.FixtureRequest) -> None:
    """Any process, at any moment of a citizen's ticket; the long form of this file."""
    if not request.config.getoption("--long"):
        pytest.skip("with --long")
    rng = random.Random(7)
    killed: Counter[str] = Counter()
    for loop in range(LOOPS):
        role = rng.choice(ROLES)
        killed[role] += 1

        def dies_and_returns(
            role: str = role, wait_s: float = rng.uniform(0, 1.2), gone_s: float = rng.uniform(0, 1)
        ) -> None:
            time.sleep(wait_s)
            office.stage.kill(role)
            time.sleep(gone_s)
            office.stage.start(role)

        killer = threading.Thread(target=dies_and_returns)
        killer.start()
        office.walk_in()
        killer.join()
        if loop % 10 == 9:
            office.wait_until_linked()
            while office.clerk.do("call_next")["answer"] == "done":
                office.clerk.do("finish")
            office.settle()
    assert len(office.shown) == len(set(office.shown)), "no number twice"
    known = {x.body.label for x in log_of(office) if isinstance(x.body, e.TicketNumbered | e.LaneTicket)}
    assert set(office.shown) <= known
    calls = [x.body.ticket for x in log_of(office) if isinstance(x.body, e.TicketCalled)]
    assert len(calls) == len(set(calls)), "nobody was called twice"
    sys.stdout.write(f"{sum(killed.values())} kills: {dict(killed)}; {len(office.shown)} numbers seen\n")


def test_after_all_that_the_office_is_sound(office: Office) -> None:
    calls, due = all_calls(log_of(office)), due_calls(log_of(office))

    def sounds() -> int:
        return len(announcements(office.stage))

    wait_for(lambda: sounds() >= len(due) - 2, "the calls to be said: at most the display's own death silences one", 25)
    assert sounds() <= len(calls), "no call was said twice"
    notes = Notes()
    office.settle(still_s=2)
    state = check_log(office.stage, log_of(office), notes)
    check_outboxes(office.stage, notes)
    failed = [check for check in notes.checks if not check.ok]
    assert not failed, failed
    assert set(office.shown) <= set(state.by_label)


def test_a_booking_scanned_before_and_after_the_kiosks_death_is_one_ticket(office: Office) -> None:
    short = office.bookings[0].short
    first = office.entrance.scan(office.papers.codes[short])
    office.entrance.leave()
    office.stage.kill("kiosk")
    office.stage.start("kiosk")
    office.entrance.until("attract")
    office.wait_until_linked()
    deadline = time.monotonic() + 30
    while office.entrance.look()["screen"] != "ticket-again":
        assert time.monotonic() < deadline, office.entrance.look()["screen"]
        command(office.stage.control("scanner"), type=office.papers.codes[short])
        time.sleep(2.5)  # a citizen holds the code there again: the scanner may just have come back
    assert office.entrance.look()["painted"][-1][1] == f"ticket-again {first.label}"
    office.entrance.leave()


def test_what_is_on_paper_is_in_the_log(office: Office) -> None:
    notes = Notes()
    office.settle()
    state = check_log(office.stage, log_of(office), Notes())
    check_papers(office.stage, state, notes)
    by_name = {check.name: check for check in notes.checks}
    assert by_name["every paper is in the log"].ok, by_name
    assert by_name["every QR on paper is read, and signed"].ok, by_name
    assert command(office.stage.control("printer"))["tickets"]


def test_a_test_that_it_asks_for_is_printed_once(office: Office) -> None:
    biel = ClerkClient(office.stage.console, EDITOR, CLERKS[EDITOR][1], "c1")
    biel.sign_in()
    office.entrance.until("attract")
    before = len(command(office.stage.control("printer"))["tickets"])
    assert ask(biel, "k1", "test_print", 30).is_done
    assert len(command(office.stage.control("printer"))["tickets"]) == before + 1
