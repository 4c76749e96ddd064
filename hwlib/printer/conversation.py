"""Talks with one printer over its transport: what is asked, what is heard meanwhile, what was accepted."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from hwlib.errors import DeviceGone
from hwlib.printer import starprnt
from hwlib.printer.paper_gauge import PaperGauge, after_word
from hwlib.printer.profile import Profile
from hwlib.printer.replies import (
    CLEARED,
    KEY_CODES,
    AutomaticStatus,
    Block,
    FullStatus,
    RealTimeStatus,
    Reply,
    ReplyReader,
    StarStatus,
)
from hwlib.printer.status import SICK, Fault, Heard, PrinterStatus, heard, of_automatic, of_full, of_real_time, of_star
from hwlib.printer.transports import Transport

log = logging.getLogger(__name__)

PIECE_BYTES = 4096
STALL_S = 4.0
"""How long a printer may take nothing before a job is given up."""
FRESH_S = 1.0
CLEAR_S = 1.0
FLUSH = bytes(8192)
"""Fills up a picture of which the rest never came; NULs outside of one mean nothing. Length: receiptio's experience."""
DLE_EOT, FULL_STATUS = b"\x10\x04", b"\x10\x04\x14"
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
RECOVER = b"\x10\x05\x02"
AUTOMATIC_STATUS = b"\x1da\xff"


