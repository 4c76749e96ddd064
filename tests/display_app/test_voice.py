"""The voice: what is heard, when, how loud and where; and what happens when there are no words."""

import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from display_app.core.phrases import sentence
from display_app.voice import FOLLOWS_S, PAUSE_S, READY_S, Order, Outcome, Voice
from hwlib.audio import wav
from hwlib.audio.loudness import CEILING_DB, TARGET_LUFS, loudness_lufs
from hwlib.audio.player import FolderPlayer, Way
from hwlib.audio.speech import Speech, SpeechFailed
from officelib.assets import asset
from officelib.board import Call
from officelib.texts import read_texts

PHRASES = read_texts(asset("i18n"), "speech", ("es", "ca", "en", "fr", "ar"))


@dataclass
class Played:
    name: str
    seconds: float
    gain: float
    way: Way
    began_s: float
    whole: bool


class Ear:
    """A player that keeps what it played; takes a part of its time."""

    def __init__(self, pace: float = 0.0) -> None:
        self.played: list[Played] = []
        self._pace = pace

    def play(self, samples: "wav.Samples[int]", gain: float, way: Way, stop: threading.Event, name: str) -> bool:
        seconds, began_s = wav.seconds_of(samples), time.monotonic()
        stopped = stop.wait(seconds * self._pace)
        self.played.append(Played(name, round(seconds, 1), gain, way, began_s, not stopped))
        return not stopped


class Mute(Speech):
    """A voice that fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)

    def file_for(self, text: str, language: str) -> Path:
        raise SpeechFailed("hoarse")


class Speaks(Speech):
    """Finds each sentence, at once or late: half a second of it."""

    def __init__(self, folder: Path, late_s: float = 0.0) -> None:
        super().__init__(folder)
        self._path, self._late_s = folder / "words.wav", late_s
        wav.write_wav(self._path, wav.chime((500.0,), 0.4))

    def file_for(self, text: str, language: str) -> Path:
        time.sleep(self._late_s)
        return self._path


def order(n: int = 0, level_db: int | None = 0) -> Order:
    return Order(f"1-{n}", (("Hola", "es"),), f"A00{n}", level_db)


class Stand:
    """A voice with its ends."""

    def __init__(self, speech: Speech, ear: Ear, *, loop: bool = False) -> None:
        self.ends: queue.Queue[tuple[str, Outcome]] = queue.Queue()
        self.voice = Voice(speech, ear, lambda one, outcome: self.ends.put((one.call, outcome)), loop=loop)

    def say(self, *orders: Order) -> list[Outcome]:
        for one in orders:
            self.voice.say(one)
        return [self.ends.get(timeout=5)[1] for _ in orders]


@pytest.fixture
def stand(tmp_path: Path, request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    stands: list[Stand] = []

    def make(speech: Speech, ear: Ear, *, loop: bool = False) -> Stand:
        stands.append(Stand(speech, ear, loop=loop))
        stands[-1].voice.start()
        return stands[-1]

    yield make
    for one in stands:
        one.voice.stop()


@pytest.mark.ux("AN8")
def test_without_words_the_chime_still_sounds_and_the_fault_is_logged_once(  # type: ignore[no-untyped-def]
    stand, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear()
    assert stand(Mute(tmp_path), ear).say(*(order(n) for n in range(3))) == ["failed"] * 3
    assert [one.seconds for one in ear.played] == [0.9] * 3
    assert caplog.text.count("no voice") == 1


def test_what_follows_at_once_has_no_chime_of_its_own(stand, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ear = Ear()
    one = stand(Speaks(tmp_path), ear)
    assert one.say(order(1), order(2)) == ["heard", "heard"]
    time.sleep(FOLLOWS_S)
    assert one.say(order(3)) == ["heard"]
    assert [played.seconds for played in ear.played] == [1.7, 0.5, 1.7]


def test_a_slow_voice_keeps_no_chime_waiting(stand, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The chime sounds when its time has come; the words follow when they are there."""
    ear = Ear()
    began_s = time.monotonic()
    assert stand(Speaks(tmp_path, late_s=READY_S + 0.5), ear).say(order()) == ["heard"]
    chime, words = ear.played
    assert (chime.seconds, words.seconds) == (round(0.94 + PAUSE_S, 1), 0.5)
    assert words.began_s - chime.began_s > 0.3
    assert chime.began_s - began_s < READY_S + 0.3


