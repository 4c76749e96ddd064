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
        is_valid: Whether a text is a code whose check characters, or whose signature, are right.
        learned: The layout that is known; empty before.
        on_learned: Called once a layout is known.
    """

    is_valid: Callable[[str], bool]
    learned: str = ""
    on_learned: Callable[[str], None] = lambda _layout: None
    _hits: dict[str, int] = field(default_factory=dict)

    def text_of(self, keys: tuple[KeyPress, ...]) -> Found:
        """The text of a burst.

        Codes that check tell their layout. Two layouts that make two different codes of it are no answer: it is
        scanned again. What no layout makes a code of (an address, say) is read in the layout that is known.
        """
        known = self.learned if self.learned in layouts() else FIRST
        first = decode(keys, known)
        if self.is_valid(first) and self.learned:
            return Found(first, known)
        texts: dict[str, str] = {}
        for name in layouts():
            texts.setdefault(decode(keys, name), name)
        valid = {text: name for text, name in texts.items() if self.is_valid(text)}
        if not valid:
            return Found(first)
        if len(valid) > 1:
            return Found("", problem="it reads differently in several keyboard layouts")
        ((text, name),) = valid.items()
        if len(texts) > 1:
            self._learn(name)
        return Found(text, name)

    def _learn(self, name: str) -> None:
        self._hits[name] = self._hits.get(name, 0) + 1
        if self._hits[name] == LEARN_HITS:
            self.learned = name
            self.on_learned(name)


def _char(key: KeyPress, table: Table) -> str:
    if key.char:
        return key.char
    if key.control:
        plain = table.get((key.code, key.shift, key.altgr), "") or table.get((key.code, False, False), "")
        return chr(ord(plain) & 0x1F) if plain and ord(plain) < 0x80 else ""
    return table.get((key.code, key.shift, key.altgr), "")
