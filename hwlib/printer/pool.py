"""Several printers for one kiosk: the next one takes over only what the one before never began."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.worker import PrinterWorker

log = logging.getLogger(__name__)

WorkerOf = Callable[[Callable[[PrintResult], None]], PrinterWorker]


class PrinterPool:
    """Printers in the order in which they are preferred. With one printer it is that printer."""

    def __init__(self, makers: Sequence[WorkerOf], on_end: Callable[[PrintResult], None]) -> None:
        """Args:
        makers: Build a worker each, given what it is to call at a job's end.
        on_end: Called once a job, with the end that counts.
        """
        self._on_end = on_end
        self._lock = threading.Lock()
        self._jobs: dict[str, deque[tuple[Job, int, float]]] = {}
        self.workers = [make(self._ender(number)) for number, make in enumerate(makers)]

    def start(self) -> None:
        for worker in self.workers:
            worker.start()

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()

    def look_again(self) -> None:
        """A device was plugged in."""
        for worker in self.workers:
            worker.look_again()

    def submit(self, job: Job) -> None:
        """Print on the first printer that seems ready, else on the first; never blocks."""
        ready = [
            n for n, worker in enumerate(self.workers) if worker.status.state in ("ready", "printing", "confirming")
        ]
        self._give(job, ready[0] if ready else 0, tried=0)

    def _give(self, job: Job, number: int, tried: int) -> None:
        with self._lock:
            self._jobs.setdefault(job.key, deque()).append((job, tried + 1, time.monotonic()))
        self.workers[number].submit(job)

    def _ender(self, number: int) -> Callable[[PrintResult], None]:
        def ended(result: PrintResult) -> None:
            with self._lock:
                job, tried, since_s = self._jobs[result.key].popleft()
                if not self._jobs[result.key]:
                    del self._jobs[result.key]
            if result.outcome == "not_started" and tried < len(self.workers):
                other = (number + 1) % len(self.workers)
                log.warning("ticket %s goes to printer %d: %s", result.key, other + 1, result.fault)
                left_s = job.expires_in_s - (time.monotonic() - since_s)
                self._give(replace(job, expires_in_s=left_s), other, tried)
            else:
                self._on_end(result)

        return ended
