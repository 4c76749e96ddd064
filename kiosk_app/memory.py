"""The kiosk's memory: what the core asks to be written is written, before anything is promised or printed."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import assert_never

import msgspec

from kiosk_app.core import events as ev
from kiosk_app.core.states import Slip, TicketFacts
from officelib import events as e
from officelib import inbound
from officelib.clock import Clock
from officelib.errors import KnownError
from officelib.ids import lane_label
from officelib.inbound import OfficeConfig
from officelib.journal.device import DeviceJournal, JournalFull, PrintJob
from officelib.journal.keeper import Keeper
from officelib.signature import Sign, unsigned
from officelib.ticket_code import TicketCode, read_code, write_code

log = logging.getLogger(__name__)

RECOVER_MS = 30_000
"""Paper that a crash interrupted is still owed to somebody for so long."""
MARK_S = 5.0
SLIP = "slip"
"""Under this name the journal keeps the booking whose paper is owed."""
ISSUING_MS = 1_000
"""From the touch to the paper's code, at most: what its time may be off for that."""

MemoryEffect = (
    ev.LookUpBooking
    | ev.WriteWant
    | ev.WritePrint
    | ev.WriteLane
    | ev.WriteAbandon
    | ev.WriteBook
    | ev.WriteBooked
    | ev.TellPaper
    | ev.WriteLeft
    | ev.ForgetBooking
    | ev.WriteRating
)


class Owed(msgspec.Struct, frozen=True):
    """A booking's paper, and since when it is owed."""

    slip: Slip
    boot: str
    mono_ms: int


