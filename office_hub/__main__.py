"""office-hub: serves an office; and the operator's small tools around it."""

import sys
from collections.abc import Callable, Sequence

from office_hub import city_tools, device_tools, succession_tools, tools
from office_hub.config import HubConfig
from office_hub.wiring import serve
from officelib.config import guarded, run

TOOLS: dict[str, Callable[[Sequence[str]], int]] = {
    "mint-booking": tools.mint_booking,
    "import-bookings": tools.import_bookings,
    "export-log": tools.export_log,
    "hash-pin": tools.hash_pin_tool,
    "hash-who": tools.hash_who,
    **device_tools.TOOLS,
    **city_tools.TOOLS,
    **succession_tools.TOOLS,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hub, or a tool named first; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in TOOLS:
        return guarded("office-hub", TOOLS[words[0]], words[1:])
    purpose = (
        "Decides the numbers and the order of an office, and serves the clerks' console.\n"
        f"Tools: office-hub {{{'|'.join(TOOLS)}}} --help"
    )
    return run("office-hub", purpose, HubConfig, serve, words)


if __name__ == "__main__":
    sys.exit(main())
