"""A printer on a serial line, with flow control that Linux really obeys: RTS/CTS or XON/XOFF."""

import contextlib
import errno
import os
import select
from typing import Any

from hwlib.errors import DeviceBusy, DeviceGone, PermissionDenied
from hwlib.printer.profile import Serial

WAITING_BYTES = 512
"""No more than this waits in the kernel: what counts as accepted is nearly at the printer."""


class SerialTransport:
    """A port, opened by pyserial and written without blocking: pyserial's own write spins when the line is stopped."""

    holds = True

    def __init__(self, path: str, line: Serial) -> None:
        self._path, self._line = path, line
        self._port: Any = None

    def open(self) -> None:
        """See `Transport`."""
        import serial  # noqa: PLC0415

        flow = {"rtscts": self._line.flow == "rtscts", "xonxoff": self._line.flow == "xonxoff"}
        try:
            self._port = serial.Serial(self._path, self._line.baud, timeout=0, exclusive=True, **flow)
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            if number == errno.EACCES:
                raise PermissionDenied(f"{self._path}: add the user to the group dialout") from error
            if number in (errno.EBUSY, errno.EAGAIN):
                raise DeviceBusy(f"{self._path} is held by another program") from error
            raise DeviceGone(f"{self._path}: {error}") from error

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """See `Transport`."""
        file = self._opened().fileno()
        try:
            if not select.select([], [file], [], timeout_s)[1]:
                return 0
            room = max(0, WAITING_BYTES - self._port.out_waiting)
            if not room:
                select.select([], [], [], min(timeout_s, 0.01))
                return 0
            return os.write(file, data[:room])
        except BlockingIOError:
            return 0
        except OSError as error:
            raise DeviceGone(f"{self._path}: {error}") from error

    def read_some(self, timeout_s: float) -> bytes:
        """See `Transport`."""
        file = self._opened().fileno()
        try:
            if not select.select([file], [], [], timeout_s)[0]:
                return b""
            data = os.read(file, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceGone(f"{self._path}: {error}") from error
        if not data:
            raise DeviceGone(f"{self._path}: the line was hung up")
        return data

    def close(self) -> None:
        """See `Transport`. What a stopped line still holds is dropped: the kernel would wait half a minute for it."""
        if self._port is not None:
            with contextlib.suppress(Exception):
                self._port.reset_output_buffer()
            with contextlib.suppress(Exception):
                self._port.close()
            self._port = None

    def _opened(self) -> Any:
        if self._port is None:
            raise DeviceGone("not open")
        return self._port
