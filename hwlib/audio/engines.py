"""Voices behind one interface: espeak-ng through pyttsx3, Piper, and sentences that were recorded before.

They run in the child process of `hwlib.audio.voice_child`, never in a program that a citizen waits for.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Protocol

from hwlib.audio.wav import joined, read_wav, write_wav

ESPEAK_VOICES = {"es": "roa/es", "ca": "roa/ca", "en": "gmw/en", "fr": "roa/fr", "ar": "sem/ar"}
RATE_WPM = 145
TRIES = 3
"""pyttsx3 2.99 sometimes ends before the sound has come, about once in 200 sentences: the file is empty then."""
HEADER_BYTES = 44
PIECE = re.compile(r"\d+|[^\d,.;:!?\u060c\u061b]+")
"""The last two are Arabic's comma and semicolon."""
PIECE_PAUSE_S = 0.06
LONGEST_NAME = 80
PIPER_LIMIT_S = 3.5
"""Less than the parent waits: the program is ended by whom it was started. A sentence takes it about 0.6 s and loads
its voice before; a machine that is slower needs a bank."""


class NoVoice(Exception):
    """This engine cannot say it."""


class Engine(Protocol):
    """Says a sentence."""

    def speak(self, text: str, language: str, path: Path) -> None:
        """Write the spoken text as WAV: mono, 16 bit, 22050 Hz.

        Raises:
            NoVoice: there is none for the language, or it failed.
        """


class Espeak:
    """espeak-ng through pyttsx3: robotic, clear, at once, in every language that we ship."""

    def __init__(self) -> None:
        import pyttsx3  # noqa: PLC0415 (looks for espeak-ng when imported)

        self._engine: Any = pyttsx3.init("espeak")

    def speak(self, text: str, language: str, path: Path) -> None:
        """See `Engine`."""
        voice = ESPEAK_VOICES.get(language) or self._voice_of(language)
        self._engine.setProperty("voice", voice)
        self._engine.setProperty("rate", RATE_WPM)
        for _ in range(TRIES):
            self._engine.save_to_file(text, str(path))
            self._engine.runAndWait()
            if path.exists() and path.stat().st_size > HEADER_BYTES:
                return
        raise NoVoice("espeak-ng gave no sound")

    def _voice_of(self, language: str) -> str:
        """The voice of a language that we do not ship, by what espeak-ng says of its own."""
        for voice in self._engine.getProperty("voices"):
            if language in voice.languages:
                return str(voice.id)
        raise NoVoice(f"no voice for '{language}'")


class Piper:
    """Piper: natural voices that an installer puts into a folder, as es.onnx with es.onnx.json (22050 Hz)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = shutil.which("piper") or "piper"

    def speak(self, text: str, language: str, path: Path) -> None:
        """See `Engine`."""
        model = self._folder / f"{language}.onnx"
        if not model.exists():
            raise NoVoice(f"no voice for '{language}': {model} is not there")
        command = [self._program, "--model", str(model), "--output_file", str(path)]
        try:
            subprocess.run(command, input=text.encode(), timeout=PIPER_LIMIT_S, check=True, capture_output=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            raise NoVoice(f"piper: {error}") from error


class Bank:
    """Recordings, a file a sentence or a piece of one; a sentence that lacks one is said whole by another engine."""

    def __init__(self, folder: Path, other: Engine) -> None:
        self._folder, self._other = folder, other

    def speak(self, text: str, language: str, path: Path) -> None:
        """See `Engine`. No sentence is of two voices."""
        for parts in ([text], pieces_of(text)):
            files = [self._folder / bank_name(part, language) for part in parts]
            if files and all(file.exists() for file in files):
                write_wav(path, joined(*map(read_wav, files), pause_s=PIECE_PAUSE_S))
                return
        self._other.speak(text, language, path)


def pieces_of(text: str) -> list[str]:
    """A sentence's pieces, as people record them: numbers, and what stands between numbers and punctuation."""
    return [piece for piece in (found.strip() for found in PIECE.findall(text)) if piece]


def bank_name(text: str, language: str) -> str:
    """Where the recording of a sentence or a piece lies in a bank's folder, as es/mesa.wav."""
    words = "-".join(re.findall(r"\w+", text.lower()))
    return f"{language}/{words[:LONGEST_NAME]}.wav"


def engine_of(name: str, folder: Path) -> Engine:
    """The engine of a name: "espeak", "piper", "bank" (over espeak) or "bank+piper".

    Raises:
        ValueError: there is none of that name.
    """
    match name:
        case "espeak":
            return Espeak()
        case "piper":
            return Piper(folder)
        case "bank":
            return Bank(folder, Espeak())
        case "bank+piper":
            return Bank(folder, Piper(folder))
        case _:
            raise ValueError(f"no speech engine '{name}'")
