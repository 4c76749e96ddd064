"""A network that can be spoiled: a TCP proxy between bridges and the broker."""

import contextlib
import random
import socket
import struct
import threading
import time
from typing import Literal

Trouble = Literal["none", "reset", "half_open", "slow", "slices", "black_hole"]
CUTS: tuple[Trouble, ...] = ("reset", "half_open", "slow", "slices", "black_hole")


class Proxy:
    """Forwards every connection to the broker, through the trouble of the moment."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self.trouble: Trouble = "none"
        self.connections = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._all: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def spoil(self, trouble: Trouble) -> None:
        """From now on. A reset tears what stands; half-open connections lose their far end without being told."""
        self.trouble = trouble
        if trouble == "reset":
            for pair in self._take_pairs():
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    _end(end)
        elif trouble == "half_open":
            for _, far in self._take_pairs():
                _end(far)

    def stop(self) -> None:
        _end(self._listener)
        for end in self._all:
            _end(end)

    def _take_pairs(self) -> list[tuple[socket.socket, socket.socket]]:
        pairs, self._pairs = self._pairs, []
        return pairs

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                if self.trouble == "reset":
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target_port))
            except OSError:
                if self._listener.fileno() < 0:
                    return
                continue
            self.connections += 1
            self._pairs.append((near, far))
            self._all += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink, source is near), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_near: bool) -> None:
        rng = random.Random()
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                match self.trouble:
                    case "black_hole":
                        continue
                    case "slow":
                        time.sleep(rng.uniform(0.02, 0.3))
                        sink.sendall(data)
                    case "slices":
                        for at in range(len(data)):
                            sink.sendall(data[at : at + 1])
                    case _:
                        sink.sendall(data)
        if self.trouble == "half_open" and not is_near:
            return  # the near end is not told
        _end(sink)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
