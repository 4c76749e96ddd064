"""A simulated printer, a worker of ours, and all that it told: what the printing tests share."""

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from hwlib.printer.document import Cut, Document, Text
from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.profile import Profile, read_profile
from hwlib.printer.status import PrinterStatus
from hwlib.printer.transports import open_address
from hwlib.printer.worker import PrinterWorker
from hwlib.sim.printer import PrinterSim
from hwlib.sim.printer_model import Hand
from tests.hwlib.tickets import TICKET

EPSON, GENERIC, CLONE = read_profile("epson/tm-m30iii"), read_profile("generic/80"), read_profile("rongta/rp326")
STAR, CUSTOM = read_profile("star/tup500"), read_profile("custom/vkp80ii")
WHOLE: Document = (*TICKET[:-1], Text("END"), Cut())
"""A ticket of which the last line tells that it came out whole."""


def quick(profile: Profile, **fields: Any) -> Profile:
    """The profile of a printer that is as fast as the simulated one, so that nothing waits for slow paper."""
    status = msgspec.structs.replace(profile.status, reply_ms=200)
    return msgspec.structs.replace(profile, speed_mm_s=600.0, status=status, **fields)


@dataclass
class Bench:
    """A simulated printer, a worker of ours, and all that it told."""

    folder: Path
    model: dict[str, Any]
    results: "queue.Queue[PrintResult]" = field(default_factory=queue.Queue)
    statuses: list[PrinterStatus] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    fates: "queue.Queue[tuple[str, str]]" = field(default_factory=queue.Queue)
    at_start: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.sim = PrinterSim(self.folder, **{"mm_s": 2_000.0, **self.model})
        self.sim.start()
        self._workers: list[PrinterWorker] = []

    @property
    def hand(self) -> Hand:
        return self.sim.hand

    def worker(self, profile: Profile = EPSON, address: str = "") -> PrinterWorker:
        def start(key: str) -> None:
            self.started.append(key)
            self.at_start()

        profile = quick(profile)
        worker = PrinterWorker(
            open_address(address or f"tcp://127.0.0.1:{self.sim.port}", profile.serial),
            profile,
            on_start=start,
            on_end=self.results.put,
            on_status=self.statuses.append,
            on_fate=lambda key, fate: self.fates.put((key, fate)),
        )
        worker.start()
        self._workers.append(worker)
        return worker

    def print(
        self, profile: Profile = EPSON, expires_in_s: float = 30, key: str = "1", address: str = ""
    ) -> PrintResult:
        worker = self._workers[-1] if self._workers else self.worker(profile, address)
        worker.submit(Job(key, WHOLE, expires_in_s))
        return self.results.get(timeout=30)

    @property
    def whole_papers(self) -> int:
        """Tickets of which the last line came out."""
        return sum(("END" in lines) for lines in list(self.sim.tickets))

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()
        self.sim.stop()


def until(what: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


class ShortWriter:
    """A transport that takes a few bytes at a time, and at last none."""

    holds = True

    def __init__(self, takes: int) -> None:
        self.takes, self.data = takes, bytearray()

    def open(self) -> None:
        """Nothing to do."""

    def write_some(self, data: bytes, timeout_s: float) -> int:
        count = min(len(data), 7, self.takes - len(self.data))
        self.data += data[:count]
        if not count:
            time.sleep(timeout_s)
        return count

    def read_some(self, timeout_s: float) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing to do."""
