"""What every way to a printer keeps, whether a simulated one or the one on the desk (`pytest --printer ADDRESS`)."""

import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.profile import Profile, read_profile
from hwlib.printer.transports import Transport, open_address
from hwlib.printer.transports.usb import UsbTransport
from hwlib.printer.worker import PrinterWorker
from hwlib.sim.printer import PrinterSim
from tests.hwlib.print_bench import quick
from tests.hwlib.tickets import TICKET
from tests.hwlib.usbip_printer import PRODUCT, VENDOR, UsbPrinterOnIp


@dataclass
class Subject:
    """A way to a printer, and what the printer is."""

    transport: Transport
    profile: Profile


@pytest.fixture(params=["tcp", "serial", "usb", "device"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "device":
        address = request.config.getoption("printer")
        if not address:
            pytest.skip("no real printer: give one with --printer")
        profile = read_profile(request.config.getoption("printer_profile"))
        yield Subject(open_address(address, profile.serial), profile)
        return
    sim, profile = PrinterSim(tmp_path, mm_s=1_000.0), quick(read_profile("epson/tm-m30iii"))
    sim.start()
    usb = UsbPrinterOnIp(sim.model) if request.param == "usb" else None
    if usb is not None:
        yield Subject(UsbTransport(VENDOR, PRODUCT, backend=usb.backend()), profile)
        usb.unplug()
    else:
        address = f"tcp://127.0.0.1:{sim.port}" if request.param == "tcp" else f"serial://{sim.open_line()}"
        yield Subject(open_address(address, profile.serial), profile)
    sim.stop()


def ask(transport: Transport, question: bytes) -> bytes:
    assert transport.write_some(question, 1.0) == len(question)
    deadline, answer = time.monotonic() + 3, b""
    while not answer and time.monotonic() < deadline:
        answer = transport.read_some(0.2)
    return answer


def test_it_opens_asks_and_lets_go_as_often_as_one_likes(subject: Subject) -> None:
    for _ in range(3):
        subject.transport.open()
        assert ask(subject.transport, b"\x10\x04\x01")[0] & 0x93 == 0x12
        began = time.monotonic()
        assert subject.transport.read_some(0.1) == b"", "nothing more was asked"
        assert time.monotonic() - began < 3
        subject.transport.close()
    subject.transport.close()


def test_it_says_how_much_was_taken(subject: Subject) -> None:
    subject.transport.open()
    count = subject.transport.write_some(bytes(3_000), 1.0)
    assert 0 < count <= 3_000
    subject.transport.close()


def test_a_ticket_comes_out_with_the_proof_that_is_promised(subject: Subject) -> None:
    results: queue.Queue[PrintResult] = queue.Queue()
    worker = PrinterWorker(subject.transport, subject.profile, on_start=lambda _: None, on_end=results.put)
    worker.start()
    worker.submit(Job("1", TICKET, 30))
    result = results.get(timeout=60)
    worker.stop()
    promised = {"gs_paren_h": "clean", "star_etx": "clean", "full_status": "clean", "gs_r": "processed"}
    assert result.outcome == "done"
    assert result.level == promised.get(subject.profile.confirm.method, "sent")