class Memory:
    """Works in its keeper's thread; what came of it is told as events of the core."""

    def __init__(
        self,
        path: Path,
        device: str,
        clock: Clock,
        tell: Callable[[ev.Event], None],
        keeper: type[Keeper] = Keeper,
        sign: Sign = unsigned,
    ) -> None:
        """Args:
        path: The journal.
        device: This kiosk's name.
        clock: The machine's.
        tell: Called in the keeper's thread.
        keeper: Runs the work on the journal; a simulation brings one without a thread.
        sign: Signs the codes on papers.
        """
        self._clock, self._tell, self._sign = clock, tell, sign
        self._left_open: dict[int, str] = {}
        self._left_papers: dict[int, e.Printed] = {}
        self._left_jobs: list[PrintJob] = []
        self._is_out = False
        self.keeper = keeper(path, device, clock, lambda: tell(ev.JournalRefused()))

    def start(self) -> None:
        """Tell what is remembered, end what a crash left half done, and go on."""
        self.keeper.do(self._recall)
        self.keeper.start()

    def stop(self) -> None:
        self.keeper.stop()

    def do(self, effect: MemoryEffect) -> None:
        """Carry out an effect of the core."""
        self.keeper.do(lambda journal: self._effect(journal, effect))

    def hear(self, line: inbound.Inbound) -> None:
        """Take in what the hub said."""
        self.keeper.do(lambda journal: self._heard(journal, line))

    def print_begins(self, seq: int) -> None:
        """The first byte of a ticket goes out next. Returns once that is durable; called by the printer's thread.

        Raises:
            KnownError: it could not be written: nothing may be printed.
        """
        written, done = threading.Event(), []

        def mark(journal: DeviceJournal) -> None:
            try:
                with journal.transaction():
                    journal.mark_print(seq, "sending")
                done.append(seq)
            finally:
                written.set()

        self.keeper.do(mark)
        written.wait(MARK_S)
        if not done:
            raise KnownError("the print could not be noted", where="the journal", mend="Free the disk; see the log.")

    def print_ended(self, seq: int, outcome: e.PrintOutcome, level: e.PrintLevel, copies: int) -> None:
        """How the paper of a ticket ended."""
        self.keeper.do(lambda journal: self._print_ended(journal, seq, outcome, level, copies))

    def slip_ended(self) -> None:
        """The paper of a booking came out, or did not: its citizen saw it."""
        self.keeper.do(_slip_is_settled)

    # --- effects

    def _effect(self, journal: DeviceJournal, effect: MemoryEffect) -> None:
        try:
            self._carry_out(journal, effect)
        except JournalFull:
            self._left_open |= dict.fromkeys(_want_of(effect), "the disk was full")
            raise

    def _carry_out(self, journal: DeviceJournal, effect: MemoryEffect) -> None:
        match effect:
            case ev.LookUpBooking():
                job = journal.ticket_of_booking(effect.booking.ref) if effect.booking.ref else None
                if job is None or facts_of(job).slot_ms != effect.booking.slot_ms:
                    self._tell(ev.BookingNew(effect.claim))  # a booking that was moved is another appointment
                else:
                    ticket = facts_of(job)
                    self._tell(ev.BookingSeen(replace(ticket, language=effect.claim.language, copies=job.copies)))
            case ev.WriteWant():
                with journal.transaction():
                    seq = journal.append(e.Want(effect.claim))
                self.keeper.poke_bridge()
                self._tell(ev.WantWritten(seq))
            case ev.WritePrint():
                ticket = self._with_code(journal, effect.ticket, effect.booking_ref)
                with journal.transaction():
                    journal.append(e.Print(ticket.seq, ticket.label))
                    _owe(journal, ticket, effect.booking_ref)
                self.keeper.poke_bridge()
                self._tell(ev.TicketWritten(ticket))
            case ev.WriteLane():
                ticket = self._write_lane(journal, effect)
                self.keeper.poke_bridge()
                self._tell(ev.TicketWritten(ticket))
            case ev.TellPaper():
                with journal.transaction():
                    seq = journal.append(e.PaperShown(effect.code))
                self.keeper.poke_bridge()
                self._tell(ev.PaperTold(effect.code, seq))
            case ev.WriteLeft():
                with journal.transaction():
                    journal.append(e.Left(effect.code))
                    journal.forget_booking(read_code(effect.code).ref.hex())
                self.keeper.poke_bridge()
            case ev.ForgetBooking():
                with journal.transaction():
                    journal.forget_booking(read_code(effect.code).ref.hex())
            case ev.WriteRating():
                with journal.transaction():
                    journal.append(e.Rated(effect.service, effect.score))
                self.keeper.poke_bridge()
            case ev.WriteBook():
                with journal.transaction():
                    seq = journal.append(e.Book(effect.service, effect.slot_ms))
                self.keeper.poke_bridge()
                self._tell(ev.WantWritten(seq))
            case ev.WriteBooked():
                slip = effect.slip
                with journal.transaction():
                    journal.append(e.Booked(slip.seq, slip.ref, slip.service, slip.slot_ms))
                    journal.keep(SLIP, msgspec.json.encode(Owed(slip, self._clock.boot, self._clock.mono_ms())))
                self.keeper.poke_bridge()
                self._tell(ev.SlipWritten(slip.seq))
            case ev.WriteAbandon():
                with journal.transaction():
                    journal.append(e.Abandon(effect.want, effect.reason, effect.told))
                self.keeper.poke_bridge()
            case _:
                assert_never(effect)

    def _write_lane(self, journal: DeviceJournal, effect: ev.WriteLane) -> TicketFacts:
        claim, config = effect.claim, _kept_config(journal)
        if config is None:
            raise KnownError("no catalogue yet", where="the journal", mend="Connect the kiosk to its hub once.")
        series = config.catalogue.services[claim.service].series
        with journal.transaction():
            label = lane_label(series, journal.identity.slot, journal.next_lane(series))
            seq = journal.append(e.Lane(label, claim, effect.want))
            ticket = TicketFacts(
                seq=effect.want or seq,
                label=label,
                service=claim.service,
                language=claim.language,
                ahead=None,
                wait_min=None,
                slot_ms=claim.booking.slot_ms if claim.booking else 0,
                issued_ms=self.keeper.hub_ms() or 0,
            )
            ref = claim.booking.ref if claim.booking else ""
            ticket = self._with_code(journal, ticket, ref)
            _owe(journal, ticket, ref)
        return ticket

    def _with_code(self, journal: DeviceJournal, ticket: TicketFacts, ref: str) -> TicketFacts:
        """The ticket with what its QR says: enough for a hub that never hears of this kiosk again."""
        config, arrival = _kept_config(journal), self.keeper.now()
        service = config.catalogue.services.get(ticket.service) if config else None
        identity = journal.identity
        code = TicketCode(
            office=config.catalogue.office.code if config else 0,
            device=identity.device,
            inc=identity.inc,
            seq=ticket.seq,
            label=ticket.label,
            service=service.code if service else 0,
            language=ticket.language,
            arrived_ms=arrival.at_ms,
            err_ms=arrival.err_ms + ISSUING_MS if arrival.is_known else -1,
            ref=bytes.fromhex(ref),
            slot_ms=ticket.slot_ms,
        )
        return replace(ticket, code=write_code(code, self._sign))

    def _print_ended(
        self, journal: DeviceJournal, seq: int, outcome: e.PrintOutcome, level: e.PrintLevel, copies: int
    ) -> None:
        printed = e.Printed(seq, outcome, level, copies)
        try:
            with journal.transaction():
                _write_printed(journal, printed)
        except JournalFull:
            self._left_papers[seq] = printed
            raise
        finally:
            self._tell(ev.PaperEnded(seq, outcome == "done"))
        self._left_papers.pop(seq, None)
        self.keeper.poke_bridge()

    # --- what the hub said

    def _heard(self, journal: DeviceJournal, line: inbound.Inbound) -> None:
        match line:
            case inbound.LinkChanged():
                self._tell(ev.LinkSwitched(line.up))
            case inbound.Granted():
                self.keeper.granted(journal, line)
                self._tell_enrolment(journal)
            case inbound.Disowned():
                self.keeper.disowned(journal, line)
                self._forget_left()
                self._tell(ev.Enrolled(has_lane=False, granted=False))
            case inbound.Revoked():
                self._is_out = True
                self.keeper.revoked(journal)
                self._forget_left()
                self._tell(ev.Enrolled(has_lane=False, granted=False))
            case inbound.Acked():
                self.keeper.acked(journal, line)
                for result in line.results:
                    self._tell(ev.HubAnswered(result, self.keeper.hub_ms()))
                if not journal.is_closing:
                    self._close_left_open(journal)
            case inbound.ConfigChanged():
                with journal.transaction():
                    journal.keep("config", msgspec.json.encode(line.config))
                self._tell_config(line.config)
                if self._is_out:  # it was enrolled again
                    self._is_out = False
                    self._tell_enrolment(journal)
            case inbound.ServicesChanged():
                self._tell(ev.QueuesTold(line.view))
            case inbound.BookingFound():
                self._tell(ev.BookingFound(line.asked, line.short, self.keeper.hub_ms()))
            case inbound.HelpAnswered():
                self._tell(ev.HelpAnswered(line.asked, line.answer))
            case inbound.BoardReset() | inbound.LogLine() | inbound.ErrandCame():
                pass
            case _:
                assert_never(line)

    def _close_left_open(self, journal: DeviceJournal) -> None:
        """End what a crash or a full disk left half done: wants whose numbers nobody has, and papers.

        Paper that is owed and fresh is printed, marked as a copy when part of it may have come out before.
        """
        if not (self._left_open or self._left_papers or self._left_jobs):
            return
        fresh = [job for job in self._left_jobs if self._is_fresh(job)]
        with journal.transaction():
            for want in sorted(self._left_open.keys() & journal.open_wants()):
                journal.append(e.Abandon(want, self._left_open[want]))
            for printed in self._left_papers.values():
                _write_printed(journal, printed)
            for job in self._left_jobs:
                if job not in fresh:
                    outcome: e.PrintOutcome = "expired" if job.state == "queued" else "unknown"
                    _write_printed(journal, e.Printed(job.ticket, outcome, "none"))
        self._forget_left()
        for job in fresh:
            log.info("ticket %s is printed after an interruption", facts_of(job).label)
            copies = job.copies + 1 if job.state == "sending" else facts_of(job).copies
            self._tell(ev.Recovered(replace(facts_of(job), copies=copies)))
        self.keeper.poke_bridge()

    def _is_fresh(self, job: PrintJob) -> bool:
        return job.boot == self._clock.boot and self._clock.mono_ms() - job.mono_ms < RECOVER_MS

    def _forget_left(self) -> None:
        self._left_open, self._left_papers, self._left_jobs = {}, {}, []

    # --- at the start

    def _recall(self, journal: DeviceJournal) -> None:
        config = _kept_config(journal)
        if config is not None:
            self._tell_config(config)
        self._tell_enrolment(journal)
        if not journal.identity.inc:
            return
        self._left_open = dict.fromkeys(journal.open_wants(), "the kiosk was interrupted")
        self._left_jobs = list(journal.open_print_jobs())
        self._close_left_open(journal)
        self._recover_slip(journal)

    def _recover_slip(self, journal: DeviceJournal) -> None:
        """A booking whose paper a crash interrupted. After a while nobody stands there: who has read it has it."""
        kept = journal.kept(SLIP)
        if not kept:
            return
        owed = msgspec.json.decode(kept, type=Owed)
        if owed.boot == self._clock.boot and self._clock.mono_ms() - owed.mono_ms < RECOVER_MS:
            self._tell(ev.SlipRecovered(owed.slip))
        else:
            _slip_is_settled(journal)

    def _tell_config(self, config: OfficeConfig) -> None:
        self._tell(ev.OfficeTold(config.catalogue, {key.kid: bytes.fromhex(key.public) for key in config.keys}))

    def _tell_enrolment(self, journal: DeviceJournal) -> None:
        identity = journal.identity
        if identity.inc:
            self._tell(ev.Enrolled(has_lane=bool(identity.slot)))


