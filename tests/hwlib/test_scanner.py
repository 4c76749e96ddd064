"""Scanners: over a real pty, by key events as the kernel gives them, by reports, by pictures. Whole or not at all."""

import queue
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hwlib.errors import HardwareError
from hwlib.printer.raster import qr_image
from hwlib.scanner import Scan
from hwlib.scanner.camera import CameraScanner
from hwlib.scanner.framing import DEBOUNCE_MS, MAX_CODE_BYTES, Debounce, Framer
from hwlib.scanner.hid_pos import HidPosScanner, ReportReader, shape_of
from hwlib.scanner.keys import EV_KEY, EV_SYN, SYN_DROPPED, Burst, KeyAssembler
from hwlib.scanner.layouts import LayoutFinder, decode, layouts
from hwlib.scanner.serial import SerialScanner
from hwlib.scanner.wedge import KeyLine, WedgeScanner
from hwlib.scanner.wedge_child import EVENT, READY
from hwlib.sim.scanner import ScannerSim
from tests.hwlib.typist import typed

CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=2, max_size=139)


# --- framing


@given(st.lists(CODES, max_size=5), st.sampled_from(["\r", "\n", "\r\n", "\x03"]), st.data())
def test_codes_come_out_whole_however_the_line_cuts_them(codes: list[str], end: str, data: st.DataObject) -> None:
    stream = "".join(code + end for code in codes).encode()
    framer, scans, at = Framer(), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, 40))
        scans += framer.feed(stream[at : at + step], 0)
        at += step
    assert scans == [Scan(code) for code in codes]


def test_a_scanner_without_a_suffix_is_cut_by_its_pause() -> None:
    framer = Framer()
    assert framer.feed(b"ABC", 0) == []
    assert framer.idle(99) == []
    assert framer.idle(100) == [Scan("ABC")]
    assert framer.idle(900) == []
    assert framer.feed(b"DEF", 1_000) == []
    assert framer.feed(b"GHI\r", 2_000) == [Scan("DEFGHI")], "nothing was read meanwhile: it waited, it was no pause"


def test_a_code_whose_end_is_missing_is_rejected() -> None:
    """Of a scanner that ends its codes: a pause in the middle is a stalled machine, and no end at all half a code."""
    framer = Framer()
    framer.feed(b"ABC\r", 0)
    assert framer.feed(b"QB1", 1_000) == []
    assert framer.idle(1_500) == []
    assert framer.feed(b"XYZ\r", 1_600) == [Scan("QB1XYZ")]
    framer.feed(b"QB1", 3_000)
    assert framer.idle(4_000) == [Scan("", "its end is missing")]
    assert framer.feed(b"QB1ABC\r", 5_000) == [Scan("QB1ABC")]
    assembler = KeyAssembler()
    assert len(bursts_of(assembler, typed("FIRST"))) == 1
    assert bursts_of(assembler, typed("SECOND", start_ms=1_000, suffix=False)) == []
    assert assembler.idle(1_500) == []
    assert [burst.problem for burst in assembler.idle(9_000)] == ["its end is missing"]


def test_the_scanners_own_prefix_is_no_part_of_the_code() -> None:
    assert Framer().feed(b"\x02]Q1QB1ABC\x03", 0) == [Scan("QB1ABC", aim="]Q1")]


def test_what_cannot_be_a_code_is_rejected_aloud() -> None:
    assert Framer().feed(b"x" * (MAX_CODE_BYTES + 1) + b"\r", 0)[0].problem
    assert Framer().feed(b"\xff\xfe\r", 0)[0].problem
    assert Framer().feed(b"\r\r\n", 0) == []


def test_the_same_paper_under_the_beam_counts_once() -> None:
    debounce, scan = Debounce(), Scan("A")
    assert debounce.passes(scan, 0)
    assert not debounce.passes(scan, DEBOUNCE_MS - 1)
    assert not debounce.passes(scan, 2 * DEBOUNCE_MS - 2), "it never left the beam"
    assert debounce.passes(Scan("B"), 2 * DEBOUNCE_MS - 1)
    assert not debounce.passes(scan, 2 * DEBOUNCE_MS), "two codes in view are two codes, each once"
    assert debounce.passes(scan, 3 * DEBOUNCE_MS)
    assert debounce.passes(Scan("", "broken"), 0)
    assert debounce.passes(Scan("", "broken"), 0)


# --- over a real pseudo-terminal


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[tuple[ScannerSim, "queue.Queue[Scan]"]]:
    link = tmp_path / "scanner"
    device, scans = ScannerSim(link), queue.Queue()  # type: ignore[var-annotated]
    scanner = SerialScanner(str(link), 115_200, scans.put)
    scanner.start()
    yield device, scans
    scanner.stop()


