"""The one thread that owns a printer: prints a document at most once and says what it can prove."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hwlib.errors import HardwareError
from hwlib.printer.document import Document
from hwlib.printer.escpos import encode
from hwlib.printer.profile import Profile
from hwlib.printer.replies import Fault, PrintedId, Processed, RealTimeStatus, Reply, ReplyReader, fault_in
from hwlib.printer.transports import Transport

log = logging.getLogger(__name__)

Outcome = Literal["done", "not_started", "failed", "unknown", "expired", "cancelled"]
Level = Literal["none", "sent", "processed", "printed", "clean", "taken"]

STATUS_S = 1.0
STALL_S = 4.0
"""How long a printer may take nothing before the job is given up."""
SLACK_S = 2.0
PIECE_BYTES = 4096
DLE_EOT = b"\x10\x04"


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
    """How a job ended. `accepted_bytes` is 0 when nothing reached the printer: only then is another try safe."""

    key: str
    outcome: Outcome
    level: Level
    fault: Fault
    accepted_bytes: int
    elapsed_ms: int


class PrinterWorker:
    """A printer's owner."""

    def __init__(
        self,
        transport: Transport,
        profile: Profile,
        *,
        on_start: Callable[[str], None],
        on_end: Callable[[PrintResult], None],
    ) -> None:
        """Args:
        transport: The way to the printer.
        profile: What it can do.
        on_start: Called with the job's key before its first byte goes out; when it raises, nothing is sent.
        on_end: Called once a job, in the worker's thread.
        """
        self._transport, self._profile = transport, profile
        self._on_start, self._on_end = on_start, on_end
        self._jobs: queue.SimpleQueue[tuple[Job, float] | None] = queue.SimpleQueue()
        self._printed = 0
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the job that is under way."""
        self._jobs.put(None)
        self._thread.join(5)

    def submit(self, job: Job) -> None:
        """Queue a job; never blocks."""
        self._jobs.put((job, time.monotonic()))

    def _run(self) -> None:
        self._warm_up()
        while (item := self._jobs.get()) is not None:
            job, since = item
            try:
                result = self._print(job, since)
            except Exception:
                log.exception("printing %s failed", job.key)
                result = PrintResult(job.key, "unknown", "none", Fault.ERROR, 0, _ms(since))
            self._on_end(result)

    def _warm_up(self) -> None:
        """The encoder takes half a second to load: before the first citizen, not while one waits."""
        encode((), self._profile)

    def _print(self, job: Job, since: float) -> PrintResult:
        if time.monotonic() - since > job.expires_in_s:
            return PrintResult(job.key, "expired", "none", Fault.NONE, 0, _ms(since))
        data = encode(job.document, self._profile)
        replies = ReplyReader()
        try:
            self._transport.open()
        except HardwareError as error:
            log.error("printer: %s", error)
            return PrintResult(job.key, "not_started", "none", Fault.GONE, 0, _ms(since))
        try:
            try:
                fault = self._status(replies) if self._profile.status else Fault.NONE
            except HardwareError as error:
                log.error("printer: %s", error)
                fault = Fault.GONE
            if fault is not Fault.NONE:
                return PrintResult(job.key, "not_started", "none", fault, 0, _ms(since))
            try:
                self._on_start(job.key)
            except Exception:
                log.exception("%s may not begin: nothing was sent", job.key)
                return PrintResult(job.key, "not_started", "none", Fault.NONE, 0, _ms(since))
            return self._send_and_prove(job, data, replies, since)
        finally:
            try:
                self._transport.close()
            except Exception:
                log.exception("the printer could not be let go")

    def _send_and_prove(self, job: Job, data: bytes, replies: ReplyReader, since: float) -> PrintResult:
        self._printed = (self._printed + 1) % 10_000
        process_id = b"%04d" % self._printed
        closing = {
            "gs_paren_h": b"\x1d(H\x06\x0000" + process_id,
            "gs_r": b"\x1dr1",
            "none": b"",
        }[self._profile.confirm]
        accepted = 0
        try:
            accepted = self._write(data + closing)
            if accepted < len(data) + len(closing):
                outcome: Outcome = "failed" if accepted else "not_started"
                return PrintResult(job.key, outcome, "none", self._fault_after(replies), accepted, _ms(since))
            if not closing:
                return PrintResult(job.key, "done", "sent", Fault.NONE, accepted, _ms(since))
            return self._prove(job, accepted, process_id, replies, since)
        except HardwareError as error:
            log.error("printer, after %d bytes: %s", accepted, error)
            return PrintResult(job.key, "unknown", "none", Fault.GONE, accepted, _ms(since))

    def _write(self, data: bytes) -> int:
        """Hand over everything; returns how much was accepted when the printer stalls."""
        done = 0
        moved = time.monotonic()
        while done < len(data):
            count = self._transport.write_some(data[done : done + PIECE_BYTES], 0.2)
            done += count
            if count:
                moved = time.monotonic()
            elif time.monotonic() - moved > STALL_S:
                break
        return done

    def _prove(self, job: Job, accepted: int, process_id: bytes, replies: ReplyReader, since: float) -> PrintResult:
        height_mm = 250.0
        deadline = time.monotonic() + height_mm / self._profile.mm_s * 1.5 + SLACK_S
        while time.monotonic() < deadline:
            for reply in replies.feed(self._transport.read_some(0.05)):
                match reply:
                    case PrintedId(process_id=answered) if answered == process_id:
                        return PrintResult(job.key, "done", "printed", Fault.NONE, accepted, _ms(since))
                    case Processed() if self._profile.confirm == "gs_r":
                        return PrintResult(job.key, "done", "processed", Fault.NONE, accepted, _ms(since))
                    case _:
                        pass
        fault = self._fault_after(replies)
        outcome: Outcome = "unknown" if fault is Fault.NONE else "failed"
        return PrintResult(job.key, outcome, "sent", fault, accepted, _ms(since))

    def _fault_after(self, replies: ReplyReader) -> Fault:
        if not self._profile.status:
            return Fault.SILENT
        try:
            return self._status(replies)
        except HardwareError:
            return Fault.GONE

    def _status(self, replies: ReplyReader) -> Fault:
        """Ask DLE EOT 1 to 4, one after the other."""
        answers = []
        for number in range(1, 5):
            self._transport.write_some(DLE_EOT + bytes((number,)), STATUS_S)
            answer = self._await(replies)
            if answer is None:
                return Fault.SILENT
            answers.append(answer)
        return fault_in(*answers)

    def _await(self, replies: ReplyReader) -> int | None:
        deadline = time.monotonic() + STATUS_S
        while (left_s := deadline - time.monotonic()) > 0:
            found: list[Reply] = replies.feed(self._transport.read_some(left_s))
            for reply in found:
                if isinstance(reply, RealTimeStatus):
                    return reply.byte
        return None


def _ms(since: float) -> int:
    return round((time.monotonic() - since) * 1000)
