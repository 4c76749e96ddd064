"""USB through PyUSB: endpoints discovered, never reset, short writes told."""

import pytest
from escpos.printer import Usb

from hwlib.errors import DeviceGone
from hwlib.printer.transports.usb import UsbTransport
from tests.hwlib.usb_backend import UsbPrinter


@pytest.fixture
def printer() -> UsbPrinter:
    return UsbPrinter()


def opened(printer: UsbPrinter) -> UsbTransport:
    transport = UsbTransport(0x04B8, 0x0E32, backend=printer)
    transport.open()
    return transport


def test_it_finds_the_endpoints_and_never_resets(printer: UsbPrinter) -> None:
    transport = opened(printer)
    assert transport.write_some(b"hello", 0.1) == 5
    printer.answers.append(b"\x12")
    assert transport.read_some(0.1) == b"\x12"
    assert transport.read_some(0.1) == b""
    transport.close()
    assert bytes(printer.taken) == b"hello"
    assert printer.calls[:2] == ["detach", "claim"]
    assert "release" in printer.calls
    assert "reset" not in printer.calls


def test_a_stalled_printer_takes_what_it_takes_and_says_so(printer: UsbPrinter) -> None:
    transport = opened(printer)
    printer.room = 3_000
    assert transport.write_some(b"x" * 4_000, 0.1) == 3_000
    assert transport.write_some(b"x" * 1_000, 0.1) == 0
    printer.room = 5_000
    assert transport.write_some(b"x" * 1_000, 0.1) == 1_000


def test_the_common_library_loses_the_rest_without_a_word(printer: UsbPrinter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: why python-escpos is our encoder and never our transport."""
    import usb.core

    found = usb.core.find(idVendor=0x04B8, idProduct=0x0E32, backend=printer)
    theirs = Usb(0x04B8, 0x0E32, in_ep=0x81, out_ep=0x02)
    monkeypatch.setattr(theirs, "_device", found)
    printer.room = 3_000
    theirs._raw(b"x" * 4_000)
    assert len(printer.taken) == 3_000, "1,000 bytes are gone, and no exception was raised"
    theirs._device = None


def test_a_printer_that_left_is_told(printer: UsbPrinter) -> None:
    transport = opened(printer)
    printer.gone = True
    with pytest.raises(DeviceGone):
        transport.write_some(b"x", 0.1)
    with pytest.raises(DeviceGone, match="no USB device 04b8:0e32"):
        UsbTransport(0x04B8, 0x0E32, backend=printer).open()
