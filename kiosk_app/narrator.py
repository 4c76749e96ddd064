"""The kiosk's voice: says one sentence after the other, and stops in the middle of a word when it is told to."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from hwlib.audio.level import gain_of
from hwlib.audio.player import Player, Way
from hwlib.audio.speech import Speech, SpeechFailed
from hwlib.audio.wav import Samples, read_wav
from kiosk_app.core.audio_nav import Utterance

log = logging.getLogger(__name__)

READ_PER_S = 15
"""Characters that somebody reads."""


class Narrator:
    """A thread of its own. What it is told last is what it says."""

    def __init__(
        self,
        speech: Speech,
        player: Player,
        full_db: float,
        *,
        on_begin: Callable[[Utterance], None],
        on_end: Callable[[int, bool], None],
    ) -> None:
        """Args:
        speech: Makes the words.
        player: Plays them.
        full_db: How loud full scale is at the ear, dB(A).
        on_begin: A sentence begins; it is to be read as well.
        on_end: A sentence of an order was heard to its end; whether it was the last. Both are called in the
            narrator's thread.
        """
        self._speech, self._player, self._full_db = speech, player, full_db
        self._on_begin, self._on_end = on_begin, on_end
        self._level_db = full_db
        self._headphones = False
        self._waiting: deque[Utterance] = deque()
        self._order = 0
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._ended = False
        self._was_well = True
        self._thread = threading.Thread(target=self._run, name="narrator", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End now."""
        with self._news:
            self._ended = True
            self._waiting.clear()
            self._stop.set()
            self._news.notify()
        self._thread.join(5)
        self._speech.close()

    def say(self, utterances: Sequence[Utterance], order: int = 0) -> None:
        """Say these, instead of whatever is being said; none for silence. Never blocks."""
        with self._news:
            self._order = order
            self._waiting = deque(utterances)
            self._stop.set()
            self._news.notify()

    def say_more(self, utterances: Sequence[Utterance]) -> None:
        """Say these too, after what is being said."""
        with self._news:
            self._waiting.extend(utterances)
            self._news.notify()

    def set_level(self, level_db: float) -> None:
        """How loud the next sentence is, dB(A) at the ear."""
        self._level_db = level_db

    def set_headphones(self, *, inserted: bool) -> None:
        """From the next sentence on; what is being said stops: it may not be for everybody's ears."""
        self._headphones = inserted
        self._stop.set()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._ended or self._waiting)
                if self._ended:
                    return
                utterance = self._waiting.popleft()
                self._stop = threading.Event()
                stop, order = self._stop, self._order
            try:
                self._one(utterance, stop)
            except Exception:
                log.exception("a sentence could not be said")
            with self._news:
                was_last = not self._waiting
                is_of_now = order == self._order and not stop.is_set()
            if is_of_now:
                self._on_end(order, was_last)

    def _one(self, utterance: Utterance, stop: threading.Event) -> None:
        """Say it. Where no voice is to be had, it stays readable for as long as somebody needs to read it."""
        way: Way = "headphones" if self._headphones else "speaker"
        if utterance.is_private and way == "speaker":
            return
        self._on_begin(utterance)
        try:
            samples = self._samples(utterance)
        except (SpeechFailed, ValueError, OSError) as error:
            if self._was_well:
                log.error("no voice: %s; the words are on the screen", error)
            self._was_well = False
            samples = None
        if samples is not None and not stop.is_set():
            self._was_well = True
            if self._player.play(samples, gain_of(self._level_db, self._full_db), way, stop, utterance.text):
                return
        stop.wait(len(utterance.text) / READ_PER_S)

    def _samples(self, utterance: Utterance) -> "Samples[int]":
        """The sentence as sound. What is of one citizen does not stay on the disk."""
        path = self._speech.file_for(utterance.text, utterance.language)
        try:
            return read_wav(path)
        finally:
            if utterance.is_private:
                path.unlink(missing_ok=True)
