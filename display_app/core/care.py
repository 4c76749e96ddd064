"""What keeps a panel well over the years: the picture moves a little, and at night there is none. Pure."""

SHIFT_EVERY_MS = 600_000
SHIFT_MM = 2.0
"""Source: UX LD8, at most 2 mm in ten minutes."""
PLACES = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1))
"""One step from each to the next, and from the last to the first."""


def shift_mm(at_ms: int) -> tuple[float, float]:
    """How far the picture stands from its place at a moment: right and down, millimetres."""
    right, down = PLACES[at_ms // SHIFT_EVERY_MS % len(PLACES)]
    return right * SHIFT_MM, down * SHIFT_MM
