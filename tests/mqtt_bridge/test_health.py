"""What a bridge tells of its device: an app that goes, one that comes too often, a card that wears out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import messages, relay
from officelib.health import OK, AppHealth, Health, Vitals, addresses, worn_percent
from officelib.inbound import HealthTold
from officelib.journal.device import open_journal
from officelib.journal.outbox import Outbox
from tests.conftest import ManualClock

WELL = AppHealth("1.0", {"printer 1": OK})


class Ear:
    """A broker that keeps what was published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.published.append((topic, payload))

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def renew(self) -> None: ...


class Device:
    """A bridge by hand."""

    def __init__(self, journal: Path, clock: ManualClock) -> None:
        self.clock, self.ear = clock, Ear()
        self.outbox = Outbox(journal)
        vitals = Vitals(1, None, "1.1", 20)
        self.relay = relay.Relay("o12", "k1", self.outbox, clock, lambda _line: None, lambda: vitals)  # type: ignore[arg-type]
        self.relay.link = self.ear
        self.relay.handle(relay.BrokerUp())

    def after(self, ms: int) -> Health:
        """What the hub has heard last, so much later."""
        self.clock.advance(ms)
        self.relay.handle(None)
        states = [payload for topic, payload in self.ear.published if topic.endswith("/state")]
        health = messages.decode(states[-1], messages.DeviceState).health
        assert health is not None
        return health

    def app_comes(self) -> None:
        self.relay.handle(relay.AppCame())
        self.relay.handle(relay.AppSaid(HealthTold(WELL)))


@pytest.fixture
def device(tmp_path: Path, clock: ManualClock) -> Iterator[Device]:
    journal, _ = open_journal(tmp_path / "j.db", "k1", clock)  # type: ignore[arg-type]
    one = Device(tmp_path / "j.db", clock)
    yield one
    one.outbox.close()
    journal.close()


def test_an_app_that_stays_away_is_told_of(device: Device) -> None:
    device.app_comes()
    assert device.after(relay.HEALTH_SOON_MS).app == WELL
    device.relay.handle(relay.AppGone())
    assert device.after(relay.APP_BACK_MS - 1).app == WELL
    assert device.after(1).app is None


def test_an_app_that_is_back_at_once_is_no_news(device: Device) -> None:
    device.app_comes()
    device.after(relay.HEALTH_SOON_MS)
    device.relay.handle(relay.AppGone())
    device.clock.advance(3_000)
    device.app_comes()
    for _ in range(20):
        assert device.after(1_000).app == WELL


def test_starts_are_those_of_the_last_hour(device: Device) -> None:
    for _ in range(3):
        device.app_comes()
        device.clock.advance(600_000)
    assert device.after(0).app_starts == 3
    assert device.after(relay.HOUR_MS - 1_200_000).app_starts == 1
    assert device.after(relay.HOUR_MS).app_starts == 0


def test_the_machine_says_what_it_runs_and_how_worn_it_is(device: Device) -> None:
    health = device.after(0)
    assert (health.system, health.disk_worn_percent) == ("1.1", 20)


@pytest.mark.parametrize(
    ("texts", "percent"),
    [(["0x02 0x03\n"], 30), (["0x01 0x00", "0x09 0x01"], 90), (["0x00 0x00"], None), (["x"], None), ([], None)],
)
def test_an_emmc_says_how_worn_it_is(tmp_path: Path, texts: list[str], percent: int | None) -> None:
    files = [tmp_path / str(number) for number in range(len(texts) + 1)]
    for path, text in zip(files, texts, strict=False):
        path.write_text(text)
    assert worn_percent(files) == percent


def test_addresses_are_the_machines_own(tmp_path: Path) -> None:
    table = tmp_path / "fib_trie"
    table.write_text(
        "  |-- 10.0.0.7\n     /32 host LOCAL\n"
        "  |-- 127.0.0.1\n     /32 host LOCAL\n"
        "  |-- 10.0.0.255\n     /32 link BROADCAST\n"
    )
    assert addresses(table) == ["10.0.0.7"]
    assert addresses(tmp_path / "none") == []
