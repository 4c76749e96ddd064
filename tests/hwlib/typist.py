"""What a scanner types in a keyboard layout, as the kernel's events."""

from functools import lru_cache

from hwlib.scanner.keys import EV_KEY, EV_SYN
from hwlib.scanner.layouts import layouts

SHIFT, ALTGR, ENTER = 42, 100, 28
STEP_MS = 4


@lru_cache(maxsize=64)
def keys_of(layout: str) -> dict[str, tuple[int, bool, bool]]:
    """The key of each character; the plainest where several give it, as scanners choose."""
    keys: dict[str, tuple[int, bool, bool]] = {}
    for key, char in sorted(layouts()[layout].items(), key=lambda item: (item[0][2], item[0][1], item[0][0] >= 55)):
        keys.setdefault(char, key)
    return keys


def typed(
    text: str, *, layout: str = "us", start_ms: int = 0, step_ms: int = STEP_MS, suffix: bool = True
) -> list[tuple[int, int, int, int]]:
    """(type, code, value, milliseconds) of each event."""
    events, at_ms = [], start_ms
    for char in text:
        code, shift, altgr = keys_of(layout)[char]
        held = [key for key, wanted in ((SHIFT, shift), (ALTGR, altgr)) if wanted]
        events += [(EV_KEY, key, 1, at_ms) for key in held]
        events += [(EV_KEY, code, 1, at_ms), (EV_SYN, 0, 0, at_ms), (EV_KEY, code, 0, at_ms + 1)]
        events += [(EV_KEY, key, 0, at_ms + 1) for key in held]
        at_ms += step_ms
    return [*events, (EV_KEY, ENTER, 1, at_ms), (EV_KEY, ENTER, 0, at_ms + 1)] if suffix else events