class Conversation:
    """One printer, used by its worker's thread alone. `status` and `gauge` are what it said last."""

    def __init__(
        self, transport: Transport, profile: Profile, gauge: PaperGauge, on_status: Callable[[PrinterStatus], None]
    ) -> None:
        self._transport, self.profile = transport, profile
        self.gauge = gauge
        self._on_status = on_status
        self._replies = ReplyReader(profile.language)
        self.status = PrinterStatus()
        self.is_open = False
        self._heard_s = -FRESH_S
        self._meanwhile: list[Reply] = []

    @property
    def holds(self) -> bool:
        """Whether the device is kept open between tickets."""
        return self._transport.holds

    def open(self) -> Fault:
        """Open and greet the printer; returns what hinders it.

        A printer in the middle of a picture that was cut off takes the greeting for a part of it: then it is filled up.

        Raises:
            HardwareError: it is not there, or closed to this user.
        """
        if self.is_open:
            return self.status.fault
        was_away = self.status.state == "absent"
        if was_away:
            self.tell(replace(self.status, state="opening"))
        self._transport.open()
        self.is_open = True
        self._replies.forget()
        self._meanwhile = []
        if was_away:
            self.tell(replace(self.status, state="probing", one_way=self.profile.status.kind == "none"))
        fault = self.ask_status()
        if fault is Fault.SILENT:
            self.write(FLUSH)
            fault = self.ask_status()
        if fault is not Fault.SILENT and self.profile.status.asb:
            self.write(AUTOMATIC_STATUS)
        elif fault is not Fault.SILENT and self.profile.status.kind == "star":
            self.write(starprnt.AUTOMATIC_STATUS)
        return fault

    def close(self) -> None:
        """Let go of the printer; its status stays as it was last heard."""
        if self.is_open:
            self.is_open = False
            try:
                self._transport.close()
            except Exception as error:  # noqa: BLE001 (an unplugged device raises what its driver likes)
                log.warning("printer: it could not be let go: %s", error)

    def settle(self) -> None:
        """A ticket ended: ready again, or not."""
        fault = self.status.fault
        self.tell(replace(self.status, state="sick" if fault in SICK else "blocked" if fault else "ready"))

    def gone(self) -> None:
        """It went away."""
        self.close()
        self.tell(replace(self.status, state="absent", fault=Fault.GONE))

    def tell(self, status: PrinterStatus) -> None:
        """Take a status, and tell of it when it is another one."""
        if status != self.status:
            self.status = status
            self._on_status(status)

    def listen(self, timeout_s: float) -> list[Reply]:
        """What the printer says within a time; statuses among it are taken in.

        Raises:
            DeviceGone: it went away.
        """
        replies = self._replies.feed(self._transport.read_some(0 if self._meanwhile else timeout_s))
        for reply in replies:
            match reply:
                case AutomaticStatus():
                    self._hear(of_automatic(reply))
                case FullStatus():
                    self._hear(of_full(reply))
                case StarStatus():
                    self._hear(of_star(reply))
                case _:
                    pass
        before, self._meanwhile = self._meanwhile, []
        return before + replies

    def write(self, data: bytes, *, stop_at_fault: bool = False) -> int:
        """Hand over bytes, hearing meanwhile; returns how many were accepted when the printer stalls or fails.

        Raises:
            DeviceGone: it went away; `accepted` of the error says how many bytes were accepted before.
        """
        done, moved_s = 0, time.monotonic()
        try:
            while done < len(data):
                count = self._transport.write_some(data[done : done + PIECE_BYTES], 0.2)
                done += count
                if count:
                    moved_s = time.monotonic()
                if self.profile.status.kind != "none":
                    self._meanwhile = self.listen(0)
                if (stop_at_fault and self.status.fault) or time.monotonic() - moved_s > STALL_S:
                    break
        except DeviceGone as error:
            error.accepted = done
            raise
        return done

    def fresh_fault(self) -> Fault:
        """What hinders the printer, asked anew when the last word is old.

        Raises:
            DeviceGone: it went away.
        """
        if time.monotonic() - self._heard_s < FRESH_S:
            return self.status.fault
        return self.ask_status()

    def ask_status(self) -> Fault:
        """Ask the printer how it is.

        Raises:
            DeviceGone: it went away.
        """
        kind = self.profile.status.kind
        if kind == "none":
            self._hear(Heard(Fault.NONE, None))
        elif kind == "star":
            if not self.exchange(starprnt.ASK_STATUS, StarStatus):
                self._silent()
        elif self.profile.status.full_status:
            if not self.exchange(FULL_STATUS, FullStatus):
                self._silent()
        else:
            self._ask_real_time()
        return self.status.fault

    def exchange(self, question: bytes, kind: type[Reply]) -> Reply | None:
        """Ask, and wait for an answer of a kind; None when it does not come in time.

        Raises:
            DeviceGone: the printer went away.
        """
        deadline_s = time.monotonic() + self.profile.status.reply_ms / 1000
        self._meanwhile = []
        if self.write(question) < len(question):
            return None
        while (left_s := deadline_s - time.monotonic()) > 0:
            for reply in self.listen(left_s):
                if isinstance(reply, kind):
                    return reply
        return None

    def stored_logos(self) -> frozenset[bytes] | None:
        """The keys of the logos in its memory; None when it does not say.

        Raises:
            DeviceGone: it went away.
        """
        keys: set[bytes] = set()
        question = b"\x1d(L\x04\x000@KC"
        while True:
            answer = self.exchange(question, Block)
            if not isinstance(answer, Block) or answer.header != KEY_CODES or not answer.body:
                return None
            codes = answer.body[1:]
            keys |= {codes[at : at + 2] for at in range(0, len(codes) - 1, 2)}
            if answer.body[0] != 0x41:
                return frozenset(keys)
            question = b"\x06"

    def clear(self) -> bool:
        """Empty its buffers, so that nothing of a broken job comes out later. True when it says that it did.

        Raises:
            DeviceGone: it went away.
        """
        if not self.profile.status.clear:
            return False
        self.write(CLEAR_BUFFERS)
        deadline_s = time.monotonic() + CLEAR_S
        while (left_s := deadline_s - time.monotonic()) > 0:
            if any(isinstance(reply, Block) and reply.header == CLEARED for reply in self.listen(left_s)):
                return True
        return False

    def recover(self) -> Fault:
        """Make a printer ready for the next ticket after a broken one: buffers emptied, a half picture filled up, the
        half ticket cut off.

        Raises:
            DeviceGone: it went away.
        """
        fault = self.ask_status()
        if fault in (Fault.CUTTER, Fault.ERROR) and self.profile.status.recover:
            self.write(RECOVER)
            fault = self.ask_status()
        if fault is not Fault.NONE:
            return fault
        self.clear()
        cut = b"" if self.profile.cut.mode == "none" or self.profile.language != "escpos" else b"\x1dVB\x00"
        self.write(FLUSH + b"\x1b@" + cut)
        return self.ask_status()

    def _ask_real_time(self) -> None:
        answers = []
        for number in range(1, 5):
            answer = self.exchange(DLE_EOT + bytes((number,)), RealTimeStatus)
            if not isinstance(answer, RealTimeStatus):
                self._silent()
                return
            answers.append(answer.byte)
        self._hear(of_real_time(*answers))

    def _hear(self, now: Heard) -> None:
        self._heard_s = time.monotonic()
        self.gauge = after_word(
            self.gauge, near_end=now.near_end, out=now.fault is Fault.PAPER_OUT, now_s=self._heard_s
        )
        status = replace(self.status, remaining_mm=self.gauge.remaining_mm)
        self.tell(heard(status, now, paper_low=self.gauge.is_low))

    def _silent(self) -> None:
        self._heard_s = -FRESH_S
        self.tell(replace(self.status, state="sick", fault=Fault.SILENT))
