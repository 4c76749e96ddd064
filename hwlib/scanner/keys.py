"""Key presses of a scanner that types, put together to scans. Pure.

Key codes and event types are the kernel's. Source: linux/input-event-codes.h.
"""

from dataclasses import dataclass, field

from hwlib.scanner.framing import CUT_OFF_MS, IDLE_MS

EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
SHIFTS, CONTROLS, ALT, ALTGR, CAPS = frozenset({42, 54}), frozenset({29, 97}), 56, 100, 58
END_KEYS = frozenset({28, 96, 15})
KEYPAD_DIGITS = {82: 0, 79: 1, 80: 2, 81: 3, 75: 4, 76: 5, 77: 6, 71: 7, 72: 8, 73: 9}
LONGEST_KEYS = 512
HELD_MS = 1_000
"""No scanner holds a key so long: a finger does, or something heavy."""
HUMAN_GAP_MS = 60
"""Mean time between two keys above which a person typed. Scanners type a key in 2 to 16 ms."""


@dataclass(frozen=True)
class KeyPress:
    """One key with what was held, or a character that was given by its number (Alt and the keypad)."""

    code: int
    shift: bool = False
    altgr: bool = False
    control: bool = False
    char: str = ""


@dataclass(frozen=True)
class Burst:
    """The keys of one code. `problem` says why they cannot be trusted."""

    keys: tuple[KeyPress, ...]
    problem: str = ""


@dataclass
class KeyAssembler:
    """Makes bursts of key events. One of which the kernel dropped keys is rejected, never guessed."""

    _keys: list[KeyPress] = field(default_factory=list)
    _held: dict[int, int] = field(default_factory=dict)
    _caps: bool = False
    _alt_digits: str = ""
    _problem: str = ""
    _first_ms: int = 0
    _last_ms: int = 0
    _has_suffix: bool = False

    def event(self, kind: int, code: int, value: int, at_ms: int) -> list[Burst]:
        """Take one event (type, code, value of the kernel's, its own time); returns the bursts that it ends."""
        ended = self.idle(at_ms)
        if kind == EV_SYN and code == SYN_DROPPED:
            self._problem, self._last_ms = "keys were lost", at_ms
            self._held.clear()
        if kind != EV_KEY:
            return ended
        self._last_ms = at_ms
        if value == 0:
            self._released(code, at_ms)
        elif value == 2:
            self._problem = self._problem or ("a key was held" if at_ms - self._held.get(code, at_ms) > HELD_MS else "")
        else:
            self._held[code] = at_ms
            ended += self._pressed(code, at_ms)
        return ended

    def idle(self, now_ms: int) -> list[Burst]:
        """The burst that a pause has ended: a whole code of a scanner without a suffix, half a one of others."""
        if not self._keys and not self._problem:
            return []
        if now_ms - self._last_ms < (CUT_OFF_MS if self._has_suffix else IDLE_MS):
            return []
        if self._has_suffix:
            self._problem = self._problem or "its end is missing"
        return self._end()

    def _pressed(self, code: int, at_ms: int) -> list[Burst]:
        if code == CAPS:
            self._caps = not self._caps
        if code in END_KEYS:
            self._has_suffix = self._has_suffix or bool(self._keys)
            return self._end()
        if code in SHIFTS or code in CONTROLS or code in (ALT, ALTGR, CAPS):
            return []
        if ALT in self._held and code in KEYPAD_DIGITS:
            self._alt_digits += str(KEYPAD_DIGITS[code])
            return []
        if not self._keys:
            self._first_ms = at_ms
        shift = any(key in self._held for key in SHIFTS)
        control = any(key in self._held for key in CONTROLS)
        self._add(KeyPress(code, shift is not self._caps, ALTGR in self._held, control))
        return []

    def _released(self, code: int, at_ms: int) -> None:
        pressed_ms = self._held.pop(code, at_ms)
        if at_ms - pressed_ms > HELD_MS and code not in SHIFTS:
            self._problem = self._problem or "a key was held"
        if code == ALT and self._alt_digits:
            number, self._alt_digits = int(self._alt_digits[-6:]), ""
            if 0x20 <= number < 0x11_0000:
                self._add(KeyPress(0, char=chr(number)))

    def _add(self, key: KeyPress) -> None:
        if len(self._keys) >= LONGEST_KEYS:
            self._problem = f"longer than {LONGEST_KEYS} keys"
        else:
            self._keys.append(key)

    def _end(self) -> list[Burst]:
        keys, problem = tuple(self._keys), self._problem
        spent_ms = self._last_ms - self._first_ms
        self._keys, self._problem = [], ""
        if problem:
            return [Burst((), problem)]
        by_hand = len(keys) < 2 or spent_ms / max(1, len(keys) - 1) > HUMAN_GAP_MS
        return [] if by_hand else [Burst(keys)]
