"""Reads a screen's picture as a person does, words and where they stand; hears whether a loudspeaker says something."""

import csv
import io
import os
import subprocess
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from tests.image.vm import Vm, wait

SURE = 40.0
WAV_HEAD_BYTES, SAMPLES_PER_S, BLOCK, QUIET = 44, 2 * 44_100, 8_820, 300
"""QEMU writes 16 bits, stereo, 44.1 kHz; a tenth of a second that stays below a hundredth of the range is quiet."""


@dataclass(frozen=True)
class Word:
    """A word, plain (no accents, small letters), and its middle."""

    text: str
    x_px: float
    y_px: float


def words_in(picture: Image.Image, folder: Path) -> list[Word]:
    """All words: large and small, dark on light and light on dark."""
    grey, found = picture.convert("L"), []
    half = grey.resize((grey.width // 2, grey.height // 2), Image.Resampling.LANCZOS)
    for shown, scale in ((grey, 1), (ImageOps.invert(grey), 1), (half, 2)):
        path = folder / "read.png"
        shown.save(path)
        said = subprocess.run(
            ["tesseract", path, "-", "-l", "spa", "--psm", "11", "tsv"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        ).stdout
        for row in csv.DictReader(io.StringIO(said), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["text"] and row["text"].strip() and float(row["conf"]) >= SURE:
                x, y = (scale * (int(row[a]) + int(row[b]) / 2) for a, b in (("left", "width"), ("top", "height")))
                found.append(Word(plain(row["text"]), x, y))
    return found


def plain(text: str) -> str:
    """A text without accents, in small letters."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).lower().strip(".,:;¿?¡!«»'\"()")


def place_of(words: list[Word], phrase: str) -> tuple[float, float] | None:
    """The middle of the first words that make a phrase, on one line; None where it is not read."""
    wanted = [plain(one) for one in phrase.split()]
    for at in range(len(words) - len(wanted) + 1):
        run = words[at : at + len(wanted)]
        if [one.text for one in run] == wanted:
            return sum(one.x_px for one in run) / len(run), run[0].y_px
    return None


def sound_in(path: Path) -> float:
    """How many seconds of a recording that is still being written are no silence."""
    raw = path.read_bytes()[WAV_HEAD_BYTES:]
    samples = array("h", raw[: len(raw) // 4 * 4])
    loud = sum(max(samples[at : at + BLOCK]) > QUIET for at in range(0, len(samples), BLOCK))
    return loud * BLOCK / SAMPLES_PER_S


@dataclass
class Album:
    """The pictures of a journey, in their order."""

    folder: Path
    count: int = 0

    def until_read(
        self, machine: Vm, wanted: str | Sequence[str], name: str, limit_s: float, panel: int = 0
    ) -> list[Word]:
        """Wait until a panel says something, or one of several things; keeps the picture."""
        phrases = (wanted,) if isinstance(wanted, str) else wanted
        self.count += 1
        path, words = self.folder / f"{self.count:02d}-{machine.name}-{name}.png", list[Word]()
        seen = b""

        def is_read() -> bool:
            nonlocal seen
            picture = machine.picture(path, panel)
            if picture.tobytes() != seen:  # reading costs a second of both processors; a screen stays black for long
                seen = picture.tobytes()
                words[:] = words_in(picture, machine.folder)
            return any(place_of(words, phrase) is not None for phrase in phrases)

        wait(is_read, f"'{phrases[0]}' on the {machine.name} (see {path})", limit_s, 1.0)
        return words
