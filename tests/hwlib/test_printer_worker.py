"""Printing against a simulated printer: the proof, every fault before, during and after, and nothing twice."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from hwlib.errors import DeviceGone
from hwlib.printer.document import Cut, Document, Feed, Logo, Text
from hwlib.printer.escpos import encode
from hwlib.printer.identify import Identity, matching, probe, read_device_id
from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.paper_gauge import PaperGauge
from hwlib.printer.pool import PrinterPool
from hwlib.printer.profile import Profile, Serial, profile_names, read_profile
from hwlib.printer.status import Fault, PrinterStatus
from hwlib.printer.transports import open_address
from hwlib.printer.worker import PrinterWorker
from hwlib.sim.printer import PrinterSim
from hwlib.sim.printer_model import ENDLESS_MM, Hand
from tests.hwlib.tickets import TICKET

EPSON, GENERIC, CLONE = read_profile("epson/tm-m30iii"), read_profile("generic/80"), read_profile("rongta/rp326")
STAR, CUSTOM = read_profile("star/tup500"), read_profile("custom/vkp80ii")
WHOLE: Document = (*TICKET[:-1], Text("END"), Cut())
"""A ticket of which the last line tells that it came out whole."""


def quick(profile: Profile, **fields: Any) -> Profile:
    """The profile of a printer that is as fast as the simulated one, so that nothing waits for slow paper."""
    status = msgspec.structs.replace(profile.status, reply_ms=200)
    return msgspec.structs.replace(profile, speed_mm_s=600.0, status=status, **fields)


@dataclass
class Bench:
    """A simulated printer, a worker of ours, and all that it told."""

    folder: Path
    model: dict[str, Any]
    results: "queue.Queue[PrintResult]" = field(default_factory=queue.Queue)
    statuses: list[PrinterStatus] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    fates: "queue.Queue[tuple[str, str]]" = field(default_factory=queue.Queue)
    at_start: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.sim = PrinterSim(self.folder, **{"mm_s": 2_000.0, **self.model})
        self.sim.start()
        self._workers: list[PrinterWorker] = []

    @property
    def hand(self) -> Hand:
        return self.sim.hand

    def worker(self, profile: Profile = EPSON, address: str = "") -> PrinterWorker:
        def start(key: str) -> None:
            self.started.append(key)
            self.at_start()

        profile = quick(profile)
        worker = PrinterWorker(
            open_address(address or f"tcp://127.0.0.1:{self.sim.port}", profile.serial),
            profile,
            on_start=start,
            on_end=self.results.put,
            on_status=self.statuses.append,
            on_fate=lambda key, fate: self.fates.put((key, fate)),
        )
        worker.start()
        self._workers.append(worker)
        return worker

    def print(
        self, profile: Profile = EPSON, expires_in_s: float = 30, key: str = "1", address: str = ""
    ) -> PrintResult:
        worker = self._workers[-1] if self._workers else self.worker(profile, address)
        worker.submit(Job(key, WHOLE, expires_in_s))
        return self.results.get(timeout=30)

    @property
    def whole_papers(self) -> int:
        """Tickets of which the last line came out."""
        return sum(("END" in lines) for lines in list(self.sim.tickets))

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()
        self.sim.stop()


@pytest.fixture
def bench_of(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**model: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), model))
        return made[-1]

    yield make
    for bench in made:
        bench.stop()


@pytest.fixture
def bench(bench_of: Callable[..., Bench]) -> Bench:
    return bench_of()


def until(what: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


# --- the proof


@pytest.mark.parametrize(
    ("profile", "answers", "level"),
    [
        (EPSON, "escpos", "clean"),
        (STAR, "star", "clean"),
        (CUSTOM, "custom", "clean"),
        (CLONE, "escpos", "processed"),
        (GENERIC, "escpos", "sent"),
        (read_profile("generic/one-way"), "escpos", "sent"),
    ],
    ids=lambda value: getattr(value, "id", value),
)
def test_each_printer_proves_what_it_can(
    bench_of: Callable[..., Bench], profile: Profile, answers: str, level: str
) -> None:
    bench = bench_of(answers=answers)
    result = bench.print(profile)
    assert (result.outcome, result.level, bench.started) == ("done", level, ["1"])
    until(lambda: len(bench.sim.tickets) == 1)
    assert result.accepted_bytes == result.total_bytes > 0


def test_the_proof_waits_for_the_paper(bench_of: Callable[..., Bench]) -> None:
    bench = bench_of(mm_s=150.0)
    began = time.monotonic()
    result = bench.print()
    assert result.level == "clean"
    assert time.monotonic() - began > 0.7 * result.length_mm / 150
    assert bench.whole_papers == 1


@pytest.mark.parametrize("trouble", ["split_replies", "no_process_id"])
def test_answers_in_pieces_or_missing(bench: Bench, trouble: str) -> None:
    setattr(bench.hand, trouble, True)
    result = bench.print()
    assert result.outcome == "done"
    assert result.level == ("clean" if trouble == "split_replies" else "processed")


def test_an_answer_that_is_lost_costs_time_and_no_ticket(bench: Bench) -> None:
    def lose() -> None:
        time.sleep(0.1)  # the answer to the question before has come
        bench.hand.lose_replies = 3  # its own report after ESC @, and both proofs

    bench.at_start = lose
    result = bench.print()
    assert (result.outcome, result.level) == ("unknown", "sent"), "both proofs were lost: nobody pretends"
    until(lambda: bench.whole_papers == 1)
    bench.at_start = lambda: None
    assert bench.print(key="2").outcome == "done"
    until(lambda: bench.whole_papers == 2)
    assert [lines for lines in bench.sim.tickets if "END" in lines] == [list(bench.sim.tickets[0])] * 2


# --- the fault matrix


BLOCKING: dict[str, tuple[dict[str, Any], Fault]] = {
    "paper_out": ({"paper_left_mm": 0.0}, Fault.PAPER_OUT),
    "cover": ({"cover_closed": False}, Fault.COVER_OPEN),
    "cutter": ({"cutter_stuck": True}, Fault.CUTTER),
    "hot": ({"head_hot": True}, Fault.HEAD_HOT),
    "broken": ({"broken": True}, Fault.UNRECOVERABLE),
}


@pytest.mark.parametrize("trouble", BLOCKING)
@pytest.mark.parametrize("profile", [EPSON, STAR, CUSTOM], ids=lambda profile: profile.id)
def test_a_fault_before_the_job_sends_nothing(bench_of: Callable[..., Bench], trouble: str, profile: Profile) -> None:
    answers = {"star/tup500": "star", "custom/vkp80ii": "custom"}.get(profile.id, "escpos")
    bench = bench_of(answers=answers)
    changes, fault = BLOCKING[trouble]
    for name, value in changes.items():
        setattr(bench.hand, name, value)
    result = bench.print(profile)
    if trouble == "cutter" and answers == "custom":
        assert result.outcome != "done", "its full status has no word for the cutter in this simulation"
        return
    assert (result.outcome, result.fault, result.accepted_bytes) == ("not_started", fault, 0)
    assert bench.started == [], "nothing was written down as begun"
    vars(bench.hand).update(vars(Hand(mm_s=2_000)))
    time.sleep(0.3)
    assert bench.sim.tickets == [], "a printer that is well again spits out nothing old"


@pytest.mark.parametrize("trouble", BLOCKING)
def test_a_fault_during_the_job_fails_it_and_nothing_comes_later(bench_of: Callable[..., Bench], trouble: str) -> None:
    bench = bench_of(mm_s=100.0)
    changes, fault = BLOCKING[trouble]

    def strike() -> None:
        def later() -> None:
            time.sleep(0.15)
            for name, value in changes.items():
                setattr(bench.hand, name, value)

        threading.Thread(target=later).start()

    bench.at_start = strike
    result = bench.print()
    assert (result.outcome, result.fault) == ("failed", fault)
    vars(bench.hand).update(vars(Hand(mm_s=2_000)))
    if trouble == "broken":
        bench.sim.model.power_cycle()
    time.sleep(0.5)
    assert bench.whole_papers == 0, "the failed ticket never comes out whole"
    bench.at_start = lambda: None
    until(lambda: bench.print(key="2").outcome == "done", 20)
    until(lambda: bench.whole_papers == 1)


def test_a_printer_that_cannot_clear_itself_may_still_print_and_is_not_trusted(bench_of: Callable[..., Bench]) -> None:
    bench = bench_of(mm_s=100.0)
    bench.at_start = lambda: setattr(bench.hand, "paper_left_mm", 20.0)
    result = bench.print(CLONE)
    assert (result.outcome, result.fault) == ("unknown", Fault.PAPER_OUT)
    bench.hand.paper_left_mm = ENDLESS_MM
    until(lambda: bench.whole_papers == 1)  # the reason why nobody may print it again without a mark


def test_a_roll_that_ends_in_mid_ticket_stops_there(bench_of: Callable[..., Bench]) -> None:
    bench = bench_of(mm_s=200.0)
    bench.at_start = lambda: setattr(bench.hand, "paper_left_mm", 30.0)
    result = bench.print()
    assert (result.outcome, result.fault) == ("failed", Fault.PAPER_OUT)
    bench.hand.paper_left_mm = ENDLESS_MM
    bench.at_start = lambda: None
    assert bench.print(key="2").outcome == "done"
    until(lambda: bench.whole_papers == 1)
    whole = next(lines for lines in bench.sim.tickets if "END" in lines)
    assert whole == ["Oficina de Atención Ciudadana", "A042", *whole[2:]], "not glued to the half one"


def test_a_cutter_that_jams_at_the_cut_is_told(bench: Bench) -> None:
    bench.at_start = lambda: setattr(bench.hand, "jam_at_cut", True)
    result = bench.print()
    assert (result.outcome, result.fault) == ("failed", Fault.CUTTER)
    bench.hand.cutter_stuck = False
    bench.at_start = lambda: None
    assert bench.print(key="2").outcome == "done", "DLE ENQ recovers it once a person has freed it"


def test_a_silent_printer_is_not_sent_a_ticket(bench: Bench) -> None:
    bench.hand.silent = True
    result = bench.print()
    assert (result.outcome, result.fault, bench.started) == ("not_started", Fault.SILENT, [])


def test_a_printer_that_stalls_half_way(bench_of: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwlib.printer.conversation.STALL_S", 0.5)
    bench = bench_of(buffer_bytes=400)
    bench.at_start = lambda: setattr(bench.hand, "deaf", True)
    result = bench.print()
    assert result.outcome in ("unknown", "failed")
    bench.hand.deaf = False
    bench.at_start = lambda: None
    until(lambda: bench.print(key="2").outcome == "done", 20)


def test_a_cable_that_is_pulled_in_mid_job(bench_of: Callable[..., Bench]) -> None:
    bench = bench_of(mm_s=50.0)
    bench.at_start = lambda: threading.Timer(0.1, bench.sim.unplug).start()
    result = bench.print()
    assert (result.outcome, result.fault) == ("unknown", Fault.GONE)
    assert bench.statuses[-1].state == "absent"
    bench.sim.plug()
    bench.at_start = lambda: None
    until(lambda: bench.print(key="2").outcome == "done", 20)


def test_a_fault_after_the_proof_does_not_take_it_back(bench: Bench) -> None:
    assert bench.print().outcome == "done"
    bench.hand.cover_closed = False
    time.sleep(0.2)
    assert bench.print(key="2").outcome == "not_started"
    assert bench.whole_papers == 1


def test_a_half_picture_of_somebody_before_does_not_swallow_the_ticket(bench: Bench) -> None:
    """A host that died in the middle of a picture: the printer takes all that comes for dots until it is filled up."""
    import socket

    with socket.create_connection(("127.0.0.1", bench.sim.port)) as dead:
        dead.sendall(b"\x1b@" + b"\x1dv0\x00" + bytes((72, 0, 100, 0)) + bytes(500))
        time.sleep(0.2)
    bench.hand.lose_replies = 1  # this one does not answer at first, as one that takes the question for dots
    assert bench.print().outcome == "done"
    until(lambda: any("A042" in lines and "END" in lines for lines in bench.sim.tickets))


# --- before and after


def test_a_printer_that_is_not_there(bench: Bench) -> None:
    bench.sim.stop()
    result = bench.print()
    assert (result.outcome, result.fault, result.accepted_bytes) == ("not_started", Fault.GONE, 0)


def test_a_job_that_waited_too_long_is_not_printed(bench: Bench) -> None:
    assert bench.print(expires_in_s=-1).outcome == "expired"
    assert bench.sim.tickets == []


def test_a_cancelled_job_is_not_printed(bench: Bench) -> None:
    worker = bench.worker()
    worker.cancel("1")
    worker.submit(Job("1", WHOLE, 30))
    assert bench.results.get(timeout=10).outcome == "cancelled"
    assert bench.print(key="1").outcome == "done", "the word counts once"


def test_what_cannot_be_noted_is_not_begun(bench: Bench) -> None:
    def refuse() -> None:
        raise OSError("disk full")

    bench.at_start = refuse
    result = bench.print()
    assert (result.outcome, result.accepted_bytes, bench.sim.tickets) == ("not_started", 0, [])


def test_what_cannot_be_put_on_paper_stops_nobody_else(bench: Bench) -> None:
    worker = bench.worker()
    worker.submit(Job("bad", (Text("\u2e9f"), Cut()), 30))
    worker.submit(Job("1", WHOLE, 30))
    results = {result.key: result.outcome for result in (bench.results.get(timeout=20) for _ in range(2))}
    assert results == {"bad": "failed", "1": "done"}


def test_many_jobs_one_owner(bench: Bench) -> None:
    worker = bench.worker()
    threads = [
        threading.Thread(target=worker.submit, args=(Job(str(n), (Text(f"T{n}"), Cut()), 30),)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    results = [bench.results.get(timeout=30) for _ in threads]
    assert {result.outcome for result in results} == {"done"}
    assert sorted(lines[0] for lines in bench.sim.tickets) == [f"T{n}" for n in range(8)]


def test_the_status_is_known_before_anybody_prints(bench: Bench) -> None:
    worker = bench.worker()
    until(lambda: worker.status.state == "ready")
    bench.hand.near_end = True
    bench.hand.cover_closed = False
    worker.look_again()
    until(lambda: worker.status.state == "blocked")
    assert worker.status.fault is Fault.COVER_OPEN
    assert "close its cover" in str(worker.status)


def test_paper_is_counted(bench: Bench) -> None:
    worker = bench.worker()
    result = bench.print()
    assert worker.gauge.used_mm == pytest.approx(result.length_mm, abs=0.1)
    assert worker.gauge.remaining_mm < PaperGauge().roll_mm


# --- mouths, memories, several printers


@pytest.mark.parametrize(("profile", "answers"), [(CUSTOM, "custom"), (STAR, "star")], ids=["custom", "star"])
@pytest.mark.parametrize("fate", ["taken", "retracted"])
def test_a_ticket_in_the_mouth(bench_of: Callable[..., Bench], profile: Profile, answers: str, fate: str) -> None:
    bench = bench_of(answers=answers, has_presenter=True)
    hold_s = 30.0 if fate == "taken" else 2.0
    held = msgspec.structs.replace(profile, presenter=msgspec.structs.replace(profile.presenter, hold_s=hold_s))
    assert bench.print(held).outcome == "done"
    until(lambda: bench.sim.model.at_outlet)
    time.sleep(0.5)
    if fate == "taken":
        bench.sim.model.take_ticket()
    assert bench.fates.get(timeout=15) == ("1", fate)
    assert bench.sim.model.retracted == (fate == "retracted")


def test_a_logo_goes_into_the_memory_once(bench: Bench, tmp_path: Path) -> None:
    Image.new("1", (200, 60), 0).save(tmp_path / "logo.png")
    document: Document = (Feed(10), Logo(tmp_path / "logo.png", 25), Text("END"), Cut())
    worker = bench.worker()
    sizes = []
    for number in range(4):
        worker.submit(Job(str(number), document, 30))
        result = bench.results.get(timeout=20)
        assert result.outcome == "done"
        sizes.append(result.total_bytes)
        time.sleep(0.4)
    assert sizes[-1] < sizes[0] / 4
    assert len(bench.sim.model.decoder.logos) == 1  # type: ignore[union-attr]
    pictures = [path.read_bytes() for path in sorted(bench.folder.glob("*.png"))]
    assert len(set(pictures)) == 1, "from the memory it looks as before"


def test_a_second_printer_takes_what_the_first_never_began(bench_of: Callable[..., Bench]) -> None:
    first, second = bench_of(), bench_of()
    ends: queue.Queue[PrintResult] = queue.Queue()

    def maker(bench: Bench) -> Callable[[Callable[[PrintResult], None]], PrinterWorker]:
        return lambda on_end: PrinterWorker(
            open_address(f"tcp://127.0.0.1:{bench.sim.port}"),
            quick(EPSON),
            on_start=bench.started.append,
            on_end=on_end,
        )

    pool = PrinterPool([maker(first), maker(second)], ends.put)
    pool.start()
    until(lambda: all(worker.status.state == "ready" for worker in pool.workers))
    first.hand.paper_left_mm = 0
    pool.submit(Job("1", WHOLE, 30))
    assert ends.get(timeout=20).outcome == "done"
    assert (first.whole_papers, second.whole_papers) == (0, 1)
    second.hand.cover_closed = False
    pool.submit(Job("2", WHOLE, 30))
    assert ends.get(timeout=20).outcome == "not_started", "both were asked, each once"
    first.hand.paper_left_mm = 25
    pool.workers[0].look_again()
    until(lambda: pool.workers[0].status.state == "ready")
    pool.submit(Job("3", WHOLE, 30))
    assert ends.get(timeout=20).outcome == "failed", "it began: nobody else prints it"
    assert second.whole_papers == 1
    pool.stop()


# --- who is it


def test_profiles_are_matched_by_what_says_most() -> None:
    profiles = [read_profile(name) for name in profile_names() if not name.startswith("family/")]
    found = matching(Identity(usb="04B8:0E32", gs_i=("EPSON", "TM-T88V")), profiles)
    assert [profile.id for profile in found][:2] == ["epson/tm-t88v", "epson/tm-m30iii"]
    assert matching(Identity(usb="ffff:0001"), profiles) == []
    assert read_device_id("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;") == ("EPSON", "TM-T20II")
    assert matching(Identity(ieee1284=("EPSON", "TM-T20II")), profiles)[0].id == "epson/tm-t20ii"


def test_a_probe_tells_what_a_printer_answers(bench: Bench) -> None:
    found = probe(open_address(f"tcp://127.0.0.1:{bench.sim.port}"), quick(GENERIC))
    assert found.answers["GS ( H"]
    assert found.answers["DLE EOT 1"]
    assert found.identity.gs_i == ("ANTESALA", "TM-m30III")
    assert bench.sim.tickets == [], "nothing is printed"
    bench.hand.silent = True
    assert probe(open_address(f"tcp://127.0.0.1:{bench.sim.port}"), quick(GENERIC)).silent


# --- a serial line


def test_a_ticket_over_a_serial_line(bench: Bench) -> None:
    result = bench.print(address=f"serial://{bench.sim.open_line()}")
    assert (result.outcome, result.level) == ("done", "clean")


def test_a_serial_line_that_is_stopped_is_told(bench_of: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwlib.printer.conversation.STALL_S", 0.5)
    bench = bench_of(buffer_bytes=512)
    line = bench.sim.open_line()
    bench.at_start = lambda: setattr(bench.hand, "deaf", True)
    result = bench.print(GENERIC, address=f"serial://{line}")
    assert result.outcome in ("failed", "unknown")
    assert 0 < result.accepted_bytes < result.total_bytes
    transport = open_address(f"serial://{line}", Serial(flow="xonxoff"))
    with pytest.raises(DeviceGone, match="no/such"):
        open_address("serial:///dev/no/such").open()
    del transport


class ShortWriter:
    """A transport that takes a few bytes at a time, and at last none."""

    holds = True

    def __init__(self, takes: int) -> None:
        self.takes, self.data = takes, bytearray()

    def open(self) -> None:
        """Nothing to do."""

    def write_some(self, data: bytes, timeout_s: float) -> int:
        count = min(len(data), 7, self.takes - len(self.data))
        self.data += data[:count]
        if not count:
            time.sleep(timeout_s)
        return count

    def read_some(self, timeout_s: float) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing to do."""


