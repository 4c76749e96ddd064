"""How a test, or the demonstration, moves a simulated device: JSON lines over a unix socket."""

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Handler = Callable[[dict[str, Any]], dict[str, Any]]


def serve_control(path: Path, handler: Handler) -> socketserver.ThreadingUnixStreamServer:
    """Answer commands in a thread of its own; `handler` gets each command and returns the answer."""

    class Lines(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                try:
                    answer = handler(json.loads(line))
                except Exception as error:  # noqa: BLE001 (a test's mistake is told to the test)
                    answer = {"error": f"{type(error).__name__}: {error}"}
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    path.unlink(missing_ok=True)
    server = socketserver.ThreadingUnixStreamServer(str(path), Lines)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="control", daemon=True).start()
    return server


def command(path: Path, wait_s: float = 10.0, **fields: Any) -> dict[str, Any]:
    """Send one command to a simulated device and return its answer.

    Raises:
        RuntimeError: the device refused.
        OSError: it is not there, even after `wait_s`.
    """
    deadline = time.monotonic() + wait_s
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(max(wait_s, 1.0))
                connection.connect(str(path))
                connection.sendall(json.dumps(fields).encode() + b"\n")
                with connection.makefile("rb") as lines:
                    text = lines.readline()
            if not text:
                raise ConnectionError("the device went away")
            answer: dict[str, Any] = json.loads(text)
            break
        except (FileNotFoundError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    if "error" in answer:
        raise RuntimeError(str(answer["error"]))
    return answer
