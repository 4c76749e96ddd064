"""mqtt-bridge: the network side of a kiosk or a display; and what a technician does with a device's identity."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from mqtt_bridge.bridge import BridgeConfig, serve
from mqtt_bridge.enrol import enrol
from officelib.clock import system_clock
from officelib.config import guarded, read_config, run
from officelib.journal.outbox import Outbox

EXPORT_ROWS = 256


def enrol_tool(argv: Sequence[str]) -> int:
    """Enter an office with a token."""
    line = _parser("enrol", "Makes this machine the device that a token names; 'office-hub enrol' makes tokens.")
    line.add_argument("token", help="the token's text, or - to read it from the standard input, as from a scanner")
    given = line.parse_args(argv)
    config = read_config(BridgeConfig, given.config)
    shown = str(given.token)
    text = sys.stdin.readline() if shown == "-" else shown
    admission = enrol(text, config.identity)
    lane = f", lane {admission.slot}" if admission.slot else ""
    sys.stdout.write(f"this is {admission.device} of office '{admission.office}'{lane}. Restart its services.\n")
    return 0


def export_tool(argv: Sequence[str]) -> int:
    """What the hub never acknowledged, for a person."""
    line = _parser("export", "Writes the events that no hub has acknowledged, one JSON object a line.")
    line.add_argument("--out", type=Path, required=True)
    given = line.parse_args(argv)
    outbox = Outbox(read_config(BridgeConfig, given.config).journal)
    written, seq = 0, outbox.epoch_and_acked()[1]
    with given.out.open("wb") as file:
        while rows := outbox.after(seq, EXPORT_ROWS):
            for row in rows:
                file.write(msgspec.json.encode({**row._asdict(), "body": msgspec.Raw(row.body)}) + b"\n")
            written, seq = written + len(rows), rows[-1].seq
    outbox.close()
    sys.stdout.write(f"{written} events written to {given.out}\n")
    return 0


TOOLS: dict[str, Callable[[Sequence[str]], int]] = {"enrol": enrol_tool, "export": export_tool}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bridge, or a tool named first; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in TOOLS:
        return guarded("mqtt-bridge", TOOLS[words[0]], words[1:])
    purpose = (
        "Sends the journal of the app beside it to the office's hub, and hands it what the hub says.\n"
        f"Tools: mqtt-bridge {{{'|'.join(TOOLS)}}} --help"
    )
    return run("mqtt-bridge", purpose, BridgeConfig, lambda config: serve(config, system_clock()), words)


def _parser(name: str, purpose: str) -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog=f"mqtt-bridge {name}", description=purpose)
    line.add_argument("--config", type=Path, default=Path("/etc/antesala/mqtt-bridge.toml"), metavar="FILE")
    return line


if __name__ == "__main__":
    sys.exit(main())
