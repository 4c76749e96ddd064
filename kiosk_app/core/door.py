"""The technician's door: a code that is scanned or typed where booking codes are, and the page behind it. Pure."""

import hashlib
import hmac
from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.patience import show
from kiosk_app.core.states import Kiosk, Maintaining, Paper
from officelib.booking import short_code

Step = tuple[Kiosk, list[ev.Effect]]

TILES = 20
"""Of the touch test."""
SALT_BYTES = 8
REF_BYTES = 10


def new_door(salt: bytes, ref: bytes) -> tuple[str, str]:
    """A code that opens a door, and what the kiosk's configuration says of it.

    Args:
        salt: `SALT_BYTES` of chance.
        ref: `REF_BYTES` of chance.
    """
    code = short_code(ref.hex())
    return code, f"{salt.hex()}:{_hashed(salt, code)}"


def opens(door: str, text: str) -> bool:
    """Whether a scanned or typed text is the code of a door; an empty door is never opened.

    The hash is a plain one: who can read the configuration is the machine's administrator already.
    """
    salt, _, kept = door.partition(":")
    if not kept:
        return False
    return hmac.compare_digest(_hashed(bytes.fromhex(salt), text.strip().upper()), kept)


def _hashed(salt: bytes, code: str) -> str:
    return hashlib.sha256(salt + code.encode()).hexdigest()


def maintained(kiosk: Kiosk, screen: Maintaining, event: ev.MaintenanceEvent, now_ms: int) -> Step:
    """What a technician does behind the door."""
    match event:
        case ev.TabChosen():
            return show(kiosk, Maintaining(event.tab), now_ms), []
        case ev.TestAsked("print") if screen.printed is Paper.PRINTING:
            return kiosk, []
        case ev.TestAsked("print"):
            return show(kiosk, replace(screen, printed=Paper.PRINTING), now_ms), [ev.RunTest("print")]
        case ev.TestAsked():
            return show(kiosk, screen, now_ms), [ev.RunTest("sound")]
        case ev.TestPrinted():
            return show(kiosk, replace(screen, printed=Paper.PRINTED if event.printed else Paper.FAULT), now_ms), []
        case ev.TileTouched():
            return show(kiosk, replace(screen, touched=screen.touched | {event.number}), now_ms), []
        case ev.CodeScanned():
            return show(kiosk, replace(screen, scanned=event.text), now_ms), []
        case ev.ScanFailed():
            return show(kiosk, replace(screen, scanned="\ufffd"), now_ms), []