HEAD_BYTES = 8192 + 2
"""What a new process sends first: the filling of a half picture, and ESC @."""


@pytest.mark.parametrize(("takes", "outcomes"), [(10**6, ["done"]), (100, ["failed", "unknown"]), (0, ["not_started"])])
def test_short_writes_lose_nothing_in_silence(monkeypatch: pytest.MonkeyPatch, takes: int, outcomes: list[str]) -> None:
    monkeypatch.setattr("hwlib.printer.conversation.STALL_S", 0.3)
    transport, results = ShortWriter(HEAD_BYTES + takes), queue.Queue()  # type: ignore[var-annotated]
    profile = read_profile("generic/one-way")
    worker = PrinterWorker(transport, profile, on_start=lambda _: None, on_end=results.put)
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    result = results.get(timeout=20)
    worker.stop()
    whole = encode(TICKET, profile)
    assert bytes(transport.data[:HEAD_BYTES]) == bytes(8192) + b"\x1b@"
    assert result.outcome in outcomes
    assert result.accepted_bytes == min(takes, len(whole))
    assert whole.startswith(bytes(transport.data[HEAD_BYTES:]))


def test_a_printer_that_takes_nothing_at_all_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwlib.printer.conversation.STALL_S", 0.2)
    transport, results = ShortWriter(50), queue.Queue()  # type: ignore[var-annotated]
    worker = PrinterWorker(transport, read_profile("generic/one-way"), on_start=lambda _: None, on_end=results.put)
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    assert results.get(timeout=20).outcome == "not_started"
    worker.stop()


