"""The operator's tools for devices: the broker that they meet at, letting them in and out, how they are."""

import argparse
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import qrcode

from mqtt_bridge.broker import MONITOR, BrokerPlan, read_plan, write_broker
from mqtt_bridge.tls import TlsFiles
from office_hub.config import HubConfig
from office_hub.web.gate import REVOKE_PATH, WAIT, Revocation
from officelib import authority
from officelib.authority import Authority
from officelib.catalogue_file import read_catalogue
from officelib.clock import system_clock
from officelib.config import read_config
from officelib.enrolment import PROOF_HEADER, new_token, prove, write_token
from officelib.errors import KnownError
from officelib.files import write_private
from officelib.health import OK, Health
from officelib.ids import check_device
from officelib.journal.database import only_writer, open_reader
from officelib.journal.office_log import open_office_log
from officelib.journal.registry import Given, Registry

HUB_S, AGAIN_S = 10.0, 0.5
BEGIN_MEND = "Run 'office-hub broker' once: it makes the office's keys."


def broker(argv: Sequence[str]) -> int:
    """Write what this machine's broker needs; again whenever a name or an address of it changes."""
    line = _parser("broker", "Writes mosquitto's configuration, certificates and access rules.")
    line.add_argument("--host", action="append", help="a name or address by which devices reach it; may be repeated")
    line.add_argument("--listen", default="", help="the address on which it listens; all when left out")
    line.add_argument("--hubs", nargs="+", metavar="HUB", help="all hubs of the office, as h1 h2")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    if not _has_keys(config.database):
        with only_writer(config.database):
            open_office_log(config.database).close()
    reader = open_reader(config.database)
    before = read_plan(config.broker, BrokerPlan)
    plan = BrokerPlan(
        office=read_catalogue(config.catalogue).office.id,
        hub=config.device,
        hubs=tuple(dict.fromkeys([config.device, *(given.hubs or (before.hubs if before else ()))])),
        hosts=tuple(dict.fromkeys([config.broker_host, *(given.host or (before.hosts if before else ()))])),
        listen=given.listen or (before.listen if before else ""),
        port=config.broker_port,
    )
    path = write_broker(config.broker, plan, Authority(_secret(reader, "authority")), Registry(reader).revoked())
    reader.close()
    sys.stdout.write(f"written: {path}. Start mosquitto with it, or restart it.\n")
    return 0


def monitor(argv: Sequence[str]) -> int:
    """What a monitoring system shows at the broker, where it sees how devices are."""
    line = _parser("monitor", "Writes a key and certificates for a monitoring system that reads MQTT.")
    line.add_argument("folder", type=Path, help="is made when missing")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    reader = open_reader(config.database)
    ours = Authority(_secret(reader, "authority"))
    reader.close()
    files = TlsFiles(given.folder / "authority.pem", given.folder / "monitor.pem")
    given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(files.authority, ours.certificate)
    write_private(files.certificate, ours.for_hub(MONITOR))
    sys.stdout.write(f"written: {files.certificate} (key and certificate), {files.authority}. MQTT 5 over TLS 1.3.\n")
    return 0


def enrol(argv: Sequence[str]) -> int:
    """A token that lets one device in."""
    line = _parser("enrol", "Makes a token, valid for a day, that lets one device into the office. Show it its QR.")
    line.add_argument("device", help="k and a number for a kiosk, s and a number for a display, as k2")
    line.add_argument("--slot", type=int, default=0, help="the digit of a kiosk's lane, 1 to 9; else the next free one")
    line.add_argument("--hub", action="append", help="where the device asks, as http://10.0.0.5:8420; may be repeated")
    line.add_argument("--png", type=Path, help="write the QR into this file too")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    _check_name(given.device, given.slot)
    hubs = tuple(given.hub or [hub_address(config)])
    if _is_here(config.broker_host) and not all(_is_here(urllib.parse.urlsplit(hub).hostname or "") for hub in hubs):
        raise KnownError(
            f"devices would be told that the broker is at {config.broker_host}",
            where=f"{given.config}, broker_host",
            mend="Write the name or address by which devices reach this machine; then 'office-hub broker'.",
        )
    reader = open_reader(config.database)
    key = bytes.fromhex(_secret(reader, "enrolment_key"))
    before = [one for one in Registry(reader).of(given.device) if not one.is_revoked]
    reader.close()
    now_ms = system_clock(shift_ms=config.clock_shift_s * 1000).wall_ms()
    text = write_token(new_token(key, given.device, given.slot, now_ms, hubs))
    picture = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    picture.add_data(text)
    if given.png is not None:
        with given.png.open("wb") as file:
            picture.make_image().save(file)
    if sys.stdout.isatty():
        picture.print_ascii(invert=True)
    sys.stdout.write(f"{text}\n")
    if before:
        sys.stderr.write(
            f"{given.device} is in the office already: who uses this token takes its place. Restart the broker then:"
            " that ends the connection of the one before.\n"
        )
    return 0


def hub_address(config: HubConfig) -> str:
    """Where devices ask to be let in: a hub that listens on all addresses is found where its broker is."""
    is_everywhere = config.web_host in ("", "0.0.0.0", "::")  # noqa: S104 (compared, not listened on)
    return f"http://{config.broker_host if is_everywhere else config.web_host}:{config.web_port}"


