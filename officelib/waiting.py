"""How long a wait will be, as far as an office can know."""

import math

SMOOTHING = 0.2
"""Weight of the newest service in the running mean: the last five count for two thirds."""


def smoothed_minutes(mean_min: float, newest_min: float) -> float:
    """The running mean of service times after one more."""
    return mean_min + SMOOTHING * (newest_min - mean_min)


UNMEASURED = 0.6
"""Standard deviation of a service's time as a part of its mean, until it is measured: a guess."""
EIGHTY_PERCENT = 1.28
"""Standard deviations on each side of the mean, within which four of five waits of a normal distribution end."""
STEP_MIN = 5
"""Waits of ten minutes and more are told in steps of so many: more would be pretended."""


def smoothed_deviation(deviation_min: float, mean_min: float, newest_min: float) -> float:
    """The running standard deviation of service times after one more, by its mean absolute deviation.

    Source of 1.2533: the square root of pi / 2, which is that ratio for a normal distribution.
    """
    return deviation_min + SMOOTHING * (1.2533 * abs(newest_min - mean_min) - deviation_min)


def spread_min(ahead: int, service_min: float, deviation_min: float, open_counters: int) -> tuple[int, int] | None:
    """The least and the most minutes until a ticket is called, in four of five cases.

    Args:
        ahead: Tickets before it at the counters that serve it.
        service_min: Mean time of one service there, minutes.
        deviation_min: Its standard deviation, minutes.
        open_counters: How many such counters are open.

    Returns:
        None when no counter is open: nobody knows.
    """
    if open_counters <= 0:
        return None
    mean = ahead * service_min / open_counters
    off = EIGHTY_PERCENT * math.sqrt(ahead) * deviation_min / open_counters
    low, high = max(0, math.floor(mean - off)), math.ceil(mean + off)
    if high < 2 * STEP_MIN:
        return low, high
    return low // STEP_MIN * STEP_MIN, math.ceil(high / STEP_MIN) * STEP_MIN


def estimate_min(ahead: int, service_min: float, open_counters: int) -> int | None:
    """Minutes until a ticket is called, rounded up.

    Args:
        ahead: Tickets before it at the counters that serve it.
        service_min: Mean time of one service there, minutes.
        open_counters: How many such counters are open.
    Returns:
        None when no counter is open: nobody knows.
    """
    if open_counters <= 0:
        return None
    return math.ceil(ahead * service_min / open_counters)
