"""RabbitMQ in mosquitto's place: it takes mosquitto's configuration, so that whatever starts a broker starts this one.

`make other-broker` puts Debian 13 with RabbitMQ into build/rabbitmq and runs tests with a `mosquitto` on the path that
is this program. What it takes over is the port and the certificates: who has none of the office is refused. Who may
write which topic is mosquitto's list, and is not taken over. Unlike mosquitto here, it keeps retained messages over a
restart.
"""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2] / "build" / "rabbitmq"
"""A root file system with RabbitMQ 4 in it."""
FILES = "/srv"
"""Where that root file system sees the broker's folder."""


def settings(mosquitto: dict[str, str], port: int, host: str) -> str:
    """What RabbitMQ is to do, in its own words."""
    inside = {name: f"{FILES}/{Path(mosquitto[name]).name}" for name in ("cafile", "certfile", "keyfile")}
    return (
        "listeners.tcp = none\n"
        "mqtt.listeners.tcp = none\n"
        f"mqtt.listeners.ssl.default = {host or '0.0.0.0'}:{port}\n"
        f"ssl_options.cacertfile = {inside['cafile']}\n"
        f"ssl_options.certfile = {inside['certfile']}\n"
        f"ssl_options.keyfile = {inside['keyfile']}\n"
        "ssl_options.verify = verify_peer\n"
        "ssl_options.fail_if_no_peer_cert = true\n"
        "ssl_options.versions.1 = tlsv1.3\n"
        "loopback_users = none\n"
        "anonymous_login_user = guest\n"
        "anonymous_login_pass = guest\n"
        f"mqtt.max_packet_size_authenticated = {mosquitto['max_packet_size']}\n"
        "log.console = true\n"
        "log.console.level = warning\n"
        "log.file = false\n"
    )


def main() -> None:
    """Become RabbitMQ."""
    config = Path(sys.argv[sys.argv.index("-c") + 1])
    words = dict(line.split(" ", maxsplit=1) for line in config.read_text().splitlines() if " " in line)
    port, _, host = words["listener"].partition(" ")
    kept = config.parent / "rabbitmq"
    kept.mkdir(exist_ok=True)
    (kept / "rabbitmq.conf").write_text(settings(words, int(port), host))
    (kept / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
    place = f"{FILES}/rabbitmq"
    environment = {
        "HOME": place,
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "RABBITMQ_CONFIG_FILE": f"{place}/rabbitmq.conf",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{place}/enabled_plugins",
        "RABBITMQ_LOG_BASE": place,
        "RABBITMQ_MNESIA_BASE": place,
        "RABBITMQ_NODENAME": f"rabbit{port}@localhost",
        "RABBITMQ_DIST_PORT": str(20_000 + int(port) % 10_000),
        "ERL_EPMD_PORT": str(10_000 + int(port) % 10_000),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    inside = (
        f"mount --bind {config.parent} {ROOT}{FILES} && mount -t proc proc {ROOT}/proc && "
        f"mount --bind /dev {ROOT}/dev && mount --bind /etc/hosts {ROOT}/etc/hosts && "
        f"exec chroot {ROOT} /usr/lib/rabbitmq/bin/rabbitmq-server"
    )
    unshare = shutil.which("unshare") or "unshare"
    # a namespace of processes of its own: whatever RabbitMQ starts dies with it
    os.execve(unshare, ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside], environment)


if __name__ == "__main__":
    main()
