"""Printing: the bytes, the proof, and every fault before, during and after."""

import queue
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hwlib.errors import DeviceGone, HardwareError, ProfileError
from hwlib.printer.document import Cut, Document, Feed, Qr, Rule, Text
from hwlib.printer.escpos import clean, encode
from hwlib.printer.profile import Profile, read_profile
from hwlib.printer.raster import raster_commands, scrubbed
from hwlib.printer.replies import Fault, PrintedId, Processed, RealTimeStatus, ReplyReader, fault_in
from hwlib.printer.transports import open_address
from hwlib.printer.worker import Job, PrinterWorker, PrintResult
from hwlib.sim.escpos_decoder import EscPosDecoder, Ticket
from hwlib.sim.printer import PrinterSim

EPSON, GENERIC = read_profile("epson/tm-m30iii"), read_profile("generic/80")
TICKET: Document = (
    Feed(10),
    Text("Oficina de Atención Ciudadana", bold=True),
    Rule(),
    Text("A042", size=7, bold=True),
    Text("القادم", size=2),
    Qr("QT1:o12:A042:k1:7"),
    Cut(),
)


def decoded(data: bytes, dots: int = 576) -> tuple[list[Ticket], bytes]:
    tickets: list[Ticket] = []
    replies = bytearray()
    decoder = EscPosDecoder(dots, replies.extend, tickets.append, lambda _: 0x12)
    decoder.feed(data)
    return tickets, bytes(replies)


# --- bytes


@pytest.mark.parametrize("name", ["epson/tm-m30iii", "generic/80", "generic/58"])
def test_a_ticket_reads_the_same_from_every_printer(name: str) -> None:
    profile = read_profile(name)
    data = encode(TICKET, profile) + (b"" if profile.cut != "none" else b"\x1dV\x00")
    (ticket,), _ = decoded(data, profile.dots)
    assert "A042" in ticket.lines
    found = zxingcpp.read_barcodes(ticket.image.convert("L"))
    assert [code.text for code in found] == ["QT1:o12:A042:k1:7"]


def test_known_bytes_of_the_manual() -> None:
    """ESC @; ESC t 19 (CP858); ESC E, ESC a, GS !; GS V 66 0. Written from Epson's command reference."""
    data = encode((Text("é", bold=True), Cut()), EPSON)
    assert data.startswith(b"\x1b@")
    assert b"\x1bt\x13" in data
    assert b"\x1bE\x01" in data
    assert b"\x1ba\x01" in data
    assert b"\x1d!\x00" in data
    assert data.endswith(b"\x82\n\x1dVB\x00")


def test_the_second_ticket_is_encoded_like_the_first() -> None:
    """python-escpos keeps its code page over ESC @: one encoder a ticket."""
    assert encode(TICKET, EPSON) == encode(TICKET, EPSON)


def test_a_label_is_large_enough_to_be_read() -> None:
    """UX CI5: at least 8 mm high."""
    (ticket,), _ = decoded(encode((Text("A042", size=7, bold=True), Cut()), EPSON))
    top, bottom = ticket.image.convert("L").point(lambda v: 255 - v).getbbox()[1::2]  # type: ignore[index]
    assert (bottom - top) / EPSON.dpi * 25.4 >= 8


def test_the_head_of_a_ticket_is_told_by_touch() -> None:
    """EN 301 549 8.4.3: white at one end, at least 10 mm."""
    (ticket,), _ = decoded(encode((Feed(10), Text("A"), Cut()), EPSON))
    top = ticket.image.convert("L").point(lambda v: 255 - v).getbbox()[1]  # type: ignore[index]
    assert (top - 24) / EPSON.dpi * 25.4 >= 9.8


@given(st.text(max_size=60))
def test_no_text_reaches_a_printer_as_a_command(text: str) -> None:
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in clean(text))
    data = encode((Text(text, align="left"), Cut()), EPSON)
    body = data[data.index(b"\x1bt\x13") + 3 :]
    for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
        assert command not in body


