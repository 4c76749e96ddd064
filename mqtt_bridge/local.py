"""The unix socket between a bridge and its app: the bridge's end."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from officelib.inbound import Inbound, Outbound

SEND_S = 2.0


class AppSocket:
    """Serves one app at a time; a newer connection takes the place of an older one."""

    def __init__(
        self,
        path: Path,
        *,
        on_app: Callable[[], None],
        on_gone: Callable[[], None],
        on_line: Callable[[Outbound], None],
    ) -> None:
        """Args:
        path: Where the socket stands; made anew.
        on_app: An app has connected and knows nothing yet.
        on_gone: The app that was connected is not there any more.
        on_line: What the app says.
        """
        self._path = path
        self._on_app, self._on_gone, self._on_line = on_app, on_gone, on_line
        self._app: socket.socket | None = None
        self._listener: socket.socket | None = None

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: the folder is not there or not ours.
        """
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._path))
        self._path.chmod(0o660)
        self._listener.listen(1)
        threading.Thread(target=self._accept, name="app-socket", daemon=True).start()

    def send(self, line: Inbound) -> None:
        """Hand a line to the app; an app that does not read is cut off, and starts again from the whole."""
        app = self._app
        if app is None:
            return
        try:
            app.sendall(msgspec.json.encode(line) + b"\n")
        except OSError:
            self._drop(app)

    def stop(self) -> None:
        for open_socket in (self._listener, self._app):
            if open_socket is not None:
                _end(open_socket)
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        listener = self._listener
        while listener is not None:
            try:
                app, _ = listener.accept()
            except OSError:
                return
            app.settimeout(None)
            app.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_S))
            older, self._app = self._app, app
            if older is not None:
                _end(older)
            self._on_app()
            threading.Thread(target=self._read, args=(app,), name="app-reader", daemon=True).start()

    def _read(self, app: socket.socket) -> None:
        try:
            with app.makefile("rb") as lines:
                for line in lines:
                    self._on_line(msgspec.json.decode(line, type=Outbound))
        except (OSError, ValueError):
            pass
        self._drop(app)

    def _drop(self, app: socket.socket) -> None:
        if self._app is app:
            self._app = None
            self._on_gone()
        _end(app)


def _end(connection: socket.socket) -> None:
    """Close for both sides, also while another thread reads from it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return whole.to_bytes(8, "little") + int((seconds - whole) * 1e6).to_bytes(8, "little")
