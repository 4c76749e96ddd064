"""Runs in a Python that has emupos: prints each file's bytes on its simulated printer, answers with what came out.

python read_tickets.py PROFILE FILE...     ->  one JSON line a file: {"text", "png", "unknown", "replies"}
"""

import base64
import json
import sys
from importlib import resources
from pathlib import Path

import yaml
from emupos.config import PrinterProfile
from emupos.events import ConnectionId
from emupos.printer.printer import Printer, PrinterFault


def main() -> None:
    """Read all files."""
    name, *files = sys.argv[1:]
    table = yaml.safe_load((resources.files("emupos.profiles") / "printers" / f"{name}.yaml").read_text())
    profile = PrinterProfile.model_validate(table)
    for file in files:
        printer = Printer("p", profile, sensor_open_level="low", job_idle_timeout_ms=1000)
        connection = ConnectionId(1) if callable(ConnectionId) else 1
        printer.open_connection(connection, 0.0)
        fault, _, path = file.rpartition("=")
        if fault:
            printer.set_fault(PrinterFault(fault), True, 0.0)
        out = printer.receive(connection, Path(path).read_bytes(), 0.0)
        unknown = [str(event) for event in out.events if "unknown" in str(event.type).lower()]
        receipt = out.receipts[0] if out.receipts else None
        print(  # noqa: T201
            json.dumps(
                {
                    "text": receipt.text if receipt else "",
                    "png": base64.b64encode(receipt.png).decode() if receipt else "",
                    "unknown": unknown,
                    "replies": b"".join(write.data for write in out.writes).hex(),
                }
            )
        )


if __name__ == "__main__":
    main()
