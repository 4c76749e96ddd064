"""Loudness in steps that a person can choose, in decibels at the ear."""

STEP_DB = 5.0
QUIETEST_DB = 50.0
USUAL_DB = 65.0
"""Where every citizen begins. Source: EN 301 549 V3.2.1, 5.1.3.12 and 5.1.3.13; 49 CFR 27.71(k)(5)."""
ABOVE_AMBIENT_DB = 20.0
"""What can be chosen above the noise of a room that is louder than 45 dB. Source: 49 CFR 27.71(k)(5)(ii)(B)."""
LOUDEST_DB = 85.0
"""More does harm."""


def steps_db(full_db: float, ambient_db: float) -> tuple[float, ...]:
    """The levels to choose from.

    Args:
        full_db: What a sentence has at the ear at full scale, in dB(A), as measured when the device was put up.
        ambient_db: The room's noise.

    Returns:
        At least five levels that rise, USUAL_DB among them.

    Raises:
        ValueError: the device is not loud enough for this room.
    """
    wanted_db = max(USUAL_DB + STEP_DB, ambient_db + ABOVE_AMBIENT_DB if ambient_db > 45 else 0)
    most_db = min(full_db, LOUDEST_DB)
    if most_db < min(wanted_db, LOUDEST_DB):
        raise ValueError(f"{full_db:.0f} dB at full scale are too few: {wanted_db:.0f} dB must be there to choose")
    levels = [QUIETEST_DB + n * STEP_DB for n in range(int((most_db - QUIETEST_DB) // STEP_DB) + 1)]
    return tuple(levels) if levels[-1] == most_db else (*levels, most_db)


def gain_of(level_db: float, full_db: float) -> float:
    """The factor for samples that gives a level."""
    return float(10 ** (min(0.0, level_db - full_db) / 20))
