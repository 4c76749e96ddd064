"""Makes layouts.json from the X keyboard database of this machine: `python -m hwlib.scanner.layout_tables`.

Needs libxkbcommon and xkb-data (Debian: libxkbcommon0, xkb-data). The product reads only what this wrote.
"""

import ctypes
import json
import sys
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint32, c_void_p
from pathlib import Path

NAMES = (
    "us", "gb", "es", "latam", "pt", "br", "fr", "be", "ch", "ch(fr)", "ca", "de", "at", "it", "nl", "dk", "no", "se",
    "fi", "is", "pl", "cz", "cz(qwerty)", "sk", "hu", "ro", "si", "hr", "ee", "lv", "lt", "tr", "tr(f)", "us(dvorak)",
    "es(cat)",
)  # fmt: skip
CODES = (*range(2, 14), *range(16, 28), *range(30, 42), 43, *range(44, 54), 55, 57, *range(71, 84), 86, 98)
"""The keys that print on a keyboard of 105 keys. Source: linux/input-event-codes.h."""
EVDEV_OFFSET = 8
LEVELS = ((), ("Shift",), ("Mod5",), ("Shift", "Mod5"))


class _Names(Structure):
    _fields_ = [(name, c_char_p) for name in ("rules", "model", "layout", "variant", "options")]


def tables() -> dict[str, object]:
    """All layouts: for each the characters of `CODES` without, with shift, with AltGr, with both.

    Raises:
        OSError: libxkbcommon is not there.
        LookupError: the database lacks a layout.
    """
    xkb = ctypes.CDLL("libxkbcommon.so.0")
    xkb.xkb_context_new.restype = xkb.xkb_keymap_new_from_names.restype = xkb.xkb_state_new.restype = c_void_p
    xkb.xkb_keymap_new_from_names.argtypes = [c_void_p, POINTER(_Names), c_int]
    xkb.xkb_keymap_mod_get_index.argtypes = [c_void_p, c_char_p]
    xkb.xkb_keymap_mod_get_index.restype = xkb.xkb_state_key_get_utf32.restype = c_uint32
    xkb.xkb_state_new.argtypes = [c_void_p]
    xkb.xkb_state_update_mask.argtypes = [c_void_p] + [c_uint32] * 6
    xkb.xkb_state_key_get_utf32.argtypes = [c_void_p, c_uint32]
    context = xkb.xkb_context_new(0)
    return {"codes": list(CODES), "layouts": {name: _levels(xkb, context, name) for name in NAMES}}


def _levels(xkb: ctypes.CDLL, context: int, name: str) -> list[str]:
    layout, _, variant = name.partition("(")
    names = _Names(b"evdev", b"pc105", layout.encode(), variant.rstrip(")").encode(), b"")
    keymap = xkb.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)
    if not keymap:
        raise LookupError(f"the keyboard database has no layout '{name}'")
    levels = []
    for held in LEVELS:
        state = xkb.xkb_state_new(keymap)
        mask = sum(1 << xkb.xkb_keymap_mod_get_index(keymap, mod.encode()) for mod in held)
        locked = 1 << xkb.xkb_keymap_mod_get_index(keymap, b"Mod2")  # Num Lock: the keypad gives digits
        xkb.xkb_state_update_mask(state, mask, 0, locked, 0, 0, 0)
        chars = [xkb.xkb_state_key_get_utf32(state, code + EVDEV_OFFSET) for code in CODES]
        levels.append("".join(chr(char) if char >= 0x20 and char != 0x7F else " " for char in chars))
    return levels


def main() -> int:
    """Write the tables beside this file."""
    text = json.dumps(tables(), ensure_ascii=False, indent=1) + "\n"
    Path(__file__).with_name("layouts.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
