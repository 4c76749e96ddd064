"""Bridges and hub on the real broker through a bad network: what was acknowledged comes out once (a total queue)."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest

from bench.office.stage import wait_for
from kiosk_app.core import events as ev
from mqtt_bridge.bridge import Bridge, BridgeConfig
from mqtt_bridge.broker import BrokerPlan, write_broker
from mqtt_bridge.client import to_brokers
from office_hub.engine import Engine
from office_hub.world import World
from officelib import events as e
from officelib.authority import Authority, begin
from officelib.catalogue import Catalogue
from officelib.clock import system_clock
from officelib.inbound import KnownKey
from officelib.journal.office_log import open_office_log
from officelib.journal.outbox import Outbox
from tests.conftest import Broker, free_port, running_broker
from tests.e2e.kiosk import Kiosk
from tests.e2e.proxy import CUTS, Proxy

pytestmark = [
    pytest.mark.timeout(3_600),
    # paho leaves the socket of a handshake that failed to be closed with the last reference to it, a moment later
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
]
SHORT, LONG = 12, 200
KIOSKS = ("k1", "k2")
SERVICES = ("register", "entry", "taxes", "certificates", "social", "information")
"""A series each: in an hour without a pause a single one would give all its numbers."""


class Issuing(threading.Thread):
    """Citizens come without pause: half ask the hub, half get a number of the lane."""

    def __init__(self, kiosk: Kiosk) -> None:
        super().__init__(daemon=True)
        self.kiosk, self.ended = kiosk, threading.Event()

    def run(self) -> None:
        turn = 0
        while not self.ended.wait(0.02):
            turn += 1
            claim = e.Claim(SERVICES[turn // 2 % len(SERVICES)], "es")
            if turn % 2 or not self.kiosk.catalogue is not None:
                self.kiosk.memory.do(ev.WriteWant(claim))
            else:
                self.kiosk.memory.do(ev.WriteLane(claim, 0))


class ChaosOffice:
    """A real hub and two kiosks that issue tickets without pause, while a test cuts what is between them."""

    def __init__(self, folder: Path, broker: Broker, catalogue: Catalogue) -> None:
        self.folder, self.broker, self.clock = folder, broker, system_clock()
        self.store = open_office_log(folder / "office.db")
        self.world = World(to_brokers(broker.address("h1")), "h1", "o12", self.clock, lambda view: None)
        self.engine = Engine(self.store, catalogue, self.clock, "h1", self.world)
        self.world.attach(self.engine, (KnownKey(1, "00" * 32),))
        self.engine.start()
        self.kiosks: list[Kiosk] = []

    def add(self, name: str, host: str, port: int, start: Callable[[BridgeConfig], None]) -> None:
        """A kiosk whose bridge reaches the broker there."""
        folder = self.folder / name
        config = BridgeConfig(
            identity=self.broker.enrol(name, folder / "identity", host, port),
            journal=folder / "journal.db",
            socket=folder / "bridge.sock",
        )
        start(config)
        self.kiosks.append(Kiosk(folder, name))

    def endure(self, cuts: int, cut: Callable[[random.Random], str]) -> Counter[str]:
        """Issue tickets while `cut` makes and heals so many troubles; returns how many of each."""
        kiosks = self.kiosks
        wait_for(lambda: all(k.enrolled and k.up and k.catalogue for k in kiosks), "both kiosks", 30)
        issuing = [Issuing(kiosk) for kiosk in kiosks]
        for one in issuing:
            one.start()
        rng, made = random.Random(6), Counter[str]()
        for _ in range(cuts):
            made[cut(rng)] += 1
            time.sleep(rng.uniform(0.05, 0.6))
        for one in issuing:
            one.ended.set()
            one.join()
        for name in KIOSKS:
            wait_for(partial(_is_drained, self.folder / name / "journal.db"), f"the outbox of {name} to be empty", 90)
        return made

    def stop(self) -> None:
        for kiosk in self.kiosks:
            kiosk.stop()
        self.engine.stop()
        self.world.stop()

    def judge(self, least: int) -> int:
        """Everything that was promised came out once; returns how many tickets that were."""
        log = list(self.store.entries_after(0))
        self.store.close()
        came = Counter(
            (x.src.device, x.body.label)
            for x in log
            if x.src is not None and isinstance(x.body, e.TicketNumbered | e.LaneTicket)
        )
        promised = Counter[tuple[str, str]]()
        for name in KIOSKS:
            outbox = Outbox(self.folder / name / "journal.db")
            for row in outbox.after(0, 1_000_000):
                event = msgspec.json.decode(row.body, type=e.DeviceEvent)
                if isinstance(event, e.Print | e.Lane):
                    promised[name, event.label] += 1
            outbox.close()
        assert sum(promised.values()) > least
        assert {ticket: n for ticket, n in promised.items() if n != 1} == {}
        assert {ticket for ticket in promised if came[ticket] != 1} == set(), "lost, or twice"
        assert not [x for x in log if isinstance(x.body, e.EventRejected)]
        return sum(promised.values())


def test_everything_that_was_acknowledged_comes_out_once(
    tmp_path: Path, broker: Broker, catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    cuts = LONG if request.config.getoption("--long") else SHORT
    office, proxy = ChaosOffice(tmp_path, broker, catalogue), Proxy(broker.port)

    def in_a_thread(config: BridgeConfig) -> None:
        threading.Thread(target=Bridge(config, office.clock).run, daemon=True).start()

    def cut(rng: random.Random) -> str:
        trouble = rng.choices(CUTS, (8, 2, 4, 4, 1))[0]
        proxy.spoil(trouble)
        time.sleep({"black_hole": 12.0, "half_open": 0.2, "reset": 0.1}.get(trouble, rng.uniform(0.2, 1.5)))
        proxy.spoil("none")
        return trouble

    for name in KIOSKS:
        office.add(name, "127.0.0.1", proxy.port, in_a_thread)
    made = office.endure(cuts, cut)
    office.stop()
    proxy.stop()
    tickets = office.judge(20 * cuts)
    sys.stdout.write(f"{tickets} tickets, {proxy.connections} connections, cuts: {dict(made)}\n")


class Network:
    """A network of its own for bridges, joined to this machine's by a cable that a test can pull."""

    HERE, THERE = "10.213.77.1", "10.213.77.2"

    def __init__(self) -> None:
        self.name = f"antesala-{os.getpid()}"
        self.cable = f"an{os.getpid() % 100_000}"
        self.processes: list[subprocess.Popen[bytes]] = []
        for command in (
            f"ip netns add {self.name}",
            f"ip link add {self.cable} type veth peer name eth0 netns {self.name}",
            f"ip addr add {self.HERE}/30 dev {self.cable}",
            f"ip link set {self.cable} up",
            f"ip -n {self.name} addr add {self.THERE}/30 dev eth0",
            f"ip -n {self.name} link set eth0 up",
            f"ip -n {self.name} link set lo up",
        ):
            self._do(command)

    def start(self, config: BridgeConfig) -> None:
        """A bridge in there."""
        path = config.journal.parent / "bridge.toml"
        path.write_text(f'identity = "{config.identity}"\njournal = "{config.journal}"\nsocket = "{config.socket}"\n')
        command = ["ip", "netns", "exec", self.name, sys.executable, "-m", "mqtt_bridge", "--config", str(path)]
        with path.with_suffix(".log").open("wb") as log:
            self.processes.append(subprocess.Popen(command, stderr=log))

    def cut(self, rng: random.Random) -> str:
        """Pull the cable, or let one direction's packets vanish; put it right again."""
        trouble = rng.choices(("cable", "nothing comes", "nothing goes"), (4, 2, 2))[0]
        put, heal = {
            "cable": (f"ip link set {self.cable} down", f"ip link set {self.cable} up"),
            "nothing comes": (f"ip route add blackhole {self.THERE}/32", f"ip route del blackhole {self.THERE}/32"),
            "nothing goes": (
                f"ip -n {self.name} route add blackhole {self.HERE}/32",
                f"ip -n {self.name} route del blackhole {self.HERE}/32",
            ),
        }[trouble]
        self._do(put)
        time.sleep(rng.choice((0.3, 1.0, 2.0, 6.0, 12.0)))
        self._do(heal)
        return trouble

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self._do(f"ip netns del {self.name}")

    def _do(self, command: str) -> None:
        done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{command}: {done.stderr.strip()}")


