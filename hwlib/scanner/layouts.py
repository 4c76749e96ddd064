"""Which keyboard layout a scanner types in, found by the codes themselves: only one of them makes a code that checks.

The tables are made by `layout_tables.py` from the X keyboard database (MIT licence).
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from hwlib.scanner.keys import KeyPress

LEARN_HITS = 3
FIRST = "us"
Table = dict[tuple[int, bool, bool], str]
"""A character by key code, whether shifted, and whether with AltGr."""


@dataclass(frozen=True)
class Found:
    """A burst's text. `layout` is empty when any would have done; `problem` when none can be trusted."""

    text: str
    layout: str = ""
    problem: str = ""


@lru_cache(maxsize=1)
def layouts() -> dict[str, Table]:
    """All layouts, by their names in X keyboard database, `us` first."""
    data = json.loads((resources.files("hwlib.scanner") / "layouts.json").read_text(encoding="utf-8"))
    tables = {
        name: {
            (code, bool(level & 1), bool(level & 2)): char
            for level, chars in enumerate(levels)
            for code, char in zip(data["codes"], chars, strict=True)
            if char != " " or code == 57
        }
        for name, levels in data["layouts"].items()
    }
    return {FIRST: tables.pop(FIRST), **tables}


def decode(keys: Iterable[KeyPress], layout: str) -> str:
    """The text of key presses in a layout; a key that it has no character for is left out."""
    table = layouts()[layout]
    return "".join(_char(key, table) for key in keys)


@dataclass
class LayoutFinder:
    """Decodes bursts; learns the layout of its scanner from those that check.

    Attributes:
        is_signed: Whether a text is a code whose signature is right: no other layout makes one of the same keys.
        is_valid: Whether a text is a code by a check character at least: another layout may make another one.
        learned: The layout that is known; empty before.
        on_learned: Called once a layout is known.
    """

    is_signed: Callable[[str], bool]
    is_valid: Callable[[str], bool] = lambda _text: False
    learned: str = ""
    on_learned: Callable[[str], None] = lambda _layout: None
    _hits: dict[str, int] = field(default_factory=dict)

    def text_of(self, keys: tuple[KeyPress, ...]) -> Found:
        """The text of a burst.

        Signed codes tell their layout, and teach it. A short code is read in the layout that was learned; before, one
        that reads as different codes in several layouts is no answer: it is scanned again. What no layout makes a code
        of (an address, say) is read in the layout that is known.
        """
        known = self.learned if self.learned in layouts() else FIRST
        first = decode(keys, known)
        texts: dict[str, str] = {first: known}
        if not self.is_signed(first):
            for name in layouts():
                texts.setdefault(decode(keys, name), name)
        signed = next((text for text in texts if self.is_signed(text)), None)
        if signed is not None:
            self._learn(texts[signed])
            return Found(signed, texts[signed])
        valid = [text for text in texts if self.is_valid(text)]
        if self.learned and first in valid:
            return Found(first, known)
        if len(valid) > 1:
            return Found("", problem="it reads differently in several keyboard layouts")
        return Found(valid[0], texts[valid[0]]) if valid else Found(first)

    def _learn(self, name: str) -> None:
        """Believe a layout after some codes; another one that comes after it, too."""
        if name == self.learned:
            self._hits.clear()
            return
        self._hits[name] = self._hits.get(name, 0) + 1
        if self._hits[name] >= LEARN_HITS:
            self._hits.clear()
            self.learned = name
            self.on_learned(name)


def _char(key: KeyPress, table: Table) -> str:
    if key.char:
        return key.char
    if key.control:
        plain = table.get((key.code, key.shift, key.altgr), "") or table.get((key.code, False, False), "")
        return chr(ord(plain) & 0x1F) if plain and ord(plain) < 0x80 else ""
    return table.get((key.code, key.shift, key.altgr), "")
