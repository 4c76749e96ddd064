"""The office's broker: writes mosquitto's configuration, certificates and access rules."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from mqtt_bridge.messages import MAX_PACKET_BYTES
from mqtt_bridge.tls import TlsFiles
from mqtt_bridge.topics import CITY, ROOT
from officelib.authority import Authority, begin, serial_of
from officelib.files import write_private

AUTHORITY, HUB, BROKER, REVOKED = "authority.pem", "hub.pem", "broker.pem", "revoked.pem"
PLAN = "plan.json"
OFFICES = "offices"
DISCOVERY = "homeassistant/#"
"""Where Home Assistant looks for devices."""
MONITOR = "monitor."
"""Who sees at an office's broker how its devices are, besides what each of them may read: a name that none can have."""
CITY_USER = "city."
"""Who speaks for the city at its broker: a name that no office can have."""
CITY_KEYS = "speaker"
"""The folder with what the city shows there."""
CITY_AUTHORITY = "city.pem"
"""The key and the certificate that all offices of a city trust."""
PORT = 8883
"""IANA's port for MQTT over TLS."""


@dataclass(frozen=True)
class BrokerPlan:
    """What an operator says of a broker.

    Attributes:
        office: The office's id.
        hub: The hub on this machine.
        hubs: All hubs, this one too: they speak for the office, or stand by to.
        hosts: Names and addresses by which devices reach this broker.
        listen: The address on which it listens; "" for all.
        port: Its port.
    """

    office: str
    hub: str
    hubs: tuple[str, ...]
    hosts: tuple[str, ...]
    listen: str = ""
    port: int = PORT


@dataclass(frozen=True)
class CityPlan:
    """What an operator says of the broker between offices.

    Attributes:
        offices: The ids of the offices that meet there.
        hosts: Names and addresses by which their hubs reach it.
        listen: The address on which it listens; "" for all.
        port: Its port.
        revoked: Serial numbers of the keys of offices that were shut out.
    """

    offices: tuple[str, ...]
    hosts: tuple[str, ...]
    listen: str = ""
    port: int = PORT
    revoked: tuple[str, ...] = ()


Plan = TypeVar("Plan", BrokerPlan, CityPlan)


def write_broker(folder: Path, plan: BrokerPlan, authority: Authority, revoked: Sequence[str]) -> Path:
    """Write all that a mosquitto and the hub beside it need.

    Args:
        folder: Is made when missing.
        plan: What the operator says.
        authority: The office's.
        revoked: Serial numbers of certificates that count no more.

    Returns:
        mosquitto's configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    write_private(folder / AUTHORITY, authority.certificate)
    write_private(folder / BROKER, authority.for_broker(plan.hosts))
    write_private(folder / HUB, authority.for_hub(plan.hub))
    write_private(folder / "acl", access_rules(plan.office, plan.hubs))
    write_revoked(folder, authority, revoked)
    config = folder / "mosquitto.conf"
    write_private(config, configuration(folder, plan))
    write_private(folder / PLAN, msgspec.json.encode(plan).decode())
    return config


def read_plan(folder: Path, kind: type[Plan]) -> Plan | None:
    """What the operator said the last time; None when nothing was written yet."""
    try:
        return msgspec.json.decode((folder / PLAN).read_bytes(), type=kind)
    except (OSError, ValueError):
        return None


def write_revoked(folder: Path, authority: Authority, serials: Sequence[str]) -> None:
    """Tell the broker which certificates count no more; it reads the list when it is started.

    A list that says so already stays as it is: whoever watches the file restarts the broker at each change.
    """
    path = folder / REVOKED
    if path.exists() and authority.is_list_of(path.read_text(), serials):
        return
    write_private(folder / REVOKED, authority.revoked(serials))


def hub_files(folder: Path) -> TlsFiles:
    """What the hub shows to brokers of its office."""
    return TlsFiles(folder / AUTHORITY, folder / HUB)


def write_city(folder: Path, plan: CityPlan) -> Path:
    """Write all that the city's mosquitto needs, and for each office a folder with what its hubs show there.

    Keys that are there stay. Whoever is no longer in the plan is shut out.

    Args:
        folder: Is made when missing.
        plan: What the operator says.

    Returns:
        mosquitto's configuration.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    secret = folder / CITY_AUTHORITY
    if not secret.exists():
        write_private(secret, begin())
    authority = Authority(secret.read_text())
    write_private(folder / AUTHORITY, authority.certificate)
    write_private(folder / BROKER, authority.for_broker(plan.hosts))
    write_private(folder / "acl", city_rules())
    out = [file for file in folder.glob(f"{OFFICES}/*/{HUB}") if file.parent.name not in plan.offices]
    revoked = dict.fromkeys([*plan.revoked, *(serial_of(file.read_text()) for file in out)])
    plan = replace(plan, revoked=tuple(revoked))
    write_revoked(folder, authority, plan.revoked)
    for office in plan.offices:
        files = hub_files(folder / OFFICES / office)
        files.certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(files.authority, authority.certificate)
        if not files.certificate.exists() or serial_of(files.certificate.read_text()) in revoked:
            write_private(files.certificate, authority.for_hub(office))
    speaker = hub_files(folder / CITY_KEYS)
    speaker.certificate.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(speaker.authority, authority.certificate)
    if not speaker.certificate.exists():
        write_private(speaker.certificate, authority.for_hub(CITY_USER))
    config = folder / "mosquitto.conf"
    write_private(config, configuration(folder, plan))
    write_private(folder / PLAN, msgspec.json.encode(plan).decode())
    for file in out:
        file.unlink()
    return config


