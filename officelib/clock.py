"""The two clocks of a device: one that never jumps, and one that people read."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Clock:
    """Reads time.

    Attributes:
        boot: Names this boot of the machine; monotonic times of two boots are not comparable.
        shift_ms: Added to the wall clock, milliseconds; other than 0 only in a demo.
    """

    boot: str
    shift_ms: int = 0

    def mono_ms(self) -> int:
        """Milliseconds since boot, sleep included."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def wall_ms(self) -> int:
        """Milliseconds since 1970 UTC as the machine believes; right only where somebody set it."""
        return time.time_ns() // 1_000_000 + self.shift_ms


def system_clock(shift_ms: int = 0) -> Clock:
    """This machine's clock."""
    return Clock(boot=Path("/proc/sys/kernel/random/boot_id").read_text().strip(), shift_ms=shift_ms)
