"""Mono 16-bit sound in memory and as WAV files."""

import array
import math
import sys
import wave
from pathlib import Path

Samples = array.array
RATE_HZ = 22_050
PEAK = 32_767


def silence(seconds: float) -> "Samples[int]":
    """Nothing, for a while."""
    return array.array("h", bytes(2 * round(seconds * RATE_HZ)))


def chime(tones_hz: tuple[float, ...] = (880.0, 659.3), tone_s: float = 0.42) -> "Samples[int]":
    """Falling tones that ring out, below 2 kHz: heard by the elderly too, and not mistaken for an alarm."""
    samples = array.array("h", bytes(2 * round((len(tones_hz) * tone_s + 0.1) * RATE_HZ)))
    for number, tone_hz in enumerate(tones_hz):
        start = round(number * tone_s * RATE_HZ)
        for i in range(len(samples) - start):
            seconds = i / RATE_HZ
            level = 0.30 * PEAK * math.exp(-4.5 * seconds) * min(1.0, seconds / 0.005)
            value = samples[start + i] + round(level * math.sin(2 * math.pi * tone_hz * seconds))
            samples[start + i] = max(-PEAK, min(PEAK, value))
    return samples


def joined(*parts: "Samples[int]", pause_s: float = 0.0) -> "Samples[int]":
    """Sounds one after the other, with silence between them."""
    whole = array.array("h")
    for number, part in enumerate(parts):
        whole.extend(silence(pause_s) if number else part[:0])
        whole.extend(part)
    return whole


def read_wav(path: Path) -> "Samples[int]":
    """A WAV file's samples.

    Raises:
        ValueError: not mono, 16 bit, 22050 Hz, or broken.
    """
    try:
        with wave.open(str(path)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path}: {error}") from error
    if shape != (1, 2, RATE_HZ):
        raise ValueError(f"{path}: {shape} is not mono, 2 bytes, {RATE_HZ} Hz")
    samples = array.array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def write_wav(path: Path, samples: "Samples[int]") -> None:
    """Write a WAV file in one piece: no reader sees half of it."""
    aside = path.with_name(f".{path.name}.part")
    with wave.open(str(aside), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    aside.rename(path)


def seconds_of(samples: "Samples[int]") -> float:
    """How long a sound lasts."""
    return len(samples) / RATE_HZ
