"""How loud a sound is to ears, and making it as loud as it should be. Source: ITU-R BS.1770-4, EBU R 128."""

import array
import math

from hwlib.audio.wav import PEAK, RATE_HZ, Samples

TARGET_LUFS = -18.0
CEILING_DB = -1.0
BLOCK_S, STEP_S = 0.4, 0.1
SILENT_LUFS = -70.0
RELATIVE_LU = -10.0
OFFSET_LU = -0.691
Biquad = tuple[float, float, float, float, float]


def loudness_lufs(samples: "Samples[int]") -> float:
    """Integrated loudness of mono sound; -inf for silence. Sound shorter than a block counts as one block."""
    weighted = _filtered(_filtered([value / 32_768 for value in samples], _shelf()), _high_pass())
    block, step = round(BLOCK_S * RATE_HZ), round(STEP_S * RATE_HZ)
    squares = [0.0]
    for value in weighted:
        squares.append(squares[-1] + value * value)
    starts = range(0, max(1, len(weighted) - block + 1), step)
    powers = [(squares[min(at + block, len(weighted))] - squares[at]) / block for at in starts]
    loud = [power for power in powers if _lufs(power) > SILENT_LUFS]
    if not loud:
        return -math.inf
    gate = _lufs(sum(loud) / len(loud)) + RELATIVE_LU
    kept = [power for power in loud if _lufs(power) > gate]
    return _lufs(sum(kept) / len(kept))


def at_loudness(samples: "Samples[int]", target_lufs: float = TARGET_LUFS) -> "Samples[int]":
    """The same sound at a loudness; peaks bend softly below the ceiling instead of breaking off."""
    now = loudness_lufs(samples)
    if now == -math.inf:
        return samples
    gain = 10 ** ((target_lufs - now) / 20)
    ceiling = PEAK * 10 ** (CEILING_DB / 20)
    knee = ceiling * 0.7
    return array.array("h", [_bent(value * gain, knee, ceiling) for value in samples])


def _bent(value: float, knee: float, ceiling: float) -> int:
    size = abs(value)
    if size > knee:
        size = knee + (ceiling - knee) * math.tanh((size - knee) / (ceiling - knee))
    return round(math.copysign(size, value))


def _lufs(power: float) -> float:
    return OFFSET_LU + 10 * math.log10(power) if power > 0 else -math.inf


def _filtered(values: list[float], biquad: Biquad) -> list[float]:
    b0, b1, b2, a1, a2 = biquad
    x1 = x2 = y1 = y2 = 0.0
    out = []
    for x in values:
        y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x2, x1, y2, y1 = x1, x, y1, y
        out.append(y)
    return out


def _shelf() -> Biquad:
    """The head's effect, a high shelf: the standard's filter of 48 kHz as an analogue one, at our rate."""
    gain_db, quality, corner_hz = 3.999843853973347, 0.7071752369554196, 1_681.974450955533
    k = math.tan(math.pi * corner_hz / RATE_HZ)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k * k
    return (
        (high + band * k / quality + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / quality + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / quality + k * k) / a0,
    )


def _high_pass() -> Biquad:
    """The RLB weighting: deep tones count less."""
    quality, corner_hz = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * corner_hz / RATE_HZ)
    a0 = 1 + k / quality + k * k
    return (1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0)
