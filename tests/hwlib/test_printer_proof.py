"""Printing against a simulated printer: what each printer proves, and which answer counts for which ticket."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hwlib.printer.conversation import Conversation
from hwlib.printer.escpos import encode
from hwlib.printer.jobs import Job, PrintResult, Ready
from hwlib.printer.paper_gauge import PaperGauge
from hwlib.printer.pool import PrinterPool
from hwlib.printer.profile import Profile, read_profile
from hwlib.printer.proof import prove
from hwlib.printer.status import Fault
from hwlib.printer.transports import open_address
from hwlib.printer.worker import PrinterWorker
from tests.hwlib.print_bench import CLONE, CUSTOM, EPSON, GENERIC, STAR, WHOLE, Bench, ShortWriter, quick, until
from tests.hwlib.tickets import TICKET

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


# --- answers that are not ours, callers that fail


def test_the_answer_of_another_job_proves_nothing(bench_of: Callable[..., Bench]) -> None:
    bench = bench_of(mm_s=150.0)
    bench.at_start = lambda: bench.sim.model._say(b"\x37\x220xyz\x00")
    began = time.monotonic()
    result = bench.print()
    assert result.level == "clean"
    assert time.monotonic() - began > 0.7 * result.length_mm / 150, "the paper's own answer was waited for"


class Script:
    """A transport whose answers are written beforehand."""

    holds = True

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)

    def open(self) -> None:
        """Nothing to do."""

    def write_some(self, data: bytes, timeout_s: float) -> int:
        return len(data)

    def read_some(self, timeout_s: float) -> bytes:
        time.sleep(min(timeout_s, 0.01))
        return self.answers.pop(0) if self.answers else b""

    def close(self) -> None:
        """Nothing to do."""


@pytest.mark.parametrize(("answers", "level"), [((b"\x00",), None), ((b"\x00", b"\x00"), "processed")])
def test_answers_that_are_owed_are_counted(answers: tuple[bytes, ...], level: str | None) -> None:
    """GS r carries no name: with one owed from before, the first that comes is not ours."""
    profile = quick(CLONE)
    talk = Conversation(Script(*answers), profile, PaperGauge(), lambda _status: None)
    talk.owed = 2
    assert prove(talk, Ready(Job("1", WHOLE, 30), 0.0, length_mm=1.0)) == level


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
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)  # what it has not taken waits on our side

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
                        with contextlib.suppress(OSError):
                            connection.sendall(b"\x10\x00\x00\x00")
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
