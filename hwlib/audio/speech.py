"""Speech as WAV files, made by a child process under a time limit, each sentence once."""

import contextlib
import hashlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from hwlib.audio.engines import RATE_WPM, bank_name, pieces_of
from hwlib.audio.loudness import TARGET_LUFS
from hwlib.audio.wav import read_wav

log = logging.getLogger(__name__)

LIMIT_S = 4.0
START_LIMIT_S = 10.0
KEPT_FILES = 2_000


class SpeechFailed(Exception):
    """No voice this time; the words stay on the screen."""


class Speech:
    """Sentences to WAV files, in the caller's thread."""

    def __init__(
        self, cache: Path, *, engine: str = "espeak", folder: Path = Path(), command: tuple[str, ...] = ()
    ) -> None:
        """Args:
        cache: Keeps what was spoken before.
        engine: See `hwlib.audio.engines.engine_of`.
        folder: The engine's voices or recordings.
        command: Starts the child; that of this package when empty.
        """
        self._cache, self._engine, self._folder = cache, engine, folder
        child = (sys.executable, "-m", "hwlib.audio.voice_child", "--engine", engine, "--folder", str(folder))
        self._command = command or child
        self._child: subprocess.Popen[bytes] | None = None

    def file_for(self, text: str, language: str) -> Path:
        """The spoken text, from the cache or made now.

        Raises:
            SpeechFailed: no voice for the language, or the child hung or died; the next call starts a new one.
        """
        path = self._cache / f"{self._name(text, language)}.wav"
        if not path.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            self._make(text, language, path)
            self._prune()
        return path

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # with what it started itself
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):  # what was not written is for nobody any more
                        stream.close()

    def _name(self, text: str, language: str) -> str:
        """What a sentence is kept under: another voice, recording or loudness is another sound."""
        recorded = [self._folder / bank_name(part, language) for part in (text, *pieces_of(text))]
        sources = (self._folder / f"{language}.onnx", *recorded)
        changed = [str(source.stat().st_mtime_ns) for source in sources if source.exists()]
        parts = (self._engine, RATE_WPM, TARGET_LUFS, language, text, *changed)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:24]

    def _make(self, text: str, language: str, path: Path) -> None:
        aside = path.with_name(f".{path.stem}.part.wav")
        order = {"text": text, "language": language, "path": str(aside)}
        try:
            refused = self._ask(json.dumps(order).encode() + b"\n")
            if not refused and not len(read_wav(aside)):
                raise ValueError("empty sound")
        except (OSError, ValueError) as error:
            self.close()
            raise SpeechFailed(f"voice of '{language}': {error}") from error
        if refused:
            raise SpeechFailed(refused)
        aside.rename(path)

    def _ask(self, order: bytes) -> str:
        """Give an order to the child; returns why it could not be done, empty when it was."""
        limit_s = LIMIT_S
        if self._child is None or self._child.poll() is not None:
            self.close()
            limit_s = START_LIMIT_S
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, start_new_session=True)  # noqa: S603
        child = self._child
        if child.stdin is None or child.stdout is None:
            raise OSError("the voice has no pipes")
        child.stdin.write(order)
        child.stdin.flush()
        deadline = time.monotonic() + limit_s
        if not select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise OSError(f"no answer in {limit_s} s")
        answer = os.read(child.stdout.fileno(), 65_536)
        if not answer:
            raise OSError("the voice ended")
        return str(json.loads(answer).get("error", ""))

    def _prune(self) -> None:
        files = sorted(self._cache.glob("*.wav"), key=lambda file: file.stat().st_mtime)
        for file in files[: max(0, len(files) - KEPT_FILES)]:
            with contextlib.suppress(OSError):
                file.unlink()