def test_a_serial_scan_arrives_whole(sim: tuple[ScannerSim, "queue.Queue[Scan]"]) -> None:
    device, scans = sim
    first = ""
    while not first:
        device.type("HELLO")
        try:
            first = scans.get(timeout=0.5).text
        except queue.Empty:
            continue
    assert first == "HELLO", "what was under way when the port opened is dropped whole"
    for text in ("QB1" + "A2" * 68, "short"):
        device.type(text)
        assert scans.get(timeout=5) == Scan(text)


# --- key events


def bursts_of(assembler: KeyAssembler, events: list[tuple[int, int, int, int]]) -> list[Burst]:
    return [burst for event in events for burst in assembler.event(*event)]


@given(CODES)
def test_a_wedge_scan_is_read_from_its_keys(code: str) -> None:
    (burst,) = bursts_of(KeyAssembler(), typed(code))
    assert decode(burst.keys, "us") == code


def test_a_scan_that_lost_keys_is_rejected_and_the_next_one_is_whole() -> None:
    events = typed("QB1ABC")
    for at in range(len(events) - 1):
        assembler = KeyAssembler()
        broken = [*events[:at], (EV_SYN, SYN_DROPPED, 0, events[at][3]), *events[at + 1 :]]
        found = bursts_of(assembler, [*broken, *typed("NEXT", start_ms=5_000)])
        assert [bool(burst.problem) for burst in found][-1] is False
        assert decode(found[-1].keys, "us") == "NEXT"
        assert any(burst.problem == "keys were lost" for burst in found)
        assert len(found) == 2, "nothing of the broken one is taken for a code"


def test_a_scan_without_its_end_is_ended_by_a_pause() -> None:
    assembler = KeyAssembler()
    assert bursts_of(assembler, typed("ABC", suffix=False)) == []
    assert assembler.idle(50) == []
    (burst,) = assembler.idle(10_000)
    assert decode(burst.keys, "us") == "ABC"


def test_a_finger_is_no_scanner() -> None:
    assert bursts_of(KeyAssembler(), typed("HELLO", step_ms=90)) == []
    assert bursts_of(KeyAssembler(), typed("A")) == [], "a single key is a bump"
    assert len(bursts_of(KeyAssembler(), typed("HELLO", step_ms=16))) == 1, "the slowest setting of a scanner"


def test_a_key_that_lies_under_something_is_rejected() -> None:
    times = [(1, 0), *((2, at_ms) for at_ms in range(50, 1_200, 33)), (0, 1_200)]
    held = [*((EV_KEY, 30, value, at_ms) for value, at_ms in times), (EV_KEY, 28, 1, 1_210)]
    found = bursts_of(KeyAssembler(), held)
    assert [burst.problem for burst in found] == ["a key was held"]
    many = typed("A" * 600)
    assert bursts_of(KeyAssembler(), many)[0].problem == "longer than 512 keys"


def test_characters_by_their_numbers_and_control_characters() -> None:
    events = [(EV_KEY, 56, 1, 0), (EV_KEY, 77, 1, 2), (EV_KEY, 77, 0, 3), (EV_KEY, 76, 1, 4), (EV_KEY, 76, 0, 5)]
    events += [(EV_KEY, 56, 0, 6), *typed("B", start_ms=8, suffix=False)]
    events += [(EV_KEY, 29, 1, 20), (EV_KEY, 27, 1, 21), (EV_KEY, 27, 0, 22), (EV_KEY, 29, 0, 23), (EV_KEY, 28, 1, 24)]
    (burst,) = bursts_of(KeyAssembler(), events)
    assert decode(burst.keys, "us") == "AB\x1d", "Alt with 65, B, and the group separator of GS1"


def test_caps_lock_turns_shift_around() -> None:
    events = [(EV_KEY, 58, 1, 0), (EV_KEY, 58, 0, 1), *typed("ab", start_ms=2)]
    (burst,) = bursts_of(KeyAssembler(), events)
    assert decode(burst.keys, "us") == "AB"


# --- layouts


def test_a_finder_asks_the_code_for_its_layout() -> None:
    learned: list[str] = []
    finder = LayoutFinder(lambda text: text in ("QAZ-1", "WYX-2", "ZAQ-3", "AQA-4"), on_learned=learned.append)
    for number, code in enumerate(("QAZ-1", "WYX-2", "ZAQ-3")):
        (burst,) = bursts_of(KeyAssembler(), typed(code, layout="fr"))
        found = finder.text_of(burst.keys)
        assert (found.text, found.layout) == (code, "fr")
        assert learned == (["fr"] if number == 2 else [])
    (burst,) = bursts_of(KeyAssembler(), typed("https://example.org/a", layout="fr"))
    assert finder.text_of(burst.keys).text == "https://example.org/a", "free text is read in the layout that is known"
    (burst,) = bursts_of(KeyAssembler(), typed("AQA-4", layout="us"))
    assert finder.text_of(burst.keys).text == "AQA-4", "another scanner on the same plug is still understood"