def test_pictures_hide_no_real_time_commands() -> None:
    chance = random.Random(5)
    for _ in range(60):
        width = chance.choice((384, 512, 576))
        image = Image.frombytes("1", (width, 120), chance.randbytes(width // 8 * 120))
        data = raster_commands(image, width)
        for hidden in (b"\x10\x04", b"\x10\x05", b"\x10\x14"):
            assert hidden not in data
    assert scrubbed(b"\x10\x04\x10\x10\x05") == b"\x11\x04\x10\x11\x05"


# --- replies

STATUS, PRINTED = b"\x12", b"\x37\x220042\x00"


@given(st.lists(st.sampled_from([STATUS, PRINTED, b"\x00", b"\x11", b"\x10\x00\x00\x00"]), max_size=12), st.data())
def test_replies_are_told_apart_however_they_are_cut(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    whole = ReplyReader().feed(stream)
    reader, split = ReplyReader(), []
    at = 0
    while at < len(stream):
        step = data.draw(st.integers(1, 4))
        split += reader.feed(stream[at : at + step])
        at += step
    assert split == whole
    kinds = {STATUS: RealTimeStatus(0x12), PRINTED: PrintedId(b"0042"), b"\x00": Processed(0)}
    assert whole == [kinds[part] for part in parts if part in kinds]


@given(st.binary(max_size=500))
def test_no_reply_breaks_the_reader(data: bytes) -> None:
    ReplyReader().feed(data)


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ((0x16, 0x12, 0x12, 0x12), Fault.NONE),
        ((0x1E, 0x32, 0x12, 0x7E), Fault.PAPER_OUT),
        ((0x1E, 0x16, 0x12, 0x12), Fault.COVER_OPEN),
        ((0x1E, 0x52, 0x1A, 0x12), Fault.CUTTER),
        ((0x1E, 0x52, 0x32, 0x12), Fault.ERROR),
        ((0x1E, 0x12, 0x12, 0x12), Fault.OFFLINE),
    ],
)
def test_a_fault_is_named(answers: tuple[int, int, int, int], fault: Fault) -> None:
    assert fault_in(*answers) is fault


# --- the worker against the simulated printer


@dataclass
class Bench:
    sim: PrinterSim
    folder: Path
    results: "queue.Queue[PrintResult]" = field(default_factory=queue.Queue)
    started: list[str] = field(default_factory=list)

    def worker(self, profile: Profile = EPSON) -> PrinterWorker:
        worker = PrinterWorker(
            open_address(f"tcp://127.0.0.1:{self.sim.port}"),
            profile,
            on_start=self.started.append,
            on_end=self.results.put,
        )
        worker.start()
        return worker

    def print(self, profile: Profile = EPSON, expires_in_s: float = 30) -> PrintResult:
        worker = self.worker(profile)
        worker.submit(Job("1", TICKET, expires_in_s))
        result = self.results.get(timeout=30)
        worker.stop()
        return result

    @property
    def papers(self) -> int:
        return len(list(self.folder.glob("*.png")))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    sim = PrinterSim(tmp_path, mm_s=2_000)
    sim.start()
    yield Bench(sim, tmp_path)
    sim.stop()


def test_printed_means_that_the_printer_said_so(bench: Bench) -> None:
    result = bench.print()
    assert (result.outcome, result.level, bench.papers, bench.started) == ("done", "printed", 1, ["1"])


def test_a_printer_that_can_only_say_processed_is_believed_that_far(bench: Bench) -> None:
    assert bench.print(replace_profile(EPSON, confirm="gs_r")).level == "processed"


def test_a_printer_that_proves_nothing_promises_nothing(bench: Bench) -> None:
    assert bench.print(GENERIC).level == "sent"


@pytest.mark.parametrize(
    ("change", "fault"), [({"paper": False}, Fault.PAPER_OUT), ({"cover_closed": False}, Fault.COVER_OPEN)]
)
def test_a_fault_before_the_job_sends_nothing(bench: Bench, change: dict[str, bool], fault: Fault) -> None:
    for name, value in change.items():
        setattr(bench.sim.state, name, value)
    result = bench.print()
    assert (result.outcome, result.fault, result.accepted_bytes) == ("not_started", fault, 0)
    assert bench.started == [], "nothing was written down as begun"
    bench.sim.state.paper = bench.sim.state.cover_closed = True
    time.sleep(0.3)
    assert bench.papers == 0, "paper that is put in spits out nothing old"


def test_a_silent_printer_is_not_sent_a_ticket(bench: Bench) -> None:
    bench.sim.state.silent = True
    assert bench.print().fault is Fault.SILENT


def test_paper_that_ends_in_the_middle_is_a_failure_and_no_second_print(bench: Bench) -> None:
    worker = PrinterWorker(
        open_address(f"tcp://127.0.0.1:{bench.sim.port}"),
        EPSON,
        on_start=lambda _: setattr(bench.sim.state, "paper", False),
        on_end=bench.results.put,
    )
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    result = bench.results.get(timeout=30)
    assert (result.outcome, result.fault) == ("failed", Fault.PAPER_OUT)
    assert result.accepted_bytes > 0
    worker.stop()


def test_a_printer_that_is_not_there_can_be_replaced_by_another(tmp_path: Path) -> None:
    sim = PrinterSim(tmp_path)
    sim._server.server_close()
    results: queue.Queue[PrintResult] = queue.Queue()
    worker = PrinterWorker(
        open_address(f"tcp://127.0.0.1:{sim.port}"), EPSON, on_start=lambda _: None, on_end=results.put
    )
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    result = results.get(timeout=10)
    assert (result.outcome, result.fault, result.accepted_bytes) == ("not_started", Fault.GONE, 0)
    worker.stop()


def test_a_job_that_waited_too_long_is_not_printed(bench: Bench) -> None:
    assert bench.print(expires_in_s=-1).outcome == "expired"
    assert bench.papers == 0


class ShortWriter:
    """A transport that takes a few bytes at a time, and at last none."""

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


@pytest.mark.parametrize(("takes", "outcome"), [(10**6, "done"), (100, "failed"), (0, "not_started")])
def test_short_writes_lose_nothing_in_silence(monkeypatch: pytest.MonkeyPatch, takes: int, outcome: str) -> None:
    monkeypatch.setattr("hwlib.printer.worker.STALL_S", 0.3)
    transport, results = ShortWriter(takes), queue.Queue()  # type: ignore[var-annotated]
    profile = replace_profile(GENERIC, status=False)
    worker = PrinterWorker(transport, profile, on_start=lambda _: None, on_end=results.put)
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    result = results.get(timeout=20)
    whole = encode(TICKET, profile)
    assert result.outcome == outcome
    assert result.accepted_bytes == len(transport.data) == min(takes, len(whole))
    assert whole.startswith(bytes(transport.data))
    worker.stop()


def replace_profile(profile: Profile, **fields: object) -> Profile:
    import msgspec

    return msgspec.structs.replace(profile, **fields)


# --- profiles and addresses


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('inherits = "x/y"\n', "inherits from itself"),
        ('inherits = "generic/none"\n', "generic/none"),
        ("dots = 576\n", "missing required field"),
        ('inherits = "x/base"\ndotz = 5\n', "unknown field `dotz`"),
    ],
)
def test_a_wrong_profile_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x").mkdir()
    base = (Path(__file__).parents[2] / "printer_profiles" / "generic" / "80.toml").read_text()
    (tmp_path / "x" / "base.toml").write_text(base)
    (tmp_path / "x" / "y.toml").write_text(text)
    with pytest.raises(ProfileError, match=told):
        read_profile("x/y", tmp_path)


