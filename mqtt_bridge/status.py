"""antesalactl: a device's whole state on one screen, for whoever stands before it or is logged in to it."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from officelib.clock import system_clock
from officelib.health import OK, STATUS_FILE, DeviceStatus, Reach

RUN = Path("/run/antesala")
UNITS = (
    "kiosk.service",
    "display.service",
    "mqtt-bridge@kiosk.service",
    "mqtt-bridge@display.service",
    "antesala-screen.service",
    "office-hub.service",
    "antesala-broker.service",
)
STALE_MS = 30_000
"""A bridge writes every few seconds: one that is older than this has ended, or hangs."""
LEAST_FREE_MB = 200
LINKS: dict[Reach, str] = {
    "up": "the office's hub answers",
    "no_hub": "the broker is there and the hub is silent: look at the hub",
    "off": "the broker is away: look at cable, Wi-Fi and the hub's machine; what is done here is kept",
    "out": "shut out of the office: 'office-hub enrol' there, 'mqtt-bridge enrol' here, each as the service's user",
}


class Unit(msgspec.Struct, frozen=True):
    """A service as systemd sees it."""

    name: str
    state: str
    status: str
    restarts: int


class Found(msgspec.Struct, frozen=True):
    """All that is known of a machine. `faults` says what is wrong, where, and what to do; empty when all is well."""

    units: tuple[Unit, ...]
    devices: dict[str, DeviceStatus]
    faults: tuple[str, ...]


def units_of(shown: str) -> tuple[Unit, ...]:
    """Reads what `systemctl show` prints, a block a unit; without those of roles that this machine does not have."""
    units = []
    for block in shown.strip().split("\n\n"):
        facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        is_wanted = "antesala-" in facts.get("WantedBy", "") or facts.get("ActiveState") != "inactive"
        if facts.get("LoadState") == "loaded" and is_wanted:
            state = f"{facts.get('ActiveState', '')} ({facts.get('SubState', '')})"
            units.append(
                Unit(facts.get("Id", ""), state, facts.get("StatusText", ""), int(facts.get("NRestarts") or 0))
            )
    return tuple(units)


def faults_of(units: Sequence[Unit], devices: dict[str, DeviceStatus], now_ms: int) -> tuple[str, ...]:
    """What a person should do something about.

    Args:
        units: The machine's services.
        devices: What its bridges wrote, by folder.
        now_ms: Monotonic milliseconds.
    """
    faults = [
        f"{unit.name} is {unit.state}: see 'journalctl -u {unit.name} -o cat', then 'systemctl restart {unit.name}'"
        for unit in units
        if not unit.state.startswith(("active", "reloading"))
    ]
    faults += [
        f"{unit.name} runs, and its state cannot be read: run this as root"
        for unit in units
        if unit.name.startswith("mqtt-bridge@")
        and unit.state.startswith("active")
        and unit.name.split("@")[1].removesuffix(".service") not in devices
    ]
    for name, device in devices.items():
        health = device.health
        if now_ms - device.mono_ms > STALE_MS:
            faults.append(f"{name}: its bridge says nothing any more: 'systemctl restart mqtt-bridge@{name}'")
            continue
        if device.link != "up":
            faults.append(f"{name}: {LINKS[device.link]}")
        if health.app is None:
            faults.append(f"{name}: the program with the screen is not there: 'systemctl restart {name}'")
        else:
            faults += [f"{name}, {part}: {state}" for part, state in health.app.parts.items() if state != OK]
        if health.disk_free_mb < LEAST_FREE_MB:
            faults.append(f"{name}: {health.disk_free_mb} MB are left on the disk of its journal: free it")
    return tuple(faults)


def look(run: Path, now_ms: int) -> Found:
    """This machine, now. A file that cannot be read counts as none."""
    devices = {}
    for path in sorted(run.glob(f"*/{STATUS_FILE}")):
        try:
            devices[path.parent.name] = msgspec.json.decode(path.read_bytes(), type=DeviceStatus)
        except (OSError, ValueError):
            continue
    units = units_of(_shown())
    faults = faults_of(units, devices, now_ms)
    if not units and not devices:
        faults = ("nothing of Antesala runs here: 'systemctl start antesala-kiosk.target', or -display or -hub",)
    return Found(units, devices, faults)


def page(found: Found) -> str:
    """The state for people."""
    lines = []
    for name, device in found.devices.items():
        health = device.health
        release = health.app.software if health.app else "-"
        clock = "unknown" if health.clock_err_ms < 0 else f"to {health.clock_err_ms} ms"
        warmth = "" if health.temperature_c is None else f", {health.temperature_c:.0f} degrees"
        lines += [
            f"{name}: {device.device} of office '{device.office}', release {release}",
            f"  hub      {LINKS[device.link]}",
            f"  outbox   {health.outbox} events that the hub has not acknowledged",
            f"  clock    the office's time is known {clock}",
            f"  machine  {health.disk_free_mb} MB free{warmth}",
            *(f"  {part:<8} {state}" for part, state in (health.app.parts if health.app else {}).items()),
        ]
    lines += [
        f"{unit.name:<30} {unit.state:<20} {unit.status}{f', restarted {unit.restarts} times' * bool(unit.restarts)}"
        for unit in found.units
    ]
    lines += ["", *(f"WRONG  {fault}" for fault in found.faults)] if found.faults else ["", "All is well."]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Print it; the exit status is 1 where something is wrong."""
    line = argparse.ArgumentParser(prog="antesalactl", description="How this machine is.")
    line.add_argument("command", choices=["status"])
    line.add_argument("--json", action="store_true", help="for programs")
    line.add_argument("--run", type=Path, default=RUN, help="where bridges keep their sockets")
    given = line.parse_args(argv)
    found = look(given.run, system_clock().mono_ms())
    text = msgspec.json.format(msgspec.json.encode(found)).decode() + "\n" if given.json else page(found)
    sys.stdout.write(text)
    return 1 if found.faults else 0


def _shown() -> str:
    names = "Id,LoadState,ActiveState,SubState,StatusText,NRestarts,WantedBy"
    try:
        asked = subprocess.run(  # noqa: S603 (no word of it comes from outside)
            ["/bin/systemctl", "show", "-p", names, *UNITS], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout if asked.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
