"""A simulated printer as a USB device of printer class, on USB/IP over loopback: the whole of PyUSB's path is real."""

import socket
import threading

from usbip import USBIP, In, Interface, Out, USBDevice
from usbip_backend import USBIPBackend, get_backend

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


class UsbPrinterOnIp:
    """The device, plugged in."""

    def __init__(self, model: PrinterModel) -> None:
        self.interface: PrinterInterface
        self._backends: list[USBIPBackend] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._device = USBDevice(VENDOR, PRODUCT, manufacturer="ANTESALA", product="SIM-80", serial="1")
        self.interface = self._device.add(PrinterInterface(model))
        model.attach(self.interface.answers.write)
        self._device.plug(via=USBIP("127.0.0.1", self.port))

    def backend(self) -> USBIPBackend:
        """PyUSB's back end for it."""
        self._backends.append(get_backend("127.0.0.1", self.port, timeout=2.0))
        return self._backends[-1]

    def unplug(self) -> None:
        """Pull the cable."""
        self.interface.unplugged.set()
        self._device.unplug()
        for backend in self._backends:
            for connection in list(backend._conns.values()):
                connection.close()  # it keeps them open on purpose
