"""The office's broker: writes mosquitto's configuration, passwords and access rules."""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mqtt_bridge.messages import MAX_PACKET_BYTES
from mqtt_bridge.topics import ROOT

ITERATIONS = 101
"""mosquitto's own figure for its PBKDF2 passwords; ours are 128 random bits, which no count of iterations improves."""


@dataclass(frozen=True)
class BrokerFiles:
    """What was written.

    Attributes:
        config: mosquitto's configuration.
        password_files: A file a user, readable by its owner alone.
    """

    config: Path
    password_files: Mapping[str, Path]


def write_broker(folder: Path, *, port: int, office: str, users: tuple[str, ...], hubs: tuple[str, ...]) -> BrokerFiles:
    """Write all that a mosquitto on this machine's loopback needs; passwords that are there already stay.

    Args:
        folder: Is made when missing.
        port: On 127.0.0.1.
        office: The office's id.
        users: Devices and hubs.
        hubs: The users that speak for the office, or stand by to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {user: folder / f"{user}.password" for user in users}
    for path in files.values():
        if not path.exists():
            _write_private(path, secrets.token_hex(16) + "\n")
    hashed = "".join(f"{user}:{_hash(path.read_text().strip())}\n" for user, path in files.items())
    _write_private(folder / "passwords", hashed)
    _write_private(folder / "acl", access_rules(office, users, hubs))
    config = folder / "mosquitto.conf"
    config.write_text(configuration(folder, port))
    return BrokerFiles(config, files)


def configuration(folder: Path, port: int) -> str:
    """Mosquitto's configuration. Nothing is kept by the broker: what matters is acknowledged by the hub."""
    user = f"user {os.environ.get('USER') or 'root'}\n" if os.geteuid() == 0 else ""
    return (
        f"listener {port} 127.0.0.1\n"
        f"{user}"
        "persistence false\n"
        "set_tcp_nodelay true\n"
        "allow_anonymous false\n"
        f"password_file {folder.resolve()}/passwords\n"
        f"acl_file {folder.resolve()}/acl\n"
        "max_queued_messages 1000\n"
        "max_inflight_messages 20\n"
        f"max_packet_size {MAX_PACKET_BYTES}\n"
        "memory_limit 64000000\n"
        "log_dest stderr\n"
        "log_type error\n"
        "log_type warning\n"
    )


def access_rules(office: str, users: tuple[str, ...], hubs: tuple[str, ...]) -> str:
    """Who may write and read what: a device only its own topics, the hub the office's."""
    base = f"{ROOT}/{office}"
    shared = "".join(f"topic read {base}/{part}\n" for part in ("hub/#", "log", "snap/#", "cfg/#"))
    return (
        f"pattern write {base}/dev/%u/state\n"
        f"pattern write {base}/dev/%u/up\n"
        f"pattern read {base}/dev/%u/down\n"
        f"pattern write {base}/rpc/%u\n"
        + "".join(f"\nuser {user}\n{shared}" for user in users if user not in hubs)
        + "".join(f"\nuser {hub}\ntopic readwrite {base}/#\n" for hub in hubs)
    )


def _hash(password: str) -> str:
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, 64)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)
