"""The service beside an app: sends what its journal holds, hands it what the hub says. Keeps nothing durable."""

import queue
from dataclasses import dataclass
from pathlib import Path

from mqtt_bridge import relay
from mqtt_bridge.client import BrokerAddress, Connection
from mqtt_bridge.local import AppSocket
from officelib.clock import Clock
from officelib.config import key
from officelib.health import vitals_of
from officelib.journal.outbox import Outbox

LOOK_AGAIN_S = 0.5
"""How often the journal is looked at when no poke came: a poke may be lost."""


@dataclass(frozen=True, kw_only=True)
class BridgeConfig:
    """A bridge's configuration."""

    office: str = key("The office's id, as in its catalogue.")
    device: str = key("The name of the device that the app runs on, as k1 or s1.")
    journal: Path = key("The app's journal.")
    socket: Path = key("The unix socket on which this bridge waits for its app.")
    broker_host: str = key("Where the office's broker is.", "127.0.0.1")
    broker_port: int = key("The broker's port.", 1883, low=1, high=65535)
    second_broker_host: str = key("Where the other hub's broker is, where the office has two hubs.", "")
    second_broker_port: int = key("The other broker's port.", 1883, low=1, high=65535)
    password_file: Path = key("Holds the device's password at the broker, on one line.")


class Bridge:
    """Runs a relay: one thread handles everything that happens, in order."""

    def __init__(self, config: BridgeConfig, clock: Clock) -> None:
        self._clock = clock
        self._happenings: queue.SimpleQueue[relay.Happening] = queue.SimpleQueue()
        self._app = AppSocket(
            config.socket,
            on_app=lambda: self._happenings.put(relay.AppCame()),
            on_line=lambda line: self._happenings.put(relay.AppSaid(line)),
        )
        self._relay = relay.Relay(
            config.office, config.device, Outbox(config.journal), clock, self._app.send, vitals_of(config.journal)
        )
        password = config.password_file.read_text().strip()
        brokers = [BrokerAddress(config.broker_host, config.broker_port, config.device, password)]
        if config.second_broker_host:
            brokers.append(BrokerAddress(config.second_broker_host, config.second_broker_port, config.device, password))
        self._relay.link = Connection(
            brokers,
            self._relay.session,
            on_up=lambda: self._happenings.put(relay.BrokerUp()),
            on_down=lambda reason: self._happenings.put(relay.BrokerDown(reason)),
            on_message=lambda topic, payload: self._happenings.put(relay.MessageCame(topic, payload)),
        )

    def run(self) -> None:
        """Serve until the process ends."""
        self._app.start()
        self._relay.link.start()
        try:
            while True:
                self._relay.handle(self._next())
        except KeyboardInterrupt:
            self._relay.link.stop()
            self._app.stop()

    def _next(self) -> relay.Happening | None:
        wake_ms = self._relay.wakes_at_ms
        due_s = LOOK_AGAIN_S if wake_ms is None else (wake_ms - self._clock.mono_ms()) / 1000
        try:
            return self._happenings.get(timeout=max(0.0, min(LOOK_AGAIN_S, due_s)))
        except queue.Empty:
            return None


def serve(config: BridgeConfig, clock: Clock) -> int:
    """Run a bridge."""
    if not config.socket.parent.is_dir():
        config.socket.parent.mkdir(parents=True)
    Bridge(config, clock).run()
    return 0