def test_two_layouts_that_both_make_a_code_are_no_answer() -> None:
    finder = LayoutFinder(lambda _text: False, lambda text: text in ("ZY", "YZ"))
    (burst,) = bursts_of(KeyAssembler(), typed("ZY", layout="de"))
    assert "several keyboard layouts" in finder.text_of(burst.keys).problem
    known = LayoutFinder(lambda _text: False, lambda text: text in ("ZY", "YZ"), learned="de")
    assert known.text_of(burst.keys).text == "ZY"
    signed = LayoutFinder(lambda text: text == "YZ", lambda text: text in ("ZY", "YZ"), learned="de")
    for _ in range(3):
        assert signed.text_of(burst.keys).text == "YZ", "a signature is stronger than what was learned"
    assert signed.learned != "de", "and teaches anew"


def test_the_tables_are_those_of_the_keyboard_database() -> None:
    from hwlib.scanner import layout_tables

    try:
        made = layout_tables.tables()
    except (OSError, LookupError) as error:
        pytest.skip(f"no keyboard database here: {error}")
    import json
    from importlib import resources

    kept = json.loads((resources.files("hwlib.scanner") / "layouts.json").read_text())
    assert made["codes"] == kept["codes"]
    differing = [name for name, levels in made["layouts"].items() if levels[:2] != kept["layouts"][name][:2]]  # type: ignore[attr-defined]
    assert len(differing) <= 3, f"newer databases move a sign now and then: {differing}"
    assert len(layouts()) >= 30


def test_layout_names_that_nobody_knows_are_ignored() -> None:
    finder = LayoutFinder(lambda _text: False, learned="klingon")
    (burst,) = bursts_of(KeyAssembler(), typed("HELLO"))
    assert finder.text_of(burst.keys).text == "HELLO"


# --- the line from keys to scans


def test_a_wedge_tells_codes_and_troubles() -> None:
    scans: list[Scan] = []
    line = KeyLine(LayoutFinder(lambda text: text.startswith("QB1")), scans.append)
    for event in [*typed("]Q1QB1ABC"), *typed("QB1ABC", start_ms=1_000), (EV_SYN, SYN_DROPPED, 0, 2_000)]:
        line.take([(event[3], *event[:3])])
    line.rest()
    assert scans == [Scan("QB1ABC", aim="]Q1"), Scan("", "keys were lost")], "the same code twice is one"


def test_a_program_that_is_away_loses_no_key(tmp_path: Path) -> None:
    """A child with the real pipe, fed by a script in place of the device: a hundred scans at a key a millisecond, while
    the reader sleeps. Then the device goes, and comes back."""
    codes = [f"QB1{number:03d}" + "A2" * 30 for number in range(100)]
    events = [e for n, code in enumerate(codes) for e in typed(code, start_ms=n * 200, step_ms=1)]
    (tmp_path / "events").write_bytes(READY + b"".join(EVENT.pack(at_ms, *event) for *event, at_ms in events))
    script = f"import sys; sys.stdout.buffer.write(open({str(tmp_path / 'events')!r}, 'rb').read())"
    scans: queue.Queue[Scan] = queue.Queue()

    def slow(scan: Scan) -> None:
        time.sleep(0.005)
        scans.put(scan)

    finder = LayoutFinder(lambda text: text in codes)
    scanner = WedgeScanner("/dev/none", finder, slow, command=(sys.executable, "-c", script))
    scanner.start()
    assert [scans.get(timeout=10).text for _ in codes] == codes
    assert scans.get(timeout=10).text == codes[0], "the child ended; another one reads on"
    scanner.stop()


