"""A USB printer for PyUSB without a bus: a back end that answers as libusb would, and stalls when it is told to."""

import errno
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

OUT, IN = 0x02, 0x81


class UsbPrinter(usb.backend.IBackend):  # type: ignore[misc]
    """One device with a printer interface; its endpoints are not where python-escpos expects them."""

    def __init__(self) -> None:
        self.taken = bytearray()
        self.room = 10**9
        self.answers: list[bytes] = []
        self.gone = False
        self.calls: list[str] = []

    def enumerate_devices(self) -> Any:
        return iter([] if self.gone else [self])

    def get_device_descriptor(self, dev: Any) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=0x0E32, bcdDevice=1, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=1, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> Any:
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0x80, bMaxPower=50, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: Any, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=2, bInterfaceClass=7,
            bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0, extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: Any, ep: int, intf: int, alt: int, config: int) -> Any:
        if ep > 1:
            raise IndexError
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> Any:
        return object()

    def close_device(self, handle: Any) -> None:
        self.calls.append("close")

    def get_configuration(self, handle: Any) -> int:
        return 1

    def is_kernel_driver_active(self, handle: Any, intf: int) -> bool:
        return True

    def detach_kernel_driver(self, handle: Any, intf: int) -> None:
        self.calls.append("detach")

    def claim_interface(self, handle: Any, intf: int) -> None:
        self.calls.append("claim")

    def release_interface(self, handle: Any, intf: int) -> None:
        self.calls.append("release")

    def reset_device(self, handle: Any) -> None:
        self.calls.append("reset")

    def bulk_write(self, handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        if self.gone:
            raise usb.core.USBError("gone", None, errno.ENODEV)
        assert ep == OUT
        count = min(len(data), self.room)
        if not count:
            raise usb.core.USBTimeoutError("stalled", None, errno.ETIMEDOUT)
        self.room -= count
        self.taken += bytes(data[:count])
        return count

    def bulk_read(self, handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        assert ep == IN
        if not self.answers:
            raise usb.core.USBTimeoutError("nothing", None, errno.ETIMEDOUT)
        answer = self.answers.pop(0)
        buff[: len(answer)] = type(buff)("B", answer)
        return len(answer)
