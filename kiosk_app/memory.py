"""The kiosk's memory: the one thread that writes the journal, before anything is promised or printed."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from kiosk_app.core import events as ev
from kiosk_app.core.states import TicketFacts
from officelib import events as e
from officelib import inbound
from officelib.clock import Clock
from officelib.errors import KnownError
from officelib.ids import lane_label
from officelib.inbound import OfficeConfig
from officelib.journal.device import PrintJob, open_journal

log = logging.getLogger(__name__)

RECOVER_MS = 30_000
"""Paper that a crash interrupted is still owed to somebody for so long."""

MemoryEffect = ev.LookUpBooking | ev.WriteWant | ev.WritePrint | ev.WriteLane | ev.WriteAbandon


class Memory:
    """Works in a thread of its own; what came of it is told as events of the core."""

    def __init__(self, path: Path, device: str, clock: Clock, tell: Callable[[ev.Event], None]) -> None:
        """Args:
        path: The journal.
        device: This kiosk's name.
        clock: The machine's.
        tell: Called in the memory's thread.
        """
        self._clock, self._tell = clock, tell
        self._journal, aside = open_journal(path, device, clock)
        if aside is not None:
            log.error("the journal was damaged; it lies at %s, and a new one was begun", aside)
        self._device = device
        self._anchor = self._journal.anchor()
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self.poke_bridge: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Tell what is remembered, end what a crash left half done, and go on."""
        self._work.put(self._recall)
        self._thread.start()

    def stop(self) -> None:
        """End after the work that is under way."""
        self._work.put(None)
        self._thread.join(5)
        self._journal.close()

    def hub_ms(self) -> int:
        """Hub time as this kiosk knows it: carried over on the monotonic clock, else the wall clock's word."""
        anchor = self._anchor
        return self._clock.wall_ms() if anchor is None else anchor.hub_ms + self._clock.mono_ms() - anchor.mono_ms

    def do(self, effect: MemoryEffect) -> None:
        """Carry out an effect of the core."""
        self._work.put(lambda: self._effect(effect))

    def hear(self, line: inbound.Inbound) -> None:
        """Take in what the hub said."""
        self._work.put(lambda: self._heard(line))

    def print_begins(self, seq: int) -> None:
        """The first byte of a ticket goes out next. Returns once that is durable; called by the printer's thread."""
        written = threading.Event()

        def mark() -> None:
            try:
                with self._journal.transaction():
                    self._journal.mark_print(seq, "sending")
            finally:
                written.set()

        self._work.put(mark)
        written.wait(5)

    def print_ended(self, seq: int, outcome: e.PrintOutcome, level: e.PrintLevel, copies: int) -> None:
        """How the paper of a ticket ended."""
        self._work.put(lambda: self._print_ended(seq, outcome, level, copies))

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except KnownError as error:
                log.error("%s", error)
                self._tell(ev.JournalRefused())
            except Exception:
                log.exception("the memory stumbled")
                self._tell(ev.JournalRefused())

    # --- effects

    def _effect(self, effect: MemoryEffect) -> None:
        match effect:
            case ev.LookUpBooking():
                job = self._journal.ticket_of_booking(effect.booking.ref) if effect.booking.ref else None
                if job is None:
                    self._tell(ev.BookingNew(effect.claim))
                else:
                    ticket = facts_of(job)
                    self._tell(ev.BookingSeen(replace(ticket, language=effect.claim.language, copies=job.copies)))
            case ev.WriteWant():
                with self._journal.transaction():
                    seq = self._journal.append(e.Want(effect.claim))
                self.poke_bridge()
                self._tell(ev.WantWritten(seq))
            case ev.WritePrint():
                with self._journal.transaction():
                    self._journal.append(e.Print(effect.ticket.seq, effect.ticket.label))
                    self._owe(effect.ticket, effect.booking_ref)
                self.poke_bridge()
                self._tell(ev.TicketWritten(effect.ticket))
            case ev.WriteLane():
                self._tell(ev.TicketWritten(self._write_lane(effect)))
            case ev.WriteAbandon():
                with self._journal.transaction():
                    self._journal.append(e.Abandon(effect.want, effect.reason))
                self.poke_bridge()

    def _write_lane(self, effect: ev.WriteLane) -> TicketFacts:
        claim, config = effect.claim, self._kept_config()
        if config is None:
            raise KnownError("no catalogue yet", where="the journal", mend="Connect the kiosk to its hub once.")
        series = config.catalogue.services[claim.service].series
        with self._journal.transaction():
            label = lane_label(series, self._journal.identity.slot, self._journal.next_lane(series))
            seq = self._journal.append(e.Lane(label, claim, effect.want))
            ticket = TicketFacts(
                seq=effect.want or seq,
                label=label,
                service=claim.service,
                language=claim.language,
                ahead=None,
                wait_min=None,
                slot_ms=claim.booking.slot_ms if claim.booking else 0,
                issued_ms=self.hub_ms(),
            )
            self._owe(ticket, claim.booking.ref if claim.booking else "")
        self.poke_bridge()
        return ticket

    def _owe(self, ticket: TicketFacts, booking_ref: str) -> None:
        self._journal.queue_print(ticket.seq, msgspec.json.encode(ticket))
        if booking_ref:
            self._journal.see_booking(booking_ref, ticket.seq)

    def _print_ended(self, seq: int, outcome: e.PrintOutcome, level: e.PrintLevel, copies: int) -> None:
        with self._journal.transaction():
            self._journal.mark_print(seq, "ended", copies=1 if outcome == "done" else 0)
            self._journal.append(e.Printed(seq, outcome, level, copies))
        self.poke_bridge()
        self._tell(ev.PaperEnded(seq, outcome == "done"))

    # --- what the hub said

    def _heard(self, line: inbound.Inbound) -> None:
        match line:
            case inbound.LinkChanged():
                self._tell(ev.LinkSwitched(line.up))
            case inbound.Granted():
                self._granted(line)
            case inbound.Acked():
                self._acked(line)
            case inbound.ConfigChanged():
                with self._journal.transaction():
                    self._journal.keep("config", msgspec.json.encode(line.config))
                self._tell_config(line.config)
            case inbound.ServicesChanged():
                self._tell(ev.QueuesTold(line.view))
            case inbound.BoardReset() | inbound.LogLine():
                pass

    def _granted(self, line: inbound.Granted) -> None:
        identity = self._journal.identity
        if line.journal == identity.journal and line.inc > identity.inc:
            with self._journal.transaction():
                self._journal.grant(line.inc, line.slot)
            log.info("granted incarnation %d, lane %d", line.inc, line.slot)
        self.poke_bridge()
        self._tell_enrolment()

    def _acked(self, line: inbound.Acked) -> None:
        if line.acked > self._journal.acked or line.epoch > self._journal.epoch or self._anchor is None:
            with self._journal.transaction():
                self._journal.raise_epoch(line.epoch)
                self._journal.acknowledge(line.acked, line.boot, line.anchor)
        if line.anchor is not None and line.boot == self._clock.boot:
            self._anchor = line.anchor
        for result in line.results:
            self._tell(ev.HubAnswered(result, self.hub_ms()))

    # --- at the start

    def _recall(self) -> None:
        config = self._kept_config()
        if config is not None:
            self._tell_config(config)
        self._tell_enrolment()
        if not self._journal.identity.inc:
            return
        for want in self._journal.open_wants():
            with self._journal.transaction():
                self._journal.append(e.Abandon(want, "the kiosk was interrupted"))
        for job in self._journal.open_print_jobs():
            self._recover(job)
        self.poke_bridge()

    def _recover(self, job: PrintJob) -> None:
        """Paper that is owed: printed when it is fresh; marked as a copy when part of it may have come out before."""
        fresh = job.boot == self._clock.boot and self._clock.mono_ms() - job.mono_ms < RECOVER_MS
        ticket = facts_of(job)
        if not fresh:
            with self._journal.transaction():
                self._journal.mark_print(job.ticket, "ended")
                outcome: e.PrintOutcome = "expired" if job.state == "queued" else "unknown"
                self._journal.append(e.Printed(job.ticket, outcome, "none"))
            return
        if job.state == "sending":
            ticket = replace(ticket, copies=job.copies + 1)
        log.info("ticket %s is printed after an interruption", ticket.label)
        self._tell(ev.Recovered(ticket))

    def _tell_config(self, config: OfficeConfig) -> None:
        self._tell(ev.OfficeTold(config.catalogue, {key.kid: bytes.fromhex(key.public) for key in config.keys}))

    def _tell_enrolment(self) -> None:
        identity = self._journal.identity
        if identity.inc:
            self._tell(ev.Enrolled(has_lane=bool(identity.slot)))

    def _kept_config(self) -> OfficeConfig | None:
        kept = self._journal.kept("config")
        return msgspec.json.decode(kept, type=OfficeConfig) if kept else None


def facts_of(job: PrintJob) -> TicketFacts:
    """The facts of a ticket as they were written down."""
    return msgspec.json.decode(job.facts, type=TicketFacts)
