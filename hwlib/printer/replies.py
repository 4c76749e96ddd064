"""What a printer answers, told apart by shape. Pure."""

from dataclasses import dataclass, field
from typing import Literal

BLOCK_HEADERS = frozenset({0x35, 0x37, 0x3B, 0x3D, 0x5F})
LONGEST_BLOCK_BYTES = 160
XON_XOFF = frozenset({0x11, 0x13})
PROCESS_ID = b"\x37\x22"
KEY_CODES = b"\x37\x72"
CLEARED = b"\x37\x25"
FULL_STATUS = b"\x10\x0f"
STAR_TICKETS = b"\x1b\x16\x33"
STAR_PRINTED = b"\x1b\x1d\x03"


@dataclass(frozen=True)
class RealTimeStatus:
    """An answer to DLE EOT 1 to 4."""

    byte: int


@dataclass(frozen=True)
class AutomaticStatus:
    """ASB: four bytes that the printer sends by itself at each change."""

    data: bytes


@dataclass(frozen=True)
class Processed:
    """An answer to GS r (or to GS I 1 to 3): everything before it has been processed."""

    byte: int


@dataclass(frozen=True)
class PrintedId:
    """An answer to GS ( H function 48, or to Star's ESC GS ETX: everything before it stands on paper."""

    process_id: bytes


@dataclass(frozen=True)
class Block:
    """Any other block: its two leading bytes (one for GS I) and what they announce."""

    header: bytes
    body: bytes


@dataclass(frozen=True)
class FullStatus:
    """Custom's answer to DLE EOT 20: paper, user, recoverable and unrecoverable status."""

    paper: int
    user: int
    recoverable: int
    unrecoverable: int


@dataclass(frozen=True)
class StarStatus:
    """Star's automatic status: its bytes after the two of the header."""

    data: bytes


@dataclass(frozen=True)
class StarTickets:
    """Star's answer to ESC SYN 3: how many tickets were taken (kind 0) or pulled back (kind 1)."""

    kind: int
    count: int


Reply = RealTimeStatus | AutomaticStatus | Processed | PrintedId | Block | FullStatus | StarStatus | StarTickets
Language = Literal["escpos", "starprnt"]


@dataclass
class ReplyReader:
    """Cuts a stream of bytes into replies, however it is split.

    Source: Epson, TM-T88III specification, appendix G: DLE EOT is 0xx1xx10, GS r is 0xx0xxxx, ASB starts with
    0xx1xx00 and goes on with three bytes of 0xx0xxxx, block data starts with a header and ends with NUL. Star's
    automatic status starts with its own length: 0x1x xxx1 and a second byte. Custom's full status starts 10h 0Fh.
    """

    language: Language = "escpos"
    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are complete now."""
        self._rest += data
        replies: list[Reply] = []
        while self._rest:
            used, reply = (_star if self.language == "starprnt" else _escpos)(bytes(self._rest))
            if not used:
                break
            del self._rest[:used]
            if reply is not None:
                replies.append(reply)
        return replies

    def forget(self) -> None:
        """Drop what is half received: the printer was opened anew."""
        self._rest.clear()


def _escpos(data: bytes) -> tuple[int, Reply | None]:
    """The first reply and its length; length 0 when it is not complete."""
    first = data[0]
    if first in XON_XOFF:
        return 1, None
    if first in BLOCK_HEADERS:
        return _block(data)
    if first & 0x93 == 0x12:
        return 1, RealTimeStatus(first)
    if first & 0x93 == 0x10:
        return _four(data)
    return (1, Processed(first)) if first & 0x90 == 0 else (1, None)


def _four(data: bytes) -> tuple[int, Reply | None]:
    """ASB, or Custom's full status, which starts like it but whose second byte (0Fh) says that it is longer."""
    if len(data) < 2:
        return 0, None
    if data.startswith(FULL_STATUS):
        return (6, FullStatus(*data[2:6])) if len(data) >= 6 else (0, None)
    for at in range(1, min(4, len(data))):
        if data[at] & 0x90:
            return 1, None  # the rest was lost on the way: not the three bytes that belong to it
    return (4, AutomaticStatus(data[:4])) if len(data) >= 4 else (0, None)


def _block(data: bytes) -> tuple[int, Reply | None]:
    """A header, printable bytes, NUL. Anything else among them: its rest was lost on the way."""
    for end in range(1, min(len(data), LONGEST_BLOCK_BYTES)):
        if data[end] == 0:
            break
        if not 0x20 <= data[end] <= 0x7E:
            return 1, None
    else:
        return (1, None) if len(data) >= LONGEST_BLOCK_BYTES else (0, None)
    if data[:2] == PROCESS_ID:
        return end + 1, PrintedId(data[2:end])
    head = 1 if data[0] == 0x5F else 2
    return end + 1, Block(data[:head], data[head:end])


def _star(data: bytes) -> tuple[int, Reply | None]:
    """Echoes of ESC GS ETX (s, n1, n2, a counter and NUL after it) and of ESC SYN 3, and the automatic status."""
    first = data[0]
    if first == 0x1B:
        head = data[:3]
        if not (STAR_TICKETS.startswith(head) or STAR_PRINTED.startswith(head)):
            return 1, None
        if len(data) < 8:
            return 0, None
        if head == STAR_PRINTED:
            return 8, PrintedId(data[4:6])
        return 8, StarTickets(data[3] & 1, int.from_bytes(data[4:8], "big"))
    if first & 0xB1 == 0x21:
        length = (first >> 2 & 0x08) | (first >> 1 & 0x07)
        if length < 7:
            return 1, None
        return (length, StarStatus(data[2:length])) if len(data) >= length else (0, None)
    return 1, None
