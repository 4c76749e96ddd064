"""A printer behind the kernel's usblp driver: /dev/usb/lp0. Preferred on USB: it stalls honestly."""

import errno
import fcntl
import os
import select

from hwlib.errors import DeviceBusy, DeviceGone, PermissionDenied

GET_DEVICE_ID = 0x84005001
"""_IOC(_IOC_READ, 'P', 1, 1024). Source: linux/drivers/usb/class/usblp.c, LPIOC_GET_DEVICE_ID."""


class UsblpTransport:
    """The device file, non-blocking: poll says when it takes more."""

    holds = True

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def open(self) -> None:
        """See `Transport`."""
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError as error:
            raise PermissionDenied(f"{self._path}: add the user to the group lp") from error
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise DeviceBusy(f"{self._path} is held by another program (CUPS?)") from error
            raise DeviceGone(f"{self._path}: {error.strerror}") from error

    def device_id(self) -> str:
        """The IEEE 1284 id, as "MFG:EPSON;MDL:TM-m30III;"; empty when the printer has none.

        Not to be asked of a TM-U220, which stumbles over the question (CUPS 1606).
        """
        room = bytearray(1024)
        try:
            fcntl.ioctl(self._opened(), GET_DEVICE_ID, room)
        except OSError:
            return ""
        length = int.from_bytes(room[:2], "big")
        return bytes(room[2 : max(2, min(length, len(room)))]).decode("ascii", "replace")

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """See `Transport`."""
        if not self._ready(select.POLLOUT, timeout_s):
            return 0
        try:
            return os.write(self._opened(), data[:4096])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise DeviceGone(f"{self._path}: {error.strerror}") from error

    def read_some(self, timeout_s: float) -> bytes:
        """See `Transport`."""
        if not self._ready(select.POLLIN, timeout_s):
            return b""
        try:
            return os.read(self._opened(), 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceGone(f"{self._path}: {error.strerror}") from error

    def close(self) -> None:
        """See `Transport`."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _ready(self, what: int, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._opened(), what)
        flags = next((flags for _, flags in poll.poll(timeout_s * 1000)), 0)
        if flags & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
            raise DeviceGone(f"{self._path}: the printer went away")
        return bool(flags & what)

    def _opened(self) -> int:
        if self._file is None:
            raise DeviceGone("not open")
        return self._file