def _want_of(effect: MemoryEffect) -> set[int]:
    """The want that an effect was to end."""
    match effect:
        case ev.WritePrint():
            return {effect.ticket.seq}
        case ev.WriteLane() | ev.WriteAbandon():
            return {effect.want} - {0}
        case ev.WriteBooked():
            return {effect.slip.seq}
        case _:
            return set()


def facts_of(job: PrintJob) -> TicketFacts:
    """The facts of a ticket as they were written down."""
    return msgspec.json.decode(job.facts, type=TicketFacts)


def _write_printed(journal: DeviceJournal, printed: e.Printed) -> None:
    journal.mark_print(printed.ticket, "ended", copies=1 if printed.outcome == "done" else 0)
    journal.append(printed)


def _slip_is_settled(journal: DeviceJournal) -> None:
    with journal.transaction():
        journal.keep(SLIP, b"")


def _owe(journal: DeviceJournal, ticket: TicketFacts, booking_ref: str) -> None:
    journal.queue_print(ticket.seq, msgspec.json.encode(ticket))
    if booking_ref:
        journal.see_booking(booking_ref, ticket.seq)


def _kept_config(journal: DeviceJournal) -> OfficeConfig | None:
    kept = journal.kept("config")
    return msgspec.json.decode(kept, type=OfficeConfig) if kept else None
