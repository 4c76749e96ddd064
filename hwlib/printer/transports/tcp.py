"""A printer on the network, raw port 9100."""

import contextlib
import select
import socket

from hwlib.errors import DeviceGone

CONNECT_S = 3.0


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
        """See `Transport`."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise DeviceGone("not open")
        return self._socket
