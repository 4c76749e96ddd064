"""How long a wait will be, as far as an office can know."""

import math

SMOOTHING = 0.2
"""Weight of the newest service in the running mean: the last five count for two thirds."""


def smoothed_minutes(mean_min: float, newest_min: float) -> float:
    """The running mean of service times after one more."""
    return mean_min + SMOOTHING * (newest_min - mean_min)


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
