"""The two clocks of a device: one that never jumps, and one that people read; and the office's one time."""

import logging
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
STEP_MS = 2_000
"""A difference that is no drift."""
SLEW_PPM = 50
"""How fast the office's time is corrected: less than what anchors allow for (arrival.DRIFT_PPM)."""


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


class KeptTime(msgspec.Struct, frozen=True):
    """What a hub writes down of the office's time, so that it goes on after a restart.

    Attributes:
        boot: Of the machine.
        offset_ms: Office time minus that boot's monotonic time.
        ahead_ms: Office time minus the wall clock's.
        held: Whether it is another hub's time, carried on until the next day.
        name: The time's.
    """

    boot: str
    offset_ms: int
    ahead_ms: int
    held: bool
    name: str


class OfficeClock:
    """The hub's time, by which everything in an office is dated: carried on the monotonic clock: it never jumps.

    The machine's wall clock says where it begins, and corrects it slowly. When the wall clock is found far ahead, as
    after a start without a battery, the office's time goes there at once, and has another `name` from then on: anchors
    to it are taken anew. It never goes back.
    """

    def __init__(self, clock: Clock, not_before_ms: int = 0, kept: KeptTime | None = None) -> None:
        """Args:
        clock: The machine's.
        not_before_ms: Hub time that was already written down. One that lies more than a day ahead was wrong.
        kept: What was written down before the restart.
        """
        self._clock = clock
        self._slewed_mono_ms = mono_ms = clock.mono_ms()
        wall_ms = clock.wall_ms()
        self.name = secrets.token_hex(4)
        start_ms = wall_ms
        if kept is not None and kept.boot == clock.boot:
            start_ms, self.name = kept.offset_ms + mono_ms, kept.name
        elif kept is not None and kept.held:
            start_ms = wall_ms + kept.ahead_ms
        if start_ms < not_before_ms < start_ms + DAY_MS:
            log.error("the clock stands %d s before the log's newest entry", (not_before_ms - start_ms) // 1000)
            start_ms = not_before_ms
        self._offset_ms = float(start_ms - mono_ms)
        self.held_until_day = kept is not None and kept.held

    @classmethod
    def carried_on(cls, clock: Clock, mono_ms: int, office_ms: int) -> "OfficeClock":
        """The time of a hub that said `office_ms` at `mono_ms` of this machine; kept until the next day."""
        time = cls(clock)
        time._offset_ms = float(office_ms - mono_ms)
        time.held_until_day = True
        return time

    def kept(self) -> KeptTime:
        """What is to be written down."""
        now_ms = self.now_ms()
        return KeptTime(
            self._clock.boot, int(self._offset_ms), now_ms - self._clock.wall_ms(), self.held_until_day, self.name
        )

    def now_ms(self) -> int:
        """The office's time."""
        return int(self._offset_ms + self._clock.mono_ms())

    def correct(self) -> None:
        """Compare with the wall clock, now and then: small differences go slowly, a large one ahead at once."""
        mono_ms = self._clock.mono_ms()
        elapsed_ms, self._slewed_mono_ms = mono_ms - self._slewed_mono_ms, mono_ms
        off_ms = self._clock.wall_ms() - (self._offset_ms + mono_ms)
        if off_ms > STEP_MS and not self.held_until_day:
            log.warning("the machine's clock was set %d s ahead: the office's time follows", off_ms // 1000)
            self._offset_ms += off_ms
            self.name = secrets.token_hex(4)
            return
        most_ms = elapsed_ms * SLEW_PPM / 1_000_000
        self._offset_ms += max(-most_ms, min(most_ms, off_ms))


def system_clock(shift_ms: int = 0) -> Clock:
    """This machine's clock."""
    return Clock(boot=Path("/proc/sys/kernel/random/boot_id").read_text().strip(), shift_ms=shift_ms)
