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
    PrintedId,
    Processed,
    RealTimeStatus,
    Reply,
    ReplyReader,
    StarStatus,
)
from hwlib.printer.status import SICK, Fault, Heard, PrinterStatus, heard, of_automatic, of_full, of_real_time, of_star
from hwlib.printer.transports import Transport

log = logging.getLogger(__name__)

PIECE_BYTES = 4096
READ_MEANWHILE_S = 0.2
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
GS_R = b"\x1dr1"


class Conversation:
    """One printer, used by its worker's thread alone. `status` and `gauge` are what it said last.

    Answers in line (GS r, GS e 6) carry no name: `owed` counts those that have not come, so that none is taken for the
    answer to a later question.
    """

    def __init__(
        self, transport: Transport, profile: Profile, gauge: PaperGauge, on_status: Callable[[PrinterStatus], None]
    ) -> None:
        self._transport, self.profile = transport, profile
        self.gauge = gauge
        self._on_status = on_status
        self._replies = ReplyReader(profile.language)
        self.status = PrinterStatus(one_way=profile.status.kind == "none")
        self.is_open = False
        self.owed = 0
        self._heard_s = -FRESH_S
        self._was_flushed = self._asked_name = False
        self._meanwhile: list[Reply] = []

    @property
    def holds(self) -> bool:
        """Whether the device is kept open between tickets."""
        return self._transport.holds

    def open(self) -> Fault:
        """Open the printer unless it is open, and greet it; returns what hinders it.

        Raises:
            HardwareError: it is not there, or closed to this user.
        """
        if not self.is_open:
            was_away = self.status.state == "absent"
            if was_away:
                self.tell(replace(self.status, state="opening"))
            self._transport.open()
            self.is_open = True
            self.owed = 0
            self._replies.forget()
            self._meanwhile = []
            if was_away:
                self.tell(replace(self.status, state="probing"))
            if self.greet() is not Fault.SILENT:
                self._introduce()
            return self.status.fault
        return self.greet()

    def greet(self) -> Fault:
        """Ask how it is. A printer that says nothing may stand in the middle of a picture: it is filled up, once.

        Raises:
            DeviceGone: it went away.
        """
        fault = self.ask_status()
        if fault is Fault.SILENT and not self._was_flushed:
            self._was_flushed = True
            self.write(FLUSH)
            fault = self.ask_status()
        if fault is not Fault.SILENT:
            self._was_flushed = False
        return fault

    def make_ready(self, *, broken: bool, wait_s: float) -> Fault:
        """Before a ticket, when it is not certain how the one before ended, or what another program left behind.

        A question in line shows whether the printer takes the next byte for a command; one that does not answer stands
        in a picture, which is filled up. After a broken ticket its buffers are emptied and the half ticket is cut away.

        Args:
            broken: Whether a ticket of ours broke off.
            wait_s: How long a ticket may still be printing.

        Raises:
            DeviceGone: it went away.
        """
        fault = self.greet()
        if fault in (Fault.CUTTER, Fault.ERROR) and self.profile.status.recover:
            self.write(RECOVER)
            fault = self.ask_status()
        if fault is not Fault.NONE:
            return fault
        if broken:
            self.clear()
        if not self._answers_in_line(wait_s):
            flushed = self.write(FLUSH)
            if flushed < len(FLUSH) or not self._answers_in_line(wait_s):
                self._silent()
                return Fault.SILENT
        escpos = self.profile.language == "escpos"
        cut = b"\x1dVB\x00" if broken and escpos and self.profile.cut.mode != "none" else b""
        again = b"\x1b@" + cut + self._rearming()
        if self.write(again) < len(again):
            self._silent()
            return Fault.SILENT
        return self.ask_status()

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
                case Processed():
                    self.owed = max(0, self.owed - 1)
                case _:
                    pass
        before, self._meanwhile = self._meanwhile, []
        return before + replies

    def write(self, data: bytes, *, stop_at_fault: bool = False, owes: int = 0) -> int:
        """Hand over bytes, hearing meanwhile; returns how many were accepted when the printer stalls or fails.

        Args:
            data: For the printer.
            stop_at_fault: Whether to stop when it tells of a fault.
            owes: How many answers in line it owes for them.

        Raises:
            DeviceGone: it went away; `accepted` of the error says how many bytes were accepted before.
        """
        self.owed += owes
        done, moved_s = 0, time.monotonic()
        piece_bytes = min(PIECE_BYTES, self.profile.buffer_bytes)
        try:
            while done < len(data):
                count = self._transport.write_some(data[done : done + piece_bytes], READ_MEANWHILE_S)
                done += count
                if count:
                    moved_s = time.monotonic()
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

    def exchange(self, question: bytes, kind: type[Reply], wait_s: float = 0.0) -> Reply | None:
        """Ask, and wait for an answer of a kind; None when it does not come in the printer's time, or in `wait_s`.

        Raises:
            DeviceGone: the printer went away.
        """
        deadline_s = time.monotonic() + max(wait_s, self.profile.status.reply_ms / 1000)
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

    def _answers_in_line(self, wait_s: float) -> bool:
        """Whether it comes to a question that stands behind all that it was sent. Where none is known that has an
        answer, all is filled up instead, and it is believed."""
        method = self.profile.confirm.method
        if method == "star_etx":
            return self.exchange(starprnt.COUNT_NOW, PrintedId, wait_s) is not None
        if method not in ("gs_r", "gs_paren_h"):
            return self.write(FLUSH) == len(FLUSH)
        self.write(GS_R, owes=1)
        reply_s = self.profile.status.reply_ms / 1000
        deadline_s = time.monotonic() + max(wait_s, reply_s)
        answered = False
        while time.monotonic() < deadline_s and self.owed:
            if any(isinstance(reply, Processed) for reply in self.listen(0.05)):
                answered, deadline_s = True, time.monotonic() + reply_s
        self.owed = 0 if answered else self.owed
        return answered

    def _introduce(self) -> None:
        """What is asked once an opening: that it reports by itself, and what it calls itself."""
        self.write(self._rearming())
        if self.profile.status.gs_i and not self._asked_name:
            self._asked_name = True
            answer = self.exchange(b"\x1dIC", Block)
            model = answer.body.decode("ascii", "replace") if isinstance(answer, Block) else ""
            known = self.profile.match.gs_i
            if model and known and not model.lower().startswith(known[1].lower()):
                log.warning("the printer calls itself %s; its profile is %s", model, self.profile.id)
            self.tell(replace(self.status, model=model))

    def _rearming(self) -> bytes:
        """Automatic status: some models forget it at ESC @."""
        if self.profile.language == "starprnt":
            return starprnt.AUTOMATIC_STATUS
        return AUTOMATIC_STATUS if self.profile.status.asb else b""

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