# --- answers that are not ours, callers that fail


def test_the_answer_of_another_job_proves_nothing(bench_of: Callable[..., Bench]) -> None:
    bench = bench_of(mm_s=150.0)
    bench.at_start = lambda: bench.sim.model._say(b"\x37\x220xyz\x00")
    began = time.monotonic()
    result = bench.print()
    assert result.level == "clean"
    assert time.monotonic() - began > 0.7 * result.length_mm / 150, "the paper's own answer was waited for"


def test_process_ids_begin_anew_with_each_process(bench: Bench) -> None:
    numbers = {PrinterWorker(ShortWriter(0), EPSON, on_start=print, on_end=print)._numbered for _ in range(20)}
    assert len(numbers) > 15


def test_a_caller_that_fails_does_not_end_the_thread(bench: Bench) -> None:
    results: queue.Queue[PrintResult] = queue.Queue()

    def end(result: PrintResult) -> None:
        results.put(result)
        raise RuntimeError("a fault of the caller")

    worker = PrinterWorker(
        open_address(f"tcp://127.0.0.1:{bench.sim.port}"), quick(EPSON), on_start=lambda _: None, on_end=end
    )
    worker.start()
    for number in range(2):
        worker.submit(Job(str(number), WHOLE, 30))
        assert results.get(timeout=20).outcome == "done"
    worker.stop()


