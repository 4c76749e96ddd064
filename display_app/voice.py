"""The announcement itself: chime, a short silence, the words. Threads of its own, so that the screen never waits."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from hwlib.audio import wav
from hwlib.audio.loudness import TARGET_LUFS, at_loudness
from hwlib.audio.player import Player, Way
from hwlib.audio.speech import Speech, SpeechFailed

log = logging.getLogger(__name__)

PAUSE_S = 0.3
FOLLOWS_S = 0.5
"""An announcement that begins so soon after another one needs no chime: it would cost who waits a second."""
READY_S = 0.15
"""Words that are there so soon follow their chime in one sound; slower ones, as of a natural voice, come after it."""

CHIME = ".chime"
"""Ends the name of a chime that sounds before its words are there."""

Outcome = Literal["heard", "failed", "kept_quiet"]


@dataclass(frozen=True)
class Order:
    """What to announce.

    Attributes:
        call: Goes back with the outcome.
        sentences: (text, language), said one after the other.
        name: For files and logs: it holds the label.
        level_db: Against the usual level; None for not in the room.
    """

    call: str
    sentences: tuple[tuple[str, str], ...]
    name: str
    level_db: int | None = 0


class Voice:
    """Announces one order after the other, in the room and, where there is one, into a hearing loop."""

    def __init__(
        self, speech: Speech, player: Player, on_end: Callable[[Order, Outcome], None], *, loop: bool = False
    ) -> None:
        """Args:
        speech: Makes the words.
        player: Plays them.
        on_end: Called with the order and how it ended: "failed" when the words were not heard though they should be.
        loop: There is a hearing loop: it has its own level, and no quiet hours.
        """
        self._speech, self._player, self._on_end, self._loop = speech, player, on_end, loop
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._chime = at_loudness(wav.chime(), TARGET_LUFS)
        self._was_well = True
        self._ended_s = float("-inf")
        self._muted = threading.Event()
        self._renderer = ThreadPoolExecutor(1, "words")
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End, also in the middle of a word."""
        self._orders.put(None)
        self._muted.set()
        self._thread.join(5)
        self._renderer.shutdown(wait=False, cancel_futures=True)
        self._speech.close()  # and with it what is being rendered

    def prepare(self, order: Order) -> None:
        """Make the words of what is to be said soon; never blocks."""
        self._renderer.submit(self._words, order)

    def say(self, order: Order) -> None:
        """Queue an announcement; never blocks."""
        self._orders.put(order)

    def mute(self, *, on: bool) -> None:
        """Be silent at once, or speak again; never blocks. What is asked for meanwhile is not said later."""
        (self._muted.set if on else self._muted.clear)()

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            outcome: Outcome = "failed"
            try:
                outcome = self._announce(order)
            except Exception:
                log.exception("announcing %s failed", order.name)
            self._ended_s = time.monotonic()
            self._on_end(order, outcome)

    def _announce(self, order: Order) -> Outcome:
        gains = self._gains(order)
        if not gains or self._muted.is_set():
            return "kept_quiet"
        rendered = self._renderer.submit(self._words, order)
        follows = time.monotonic() - self._ended_s < FOLLOWS_S
        words, head = self._soon(rendered), self._chime
        if words is None:
            self._play(wav.joined(head, wav.silence(PAUSE_S)), gains, order.name + CHIME)
            words, head = rendered.result(), wav.silence(0.0)
        elif follows and len(words):
            head = wav.silence(0.0)
        parts = [part for part in (head, words) if len(part)]
        heard = bool(parts) and self._play(wav.joined(*parts, pause_s=PAUSE_S), gains, order.name)
        if self._muted.is_set() or "speaker" not in gains:
            return "kept_quiet"
        return "heard" if heard and len(words) else "failed"

    def _gains(self, order: Order) -> dict[Way, float]:
        room: dict[Way, float] = {} if order.level_db is None else {"speaker": 10 ** (order.level_db / 20)}
        return {**room, "loop": 1.0} if self._loop else room

    def _play(self, sound: "wav.Samples[int]", gains: dict[Way, float], name: str) -> bool:
        """Play on each way at once; whether it was heard on the first of them."""
        heard: dict[Way, bool] = {}

        def play(way: Way) -> None:
            heard[way] = self._player.play(sound, gains[way], way, self._muted, name)

        others = [threading.Thread(target=play, args=(way,), name=f"voice {way}") for way in list(gains)[1:]]
        for other in others:
            other.start()
        first = next(iter(gains))
        play(first)
        for other in others:
            other.join()
        return heard[first]

    def _soon(self, rendered: "Future[wav.Samples[int]]") -> "wav.Samples[int] | None":
        try:
            return rendered.result(READY_S)
        except TimeoutError:
            return None

    def _words(self, order: Order) -> "wav.Samples[int]":
        """The sentences, one after the other; of those that cannot be said, none."""
        said = []
        problem = ""
        for text, language in order.sentences:
            try:
                said.append(wav.read_wav(self._speech.file_for(text, language)))
            except (SpeechFailed, ValueError, OSError) as error:
                problem = str(error)
        if problem and self._was_well:
            log.error("no voice: %s; chime and screen go on", problem)
        if not problem and not self._was_well:
            log.info("the voice is back")
        self._was_well = not problem
        return wav.joined(*said, pause_s=PAUSE_S)
