"""Where sound goes: loudspeakers, or a folder."""

import logging
import shutil
import subprocess
import time
from pathlib import Path
from typing import Protocol

from hwlib.audio.wav import read_wav, seconds_of

log = logging.getLogger(__name__)

PLAYERS = (("pw-play",), ("aplay", "-q"), ("paplay",))
LONGEST_S = 30.0


class Sink(Protocol):
    """Plays a WAV file and returns when it is over."""

    def play(self, path: Path, name: str) -> bool:
        """Play; `name` says what it is. False when nothing was heard."""


class SpeakerSink:
    """The loudspeaker, through the player that the system has."""

    def __init__(self) -> None:
        self._command = next((player for player in PLAYERS if shutil.which(player[0])), None)
        if self._command is None:
            log.warning("no sound: install one of %s", ", ".join(player[0] for player in PLAYERS))

    def play(self, path: Path, name: str) -> bool:
        """See `Sink`. A player that hangs is ended."""
        if self._command is None:
            return False
        try:
            subprocess.run([*self._command, str(path)], timeout=LONGEST_S, check=True, capture_output=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("could not play %s: %s", name, error)
            return False
        return True


class FolderSink:
    """Keeps each sound as a file, numbered; takes a part of its time."""

    def __init__(self, folder: Path, pace: float) -> None:
        """Args:
        folder: Where the files go.
        pace: 1 for as long as the sound lasts, 0 for no time at all.
        """
        self._folder, self._pace = folder, pace
        folder.mkdir(parents=True, exist_ok=True)
        self._number = len(list(folder.glob("*.wav")))

    def play(self, path: Path, name: str) -> bool:
        """See `Sink`."""
        self._number += 1
        shutil.copyfile(path, self._folder / f"{self._number:03d}-{name}.wav")
        time.sleep(seconds_of(read_wav(path)) * self._pace)
        return True
