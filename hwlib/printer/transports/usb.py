"""A printer on USB without a kernel driver, through PyUSB."""

import errno
from typing import Any

from hwlib.errors import DeviceBusy, DeviceGone, PermissionDenied

PRINTER_CLASS = 7
PACKET_BYTES = 4096
READ_BYTES = 512
"""A whole number of packets of either speed: a shorter room overflows."""


class UsbTransport:
    """The first printer interface of a device. Never resets it: a reset makes it leave the bus and come back."""

    holds = True

    def __init__(self, vendor: int, product: int, backend: Any = None, *, serial_number: str = "") -> None:
        """Args:
        vendor: USB vendor id.
        product: USB product id.
        backend: PyUSB's; None for libusb.
        serial_number: Which of several alike; empty for the first.
        """
        self._serial_number = serial_number
        self._ids, self._backend = (vendor, product), backend
        self._device: Any = None
        self._out: Any = None
        self._in: Any = None
        self._interface = 0

    def open(self) -> None:
        """See `Transport`."""
        import usb.core  # noqa: PLC0415 (looks for libusb when imported)
        import usb.util  # noqa: PLC0415

        vendor, product = self._ids
        try:
            self._device = next(
                (
                    device
                    for device in usb.core.find(
                        find_all=True, backend=self._backend, idVendor=vendor, idProduct=product
                    )
                    if not self._serial_number or device.serial_number == self._serial_number
                ),
                None,
            )
        except usb.core.NoBackendError as error:
            raise DeviceGone("libusb is not installed (Debian: libusb-1.0-0)") from error
        if self._device is None:
            raise DeviceGone(f"no USB device {vendor:04x}:{product:04x}")
        try:
            self._claim(usb.util)
        except usb.core.USBError as error:
            if error.errno == errno.EBUSY:
                raise DeviceBusy(f"USB {vendor:04x}:{product:04x} is held by another program") from error
            if error.errno == errno.EACCES:
                rule = f'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{vendor:04x}", GROUP="lp", MODE="0660"'
                raise PermissionDenied(f"USB {vendor:04x}:{product:04x}: add the udev rule {rule}") from error
            raise DeviceGone(str(error)) from error

    def _claim(self, util: Any) -> None:
        try:
            configuration = self._device.get_active_configuration()
        except Exception:  # noqa: BLE001 (PyUSB raises what its backend raises when none is set)
            self._device.set_configuration()
            configuration = self._device.get_active_configuration()
        interface = util.find_descriptor(configuration, bInterfaceClass=PRINTER_CLASS)
        if interface is None:
            raise DeviceGone("the USB device has no printer interface")
        self._interface = interface.bInterfaceNumber
        if self._device.is_kernel_driver_active(self._interface):
            self._device.detach_kernel_driver(self._interface)
        util.claim_interface(self._device, self._interface)
        directions = {util.endpoint_direction(e.bEndpointAddress): e for e in interface}
        self._out, self._in = directions.get(util.ENDPOINT_OUT), directions.get(util.ENDPOINT_IN)
        if self._out is None:
            raise DeviceGone("the USB printer has no endpoint to write to")

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """See `Transport`. PyUSB returns a short count at a time-out when part was taken: that count is the truth."""
        import usb.core  # noqa: PLC0415

        if self._out is None:
            raise DeviceGone("not open")
        try:
            return int(self._out.write(data[:PACKET_BYTES], max(1, int(timeout_s * 1000))))
        except usb.core.USBError as error:
            if error.errno == errno.ETIMEDOUT:
                return 0
            raise DeviceGone(str(error)) from error

    def read_some(self, timeout_s: float) -> bytes:
        """See `Transport`."""
        import usb.core  # noqa: PLC0415

        if self._in is None:
            return b""
        try:
            return bytes(self._in.read(READ_BYTES, max(1, int(timeout_s * 1000))))
        except usb.core.USBError as error:
            if error.errno == errno.ETIMEDOUT:
                return b""
            raise DeviceGone(str(error)) from error

    def close(self) -> None:
        """See `Transport`."""
        if self._device is not None:
            import usb.util  # noqa: PLC0415

            usb.util.release_interface(self._device, self._interface)
            usb.util.dispose_resources(self._device)
            self._device = self._out = self._in = None


def _serial_number(device: Any) -> str:
    """A device's serial number; empty where it may not be asked, or has none."""
    try:
        return str(device.serial_number or "")
    except Exception:  # noqa: BLE001 (PyUSB: ValueError without a language, USBError without rights)
        return ""