def configuration(folder: Path, plan: BrokerPlan | CityPlan) -> str:
    """Mosquitto's configuration. Nothing is kept by the broker: what matters is acknowledged by the hub."""
    user = f"user {os.environ.get('USER') or 'root'}\n" if os.geteuid() == 0 else ""
    here = folder.resolve()
    return (
        f"listener {plan.port} {plan.listen}".rstrip() + "\n"
        f"{user}"
        f"cafile {here}/{AUTHORITY}\n"
        f"certfile {here}/{BROKER}\n"
        f"keyfile {here}/{BROKER}\n"
        f"crlfile {here}/{REVOKED}\n"
        "tls_version tlsv1.3\n"
        "require_certificate true\n"
        "use_identity_as_username true\n"
        "allow_anonymous false\n"
        f"acl_file {here}/acl\n"
        "persistence false\n"
        "set_tcp_nodelay true\n"
        "max_queued_messages 1000\n"
        "max_inflight_messages 20\n"
        f"max_packet_size {MAX_PACKET_BYTES}\n"
        "memory_limit 64000000\n"
        "log_dest stderr\n"
        "log_type error\n"
        "log_type warning\n"
    )


def access_rules(office: str, hubs: Sequence[str]) -> str:
    """Who may write and read what: a device only its own topics, hubs the office's.

    %u is the certificate's common name. The patterns without it are what every device reads: mosquitto notes them with
    a warning at its start, and means what they say.
    """
    base = f"{ROOT}/{office}"
    return (
        "".join(f"pattern read {base}/{part}\n" for part in ("hub/state", "hub/beat", "log", "snap/#", "cfg/all"))
        + f"pattern read {base}/cfg/%u\n"
        f"pattern read {base}/rpc/%u/answer\n"
        f"pattern read {base}/rpc/%u/help\n"
        f"pattern read {base}/rpc/%u/errand\n"
        f"pattern read {base}/dev/%u/down\n"
        f"pattern write {base}/dev/%u/state\n"
        f"pattern write {base}/dev/%u/up\n"
        f"pattern write {base}/rpc/%u\n"
        f"pattern write {base}/rpc/%u/told\n"
        + "".join(f"\nuser {hub}\ntopic readwrite {base}/#\ntopic write {DISCOVERY}\n" for hub in hubs)
        + f"\nuser {MONITOR}\ntopic read {base}/dev/+/state\ntopic read {base}/hub/state\ntopic read {DISCOVERY}\n"
    )


def city_rules() -> str:
    """Who may write and read what between offices: each hub under its office's name, and what is meant for it."""
    return (
        f"user {CITY_USER}\n"
        f"topic write {CITY}/notices\n\n"
        f"pattern read {CITY}/notices\n"
        f"pattern read {CITY}/+/state\n"
        f"pattern read {CITY}/+/to/%u/+\n"
        f"pattern write {CITY}/%u/state\n"
        f"pattern write {CITY}/%u/to/+/+\n"
    )
