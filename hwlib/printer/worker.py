"""The one thread that owns a printer: prints a document at most once and says what it can prove."""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from hwlib.errors import EncodeError, HardwareError
from hwlib.printer.conversation import Conversation
from hwlib.printer.escpos import encode
from hwlib.printer.jobs import Job, PrintResult, Ready
from hwlib.printer.layout import blocks_of, height_dots
from hwlib.printer.logos import LogoShelf
from hwlib.printer.paper_gauge import PaperGauge, after_ticket
from hwlib.printer.presenter import Fate, Mouth
from hwlib.printer.profile import Profile
from hwlib.printer.proof import closing, paper_s, prove
from hwlib.printer.status import Fault, PrinterStatus
from hwlib.printer.transports import Transport

log = logging.getLogger(__name__)

IDLE_S = 0.1
POLL_S = 5.0
STOP_S = 10.0
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PROCESS_IDS = 10_000
INITIALIZE = b"\x1b@"
"""ESC @, with which every ticket begins, in ESC/POS and in Star's language; what was set before it is forgotten."""


def _nothing(*_: object) -> None:
    pass


class PrinterWorker:
    """A printer's owner. All its calls back come in its own thread."""

    def __init__(
        self,
        transport: Transport,
        profile: Profile,
        *,
        on_start: Callable[[str], None],
        on_end: Callable[[PrintResult], None],
        on_status: Callable[[PrinterStatus], None] = _nothing,
        on_fate: Callable[[str, Fate], None] = _nothing,
        gauge: PaperGauge | None = None,
    ) -> None:
        """Args:
        transport: The way to the printer.
        profile: What it can do.
        on_start: Called with the job's key before its first byte goes out; when it raises, nothing is sent.
        on_end: Called once a job.
        on_status: Called when the printer is otherwise than before.
        on_fate: Called when a presenter's ticket was taken or pulled back.
        gauge: The roll's account from before; None for a new roll.
        """
        self._profile = profile
        self._on_start, self._on_end = on_start, on_end
        self._talk = Conversation(transport, profile, gauge or PaperGauge(), on_status)
        self._mouth, self._shelf = Mouth(self._talk, on_fate), LogoShelf(self._talk)
        self._jobs: queue.SimpleQueue[tuple[Job, float] | None] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._numbered = secrets.randbelow(PROCESS_IDS)  # not again those of the process before
        self._in_doubt, self._is_broken, self._printing_s = True, False, 0.0
        self._tries, self._next_look_s = 0, 0.0
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    @property
    def status(self) -> PrinterStatus:
        """As it was last heard; never asks the device."""
        return self._talk.status

    @property
    def gauge(self) -> PaperGauge:
        """The roll's account."""
        return self._talk.gauge

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the job that is under way."""
        self._jobs.put(None)
        self._thread.join(STOP_S)

    def submit(self, job: Job) -> None:
        """Queue a job; never blocks."""
        self._jobs.put((job, time.monotonic()))

    def cancel(self, key: str) -> None:
        """Do not print a job that has not begun."""
        self._cancelled.add(key)

    def look_again(self) -> None:
        """A device was plugged in: see at once whether it is ours."""
        self._next_look_s = 0.0

    # --- the thread

    def _run(self) -> None:
        encode((), self._profile)  # loads the encoder, half a second: before the first citizen, not while one waits
        while True:
            try:
                item = self._jobs.get(timeout=IDLE_S)
            except queue.Empty:
                self._guarded(self._idle)
                continue
            if item is None:
                break
            result = self._ended(*item)
            try:
                self._on_end(result)
            except Exception:
                log.exception("the end of %s was not taken", result.key)
            self._let_go()
        self._talk.close()

    def _guarded(self, what: Callable[[], None]) -> None:
        try:
            what()
        except HardwareError as error:
            self._lost(error)
        except Exception:
            log.exception("printer: fault of ours")
            self._talk.gone()
            self._next_look_s = time.monotonic() + BACK_OFF_S[-1]

    def _lost(self, error: HardwareError) -> None:
        if self._talk.status.fault is not Fault.GONE or not self._tries:
            log.error("printer: %s; it is looked for again", error)
        self._talk.gone()
        self._shelf.forget()
        self._next_look_s = time.monotonic() + BACK_OFF_S[min(self._tries, len(BACK_OFF_S) - 1)]
        self._tries += 1

    def _idle(self) -> None:
        """Between tickets: hear what the printer says, look for one that is away, keep its logo, watch its mouth."""
        now_s = time.monotonic()
        if self._talk.is_open:
            self._mouth.look(now_s)
            if self._shelf.is_busy and not self._shelf.keep():
                self._in_doubt = True
            self._talk.listen(0)
        if now_s >= self._next_look_s:
            self._open()
            self._tries = 0
            self._next_look_s = now_s + POLL_S
        self._let_go()

    def _let_go(self) -> None:
        """Close what is not held between tickets."""
        if not (self._talk.holds or self._mouth.is_busy or self._shelf.is_busy):
            self._talk.close()

    def _open(self) -> Fault:
        """Open and greet; in doubt about what came before, make it ready for a new ticket."""
        fault = self._talk.open()
        if self._in_doubt and fault is not Fault.SILENT:
            fault = self._talk.make_ready(broken=self._is_broken, wait_s=self._printing_s)
            self._in_doubt = fault is not Fault.NONE
            self._is_broken = self._is_broken and self._in_doubt
        return fault

    # --- a ticket

    def _ended(self, job: Job, since_s: float) -> PrintResult:
        """Print a job; whatever happens, it ends once."""
        ready = Ready(job, since_s)
        if job.key in self._cancelled:
            self._cancelled.discard(job.key)
            return ready.ended("cancelled", "none", Fault.NONE)
        if time.monotonic() - since_s > job.expires_in_s:
            return ready.ended("expired", "none", Fault.NONE)
        try:
            result = self._print(ready)
        except EncodeError as error:
            log.error("ticket %s cannot be put on paper: %s", job.key, error)
            result = ready.ended("failed", "none", Fault.ERROR)
        except HardwareError as error:
            self._lost(error)
            result = ready.ended("not_started", "none", Fault.GONE)
        except Exception:
            log.exception("%s could not begin: nothing was sent", job.key)
            result = ready.ended("not_started", "none", Fault.ERROR)
        self._cancelled.discard(job.key)
        return result

    def _print(self, ready: Ready) -> PrintResult:
        """All that may raise comes before the first byte."""
        fresh = self._talk.is_open and not self._in_doubt
        fault = self._talk.fresh_fault() if fresh else self._open()
        if fault is not Fault.NONE:
            return ready.ended("not_started", "none", fault)
        ready = self._encoded(ready)
        self._mouth.give_up()
        self._on_start(ready.job.key)
        self._talk.tell(replace(self._talk.status, state="printing"))
        result = self._send(ready)
        if self._talk.is_open:
            self._talk.settle()
        if result.outcome == "done":
            self._talk.gauge = after_ticket(self._talk.gauge, ready.length_mm)
        if result.outcome in ("failed", "unknown"):
            self._in_doubt, self._is_broken = True, not result.may_be_printing
            self._printing_s = paper_s(ready.length_mm, self._profile)
        if result.outcome in ("done", "unknown"):
            self._mouth.hold(ready.job.key)
        return result

    def _encoded(self, ready: Ready) -> Ready:
        profile, document = self._profile, ready.job.document
        self._numbered = (self._numbered + 1) % PROCESS_IDS
        process_id = b"%04d" % self._numbered
        ticket = encode(document, profile, self._shelf.keys_for(document))
        start = len(INITIALIZE)
        ticket = ticket[:start] + self._mouth.before + ticket[start:] + self._mouth.show
        length_mm = profile.mm_of(height_dots(blocks_of(document, profile), profile))
        return replace(ready, data=ticket, process_id=process_id, length_mm=length_mm)

    def _send(self, ready: Ready) -> PrintResult:
        """From here on bytes may have reached the printer: nothing raises, nothing is sent twice."""
        accepted = 0
        try:
            asked, owes = closing(self._profile, ready.process_id)
            ready = replace(ready, data=ready.data + asked)
            accepted = self._talk.write(ready.data, stop_at_fault=True, owes=owes)
            if accepted < len(ready.data):
                return self._broken(ready, accepted)
            self._talk.tell(replace(self._talk.status, state="confirming"))
            level = prove(self._talk, ready)
            if level is None:
                return self._broken(ready, accepted)
            fault = self._talk.ask_status()
            return ready.ended("done", "clean" if level == "printed" and not fault else level, fault, accepted)
        except HardwareError as error:
            accepted = max(accepted, getattr(error, "accepted", 0))
            self._lost(error)
            return ready.ended("unknown" if accepted else "not_started", "none", Fault.GONE, accepted)
        except Exception:
            log.exception("printing %s failed", ready.job.key)
            return ready.ended("unknown", "none", Fault.ERROR, accepted)

    def _broken(self, ready: Ready, accepted: int) -> PrintResult:
        """A job that did not end well: its rest is cleared out of the printer, and what can be said is said.

        A whole ticket on a printer without a fault is left alone: it may be printing, and only its answer was lost.

        Raises:
            DeviceGone: the printer went away.
        """
        fault = self._talk.status.fault or self._talk.ask_status() or Fault.SILENT
        if not accepted:
            return ready.ended("not_started", "none", fault)
        whole = accepted == len(ready.data)
        result = ready.ended("unknown", "sent" if whole else "none", fault, accepted)
        if result.may_be_printing:
            return result
        return replace(result, outcome="failed") if self._talk.clear() or not whole else result
