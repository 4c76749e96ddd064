"""A panel's geometry: what must be how large to be read from where."""

import math
from dataclasses import dataclass

CALL_DEG = 0.7
"""Visual angle of a capital that a citizen must read. Source: EN 301 549 V3.2.1, 5.1.4."""
SIDE_DEG = 0.35
"""Half of it, for what goes with a call: its counter, and the calls before."""


@dataclass(frozen=True)
class Panel:
    """A panel as it hangs. `pitch_mm` is the distance of two pixels."""

    width_px: int
    height_px: int
    pitch_mm: float

    @property
    def height_mm(self) -> float:
        return self.height_px * self.pitch_mm

    def px(self, mm: float) -> float:
        """Pixels of a length."""
        return mm / self.pitch_mm


def panel(width_px: int, height_px: int, diagonal_in: float) -> Panel:
    """The panel of a size in inches."""
    return Panel(width_px, height_px, diagonal_in * 25.4 / math.hypot(width_px, height_px))


def cap_height_mm(distance_mm: float, angle_deg: float = CALL_DEG) -> float:
    """Height that a capital H needs to be legible.

    Args:
        distance_mm: Eye to screen, > 0.
        angle_deg: Visual angle of the capital.

    Raises:
        ValueError: the distance is not positive.
    Source: EN 301 549 V3.2.1, 5.1.4: angle = 180 H / (pi D).
    """
    if distance_mm <= 0:
        raise ValueError(f"distance {distance_mm} mm")
    return math.pi * distance_mm * angle_deg / 180