def test_the_same_ticket_twice_in_the_queue_ends_twice(bench: Bench) -> None:
    ends: queue.Queue[PrintResult] = queue.Queue()
    pool = PrinterPool(
        [
            lambda on_end: PrinterWorker(
                open_address(f"tcp://127.0.0.1:{bench.sim.port}"), quick(EPSON), on_start=lambda _: None, on_end=on_end
            )
        ],
        ends.put,
    )
    pool.start()
    for _ in range(3):
        pool.submit(Job("1", WHOLE, 30))
    assert [ends.get(timeout=20).outcome for _ in range(3)] == ["done"] * 3
    pool.stop()


# --- what the one before left behind


def test_a_late_answer_of_the_ticket_before_does_not_prove_the_next(bench_of: Callable[..., Bench]) -> None:
    """A slow printer on a line that is held: the first ticket's GS r comes while the second is waited for."""
    bench = bench_of(mm_s=20.0)
    line = f"serial://{bench.sim.open_line()}"
    first = bench.print(CLONE, address=line)
    assert (first.outcome, first.may_be_printing) == ("unknown", True)
    bench.hand.paper_left_mm = 200.0  # enough for the first, not for both
    second = bench.print(key="2")
    assert second.outcome != "done", "its paper ended in the middle, whatever the first one's answer says"