def test_a_device_that_is_not_there_is_named(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    scanner = WedgeScanner(str(tmp_path / "none"), LayoutFinder(lambda _text: False), lambda _scan: None)
    scanner.start()
    deadline = time.monotonic() + 10
    while "No such file or directory" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    scanner.stop()
    assert caplog.text.count("waited for") == 1, "said once"


# --- HID-POS

DESCRIPTOR = bytes.fromhex(
    "058c" "0902" "a101"  # page 8Ch, bar code scanner, application
    "0912" "a102" "8502"  # scanned data report, number 2
    "150026ff00" "7508" "9501"  # bytes, one each
    "09fb" "8102" "09fc" "8102" "09fd" "8102"  # the symbology's three characters
    "09fe" "960020" "8106"  # 32 bytes of data
    "7501" "9501" "09ff" "8102" "7507" "8101"  # goes on, padding
    "c0" "c0"
).replace(bytes.fromhex("960020"), bytes.fromhex("9520"))  # fmt: skip


def report(data: bytes, *, goes_on: bool = False, aim: bytes = b"]Q1") -> bytes:
    return b"\x02" + aim + data.ljust(32, b"\0") + bytes((goes_on,))


def test_a_descriptor_tells_where_the_code_stands() -> None:
    shape = shape_of(DESCRIPTOR)
    assert (shape.data.at_bits, shape.data.count, shape.has_numbers) == (24, 32, True)
    assert [one.at_bits for one in shape.aim] == [0, 8, 16]
    assert shape.continued is not None
    assert shape.continued.at_bits == 35 * 8
    with pytest.raises(HardwareError, match="no HID-POS scanner"):
        shape_of(bytes.fromhex("05010906a101c0"))


def test_codes_of_several_reports_come_out_whole() -> None:
    reader = ReportReader(shape_of(DESCRIPTOR))
    code = b"QB1" + b"A2" * 68
    parts = [code[at : at + 32] for at in range(0, len(code), 32)]
    found = [scan for n, part in enumerate(parts) for scan in reader.feed(report(part, goes_on=n < len(parts) - 1))]
    assert found == [Scan(code.decode(), aim="]Q1")]
    assert reader.feed(report(b"HALFCODE", goes_on=True), 1_000) == []
    assert reader.feed(report(b"WHOLE"), 9_000) == [Scan("", "its end is missing"), Scan("WHOLE", aim="]Q1")]
    assert reader.feed(b"\x07" + bytes(36)) == [], "another report of the device"
    assert reader.feed(report(b"\xff\xfe"))[0].problem
    assert reader.feed(b"") == []
    assert reader.feed(b"\x02") == []


@given(st.binary(max_size=300), st.lists(st.binary(max_size=64), max_size=8))
def test_no_descriptor_and_no_report_breaks_the_reader(descriptor: bytes, reports: list[bytes]) -> None:
    try:
        reader = ReportReader(shape_of(descriptor))
    except HardwareError:
        reader = ReportReader(shape_of(DESCRIPTOR))
    for one in reports:
        reader.feed(one)


def test_reports_are_read_from_a_device() -> None:
    """A socket pair stands for hidraw: one message a read, as there."""
    import socket

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    scans: queue.Queue[Scan] = queue.Queue()
    ended = threading.Event()
    scanner = HidPosScanner("/dev/none", scans.put)
    reader = ReportReader(shape_of(DESCRIPTOR))
    thread = threading.Thread(target=scanner.read, args=(theirs.fileno(), reader, ended), daemon=True)
    thread.start()
    ours.send(report(b"QB1ABC"))
    assert scans.get(timeout=5) == Scan("QB1ABC", aim="]Q1")
    ended.set()
    thread.join(2)
    ours.close()
    theirs.close()


# --- camera


def test_a_camera_reads_a_code_once(tmp_path: Path) -> None:
    """Frames of a child process, as v4l2-ctl writes them: YUYV, a code among noise."""
    code = qr_image("QB1" + "A2" * 68, 4).convert("L")
    frame = Image.frombytes("L", (640, 480), random.Random(2).randbytes(640 * 480)).point(lambda v: 120 + v // 4)
    frame.paste(code, (100, 60))
    grey = frame.tobytes()
    (tmp_path / "frame").write_bytes(bytes(byte for pixel in grey for byte in (pixel, 128)))
    script = (
        "import sys, time\n"
        f"frame = open({str(tmp_path / 'frame')!r}, 'rb').read()\n"
        "while True: sys.stdout.buffer.write(frame); sys.stdout.flush(); time.sleep(0.05)"
    )
    scans: queue.Queue[Scan] = queue.Queue()
    camera = CameraScanner((sys.executable, "-c", script), (640, 480), scans.put)
    camera.start()
    assert scans.get(timeout=20) == Scan("QB1" + "A2" * 68, aim="]Q1")
    time.sleep(0.5)
    assert scans.empty(), "it stays under the eye"
    camera.stop()


def test_a_camera_that_gives_nothing_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    camera = CameraScanner((sys.executable, "-c", "pass"), (640, 480), lambda _scan: None)
    camera.start()
    deadline = time.monotonic() + 10
    while "it gives no pictures" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    camera.stop()


def test_scanners_look_again_when_something_is_plugged_in(tmp_path: Path) -> None:
    link, scans, states = tmp_path / "scanner", queue.Queue(), queue.Queue[str]()  # type: ignore[var-annotated]
    scanner = SerialScanner(str(link), 115_200, scans.put)
    scanner.on_state = states.put
    scanner.start()
    assert "No such file" in states.get(timeout=5)
    device = ScannerSim(link)
    scanner.look_again()
    deadline = time.monotonic() + 10
    while scans.empty():
        assert time.monotonic() < deadline
        device.type("HELLO")
        time.sleep(0.2)
    assert states.get(timeout=5) == "", "it is read"
    scanner.stop()
    assert states.empty(), "told once, and nothing of the end"