def revoke(argv: Sequence[str]) -> int:
    """A device is out."""
    line = _parser("revoke", "Shuts a device out: its certificates count no more.")
    line.add_argument("device")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    reader = open_reader(config.database)
    serials = tuple(one.serial for one in Registry(reader).of(given.device) if not one.is_revoked)
    key = bytes.fromhex(_secret(reader, "enrolment_key"))
    reader.close()
    if not serials:
        raise KnownError(f"{given.device} has no certificate", where="the hub's log", mend="See 'office-hub devices'.")
    body = msgspec.json.encode(Revocation(given.device, serials))
    hub = f"http://{config.web_host}:{config.web_port}"
    asked = urllib.request.Request(  # noqa: S310 (our own hub)
        hub + REVOKE_PATH, data=body, headers={PROOF_HEADER: prove(key, "ask", body)}, method="POST"
    )
    what_next = (
        "Restart the broker, on both hubs where there are two: that ends its connection."
        if _is_safe(asked)
        else "The standby does not have that yet: do not promote it before it has followed."
    )
    sys.stdout.write(f"{given.device} is out. {what_next}\n")
    return 0


def _is_safe(revocation: urllib.request.Request) -> bool:
    """Ask until the standby has it, too; whether it had within a few seconds."""
    deadline = time.monotonic() + HUB_S
    while True:
        try:
            with urllib.request.urlopen(revocation, timeout=HUB_S):  # noqa: S310 (our own hub)
                return True
        except urllib.error.URLError as error:
            if not isinstance(error, urllib.error.HTTPError) or error.code != WAIT:
                mend = "Is the hub running, and the one that leads? Try again."
                raise KnownError(str(error), where=revocation.full_url, mend=mend) from error
        if time.monotonic() > deadline:
            return False
        time.sleep(AGAIN_S)


def devices(argv: Sequence[str]) -> int:
    """What the hub knows of its devices; reads beside a running hub."""
    line = _parser("devices", "Lists the office's devices: on line or since when not, and how they are.")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    zone = read_catalogue(config.catalogue).zone
    reader = open_reader(config.database)
    rows = reader.execute(
        "SELECT name, on_line, at_ms, health, inc, slot FROM"
        " (SELECT device AS name FROM device_health UNION SELECT device FROM certificate)"
        " LEFT JOIN device_health ON device_health.device = name LEFT JOIN device ON device.device = name ORDER BY 1"
    ).fetchall()
    certificates = {row[0]: Registry(reader).of(row[0]) for row in rows}
    reader.close()

    def local(at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")

    for device, on_line, at_ms, health, inc, slot in rows:
        lane = f", lane {slot}" if slot else ""
        heard = f"heard {local(at_ms)}, incarnation {inc or 0}{lane}" if at_ms else "never heard"
        said = [_admitted(certificates[device], local)]
        if health:
            said += _health_lines(msgspec.json.decode(health, type=Health))
        sys.stdout.write(f"{device}  {'on line' if on_line else 'AWAY'}, {heard}\n")
        sys.stdout.write("".join(f"      {one}\n" for one in said if one))
    return 0


TOOLS: dict[str, Callable[[Sequence[str]], int]] = {
    "broker": broker,
    "enrol": enrol,
    "monitor": monitor,
    "revoke": revoke,
    "devices": devices,
}


def _admitted(given: list[Given], local: Callable[[int], str]) -> str:
    good = [one for one in given if not one.is_revoked]
    if good:
        return f"certificate until {local(max(authority.ends_ms(one.pem) for one in good))}"
    return "REVOKED" if given else ""


def _health_lines(health: Health) -> list[str]:
    """For the operator, what is wrong in capitals."""
    clock = "DOES NOT KNOW THE TIME" if health.clock_err_ms < 0 else f"time known to {health.clock_err_ms} ms"
    warm = "" if health.temperature_c is None else f", {health.temperature_c:.0f} C"
    lines = [f"{health.outbox} events on their way, {clock}, {health.disk_free_mb} MB free{warm}"]
    if health.app is None:
        return [*lines, "THE APP IS NOT RUNNING"]
    lines.append(f"release {health.app.software}")
    return lines + [f"{name}: {said if said == OK else said.upper()}" for name, said in health.app.parts.items()]


def _check_name(device: str, slot: int) -> None:
    try:
        check_device(device)
    except ValueError as error:
        raise KnownError(str(error), where="the command line", mend="Name a kiosk or a display.") from error
    if device.startswith("h"):
        raise KnownError("hubs are not enrolled", where=device, mend="Run 'office-hub broker --hubs' on each of them.")
    if not 0 <= slot <= (9 if device.startswith("k") else 0):
        raise KnownError(f"slot {slot}", where=device, mend="A kiosk's is a digit from 1 to 9; a display has none.")


def _has_keys(database: Path) -> bool:
    """Whether there is a database with all keys: one of an earlier release lacks some."""
    if not database.exists():
        return False
    reader = open_reader(database)
    try:
        return reader.execute("SELECT 1 FROM meta WHERE k = 'authority'").fetchone() is not None
    except sqlite3.OperationalError:
        return False
    finally:
        reader.close()


def _is_here(host: str) -> bool:
    """Whether a name means this machine alone."""
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _secret(reader: sqlite3.Connection, name: str) -> str:
    row = reader.execute("SELECT v FROM meta WHERE k = ?", (name,)).fetchone()
    if row is None:
        raise KnownError(f"no {name} yet", where="the hub's database", mend=BEGIN_MEND)
    value: str = row[0]
    return value


def _parser(name: str, purpose: str) -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog=f"office-hub {name}", description=purpose)
    line.add_argument("--config", type=Path, default=Path("/etc/antesala/office-hub.toml"), metavar="FILE")
    return line