def test_several_languages_are_one_announcement(stand, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ear = Ear()
    both = Order("1-1", (("Hola", "es"), ("Hello", "en")), "A001")
    assert stand(Speaks(tmp_path), ear).say(both) == ["heard"]
    assert [one.seconds for one in ear.played] == [round(0.94 + 0.3 + 0.5 + 0.3 + 0.5, 1)]


@pytest.mark.ux("AN6", "VO5")
def test_the_room_has_its_levels_and_the_loop_its_own(stand, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ear = Ear()
    alone = stand(Speaks(tmp_path), ear)
    assert alone.say(order(1, -6), order(2, None)) == ["heard", "kept_quiet"]
    assert [(one.way, round(one.gain, 2)) for one in ear.played] == [("speaker", 0.5)]
    ear = Ear(pace=0.2)
    with_loop = stand(Speaks(tmp_path), ear, loop=True)
    assert with_loop.say(order(1, -6), order(2, None)) == ["heard", "kept_quiet"]
    by_name = {name: {one.way: one for one in ear.played if one.name == name} for name in ("A001", "A002")}
    assert {way: round(one.gain, 2) for way, one in by_name["A001"].items()} == {"speaker": 0.5, "loop": 1.0}
    assert abs(by_name["A001"]["speaker"].began_s - by_name["A001"]["loop"].began_s) < 0.1, "at the same time"
    assert set(by_name["A002"]) == {"loop"}, "a quiet hour is one of the room"


@pytest.mark.ux("AN7")
def test_an_alarm_cuts_a_word_and_nothing_is_said_until_it_is_over(stand, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ear = Ear(pace=1.0)
    one = stand(Speaks(tmp_path), ear)
    one.voice.say(order(1))
    time.sleep(0.5)
    began_s = time.monotonic()
    one.voice.mute(on=True)
    assert one.ends.get(timeout=5) == ("1-1", "kept_quiet")
    assert time.monotonic() - began_s < 0.3
    assert one.say(order(2)) == ["kept_quiet"]
    one.voice.mute(on=False)
    assert one.say(order(3)) == ["heard"]
    assert [(played.name, played.whole) for played in ear.played] == [("A001", False), ("A003", True)]


# --- what it sounds like


def spoken(folder: Path, language: str, *labels: str) -> list[Path]:
    """Calls as the product says them, by the real voice, into files; their words were made before, as it does."""
    ends: queue.Queue[Outcome] = queue.Queue()
    speech = Speech(folder / "cache")
    voice = Voice(speech, FolderPlayer(folder, 0.0), lambda _, outcome: ends.put(outcome))
    voice.start()
    for number, label in enumerate(labels):
        call = Call(str(number), label, (label,), "12", 0, language)
        words = sentence(call, PHRASES, language, "es")
        speech.file_for(*words)
        voice.say(Order(call.id, (words,), label))
        assert ends.get(timeout=20) == "heard"
        time.sleep(FOLLOWS_S)
    voice.stop()
    return sorted(folder.glob("*.wav"))


def level_db(samples: "wav.Samples[int]") -> float:
    from math import log10

    return 20 * log10(max(1, max(map(abs, samples), default=0)) / wav.PEAK)


@pytest.mark.ux("AN1", "AN5")
@pytest.mark.parametrize("language", ["es", "ca", "en", "fr", "ar"])
def test_chime_silence_and_words_in_order_and_as_loud_as_they_should(tmp_path: Path, language: str) -> None:
    """UX AN1, AN5: chime of 0.5 to 1 s, 0.3 s of silence, words; -18 LUFS within 2, peaks below -1 dBFS, and the chime
    no louder than the words by more than 3 dB."""
    files = spoken(tmp_path, language, "A042", "H317")
    assert [path.name for path in files] == ["001-A042.wav", "002-H317.wav"]
    chime_s = wav.seconds_of(wav.chime())
    for path in files:
        sound = wav.read_wav(path)
        rate = wav.RATE_HZ
        chime = sound[: round(chime_s * rate)]
        pause = sound[round((chime_s + 0.01) * rate) : round((chime_s + PAUSE_S - 0.01) * rate)]
        words = sound[round((chime_s + PAUSE_S) * rate) :]
        assert 0.5 <= chime_s <= 1.0
        assert max(map(abs, pause)) < 0.01 * wav.PEAK
        assert 1.5 <= wav.seconds_of(words) <= 8
        assert level_db(sound) <= CEILING_DB + 0.1
        assert abs(loudness_lufs(words) - TARGET_LUFS) <= 2
        assert loudness_lufs(chime) - loudness_lufs(words) <= 3
    assert wav.read_wav(files[0]) != wav.read_wav(files[1]), "the numbers differ"