@pytest.mark.parametrize("profile", [EPSON, CLONE, GENERIC], ids=lambda profile: profile.id)
def test_a_half_picture_is_filled_up_before_the_first_ticket(bench: Bench, profile: Profile) -> None:
    """A program that died in the middle of a picture. The printer answers DLE EOT as if nothing were."""
    import socket

    with socket.create_connection(("127.0.0.1", bench.sim.port)) as dead:
        dead.sendall(b"\x1b@" + b"\x1dv0\x00" + bytes((72, 0, 100, 0)) + bytes(500))
        time.sleep(0.2)
    assert bench.print(profile).outcome == "done"
    until(lambda: any("A042" in lines and "END" in lines for lines in bench.sim.tickets))


def test_a_line_that_stalled_is_asked_again_until_it_answers(
    bench_of: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwlib.printer.conversation.STALL_S", 0.4)
    monkeypatch.setattr("hwlib.printer.worker.POLL_S", 0.3)
    bench = bench_of(buffer_bytes=512)

    def strike() -> None:
        bench.hand.deaf = bench.hand.silent = True

    bench.at_start = strike
    assert bench.print(address=f"serial://{bench.sim.open_line()}").outcome in ("failed", "unknown")
    bench.hand.deaf = bench.hand.silent = False
    bench.at_start = lambda: None
    until(lambda: bench.print(key="2").outcome == "done", 30)


def test_a_network_printer_that_talks_unasked_gets_the_whole_ticket(tmp_path: Path) -> None:
    """What it said and nobody read must not reset the line."""
    import socket

    taken = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"\x10\x00\x00\x00" * 50)
                    time.sleep(0.3)
                    while data := connection.recv(1024):
                        taken.extend(data)
                        time.sleep(0.002)

        threading.Thread(target=serve, daemon=True).start()
        results: queue.Queue[PrintResult] = queue.Queue()
        profile = read_profile("generic/one-way")
        address = open_address(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        worker = PrinterWorker(address, profile, on_start=lambda _: None, on_end=results.put)
        worker.start()
        worker.submit(Job("1", TICKET, 30))
        assert results.get(timeout=20).outcome == "done"
        worker.stop()
        until(lambda: encode(TICKET, profile) in bytes(taken))


def test_a_cover_that_opens_in_mid_ticket_is_told_at_once(bench_of: Callable[..., Bench]) -> None:
    """Automatic status is armed again behind ESC @, which makes printers forget it."""
    bench = bench_of(mm_s=40.0)
    bench.at_start = lambda: threading.Timer(0.2, lambda: setattr(bench.hand, "cover_closed", False)).start()
    began = time.monotonic()
    assert bench.print().fault is Fault.COVER_OPEN
    assert time.monotonic() - began < 2.0, "not first when the paper should have been out"


def test_a_ticket_that_was_worked_off_before_the_fault_is_done(bench: Bench) -> None:
    bench.hand.no_process_id = True
    bench.at_start = lambda: threading.Timer(0.4, lambda: setattr(bench.hand, "cover_closed", False)).start()
    result = bench.print()
    assert (result.outcome, result.level, result.fault) == ("done", "processed", Fault.COVER_OPEN)
    assert bench.whole_papers == 1
