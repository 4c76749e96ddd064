"""USB from PyUSB to a device over USB/IP: a whole ticket, a device that takes nothing, a cable that is pulled."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.status import Fault
from hwlib.printer.transports.usb import UsbTransport
from hwlib.printer.worker import PrinterWorker
from hwlib.sim.paper import Ticket
from hwlib.sim.printer_model import PrinterModel
from tests.hwlib.print_bench import EPSON, WHOLE, quick, until
from tests.hwlib.usbip_printer import PRODUCT, VENDOR, UsbPrinterOnIp


class Desk:
    """The device, a worker on it, and the papers that came."""

    def __init__(self) -> None:
        self.papers: list[Ticket] = []
        self.model = PrinterModel(lambda ticket, _raw, _ms: self.papers.append(ticket), mm_s=1_000, buffer_bytes=2_048)
        self.device = UsbPrinterOnIp(self.model)
        self.results: queue.Queue[PrintResult] = queue.Queue()
        self.at_start: Callable[[], None] = lambda: None
        self.worker = PrinterWorker(
            UsbTransport(VENDOR, PRODUCT, backend=self.device.backend()),
            quick(EPSON),
            on_start=lambda _: self.at_start(),
            on_end=self.results.put,
        )
        self.worker.start()

    def print(self, key: str = "1") -> PrintResult:
        self.worker.submit(Job(key, WHOLE, 30))
        return self.results.get(timeout=60)

    def stop(self) -> None:
        self.device.unplug()
        self.worker.stop()
        self.model.stop()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.stop()


def test_a_ticket_over_usb(desk: Desk) -> None:
    until(lambda: desk.worker.status.state == "ready")
    result = desk.print()
    assert (result.outcome, result.level) == ("done", "clean")
    assert ["END" in paper.lines for paper in desk.papers] == [True]
    assert desk.print("2").outcome == "done", "the device was not reset and is still ours"


def test_a_device_that_takes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwlib.printer.conversation.STALL_S", 0.5)
    desk.at_start = lambda: setattr(desk.model.hand, "deaf", True)
    result = desk.print()
    assert result.outcome in ("not_started", "unknown", "failed")
    assert result.accepted_bytes < result.total_bytes
    desk.model.hand.deaf = False
    desk.at_start = lambda: None
    time.sleep(0.5)
    assert not any("END" in paper.lines for paper in desk.papers), "no whole ticket out of half a job"


def test_a_cable_that_is_pulled_in_mid_job(desk: Desk, tmp_path: Path) -> None:
    desk.at_start = lambda: threading.Timer(0.03, desk.device.unplug).start()
    result = desk.print()
    assert (result.outcome, result.fault) == ("unknown", Fault.GONE)
    assert desk.worker.status.state == "absent"
