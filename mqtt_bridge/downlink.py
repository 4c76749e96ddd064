"""How the log reaches a display: a snapshot, then every entry after it, in order and without a gap. Pure."""

from dataclasses import dataclass, replace

from officelib.board import BoardSnapshot
from officelib.events import LogEntry
from officelib.inbound import BoardReset, LogLine

ASK_AGAIN_MS = 1_000
MAX_WAITING = 512


@dataclass(frozen=True)
class Downlink:
    """Where the display stands.

    Attributes:
        ep: The hub's epoch.
        n: Last entry that the display has; None before its first snapshot.
        waiting: Entries that came too early, by n.
        asked_ms: When the hub was last asked for the board.
    """

    ep: int = 0
    n: int | None = None
    waiting: tuple[LogEntry, ...] = ()
    asked_ms: int | None = None


@dataclass(frozen=True)
class AskBoard:
    """Ask the hub for the board."""


Output = BoardReset | LogLine | AskBoard
Step = tuple[Downlink, list[Output]]


def forget(downlink: Downlink) -> Downlink:
    """The display has nothing any more: it starts again from a snapshot."""
    return Downlink(ep=downlink.ep)


def snapshot(downlink: Downlink, board: BoardSnapshot) -> Step:
    """A board came. An older one than the display has means nothing, nor does one of a lower epoch."""
    if board.ep < downlink.ep or (board.ep == downlink.ep and downlink.n is not None and board.n <= downlink.n):
        return downlink, []
    downlink = replace(downlink, ep=board.ep, n=board.n, asked_ms=None)
    downlink, lines = _drain(downlink)
    return downlink, [BoardReset(board), *lines]


def entries(downlink: Downlink, new: tuple[LogEntry, ...], now_ms: int) -> Step:
    """Entries came: handed on when they follow, kept when they do not yet."""
    fresh = [e for e in new if e.ep >= downlink.ep and (downlink.n is None or e.n > downlink.n or e.ep > downlink.ep)]
    known = {e.n: e for e in (*downlink.waiting, *fresh)}
    waiting = tuple(known[n] for n in sorted(known))[-MAX_WAITING:]
    downlink, lines = _drain(replace(downlink, waiting=waiting))
    return _asking(downlink, lines, now_ms) if downlink.waiting or downlink.n is None else (downlink, lines)


def beat(downlink: Downlink, ep: int, n: int, now_ms: int) -> Step:
    """The hub's log stands at `n`: ask when the display is behind or of another epoch."""
    if ep < downlink.ep:
        return downlink, []
    behind = downlink.n is None or n > downlink.n or ep > downlink.ep
    return _asking(downlink, [], now_ms) if behind else (downlink, [])


def _drain(downlink: Downlink) -> tuple[Downlink, list[Output]]:
    lines: list[Output] = []
    n = downlink.n
    waiting = list(downlink.waiting)
    while waiting and n is not None and waiting[0].ep == downlink.ep and waiting[0].n <= n + 1:
        entry = waiting.pop(0)
        if entry.n == n + 1:
            lines.append(LogLine(entry))
            n = entry.n
    return replace(downlink, n=n, waiting=tuple(waiting)), lines


def _asking(downlink: Downlink, lines: list[Output], now_ms: int) -> Step:
    if downlink.asked_ms is not None and now_ms - downlink.asked_ms < ASK_AGAIN_MS:
        return downlink, lines
    return replace(downlink, asked_ms=now_ms), [*lines, AskBoard()]
