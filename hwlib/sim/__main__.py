"""Runs a simulated device as a process of its own: `python -m hwlib.sim printer|scanner ...`."""

import argparse
import signal
import sys
from pathlib import Path

from hwlib.sim.printer import PrinterSim
from hwlib.sim.scanner import ScannerSim


def main() -> int:
    """Serve until SIGTERM."""
    line = argparse.ArgumentParser(prog="python -m hwlib.sim", description=__doc__)
    line.add_argument("device", choices=["printer", "scanner"])
    line.add_argument("--control", type=Path, required=True, help="unix socket for commands")
    line.add_argument("--folder", type=Path, help="printer: where tickets go")
    line.add_argument("--port", type=int, default=0, help="printer: on 127.0.0.1")
    line.add_argument("--link", type=Path, help="scanner: symbolic link to its terminal")
    given = line.parse_args()
    if given.device == "printer":
        PrinterSim(given.folder, port=given.port).start(given.control)
    else:
        ScannerSim(given.link).start(given.control)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


if __name__ == "__main__":
    sys.exit(main())
