"""A simulated printer as a USB device of printer class, on USB/IP over loopback: the whole of PyUSB's path is real."""

import errno
import threading
import time
from typing import Any

import usb.core
from usbip import USBIP, In, Interface, Out, USBDevice
from usbip_backend import USBIPBackend

from bench.office.ports import free_ports
from hwlib.sim.printer_model import PrinterModel

VENDOR, PRODUCT = 0x04B8, 0x0E32


class PrinterInterface(Interface):  # type: ignore[misc]
    """Printer class, bidirectional; its endpoints are not where python-escpos expects them."""

    bInterfaceClass = 7  # noqa: N815
    bInterfaceSubClass = 1  # noqa: N815
    bInterfaceProtocol = 2  # noqa: N815
    out = Out(0x02, "bulk", mps=64)
    answers = In(0x81, "bulk", mps=64)

    def __init__(self, model: PrinterModel) -> None:
        super().__init__()
        self._model = model
        self.unplugged = threading.Event()

    def on_out(self, ep: object, data: bytes) -> None:
        """Take data as there is room; without room the host waits, as for a device that answers NAK."""
        at = 0
        while at < len(data) and not self.unplugged.is_set():
            room = min(64, self._model.room)
            if not room:
                self.unplugged.wait(0.005)
                continue
            self._model.receive(data[at : at + room])
            at += room


class PatientBackend(USBIPBackend):  # type: ignore[misc]
    """PyUSB's back end over USB/IP, but for one thing: a read that runs out of time breaks its connection and loses the
    answer that was under way. libusb cancels the transfer instead; here a read begins when the device has an answer."""

    def __init__(self, port: int, answers: Any) -> None:
        super().__init__("127.0.0.1", port, timeout=2.0)
        self._answers = answers

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        """See PyUSB."""
        end_s = time.monotonic() + timeout / 1000
        while not self._answers._q:
            if time.monotonic() > end_s:
                raise usb.core.USBTimeoutError("nothing", None, errno.ETIMEDOUT)
            time.sleep(0.001)
        return int(super().bulk_read(dev_handle, ep, intf, buff, timeout))


class UsbPrinterOnIp:
    """The device, plugged in."""

    def __init__(self, model: PrinterModel) -> None:
        self.interface: PrinterInterface
        self._backends: list[PatientBackend] = []
        (self.port,) = free_ports(1)
        self._device = USBDevice(VENDOR, PRODUCT, manufacturer="ANTESALA", product="SIM-80", serial="1")
        self.interface = self._device.add(PrinterInterface(model))
        model.attach(self.interface.answers.write)
        self._device.plug(via=USBIP("127.0.0.1", self.port))

    def backend(self) -> PatientBackend:
        """PyUSB's back end for it."""
        self._backends.append(PatientBackend(self.port, self.interface.answers))
        return self._backends[-1]

    def unplug(self) -> None:
        """Pull the cable."""
        self.interface.unplugged.set()
        self._device.unplug()
        for backend in self._backends:
            for connection in list(backend._conns.values()):
                connection.close()  # it keeps them open on purpose
