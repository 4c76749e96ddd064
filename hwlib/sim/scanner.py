"""A scanner on a pseudo-terminal: types the codes that it is told to, as a serial scanner would."""

import os
import pty
import time
import tty
from pathlib import Path
from typing import Any

from hwlib.sim.control import serve_control

BYTE_S = 10 / 115_200
"""A byte at 115200 baud, 8N1."""


class ScannerSim:
    """A simulated scanner. `link` becomes a symbolic link to its terminal: the port to open."""

    def __init__(self, link: Path) -> None:
        self._ours, theirs = pty.openpty()
        tty.setraw(self._ours)
        tty.setraw(theirs)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(theirs))

    def start(self, control: Path) -> None:
        """Listen for {"type": code}."""
        serve_control(control, self._command)

    def type(self, code: str) -> None:
        """Read a code: its characters and a carriage return."""
        for at in range(0, len(code), 16):
            piece = code[at : at + 16].encode()
            os.write(self._ours, piece)
            time.sleep(BYTE_S * len(piece))
        os.write(self._ours, b"\r")

    def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        self.type(str(command["type"]))
        return {"typed": len(str(command["type"])), "mono_ms": time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000}
