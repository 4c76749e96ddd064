"""What a measurement is, and how it is taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.office.report import quantiles


@dataclass(frozen=True)
class Figure:
    """A measured figure and its budget; times in milliseconds unless the name says otherwise."""

    name: str
    p50: float
    p99: float
    n: int
    budget: float
    budget_of: str = "p99"

    @property
    def is_time(self) -> bool:
        """Whether it is milliseconds: not bytes, megabytes, a ratio or a share."""
        return not any(word in self.name for word in ("MB", "bytes", " by ours", "ratio", "%"))

    @property
    def holds(self) -> bool:
        return (self.p99 if self.budget_of == "p99" else self.p50) < self.budget


def timed(times: int, action: Callable[[], object]) -> list[float]:
    """Milliseconds of each of `times` runs."""
    durations = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        durations.append((time.perf_counter() - began) * 1000)
    return durations


def figure(name: str, values: list[float], budget: float, budget_of: str = "p99") -> Figure:
    """A figure of measured values."""
    found = quantiles(values)
    return Figure(name, found["p50"], found["p99"], int(found["n"]), budget, budget_of)
