"""The one thread that owns a printer: prints a document at most once and says what it can prove."""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from hwlib.errors import EncodeError, HardwareError
from hwlib.printer import starprnt
from hwlib.printer.conversation import FULL_STATUS, Conversation
from hwlib.printer.document import Document
from hwlib.printer.escpos import define_logo, encode, logos_of
from hwlib.printer.layout import Dots, blocks_of, height_dots
from hwlib.printer.paper_gauge import PaperGauge, after_ticket
from hwlib.printer.presenter import Fate, Watch, commands_of
from hwlib.printer.profile import Profile
from hwlib.printer.raster import logo_key
from hwlib.printer.replies import FullStatus, PrintedId, Processed
from hwlib.printer.status import Fault, PrinterStatus, is_busy
from hwlib.printer.transports import Transport

log = logging.getLogger(__name__)

Outcome = Literal["done", "not_started", "failed", "unknown", "expired", "cancelled"]
Level = Literal["none", "sent", "processed", "printed", "clean", "taken"]

SLACK_S = 2.0
CUT_S = 0.5
IDLE_S = 0.1
POLL_S = 5.0
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
DAY_S = 86_400
LAST_WORD_S = 0.3
PROCESS_IDS = 10_000


@dataclass(frozen=True)
class Job:
    """A document to print.

    Attributes:
        key: The caller's name for it.
        document: What it says.
        expires_in_s: Not begun by then, it is not printed at all.
    """

    key: str
    document: Document
    expires_in_s: float


@dataclass(frozen=True)
class PrintResult:
    """How a job ended.

    Attributes:
        key: The job's.
        outcome: "not_started" when nothing reached the printer: only then is another try safe. "failed" when it will
            not come out whole, "unknown" when it may.
        level: As far as the printer proved it.
        fault: What hindered it.
        accepted_bytes: What reached the printer, of `total_bytes`.
        elapsed_ms: From the order to this.
        length_mm: Of the ticket.
    """

    key: str
    outcome: Outcome
    level: Level
    fault: Fault
    accepted_bytes: int
    total_bytes: int
    elapsed_ms: int
    length_mm: float = 0.0


@dataclass(frozen=True)
class _Ready:
    """A job's bytes, with the number that will prove it."""

    job: Job
    since_s: float
    data: bytes
    process_id: bytes
    length_mm: float

    def ended(self, outcome: Outcome, level: Level, fault: Fault, accepted: int = 0) -> PrintResult:
        elapsed_ms = round((time.monotonic() - self.since_s) * 1000)
        return PrintResult(
            self.job.key, outcome, level, fault, accepted, len(self.data), elapsed_ms, round(self.length_mm, 1)
        )


def star_id(process_id: bytes) -> bytes:
    """A process id of four digits in the two bytes that Star's command has for it."""
    return int(process_id).to_bytes(2, "big")


