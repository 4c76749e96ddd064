"""The announcement itself: chime, a short silence, the words. A thread of its own, so that the screen never waits."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hwlib.audio import wav
from hwlib.audio.loudness import TARGET_LUFS, at_loudness
from hwlib.audio.sink import Sink
from hwlib.audio.speech import Speech, SpeechFailed

log = logging.getLogger(__name__)

PAUSE_S = 0.3
FOLLOWS_S = 0.5
"""An announcement that begins so soon after another one needs no chime: it would cost who waits a second."""


@dataclass(frozen=True)
class Order:
    """What to announce. `name` is for files and logs: it holds the label."""

    call: str
    text: str
    language: str
    name: str


class Voice:
    """Announces one order after the other."""

    def __init__(self, speech: Speech, sink: Sink, folder: Path, on_end: Callable[[Order, bool], None]) -> None:
        """Args:
        speech: Makes the words.
        sink: Plays them.
        folder: For the mixed sound.
        on_end: Called with the order, and whether the words were heard: without a voice, chime and screen remain.
        """
        self._speech, self._sink, self._folder, self._on_end = speech, sink, folder, on_end
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._chime = at_loudness(wav.chime(), TARGET_LUFS)
        self._was_well = True
        self._ended_s = float("-inf")
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the announcement that is under way."""
        self._orders.put(None)
        self._thread.join(5)
        self._speech.close()

    def say(self, order: Order) -> None:
        """Queue an announcement; never blocks."""
        self._orders.put(order)

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            aloud = False
            try:
                aloud = self._announce(order)
            except Exception:
                log.exception("announcing %s failed", order.name)
            self._ended_s = time.monotonic()
            self._on_end(order, aloud)

    def _announce(self, order: Order) -> bool:
        words = self._words(order)
        follows = time.monotonic() - self._ended_s < FOLLOWS_S
        head = wav.silence(0.0) if follows and words is not None else self._chime
        sound = self._chime if words is None else wav.joined(head, words, pause_s=PAUSE_S)
        path = self._folder / "announcement.wav"
        wav.write_wav(path, sound)
        heard = self._sink.play(path, order.name)
        return heard and words is not None

    def _words(self, order: Order) -> "wav.Samples[int] | None":
        try:
            words = wav.read_wav(self._speech.file_for(order.text, order.language))
        except (SpeechFailed, ValueError, OSError) as error:
            if self._was_well:
                log.error("no voice: %s; chime and screen go on", error)
            self._was_well = False
            return None
        if not self._was_well:
            log.info("the voice is back")
        self._was_well = True
        return words
