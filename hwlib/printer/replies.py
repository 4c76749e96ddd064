"""What a printer answers, told apart by shape. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

PROCESS_ID_HEADER = b"\x37\x22"
BLOCK_HEADERS = frozenset({0x35, 0x37, 0x3B, 0x3D, 0x5F})
XON_XOFF = frozenset({0x11, 0x13})


class Fault(StrEnum):
    """Why a printer does not print."""

    NONE = ""
    GONE = "gone"
    SILENT = "silent"
    OFFLINE = "offline"
    COVER_OPEN = "cover_open"
    PAPER_OUT = "paper_out"
    CUTTER = "cutter"
    ERROR = "error"


@dataclass(frozen=True)
class RealTimeStatus:
    """An answer to DLE EOT."""

    byte: int


@dataclass(frozen=True)
class Processed:
    """An answer to GS r: everything before it has been processed."""

    byte: int


@dataclass(frozen=True)
class PrintedId:
    """An answer to GS ( H function 48: everything before it stands on paper."""

    process_id: bytes


Reply = RealTimeStatus | Processed | PrintedId


@dataclass
class ReplyReader:
    """Cuts a stream of bytes into replies, however it is split.

    Source: Epson, TM-T88III specification, appendix G: DLE EOT is 0xx1xx10, GS r is 0xx0xxxx, ASB starts with
    0xx1xx00 and has four bytes, block data starts with a header and ends with NUL.
    """

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are complete now."""
        self._rest += data
        replies: list[Reply] = []
        while self._rest:
            first = self._rest[0]
            if first in XON_XOFF:
                del self._rest[0]
            elif first in BLOCK_HEADERS:
                end = self._rest.find(0)
                if end < 0:
                    break
                block = bytes(self._rest[:end])
                del self._rest[: end + 1]
                if block.startswith(PROCESS_ID_HEADER):
                    replies.append(PrintedId(block[len(PROCESS_ID_HEADER) :]))
            elif first & 0x93 == 0x12:
                replies.append(RealTimeStatus(first))
                del self._rest[0]
            elif first & 0x93 == 0x10:
                if len(self._rest) < 4:
                    break
                del self._rest[:4]
            else:
                if first & 0x90 == 0:
                    replies.append(Processed(first))
                del self._rest[0]
        return replies


def fault_in(offline: int, cause: int, error: int, paper: int) -> Fault:
    """The fault that the answers to DLE EOT 1, 2, 3 and 4 tell of. Source: Epson's reference, DLE EOT."""
    if paper & 0x60 or cause & 0x20:
        return Fault.PAPER_OUT
    if cause & 0x04:
        return Fault.COVER_OPEN
    if error & 0x08:
        return Fault.CUTTER
    if cause & 0x40 or error & 0x64:
        return Fault.ERROR
    return Fault.OFFLINE if offline & 0x08 else Fault.NONE
