"""How a printer proves a ticket: what is asked behind it, and which answer counts."""

import time
from typing import assert_never

from hwlib.printer import starprnt
from hwlib.printer.conversation import FULL_STATUS, GS_R, Conversation
from hwlib.printer.jobs import Level, Ready
from hwlib.printer.profile import Profile
from hwlib.printer.replies import FullStatus, PrintedId, Processed
from hwlib.printer.status import is_busy

SLACK_S = 2.0
CUT_S = 0.5
LAST_WORD_S = 0.3
"""A fault may be told a moment before the proof of what was printed before it."""
ASK_S = 0.1


def closing(profile: Profile, process_id: bytes) -> tuple[bytes, int]:
    """What stands behind a ticket, and how many answers in line the printer owes for it.

    Args:
        profile: Of the printer.
        process_id: Four digits.
    """
    method = profile.confirm.method
    match method:
        case "gs_paren_h":
            return b"\x1d(H\x06\x0000" + process_id + GS_R, 1
        case "gs_r":
            return GS_R, 1
        case "star_etx":
            return starprnt.COUNT_WHEN_PRINTED + _star_id(process_id), 0
        case "full_status" | "estimate" | "none":
            return b"", 0
        case _:
            assert_never(method)


def paper_s(length_mm: float, profile: Profile) -> float:
    """How long a ticket takes at most, by a printer's own speed."""
    return length_mm / profile.speed_mm_s * 1.5 + CUT_S


def prove(talk: Conversation, ready: Ready) -> Level | None:
    """How far the printer proves a ticket that it took; None when it does not.

    Raises:
        DeviceGone: it went away.
    """
    method = talk.profile.confirm.method
    limit_s = paper_s(ready.length_mm, talk.profile)
    if method == "none":
        return "sent"
    if method == "estimate":
        return _estimated(talk, limit_s)
    deadline_s = time.monotonic() + limit_s + SLACK_S
    level: Level | None = None
    asked_s = struck_s = 0.0
    while time.monotonic() < deadline_s:
        if method == "full_status" and time.monotonic() - asked_s > ASK_S:
            asked_s = time.monotonic()
            talk.write(FULL_STATUS)
        for reply in talk.listen(0.05):
            match reply:
                case PrintedId():
                    if reply.process_id in (ready.process_id, _star_id(ready.process_id)):
                        return "printed"
                case Processed():
                    level = "processed" if talk.owed == 0 else level
                case FullStatus() if method == "full_status":
                    if not is_busy(reply) and not talk.status.fault:
                        return "printed"
                case _:
                    pass
        if level is not None and method == "gs_r":
            return level
        if talk.status.fault and not struck_s:
            struck_s = time.monotonic()
            deadline_s = min(deadline_s, struck_s + LAST_WORD_S)
    return level


def _estimated(talk: Conversation, limit_s: float) -> Level | None:
    end_s = time.monotonic() + limit_s
    while (left_s := end_s - time.monotonic()) > 0:
        talk.listen(min(left_s, 0.2))
        if talk.status.fault:
            return None
    return None if talk.ask_status() else "sent"


def _star_id(process_id: bytes) -> bytes:
    """Four digits in the two bytes that Star's command has for them."""
    return int(process_id).to_bytes(2, "big") if process_id.isdigit() else b""
