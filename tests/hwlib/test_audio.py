"""Sound: measured, levelled, spoken by a child process that may hang."""

import array
import json
import math
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from hwlib.audio import wav
from hwlib.audio.engines import PIECE_PAUSE_S, bank_name, pieces_of
from hwlib.audio.loudness import CEILING_DB, TARGET_LUFS, at_loudness, loudness_lufs
from hwlib.audio.player import FolderPlayer
from hwlib.audio.speech import Speech, SpeechFailed


def test_the_chime_falls_stays_low_and_is_short() -> None:
    chime = wav.chime()
    assert 0.5 <= wav.seconds_of(chime) <= 1.0
    assert max(map(abs, chime)) < wav.PEAK * 0.5
    first, second = chime[: len(chime) // 3], chime[len(chime) // 2 : -len(chime) // 6]
    assert 2_000 > crossings_hz(first) > crossings_hz(second) > 300


def crossings_hz(samples: "wav.Samples[int]") -> float:
    signs = [value >= 0 for value in samples]
    return sum(a != b for a, b in pairwise(signs)) / 2 / wav.seconds_of(samples)


def test_sound_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    wav.write_wav(path, wav.chime())
    assert wav.read_wav(path) == wav.chime()
    path.write_bytes(b"RIFF")
    with pytest.raises(ValueError, match="a.wav"):
        wav.read_wav(path)


def tone(frequency_hz: float, level_db: float, seconds: float = 3.0) -> "wav.Samples[int]":
    level = wav.PEAK * 10 ** (level_db / 20)
    count = round(seconds * wav.RATE_HZ)
    return array.array(
        "h", [round(level * math.sin(2 * math.pi * frequency_hz * n / wav.RATE_HZ)) for n in range(count)]
    )


@pytest.mark.parametrize(
    ("frequency_hz", "level_db", "lufs"), [(997, -20, -23.0), (997, -40, -43.0), (100, -20, -24.8), (5_000, -20, -19.7)]
)
def test_loudness_is_that_of_the_standard(frequency_hz: float, level_db: float, lufs: float) -> None:
    """EBU Tech 3341, case 1: 1 kHz at -23 dBFS in both channels is -23 LUFS, so in one channel at -20 as well. The
    weighting at 100 Hz and 5 kHz as BS.1770 draws it."""
    assert loudness_lufs(tone(frequency_hz, level_db)) == pytest.approx(lufs, abs=0.5)


def test_silence_between_words_does_not_count() -> None:
    spoken = tone(997, -20)
    assert loudness_lufs(wav.joined(spoken, spoken, pause_s=5)) == pytest.approx(loudness_lufs(spoken), abs=0.5)
    assert loudness_lufs(wav.silence(1)) == -math.inf
    assert at_loudness(wav.silence(1)) == wav.silence(1)


CHIME_OVER_SPEECH_DB = 3.0


def test_the_chime_is_no_louder_than_speech_by_more_than_three_decibels(tmp_path: Path) -> None:
    """UX AN5: speech at -18 LUFS within 2, no peak above -1 dBFS."""
    speech = Speech(tmp_path)
    chime = at_loudness(wav.chime())
    for language in ("es", "ca", "en", "fr", "ar"):
        words = wav.read_wav(speech.file_for("42, 3", language))
        assert loudness_lufs(words) == pytest.approx(TARGET_LUFS, abs=2)
        assert max(map(abs, words)) <= wav.PEAK * 10 ** (CEILING_DB / 20)
        assert loudness_lufs(chime) <= loudness_lufs(words) + CHIME_OVER_SPEECH_DB
    speech.close()


def test_recordings_stand_before_the_voice(tmp_path: Path) -> None:
    bank = tmp_path / "bank" / "es"
    bank.mkdir(parents=True)
    recorded = tmp_path / "bank" / bank_name("Turno A, 42", "es")
    wav.write_wav(recorded, tone(440, -10, 1.0))
    speech = Speech(tmp_path / "cache", engine="bank", folder=tmp_path / "bank")
    said = wav.read_wav(speech.file_for("Turno A, 42", "es"))
    assert crossings_hz(said) == pytest.approx(440, rel=0.02)
    other = wav.read_wav(speech.file_for("Turno A, 43", "es"))
    assert wav.seconds_of(other) > 0.5, "what was not recorded is spoken"
    wav.write_wav(tmp_path / "bank" / bank_name("Turno A, 43", "es"), tone(440, -10, 1.0))
    assert crossings_hz(wav.read_wav(speech.file_for("Turno A, 43", "es"))) == pytest.approx(440, rel=0.02), "now it is"
    speech.close()


def test_pieces_make_a_sentence_and_no_sentence_is_of_two_voices(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    assert pieces_of("Turno hache 2, guion, 7. Mesa C12.") == ["Turno hache", "2", "guion", "7", "Mesa C", "12"]
    assert bank_name("Turno hache", "es") == "es/turno-hache.wav"
    (bank / "es").mkdir(parents=True)
    for piece in ("Turno hache", "42", "Mesa"):
        wav.write_wav(bank / bank_name(piece, "es"), tone(440, -10, 0.5))
    speech = Speech(tmp_path / "cache", engine="bank", folder=bank)
    text = "Turno hache, 42. Mesa 3."
    alone = wav.read_wav(speech.file_for(text, "es"))
    assert crossings_hz(alone) != pytest.approx(440, rel=0.02), "a piece lacks: another voice says it all"
    wav.write_wav(bank / bank_name("3", "es"), tone(440, -10, 0.5))
    joined = wav.read_wav(speech.file_for(text, "es"))
    assert wav.seconds_of(joined) == pytest.approx(4 * 0.5 + 3 * PIECE_PAUSE_S, abs=0.01)
    assert loudness_lufs(joined) == pytest.approx(TARGET_LUFS, abs=2)
    speech.close()


def test_piper_speaks_with_the_voices_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program itself is an installer's; here a script with its command line stands for it."""
    program = tmp_path / "bin" / "piper"
    program.parent.mkdir()
    wav.write_wav(tmp_path / "said.wav", tone(300, -10, 1.0))
    program.write_text(f'#!/bin/sh\ncat > {tmp_path}/asked\ncp {tmp_path}/said.wav "$4"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    (tmp_path / "ca.onnx").touch()
    speech = Speech(tmp_path / "cache", engine="piper", folder=tmp_path)
    assert wav.seconds_of(wav.read_wav(speech.file_for("Torn A", "ca"))) == pytest.approx(1.0, abs=0.01)
    assert (tmp_path / "asked").read_text() == "Torn A"
    with pytest.raises(SpeechFailed, match="es.onnx is not there"):
        speech.file_for("Turno A", "es")
    speech.close()


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


def test_a_voice_that_hangs_ends_with_whom_it_spoke_for(tmp_path: Path) -> None:
    """SIGKILL of a program whose voice hangs: nobody is left to kill it."""
    hangs = (
        "import sys, time; from hwlib.audio import voice_child\n"
        "voice_child.engine_of = lambda *_: time.sleep(600)\n"
        "sys.argv = ['voice']; voice_child.main()\n"
    )
    speaks = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {hangs!r}], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True); time.sleep(600)\n"
    )
    program = subprocess.Popen([sys.executable, "-c", speaks], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    child = int(program.stdout.readline())
    time.sleep(0.5)
    assert Path(f"/proc/{child}").exists()
    program.kill()
    program.wait()
    program.stdout.close()
    deadline = time.monotonic() + 10
    while _is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_unknown_language_is_told(tmp_path: Path) -> None:
    speech = Speech(tmp_path)
    with pytest.raises(SpeechFailed, match="no voice for 'xx'"):
        speech.file_for("?", "xx")
    assert speech.file_for("Hola", "es").exists(), "the child lives on"
    speech.close()


def test_a_folder_keeps_every_announcement(tmp_path: Path) -> None:
    for _ in range(2):
        FolderPlayer(tmp_path, 0).play(wav.chime(), 1, "speaker", threading.Event(), "A042")
    FolderPlayer(tmp_path, 0).play(wav.chime(), 1, "loop", threading.Event(), "A sentence, whole.")
    assert sorted(path.name for path in tmp_path.glob("*.wav")) == ["001-A042.wav", "002-A042.wav", "003.wav"]
    assert [json.loads(line)["way"] for line in (tmp_path / "said.jsonl").read_text().splitlines()] == [
        "speaker",
        "speaker",
        "loop",
    ]
