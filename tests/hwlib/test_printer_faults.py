"""Every fault of a printer before, during and after a ticket: the outcome is right, nothing comes twice."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from hwlib.printer.document import Cut, Text
from hwlib.printer.jobs import Job
from hwlib.printer.paper_gauge import PaperGauge
from hwlib.printer.profile import Profile
from hwlib.printer.status import Fault
from hwlib.sim.printer_model import ENDLESS_MM, Hand
from tests.hwlib.print_bench import CLONE, CUSTOM, EPSON, STAR, WHOLE, Bench, until

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
