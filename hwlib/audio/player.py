"""Sound that can be stopped at any moment: on loudspeakers, headphones or a hearing loop, or into a folder."""

import json
import logging
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from hwlib.audio.wav import PEAK, RATE_HZ, Samples, seconds_of, write_wav

log = logging.getLogger(__name__)

Way = Literal["speaker", "headphones", "loop"]
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")
LATE_S = 3.0
"""A player that takes so much longer than its sound is stuck."""


class Player(Protocol):
    """Plays samples and returns when they are over, or when it was told to stop."""

    def play(self, samples: "Samples[int]", gain: float, way: Way, stop: threading.Event, name: str) -> bool:
        """Play; `name` says what it is. False when not all of it was heard."""


def louder(samples: "Samples[int]", gain: float) -> "Samples[int]":
    """The samples times a factor, never beyond full scale."""
    if gain == 1:
        return samples
    return type(samples)("h", [max(-PEAK, min(PEAK, round(sample * gain))) for sample in samples])


class AlsaPlayer:
    """alsa-utils' aplay, ended in the middle of a word when it must be."""

    def __init__(self, devices: Mapping[Way, str]) -> None:
        """`devices` are ALSA's names; a jack has the loudspeaker's where a switch in it decides."""
        self._devices = devices
        self._program = shutil.which("aplay")
        if self._program is None:
            log.warning("no sound: install alsa-utils")

    def play(self, samples: "Samples[int]", gain: float, way: Way, stop: threading.Event, name: str) -> bool:
        """See `Player`."""
        if self._program is None:
            return False
        form = ["-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1", "-D", self._devices[way], "-"]
        pipe = subprocess.PIPE
        player = subprocess.Popen([self._program, *form], stdin=pipe, stderr=pipe)  # noqa: S603
        feeder = threading.Thread(target=_feed, args=(player, louder(samples, gain).tobytes()), daemon=True)
        feeder.start()
        deadline = time.monotonic() + seconds_of(samples) + LATE_S
        while player.poll() is None and not stop.wait(0.01) and time.monotonic() < deadline:
            pass
        player.kill()
        player.wait()
        feeder.join()
        complaint = player.stderr.read().decode(errors="replace").strip() if player.stderr else ""
        if player.stderr:
            player.stderr.close()
        if complaint and not stop.is_set():
            log.warning("a sentence of %d characters was not heard: %s", len(name), complaint)
        return player.returncode == 0


def _feed(player: "subprocess.Popen[bytes]", data: bytes) -> None:
    stream = player.stdin
    if stream is None:
        return
    try:
        stream.write(data)
    except OSError:
        pass  # it was ended
    try:
        stream.close()
    except OSError:
        pass


class FolderPlayer:
    """Keeps each sound as a file, and in said.jsonl what it was, which way it went, and from when to when."""

    def __init__(self, folder: Path, pace: float) -> None:
        """Args:
        folder: Where the files go.
        pace: 1 for as long as the sound lasts, 0 for no time at all.
        """
        self._folder, self._pace = folder, pace
        folder.mkdir(parents=True, exist_ok=True)
        self._number = len(list(folder.glob("*.wav")))
        self._lock = threading.Lock()

    def play(self, samples: "Samples[int]", gain: float, way: Way, stop: threading.Event, name: str) -> bool:
        """See `Player`. A name that is fit for a file is also in the file's name."""
        with self._lock:
            self._number += 1
            number = self._number
        began_ms = time.monotonic_ns() // 1_000_000
        file = f"{number:03d}-{name}.wav" if FILE_NAME.fullmatch(name) else f"{number:03d}.wav"
        write_wav(self._folder / file, louder(samples, gain))
        stopped = stop.wait(seconds_of(samples) * self._pace)
        line = {"n": number, "text": name, "way": way, "gain": round(gain, 4), "whole": not stopped}
        line |= {"began_ms": began_ms, "ended_ms": time.monotonic_ns() // 1_000_000}
        with self._lock, (self._folder / "said.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        return not stopped