def test_every_shipped_profile_is_right_and_says_where_it_is_from() -> None:
    folder = Path(__file__).parents[2] / "printer_profiles"
    names = [p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.toml")]
    assert len(names) >= 3
    for name in names:
        assert read_profile(name).evidence, name


def test_addresses(tmp_path: Path) -> None:
    for wrong in ("lpt1", "tcp://printer", "tcp://:9100", "usb://04b8", "usb://x:y"):
        with pytest.raises(HardwareError, match="write (tcp|usb)://"):
            open_address(wrong)
    with pytest.raises(DeviceGone, match="No such file"):
        open_address(f"usblp://{tmp_path}/lp0").open()
    with pytest.raises(DeviceGone, match="not open"):
        open_address("tcp://127.0.0.1:9100").write_some(b"x", 0.1)


def test_usblp_takes_what_the_file_takes(tmp_path: Path) -> None:
    """A named pipe stands in for the device file: it stalls in the same way when nobody reads."""
    import os

    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    transport = open_address(f"usblp://{pipe}")
    transport.open()
    taken = 0
    while count := transport.write_some(b"x" * 4096, 0.05):
        taken += count
    assert taken >= 4096
    assert transport.write_some(b"x", 0.05) == 0, "it is full: nothing is pretended"
    transport.close()


def test_what_cannot_be_noted_is_not_begun(bench: Bench) -> None:
    def refuse(_key: str) -> None:
        raise OSError("disk full")

    address = open_address(f"tcp://127.0.0.1:{bench.sim.port}")
    worker = PrinterWorker(address, EPSON, on_start=refuse, on_end=bench.results.put)
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    result = bench.results.get(timeout=10)
    worker.stop()
    assert (result.outcome, result.accepted_bytes, bench.papers) == ("not_started", 0, 0)


def test_many_jobs_one_owner(bench: Bench) -> None:
    worker = bench.worker()
    threads = [
        threading.Thread(target=worker.submit, args=(Job(str(n), (Text(f"T{n}"), Cut()), 30),)) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    results = [bench.results.get(timeout=30) for _ in threads]
    assert {r.outcome for r in results} == {"done"}
    assert bench.papers == 8
    worker.stop()
