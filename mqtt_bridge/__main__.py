"""mqtt-bridge: the network side of a kiosk or a display."""

import sys
from collections.abc import Sequence

from mqtt_bridge.bridge import BridgeConfig, serve
from officelib.clock import system_clock
from officelib.config import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bridge; returns the exit status."""
    purpose = "Sends the journal of the app beside it to the office's hub, and hands it what the hub says."
    return run("mqtt-bridge", purpose, BridgeConfig, lambda config: serve(config, system_clock()), argv)


if __name__ == "__main__":
    sys.exit(main())
