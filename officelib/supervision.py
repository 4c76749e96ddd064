"""What a program tells the service manager: that it is ready, that its work goes on, that it ends. See sd_notify(3)."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping

SPARE = 3
"""Fed so many times within the watchdog's limit: one late turn is no death."""
PATIENCE_S = 5.0
"""A service manager that is busy, as with reading its units anew, hears what must not be lost within so long."""


class Supervision:
    """The line to the service manager; where there is none, nothing is told.

    Whoever does the work calls `fed` as often as it likes: from the loop itself, never from a thread beside it.
    """

    def __init__(
        self, environment: Mapping[str, str] = os.environ, mono_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        limit_us = int(environment.get("WATCHDOG_USEC", "0") or 0)
        mine = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.period_s = limit_us / 1e6 / SPARE if limit_us and mine else 0.0
        self._mono_s, self._fed_s, self._is_ready, self._owed = mono_s, 0.0, False, ""

    def ready(self, status: str) -> None:
        """The work goes on from here; said once. `status` is what `systemctl status` shows."""
        if not self._is_ready:
            self._is_ready = True
            self._owed = f"READY=1\nSTATUS={status}"
            self._pay(PATIENCE_S)

    def status(self, status: str) -> None:
        """One line, for people."""
        self._tell(f"STATUS={status}", PATIENCE_S)

    def fed(self) -> None:
        """A turn of the work is done; it does not wait for a service manager that has no ear now: told later."""
        self._pay()
        now_s = self._mono_s()
        if self.period_s and now_s - self._fed_s >= self.period_s and self._tell("WATCHDOG=1"):
            self._fed_s = now_s

    def beginning_anew(self) -> None:
        """The program reads its configuration again, as `begin_anew` does; it says ready once more then."""
        now_us = time.monotonic_ns() // 1000
        self._tell(f"WATCHDOG=1\nRELOADING=1\nMONOTONIC_USEC={now_us}\nSTATUS=begins anew", PATIENCE_S)

    def ending(self) -> None:
        """The program was told to end, and does."""
        self._tell("STOPPING=1", PATIENCE_S)

    def _pay(self, patience_s: float = 0.0) -> None:
        """Say that it is ready, if that is still to be heard: without it the program would be ended as too slow."""
        if self._owed and self._tell(self._owed, patience_s):
            self._owed = ""

    def _tell(self, words: str, patience_s: float = 0.0) -> bool:
        """Returns whether it was heard; waits at most so long for room in the service manager's ear."""
        if not self._address:
            return True
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
        ):
            line.settimeout(patience_s)
            line.sendto(words.encode(), address)
            return True
        return False


def begin_anew() -> int:
    """The same program in the same process, from its command line on. Does not return."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (its own command line)
