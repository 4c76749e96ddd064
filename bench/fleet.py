"""500 devices at one hub: what they cost it, what a clerk feels, and how soon a broken switch is one line on IT's page.

Run as a program it is half of the devices: python -m bench.fleet TOKENS FOLDER OFFICE PORT.
"""

import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import Figure, figure
from bench.office.clerk import ClerkClient
from bench.office.stage import CLERKS, LOOPBACK, Options, Stage, wait_for
from mqtt_bridge import messages, topics
from mqtt_bridge.client import BrokerAddress, Connection, Session
from mqtt_bridge.enrol import enrol
from mqtt_bridge.identity import read_identity
from officelib.assets import asset
from officelib.clock import system_clock
from officelib.enrolment import new_token, write_token
from officelib.health import OK, AppHealth, Health
from officelib.journal.database import open_reader

log = logging.getLogger(__name__)

DEVICES, HALVES = 500, 2
WATCHED_S = 60.0
ALONE_S = 10.0
START_S, TOGETHER_S = 180.0, 60.0
HEALTH_S = 60.0
WELL = Health(AppHealth("bench", {"printer 1": OK, "voice": OK}, {"tickets_left": 300.0}), "boot", 0, 20, 4000, 48.0)
TICKS_S = os.sysconf("SC_CLK_TCK")


def measure_fleet(out: Path) -> list[Figure]:
    """A hub with all of them, for a minute; then half of them go at once."""
    stage = Stage(out, asset("demo", "office.toml"), Options())
    halves: list[subprocess.Popen[bytes]] = []
    try:
        stage.start("broker")
        stage.start("hub")
        stage.wait_for_hub()
        clerk = ClerkClient(stage.console, "ana", CLERKS["ana"][1], "c1")
        clerk.sign_in()
        before_s = _cpu_s(stage)
        time.sleep(ALONE_S)
        alone = (_cpu_s(stage) - before_s) / ALONE_S
        names = [f"s{number}" for number in range(1, DEVICES + 1)]
        halves = [_half(stage, out, names[part::HALVES], part) for part in range(HALVES)]
        wait_for(lambda: _up(stage) == DEVICES, f"{DEVICES} devices", START_S)
        felt: list[float] = []
        began, before_s = time.monotonic(), _cpu_s(stage)
        while time.monotonic() - began < WATCHED_S:
            asked = time.perf_counter()
            clerk.do("call_next")
            felt.append((time.perf_counter() - asked) * 1000)
            time.sleep(0.25)
        busy = (_cpu_s(stage) - before_s) / (time.monotonic() - began)
        looks = [_timed(stage) for _ in range(20)]
        os.killpg(halves[0].pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda: _alerts(stage).get("away_together") == DEVICES // HALVES, "the broken switch", TOGETHER_S)
        told_ms = (time.monotonic() - killed) * 1000
        log.info("%d devices: the hub's processor %.1f %% of a core, %.1f %% alone", DEVICES, busy * 100, alone * 100)
        return [
            Figure(f"fleet: the hub's processor with {DEVICES} devices, %", busy * 100, busy * 100, 1, 25, "p50"),
            figure(f"fleet: a clerk's call with {DEVICES} devices", felt, 100),
            figure("fleet: all figures for monitoring", looks, 1_000),
            Figure(f"fleet: {DEVICES // HALVES} devices gone to one alert", told_ms, told_ms, 1, 30_000, "p50"),
        ]
    finally:
        for half in halves:
            half.kill()
            half.wait()
        stage.stop()


def _half(stage: Stage, out: Path, names: list[str], part: int) -> "subprocess.Popen[bytes]":
    reader = open_reader(stage.hub_config.database)
    (key,) = reader.execute("SELECT v FROM meta WHERE k = 'enrolment_key'").fetchone()
    reader.close()
    now_ms = system_clock(shift_ms=stage.hub_config.clock_shift_s * 1000).wall_ms()
    hubs = (stage.console.rstrip("/"),)
    tokens = [write_token(new_token(bytes.fromhex(key), name, 0, now_ms, hubs)) for name in names]
    path = out / f"tokens-{part}.json"
    path.write_text(json.dumps(tokens))
    words = [str(path), str(out / f"devices-{part}"), stage.catalogue.office.id, str(stage.broker_port)]
    return subprocess.Popen([sys.executable, "-m", "bench.fleet", *words], start_new_session=True)


def _metrics(stage: Stage) -> list[str]:
    with urllib.request.urlopen(stage.console + "metrics", timeout=10) as answer:  # noqa: S310 (our own hub)
        return str(answer.read().decode()).splitlines()


def _up(stage: Stage) -> int:
    return sum(line.startswith("antesala_device_up{") and line.endswith(" 1") for line in _metrics(stage))


def _alerts(stage: Stage) -> dict[str, int]:
    lines = (line for line in _metrics(stage) if line.startswith("antesala_alerts{"))
    return {line.partition('rule="')[2].partition('"')[0]: int(line.rpartition(" ")[2]) for line in lines}


def _timed(stage: Stage) -> float:
    began = time.perf_counter()
    _metrics(stage)
    return (time.perf_counter() - began) * 1000


def _cpu_s(stage: Stage) -> float:
    fields = Path(f"/proc/{stage.processes['hub'].pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


# --- the devices


class Device:
    """Enters the office, connects, says every minute that it is well, and hears what devices hear."""

    def __init__(self, token: str, folder: Path, office: str, port: int) -> None:
        admission = enrol(token, folder)
        self.name, self._office, self._session = admission.device, office, ""
        files = read_identity(folder).files
        self.link = Connection(
            [BrokerAddress(LOOPBACK, port, self.name, files)],
            self._new_session,
            on_up=self.tell,
            on_down=lambda _: None,
            on_message=lambda _topic, _payload: None,
        )

    def tell(self) -> None:
        """How it is."""
        state = messages.DeviceState(st="on", ses=self._session, device=self.name, health=WELL)
        self.link.publish(topics.device_state(self._office, self.name), messages.encode(state), retain=True)

    def _new_session(self) -> Session:
        self._session = secrets.token_hex(16)
        will = messages.DeviceState(st="off", ses=self._session, device=self.name)
        heard = (topics.beat(self._office), topics.log(self._office), topics.snapshot(self._office, "services"))
        return Session(self.name, heard, topics.device_state(self._office, self.name), messages.encode(will))


def main() -> int:
    """Be some of the devices, until killed."""
    tokens, folder, office, port = sys.argv[1:]
    with ThreadPoolExecutor(8) as pool:
        made = enumerate(json.loads(Path(tokens).read_text()))
        devices = list(pool.map(lambda one: Device(one[1], Path(folder) / str(one[0]), office, int(port)), made))
    for device in devices:
        device.link.start()
        time.sleep(0.02)
    ended = threading.Event()
    while True:
        for device in devices:
            ended.wait(HEALTH_S / len(devices))
            device.tell()


if __name__ == "__main__":
    sys.exit(main())