def _may_be_printing(result: PrintResult) -> bool:
    """Whether a printer took all of a ticket, shows no fault, and only did not answer: it is left alone."""
    return result.accepted_bytes == result.total_bytes and result.fault in (Fault.NONE, Fault.SILENT)


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
        self._on_start, self._on_end, self._on_fate = on_start, on_end, on_fate
        self._talk = Conversation(transport, profile, gauge or PaperGauge(), on_status)
        self._jobs: queue.SimpleQueue[tuple[Job, float] | None] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._numbered = secrets.randbelow(PROCESS_IDS)  # not again those of the process before
        self._is_dirty = False
        self._tries, self._next_look_s = 0, 0.0
        self._logos: frozenset[bytes] | None = None
        self._logo_writes: list[float] = []
        self._logo_wanted: Dots | None = None
        self._watch: tuple[str, Watch] | None = None
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
        self._thread.join(10)

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
            result = self._print_guarded(*item)
            try:
                self._on_end(result)
            except Exception:
                log.exception("the end of %s was not taken", result.key)
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
        self._logos = None
        self._next_look_s = time.monotonic() + BACK_OFF_S[min(self._tries, len(BACK_OFF_S) - 1)]
        self._tries += 1

    def _idle(self) -> None:
        """Between tickets: hear what the printer says, look for one that is away, keep its logo, watch its mouth."""
        now_s = time.monotonic()
        if self._talk.is_open and (self._watch or self._logo_wanted):
            self._tend(now_s)
        if self._talk.is_open and self._profile.status.kind != "none":
            self._talk.listen(0)
        if now_s < self._next_look_s:
            return
        if self._talk.is_open and not self._is_dirty:
            self._talk.ask_status()
        else:
            self._open()
        self._tries = 0
        self._next_look_s = now_s + POLL_S
        if not self._talk.holds and self._watch is None and self._logo_wanted is None:
            self._talk.close()

    def _open(self) -> Fault:
        fault = self._talk.open()
        if self._is_dirty and fault is not Fault.SILENT:
            fault = self._talk.recover()
            self._is_dirty = fault is not Fault.NONE
        return fault

    def _tend(self, now_s: float) -> None:
        if self._watch is not None:
            self._watch_mouth(now_s)
        if self._logo_wanted is not None:
            self._keep_logo(self._logo_wanted, now_s)

    # --- a ticket

    def _print_guarded(self, job: Job, since_s: float) -> PrintResult:
        ready = _Ready(job, since_s, b"", b"", 0.0)
        try:
            if job.key in self._cancelled:
                self._cancelled.discard(job.key)
                return ready.ended("cancelled", "none", Fault.NONE)
            if time.monotonic() - since_s > job.expires_in_s:
                return ready.ended("expired", "none", Fault.NONE)
            return self._print(job, since_s)
        except EncodeError as error:
            log.error("ticket %s cannot be put on paper: %s", job.key, error)
            return ready.ended("failed", "none", Fault.ERROR)
        except HardwareError as error:
            self._lost(error)
            return ready.ended("not_started", "none", Fault.GONE)
        except Exception:
            log.exception("printing %s failed", job.key)
            return ready.ended("unknown", "none", Fault.ERROR)
        finally:
            if not self._talk.holds and self._watch is None and self._logo_wanted is None:
                self._talk.close()

    def _print(self, job: Job, since_s: float) -> PrintResult:
        """Everything up to the first byte may raise: nothing was sent then."""
        fault = self._open() if not self._talk.is_open or self._is_dirty else self._talk.fresh_fault()
        ready = self._ready(job, since_s)
        if fault is not Fault.NONE:
            return ready.ended("not_started", "none", fault)
        self._end_watch()
        try:
            self._on_start(job.key)
        except Exception:
            log.exception("%s may not begin: nothing was sent", job.key)
            return ready.ended("not_started", "none", Fault.NONE)
        self._talk.tell(replace(self._talk.status, state="printing"))
        result = self._send(ready)
        if self._talk.is_open:
            self._talk.settle()
        if result.outcome == "done":
            self._talk.gauge = after_ticket(self._talk.gauge, ready.length_mm)
            self._present(job.key)
        elif result.outcome == "failed" or (result.outcome == "unknown" and not _may_be_printing(result)):
            self._is_dirty = True
        return result

    def _ready(self, job: Job, since_s: float) -> _Ready:
        profile = self._profile
        logos = logos_of(job.document, profile) if profile.nv.logo else []
        if logos and self._logos is None:
            self._logos = self._talk.stored_logos() or frozenset()
        stored = frozenset(logo_key(logo.image) for logo in logos) & (self._logos or frozenset())
        self._logo_wanted = next((logo for logo in logos if logo_key(logo.image) not in stored), None)
        self._numbered = (self._numbered + 1) % PROCESS_IDS
        process_id = b"%04d" % self._numbered
        presenter = commands_of(profile.presenter)
        data = (presenter.before if presenter else b"") + encode(job.document, profile, stored)
        data += presenter.show if presenter else b""
        length_mm = profile.mm_of(height_dots(blocks_of(job.document, profile), profile))
        return _Ready(job, since_s, data + self._closing(process_id), process_id, length_mm)

    def _closing(self, process_id: bytes) -> bytes:
        method = self._profile.confirm.method
        match method:
            case "gs_paren_h":
                return b"\x1d(H\x06\x0000" + process_id + b"\x1dr1"
            case "gs_r":
                return b"\x1dr1"
            case "star_etx":
                return starprnt.COUNT_WHEN_PRINTED + star_id(process_id)
            case "full_status" | "estimate" | "none":
                return b""
            case _:
                assert_never(method)

    def _send(self, ready: _Ready) -> PrintResult:
        """From here on bytes may have reached the printer: nothing raises, nothing is sent twice."""
        accepted = 0
        try:
            accepted = self._talk.write(ready.data, stop_at_fault=self._profile.status.kind != "none")
            if accepted < len(ready.data):
                return self._broken(ready, accepted)
            if self._profile.confirm.method == "none":
                return ready.ended("done", "sent", Fault.NONE, accepted)
            self._talk.tell(replace(self._talk.status, state="confirming"))
            level = self._prove(ready)
            if level is None:
                return self._broken(ready, accepted)
            fault = self._talk.ask_status()
            return ready.ended("done", "clean" if level == "printed" and not fault else level, fault, accepted)
        except HardwareError as error:
            accepted = max(accepted, getattr(error, "accepted", 0))
            self._lost(error)
            return ready.ended("unknown" if accepted else "not_started", "none", Fault.GONE, accepted)

    def _broken(self, ready: _Ready, accepted: int) -> PrintResult:
        """A job that did not end well: its rest is cleared out of the printer, and what can be said is said.

        A whole ticket on a printer without a fault is left alone: it may be printing, and only its answer was lost.
        """
        fault = self._talk.status.fault or self._talk.ask_status() or Fault.NONE
        if not accepted:
            return ready.ended("not_started", "none", fault or Fault.SILENT)
        whole = accepted == len(ready.data)
        result = ready.ended("unknown", "sent" if whole else "none", fault or Fault.SILENT, accepted)
        if _may_be_printing(result):
            return result
        return replace(result, outcome="failed") if self._talk.clear() or not whole else result

    def _prove(self, ready: _Ready) -> Level | None:
        """How far the printer proves the ticket; None when it does not, or says why it cannot."""
        method = self._profile.confirm.method
        paper_s = ready.length_mm / self._profile.speed_mm_s * 1.5 + CUT_S
        deadline_s = time.monotonic() + paper_s + SLACK_S
        if method == "estimate":
            return self._estimated(paper_s)
        level: Level | None = None
        asked_s = struck_s = 0.0
        while time.monotonic() < deadline_s:
            if method == "full_status" and time.monotonic() - asked_s > 0.1:
                asked_s = time.monotonic()
                self._talk.write(FULL_STATUS)
            for reply in self._talk.listen(0.05):
                match reply:
                    case PrintedId():
                        if reply.process_id in (ready.process_id, star_id(ready.process_id)):
                            return "printed"
                    case Processed():
                        if method == "gs_r":
                            return "processed"
                        level = "processed"
                    case FullStatus() if method == "full_status":
                        if not is_busy(reply) and not self._talk.status.fault:
                            return "printed"
                    case _:
                        pass
            if self._talk.status.fault and not struck_s:
                struck_s = time.monotonic()
                deadline_s = min(deadline_s, struck_s + LAST_WORD_S)  # the proof may be right behind the fault
        return None if struck_s else level

    def _estimated(self, paper_s: float) -> Level | None:
        end_s = time.monotonic() + paper_s
        while (left_s := end_s - time.monotonic()) > 0:
            self._talk.listen(min(left_s, 0.2))
            if self._talk.status.fault:
                return None
        return None if self._talk.ask_status() else "sent"

    # --- the mouth and the memory

    def _present(self, key: str) -> None:
        if commands_of(self._profile.presenter) is not None:
            self._watch = (key, Watch(time.monotonic(), self._profile.presenter.hold_s))

    def _end_watch(self) -> None:
        """The next ticket pushes the one before out: nothing more is known of it."""
        if self._watch is not None:
            key, self._watch = self._watch[0], None
            self._on_fate(key, "unknown")

    def _watch_mouth(self, now_s: float) -> None:
        commands = commands_of(self._profile.presenter)
        if commands is None or self._watch is None:
            return
        key, watch = self._watch
        fate: Fate = "held"
        self._talk.write(commands.ask)
        deadline_s = now_s + self._profile.status.reply_ms / 1000
        while fate == "held" and time.monotonic() < min(deadline_s, now_s + 0.2):
            for reply in self._talk.listen(0.02):
                told = watch.hear(reply)
                fate = told if told != "held" else fate
        if fate == "held" and watch.is_overdue(now_s):
            watch.retracting = True
            self._talk.write(commands.retract)
        if fate == "held" and watch.is_lost(now_s):
            fate = "unknown"
        if fate != "held":
            self._watch = None
            self._on_fate(key, fate)

    def _keep_logo(self, logo: Dots, now_s: float) -> None:
        """Put a logo into the printer's memory, rarely: it stands only so many writings."""
        self._logo_wanted = None
        self._logo_writes = [at_s for at_s in self._logo_writes if now_s - at_s < DAY_S]
        if self._logos is None or len(self._logo_writes) >= self._profile.nv.writes_per_day:
            return
        command = define_logo(logo)
        if command and self._talk.write(command) == len(command):
            self._logo_writes.append(now_s)
            self._logos = None  # asked anew before the next ticket: what it says is what counts