def test_packets_that_vanish_in_either_direction(
    tmp_path: Path, catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    """Without a proxy: the kernel's own TCP, whose packets get lost between two networks."""
    try:
        network = Network()
    except OSError as error:
        pytest.skip(f"no network may be made here: {error}")
    cuts = LONG if request.config.getoption("--long") else 4
    port, authority = free_port(), Authority(begin())
    hosts = ("127.0.0.1", Network.HERE)
    plan = BrokerPlan(office="o12", hub="h1", hubs=("h1",), hosts=hosts, port=port)
    with running_broker(write_broker(tmp_path / "broker", plan, authority, []), port):
        office = ChaosOffice(tmp_path, Broker(port, tmp_path / "broker", authority), catalogue)
        for name in KIOSKS:
            office.add(name, Network.HERE, port, network.start)
        try:
            made = office.endure(cuts, network.cut)
        finally:
            office.stop()
            network.close()
    tickets = office.judge(20 * cuts)
    sys.stdout.write(f"{tickets} tickets, cuts between two networks: {dict(made)}\n")


def _is_drained(journal: Path) -> bool:
    outbox = Outbox(journal)
    behind = outbox.head() - outbox.epoch_and_acked()[1]
    outbox.close()
    time.sleep(0.1)
    return behind == 0
