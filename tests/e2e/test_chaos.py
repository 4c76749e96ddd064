"""Bridges and hub on the real broker through a bad network: what was acknowledged comes out once (a total queue)."""

import random
import sys
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import msgspec
import pytest

from bench.office.stage import wait_for
from kiosk_app.core import events as ev
from mqtt_bridge.bridge import Bridge, BridgeConfig
from mqtt_bridge.client import to_brokers
from office_hub.engine import Engine
from office_hub.world import World
from officelib import events as e
from officelib.catalogue import Catalogue
from officelib.clock import system_clock
from officelib.inbound import KnownKey
from officelib.journal.office_log import open_office_log
from officelib.journal.outbox import Outbox
from tests.conftest import Broker
from tests.e2e.kiosk import Kiosk
from tests.e2e.proxy import CUTS, Proxy

pytestmark = pytest.mark.timeout(3_600)
SHORT, LONG = 12, 200
KIOSKS = ("k1", "k2")


class Issuing(threading.Thread):
    """Citizens come without pause: half ask the hub, half get a number of the lane."""

    def __init__(self, kiosk: Kiosk) -> None:
        super().__init__(daemon=True)
        self.kiosk, self.ended = kiosk, threading.Event()

    def run(self) -> None:
        claim = e.Claim("register", "es")
        turn = 0
        while not self.ended.wait(0.02):
            turn += 1
            if turn % 2 or not self.kiosk.has_catalogue:
                self.kiosk.memory.do(ev.WriteWant(claim))
            else:
                self.kiosk.memory.do(ev.WriteLane(claim, 0))


def test_everything_that_was_acknowledged_comes_out_once(
    tmp_path: Path, broker: Broker, catalogue: Catalogue, request: pytest.FixtureRequest
) -> None:
    cuts = LONG if request.config.getoption("--long") else SHORT
    clock = system_clock()
    store = open_office_log(tmp_path / "office.db")
    world = World(to_brokers(broker.address("h1")), "h1", "o12", clock, lambda view: None)
    engine = Engine(store, catalogue, clock, "h1", world)
    world.attach(engine, (KnownKey(1, "00" * 32),))
    engine.start()
    proxy = Proxy(broker.port)
    kiosks = []
    for name in KIOSKS:
        folder = tmp_path / name
        folder.mkdir()
        config = BridgeConfig(
            identity=broker.enrol(name, folder / "identity", proxy.port),
            journal=folder / "journal.db",
            socket=folder / "bridge.sock",
        )
        threading.Thread(target=Bridge(config, clock).run, daemon=True).start()
        kiosks.append(Kiosk(folder, name))
    wait_for(lambda: all(k.enrolled and k.up and k.has_catalogue for k in kiosks), "both kiosks", 30)
    issuing = [Issuing(kiosk) for kiosk in kiosks]
    for one in issuing:
        one.start()
    rng, made = random.Random(6), Counter[str]()
    for _ in range(cuts):
        trouble = rng.choices(CUTS, (8, 2, 4, 4, 1))[0]
        made[trouble] += 1
        proxy.spoil(trouble)
        time.sleep({"black_hole": 12.0, "half_open": 0.2, "reset": 0.1}.get(trouble, rng.uniform(0.2, 1.5)))
        proxy.spoil("none")
        time.sleep(rng.uniform(0.05, 0.6))
    for one in issuing:
        one.ended.set()
        one.join()
    for name in KIOSKS:
        wait_for(partial(_is_drained, tmp_path / name / "journal.db"), f"the outbox of {name} to be empty", 90)
    for kiosk in kiosks:
        kiosk.stop()
    engine.stop()
    world.stop()
    proxy.stop()
    log = list(store.entries_after(0))
    store.close()
    came = Counter(
        (x.src.device, x.body.label)
        for x in log
        if x.src is not None and isinstance(x.body, e.TicketNumbered | e.LaneTicket)
    )
    promised = Counter[tuple[str, str]]()
    for name in KIOSKS:
        outbox = Outbox(tmp_path / name / "journal.db")
        for row in outbox.after(0, 1_000_000):
            event = msgspec.json.decode(row.body, type=e.DeviceEvent)
            if isinstance(event, e.Print | e.Lane):
                promised[name, event.label] += 1
        outbox.close()
    assert sum(promised.values()) > 20 * cuts
    assert {ticket: n for ticket, n in promised.items() if n != 1} == {}
    missing = {ticket for ticket in promised if came[ticket] != 1}
    assert missing == set(), f"lost or twice, after {dict(made)}"
    assert not [x for x in log if isinstance(x.body, e.EventRejected)]
    sys.stdout.write(f"{sum(promised.values())} tickets, {proxy.connections} connections, cuts: {dict(made)}\n")


def _is_drained(journal: Path) -> bool:
    outbox = Outbox(journal)
    behind = outbox.head() - outbox.epoch_and_acked()[1]
    outbox.close()
    time.sleep(0.1)
    return behind == 0
