"""The kiosk's voice: says one sentence after the other, and stops in the middle of a word when it is told to."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from hwlib.audio.level import gain_of
from hwlib.audio.player import Player, Way
from hwlib.audio.speech import Speech, SpeechFailed
from hwlib.audio.wav import read_wav
from kiosk_app.core.audio_nav import Utterance

log = logging.getLogger(__name__)


class Narrator:
    """A thread of its own. What it is told last is what it says."""

    def __init__(
        self,
        speech: Speech,
        player: Player,
        full_db: float,
        *,
        on_begin: Callable[[Utterance], None],
        on_end: Callable[[bool], None],
    ) -> None:
        """Args:
        speech: Makes the words.
        player: Plays them.
        full_db: How loud full scale is at the ear, dB(A).
        on_begin: A sentence begins; it is to be read as well.
        on_end: A sentence was heard to its end; whether it was the last. Both are called in the narrator's thread.
        """
        self._speech, self._player, self._full_db = speech, player, full_db
        self._on_begin, self._on_end = on_begin, on_end
        self._level_db = full_db
        self._headphones = False
        self._waiting: deque[Utterance] = deque()
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

    def say(self, utterances: Sequence[Utterance]) -> None:
        """Say these, instead of whatever is being said; none for silence. Never blocks."""
        with self._news:
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
                stop = self._stop
            try:
                self._one(utterance, stop)
            except Exception:
                log.exception("a sentence could not be said")

    def _one(self, utterance: Utterance, stop: threading.Event) -> None:
        way: Way = "headphones" if self._headphones else "speaker"
        if utterance.is_private and way == "speaker":
            self._on_end(not self._waiting)
            return
        self._on_begin(utterance)
        try:
            samples = read_wav(self._speech.file_for(utterance.text, utterance.language))
        except (SpeechFailed, ValueError, OSError) as error:
            if self._was_well:
                log.error("no voice: %s; the words are on the screen", error)
            self._was_well = False
            samples = None
        if samples is not None and not stop.is_set():
            self._was_well = True
            self._player.play(samples, gain_of(self._level_db, self._full_db), way, stop, utterance.text)
        if not stop.is_set():
            self._on_end(not self._waiting)
