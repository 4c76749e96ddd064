"""Mouths, memories, second printers, serial lines, short writes; and who a printer is."""

import queue
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from hwlib.errors import DeviceGone
from hwlib.printer.document import Cut, Document, Feed, Logo, Text
from hwlib.printer.escpos import encode
from hwlib.printer.identify import Identity, matching, probe, read_device_id
from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.pool import PrinterPool
from hwlib.printer.profile import Profile, Serial, profile_names, read_profile
from hwlib.printer.transports import open_address
from hwlib.printer.worker import PrinterWorker
from tests.hwlib.print_bench import CUSTOM, EPSON, GENERIC, STAR, WHOLE, Bench, ShortWriter, quick, until
from tests.hwlib.tickets import TICKET

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
