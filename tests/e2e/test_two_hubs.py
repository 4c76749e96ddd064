"""Two hubs on two real brokers: one follows, takes the other's place when told, and the other then follows."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.office.stage import listens, wait_for
from kiosk_app.core import events as ev
from office_hub.tools import read_log
from office_hub.wiring import EXIT_FENCED
from officelib import events as e
from officelib.journal.outbox import Outbox
from tests.conftest import free_port
from tests.e2e.kiosk import Kiosk
from tests.e2e.processes import Processes, module, mosquitto, tool, write_office

pytestmark = pytest.mark.timeout(240)
OFFICE = "o12"


class Pair:
    """The processes of an office with two hubs."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.ports = [free_port(), free_port()]
        self.web_ports = [free_port(), free_port()]
        self.processes = Processes(run)
        (run / "kiosk").mkdir()
        write_office(run)
        for n, port in enumerate(self.ports, start=1):
            (run / f"h{n}.toml").write_text(
                f'catalogue = "office.toml"\nclerks = "clerks.toml"\ndatabase = "h{n}.db"\nbookings_inbox = "in"\n'
                f'broker = "b{n}"\ndevice = "h{n}"\nbroker_port = {port}\n'
                f'peer_host = "127.0.0.1"\npeer_port = {self.ports[2 - n]}\nweb_port = {self.web_ports[n - 1]}\n'
            )
        (run / "bridge.toml").write_text(
            'identity = "kiosk/identity"\njournal = "kiosk/journal.db"\nsocket = "kiosk/bridge.sock"\n'
        )

    def start(self, name: str) -> None:
        command = {
            "b": mosquitto(self.run / name / "mosquitto.conf"),
            "h": module("office_hub", "--config", str(self.run / f"{name}.toml")),
            "k": module("mqtt_bridge", "--config", str(self.run / "bridge.toml")),
        }[name[0]]
        self.processes.start(name, command)

    def begin(self) -> None:
        """The first hub with its broker, and the kiosk let in."""
        self.tool("h1", "broker", "--listen", "127.0.0.1", "--hubs", "h1", "h2")
        self.start("b1")
        self.start("h1")
        wait_for(lambda: listens(self.web_ports[0]), "the hub")
        self.enrol()
        self.start("k1")

    def enrol(self) -> None:
        token = self.tool("h1", "enrol", "k1", "--slot", "4").strip()
        tool("mqtt_bridge", "enrol", token, "--config", str(self.run / "bridge.toml"))

    def tool(self, hub: str, *words: str) -> str:
        return tool("office_hub", *words, "--config", str(self.run / f"{hub}.toml"))

    def log(self, hub: str) -> list[e.LogEntry]:
        return read_log(self.run / f"{hub}.db")

    def saw(self, hub: str, kind: type[e.Event]) -> Callable[[], bool]:
        return lambda: any(isinstance(entry.body, kind) for entry in self.log(hub))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    one = Pair(tmp_path)
    yield one
    one.processes.stop()


def test_a_standby_takes_over_and_nothing_is_lost_or_given_twice(pair: Pair) -> None:
    pair.begin()
    kiosk = Kiosk(pair.run / "kiosk")
    try:
        wait_for(lambda: kiosk.enrolled and kiosk.up, "the kiosk to be enrolled", 30)
        assert [kiosk.take() for _ in range(2)] == ["A001", "A002"]
        pair.tool("h1", "backup", str(pair.run / "backup.db"))
        assert "stands by" in pair.tool("h2", "follow", str(pair.run / "backup.db"))
        pair.tool("h2", "broker", "--listen", "127.0.0.1", "--hubs", "h1", "h2")
        pair.start("b2")
        pair.start("h2")
        wait_for(pair.saw("h1", e.StandbyJoined), "the standby to join", 30)
        assert kiosk.take() == "A003"
        wait_for(lambda: pair.log("h2") == pair.log("h1"), "the standby to have all", 20)

        pair.processes.end("h1")
        pair.processes.end("b1")
        pair.processes.end("h2", signal.SIGTERM)
        assert "epoch 2" in pair.tool("h2", "promote")
        pair.start("h2")
        wait_for(lambda: not kiosk.up, "the kiosk to notice", 30)
        wait_for(lambda: kiosk.up, "the kiosk to find the other hub", 60)
        assert kiosk.take() == "A203", "above every number that the hub before could have given"

        pair.start("b1")
        pair.start("h1")
        wait_for(lambda: pair.processes["h1"].poll() is not None, "the hub before to see that it was replaced", 40)
        assert pair.processes["h1"].returncode == EXIT_FENCED
        pair.start("h1")
        wait_for(lambda: pair.log("h1") == pair.log("h2"), "the hub before to follow", 40)
        assert kiosk.take() == "A204"
        wait_for(lambda: _is_quiet(pair), "the outbox to be empty", 20)
        numbered = {x.body.label for x in pair.log("h2") if isinstance(x.body, e.TicketNumbered)}
        assert set(kiosk.labels) <= numbered
        assert [len(kiosk.labels), len(set(kiosk.labels))] == [5, 5]
    finally:
        kiosk.stop()


def test_a_restored_hub_gives_no_number_that_it_cannot_know_to_be_free(pair: Pair) -> None:
    pair.begin()
    kiosk = Kiosk(pair.run / "kiosk")
    try:
        wait_for(lambda: kiosk.enrolled and kiosk.up, "the kiosk to be enrolled", 30)
        kiosk.take()
        pair.tool("h1", "backup", str(pair.run / "backup.db"))
        later = [kiosk.take() for _ in range(3)]
        pair.processes.end("h1")
        for path in pair.run.glob("h1.db*"):
            path.rename(path.with_name(f"lost-{path.name}"))
        assert "lanes" in pair.tool("h1", "restore", str(pair.run / "backup.db"))
        pair.start("h1")
        wait_for(
            lambda: set(later) <= {x.body.label for x in pair.log("h1") if isinstance(x.body, e.TicketNumbered)},
            "what was printed after the backup to come back under its numbers",
            40,
        )
        kiosk.memory.do(ev.WriteWant(e.Claim("register", "es")))
        wait_for(lambda: _refused(pair.log("h1")) == ["no_number"], "the hub to leave the number to the lane", 20)
    finally:
        kiosk.stop()


def _refused(log: list[e.LogEntry]) -> list[str]:
    return [entry.body.reason for entry in log if isinstance(entry.body, e.WantRefused)]


def _is_quiet(pair: Pair) -> bool:
    outbox = Outbox(pair.run / "kiosk" / "journal.db")
    behind = outbox.head() - outbox.epoch_and_acked()[1]
    outbox.close()
    time.sleep(0.1)
    return behind == 0
