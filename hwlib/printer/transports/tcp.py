"""A printer on the network, raw port 9100."""

import contextlib
import fcntl
import select
import socket
import time

from hwlib.errors import DeviceGone

CONNECT_S = 3.0
CLOSE_S, QUIET_S = 5.0, 0.05
UNSENT = 0x5411
"""SIOCOUTQ: bytes that the other end has not acknowledged. Source: linux/sockios.h."""


class TcpTransport:
    """A TCP connection, opened for a job and closed after it: printers drop idle ones, and serve one at a time."""

    holds = False

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """See `Transport`."""
        try:
            self._socket = socket.create_connection(self._address, CONNECT_S)
        except OSError as error:
            raise DeviceGone(f"printer {self._address[0]}:{self._address[1]}: {error}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(0)

    def write_some(self, data: bytes, timeout_s: float) -> int:
        """See `Transport`."""
        connection = self._opened()
        _, writable, _ = select.select([], [connection], [], timeout_s)
        if not writable:
            return 0
        try:
            return connection.send(data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise DeviceGone(str(error)) from error

    def read_some(self, timeout_s: float) -> bytes:
        """See `Transport`."""
        connection = self._opened()
        readable, _, _ = select.select([connection], [], [], timeout_s)
        if not readable:
            return b""
        try:
            data = connection.recv(4096)
        except OSError as error:
            raise DeviceGone(str(error)) from error
        if not data:
            raise DeviceGone("the printer closed the connection")
        return data

    def close(self) -> None:
        """See `Transport`. What the printer said and nobody read would make the kernel reset the line, and drop with it
        what the printer has not taken yet: so it is read, until the printer hangs up too or all has arrived."""
        connection, self._socket = self._socket, None
        if connection is None:
            return
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            end_s = time.monotonic() + CLOSE_S
            quiet_s = time.monotonic() + QUIET_S
            while time.monotonic() < end_s and (time.monotonic() < quiet_s or _unsent_bytes(connection)):
                if select.select([connection], [], [], QUIET_S)[0] and not connection.recv(4096):
                    break
        connection.close()

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise DeviceGone("not open")
        return self._socket


def _unsent_bytes(connection: socket.socket) -> int:
    return int.from_bytes(fcntl.ioctl(connection, UNSENT, bytes(4)), "little")
