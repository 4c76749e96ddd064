"""Scanners over a real pty, key events as the kernel gives them, sound measured, sizes computed."""

import math
import queue
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlib.audio import wav
from hwlib.audio.sink import FolderSink
from hwlib.audio.speech import Speech, SpeechFailed
from hwlib.scanner import Scan
from hwlib.scanner.framing import DEBOUNCE_MS, MAX_CODE_BYTES, Debounce, Framer
from hwlib.scanner.serial import SerialScanner
from hwlib.scanner.wedge import EV_KEY, EV_SYN, SYN_DROPPED, US_LAYOUT, KeyAssembler
from hwlib.screen.panel import cap_height_mm, panel
from hwlib.sim.scanner import ScannerSim

CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=1, max_size=139)


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
    assert framer.feed(b"GHI\r", 2_000) == [Scan("DEF"), Scan("GHI")]


def test_the_scanners_own_prefix_is_no_part_of_the_code() -> None:
    assert Framer().feed(b"\x02]Q1QB1ABC\x03", 0) == [Scan("QB1ABC")]


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
    assert debounce.passes(scan, 2 * DEBOUNCE_MS)
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

KEYS = {char: code for code, char in US_LAYOUT.items()}


def typed(text: str) -> list[tuple[int, int, int]]:
    events = []
    for char in text:
        if char.isupper():
            events.append((EV_KEY, 42, 1))
        events += [(EV_KEY, KEYS[char.lower()], 1), (EV_SYN, 0, 0), (EV_KEY, KEYS[char.lower()], 0)]
        if char.isupper():
            events.append((EV_KEY, 42, 0))
    return [*events, (EV_KEY, 28, 1), (EV_KEY, 28, 0)]


@given(CODES)
def test_a_wedge_scan_is_read_from_its_keys(code: str) -> None:
    assembler = KeyAssembler()
    scans = [scan for event in typed(code) if (scan := assembler.event(*event))]
    assert scans == [Scan(code)]


def test_a_scan_that_lost_keys_is_rejected_and_the_next_one_is_whole() -> None:
    assembler = KeyAssembler()
    events = typed("QB1ABC")
    events.insert(5, (EV_SYN, SYN_DROPPED, 0))
    scans = [scan for event in (*events, *typed("NEXT")) if (scan := assembler.event(*event))]
    assert [bool(scan.problem) for scan in scans] == [True, False]
    assert scans[1].text == "NEXT"


def test_a_held_key_does_not_repeat() -> None:
    assembler = KeyAssembler()
    events = [(EV_KEY, KEYS["a"], 1), (EV_KEY, KEYS["a"], 2), (EV_KEY, KEYS["a"], 2), (EV_KEY, 28, 1)]
    assert [scan for event in events if (scan := assembler.event(*event))] == [Scan("a")]


# --- sound


def test_the_chime_falls_stays_low_and_is_short() -> None:
    chime = wav.chime()
    assert 0.5 <= wav.seconds_of(chime) <= 1.0
    assert max(map(abs, chime)) < wav.PEAK * 0.5
    first, second = chime[: len(chime) // 3], chime[len(chime) // 2 : -len(chime) // 6]
    assert 2_000 > crossings_hz(first) > crossings_hz(second) > 300


def crossings_hz(samples: "wav.Samples[int]") -> float:
    signs = [value >= 0 for value in samples]
    return sum(a != b for a, b in pairwise(signs)) / 2 / wav.seconds_of(samples)


def test_sound_survives_its_file_and_is_levelled(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    wav.write_wav(path, wav.chime())
    assert wav.read_wav(path) == wav.chime()
    peak = max(map(abs, wav.levelled(wav.chime())))
    assert math.isclose(20 * math.log10(peak / wav.PEAK), wav.TARGET_PEAK_DB, abs_tol=0.1)
    assert wav.levelled(wav.silence(0.1)) == wav.silence(0.1)
    path.write_bytes(b"RIFF")
    with pytest.raises(ValueError, match="a.wav"):
        wav.read_wav(path)


@pytest.mark.parametrize("language", ["es", "ca", "en", "fr", "ar"])
def test_every_language_has_a_voice_that_speaks(tmp_path: Path, language: str) -> None:
    speech = Speech(tmp_path)
    words = {"ar": "التذكرة 42"}.get(language, "A, 42")
    path = speech.file_for(words, language)
    samples = wav.read_wav(path)
    assert 0.5 < wav.seconds_of(samples) < 6
    assert max(map(abs, samples)) > 5_000
    written = path.stat().st_mtime_ns
    assert speech.file_for(words, language).stat().st_mtime_ns == written, "spoken once, then from the cache"
    speech.close()


def test_many_sentences_in_a_row_are_all_sound(tmp_path: Path) -> None:
    """The library ends too early now and then: the child tries again."""
    speech = Speech(tmp_path)
    for number in range(60):
        assert len(wav.read_wav(speech.file_for(f"Turno A, {number}.", ("es", "en")[number % 2]))) > 10_000
    speech.close()


@pytest.mark.parametrize(
    "child",
    ["import time; time.sleep(60)", "import sys; sys.exit(3)", "print('{}')", "import sys; sys.stdin.readline()"],
)
def test_a_voice_that_hangs_or_dies_costs_its_time_limit_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, child: str
) -> None:
    monkeypatch.setattr("hwlib.audio.speech.START_LIMIT_S", 0.5)
    speech = Speech(tmp_path, command=(sys.executable, "-c", child))
    for _ in range(2):
        with pytest.raises(SpeechFailed):
            speech.file_for("Hola", "es")
    speech.close()


def test_an_unknown_language_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpeechFailed, match="no voice for 'xx'"):
        Speech(tmp_path).file_for("?", "xx")


def test_a_folder_keeps_every_announcement(tmp_path: Path) -> None:
    source = tmp_path / "in.wav"
    wav.write_wav(source, wav.chime())
    for _ in range(2):
        FolderSink(tmp_path / "out", 0).play(source, "A042")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["001-A042.wav", "002-A042.wav"]


# --- sizes


@pytest.mark.parametrize(
    ("distance_mm", "height_mm"), [(600, 7.3), (2_000, 24), (5_000, 61), (8_000, 98), (15_000, 183)]
)
def test_capitals_are_as_high_as_the_standard_asks(distance_mm: float, height_mm: float) -> None:
    """EN 301 549 5.1.4, as a table."""
    assert cap_height_mm(distance_mm) == pytest.approx(height_mm, rel=0.02)
    with pytest.raises(ValueError, match="distance"):
        cap_height_mm(0)


def test_a_panel_knows_its_pixels() -> None:
    assert panel(1920, 1080, 43).pitch_mm == pytest.approx(0.496, abs=0.001)
    assert panel(1080, 1920, 15.6).px(20) == pytest.approx(111, abs=1)
