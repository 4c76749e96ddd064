"""The office around the machines that are tried: broker, hub and printer run beside them, as they do in an office."""

import subprocess
from pathlib import Path

from bench.office.clerk import ClerkClient
from bench.office.stage import CLERKS, DEVICES, EDITOR, KIOSK, Options, Stage, listens, wait_for
from hwlib.sim.control import command
from officelib.assets import asset

GUESTS_HOST = "10.0.2.2"
"""This machine as QEMU's guests see it; the hub must reach its broker under the same address."""
PARTS = ("broker", "printer", "hub")


class HostOffice(Stage):
    """Broker, hub and printer; kiosk and display are machines of their own."""

    def __init__(self, out: Path) -> None:
        subprocess.run(["ip", "address", "replace", f"{GUESTS_HOST}/32", "dev", "lo"], check=True)
        super().__init__(out, asset("demo", "office.toml"), Options(host=GUESTS_HOST))
        self.clerk = ClerkClient(self.console, "ana", CLERKS["ana"][1], "c2")
        self.it = ClerkClient(self.console, EDITOR, CLERKS[EDITOR][1], "c1")

    def open(self) -> None:
        for role in PARTS:
            self.start(role)
            if role == "broker":
                wait_for(lambda: listens(self.broker_port), "the broker")
        self.wait_for_hub()
        wait_for(self.control("printer").exists, "the printer")
        self.clerk.sign_in()
        self.it.sign_in()

    def token(self, role: str) -> str:
        """An enrolment code, as the office's computer shows it."""
        hub = f"http://{GUESTS_HOST}:{self.web_port}"
        slot = ("--slot", "1") if DEVICES[role] == KIOSK else ()
        return self.tool(
            "office_hub", "enrol", "--config", str(self.run / "hub.toml"), "--hub", hub, *slot, DEVICES[role]
        )

    def printed(self) -> list[list[str]]:
        """The papers that came out, each as its lines."""
        papers: list[list[str]] = command(self.control("printer"))["tickets"]
        return papers

    def is_on_line(self, device: str) -> bool:
        return bool(self.clerk.view()["devices"].get(device))
