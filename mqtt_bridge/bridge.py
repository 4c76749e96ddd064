"""The service beside an app: sends what its journal holds, hands it what the hub says. Keeps nothing durable."""

import logging
import queue
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mqtt_bridge import relay
from mqtt_bridge.client import BrokerAddress, Connection
from mqtt_bridge.errands import MachineDoor
from mqtt_bridge.identity import Renewal, give_up, read_identity
from mqtt_bridge.local import AppSocket
from mqtt_bridge.tls import REVOKED
from officelib.clock import Clock
from officelib.config import key
from officelib.decoders import make_ready
from officelib.health import STATUS_FILE, vitals_of
from officelib.journal.outbox import Outbox
from officelib.supervision import Supervision

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.5
"""How often the journal is looked at when no poke came: a poke may be lost."""


ERRANDS = "errands"
"""The folder beside the socket where the machine finds what it is to do."""
OFF_LINE_MS = 10_000
"""A broker that was not reached in that time is known to be away."""
STATUS_MS = 5_000
CONNECTED = "connected to the broker"
OFF_LINE = "off line: the journal is kept until the broker is there"


@dataclass(frozen=True, kw_only=True)
class BridgeConfig:
    """A bridge's configuration."""

    identity: Path = key("The folder with what the device is in its office; 'mqtt-bridge enrol' writes it.")
    journal: Path = key("The app's journal.")
    socket: Path = key("The unix socket on which this bridge waits for its app.")


class Bridge:
    """Runs a relay: one thread handles everything that happens, in order."""

    def __init__(self, config: BridgeConfig, clock: Clock) -> None:
        self._clock, self._folder = clock, config.identity
        identity = read_identity(config.identity)
        admission = identity.admission
        self._is_out = identity.is_revoked
        (config.socket.parent / ERRANDS).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._status, self._status_due_ms = config.socket.parent / STATUS_FILE, 0
        self._supervision, self._began_ms = Supervision(), clock.mono_ms()
        self._happenings: queue.SimpleQueue[relay.Happening] = queue.SimpleQueue()
        self._app = AppSocket(
            config.socket,
            on_app=lambda: self._happenings.put(relay.AppCame()),
            on_gone=lambda: self._happenings.put(relay.AppGone()),
            on_line=lambda line: self._happenings.put(relay.AppSaid(line)),
        )
        self._relay = relay.Relay(
            admission.office,
            admission.device,
            Outbox(config.journal),
            clock,
            self._app.send,
            vitals_of(config.journal),
            None if self._is_out else Renewal(config.identity, admission.device),
            identity.files.authority.read_text,
            MachineDoor(config.socket.parent / ERRANDS, config.journal.parent),
        )
        self._relay.link = Connection(
            [BrokerAddress(place.host, place.port, admission.device, identity.files) for place in admission.brokers],
            self._relay.session,
            on_up=lambda: self._happenings.put(relay.BrokerUp()),
            on_down=lambda reason: self._happenings.put(relay.BrokerDown(reason)),
            on_message=lambda topic, payload: self._happenings.put(relay.MessageCame(topic, payload)),
            on_refused=self._refused,
        )

    def run(self) -> None:
        """Serve until the process ends."""
        self._app.start()
        if self._is_out:
            log.error("this device was revoked; 'mqtt-bridge export' writes what the hub never heard; then enrol it")
            self._happenings.put(relay.DeviceOut())
        else:
            self._relay.link.start()
        try:
            while True:
                happening = self._next()
                self._relay.handle(happening)
                self._tell(happening)
                self._write_status()
        except KeyboardInterrupt:
            self._relay.link.stop()
            self._app.stop()

    def _tell(self, happening: relay.Happening | None) -> None:
        """A turn of the loop is done; ready is who is connected, or knows to be off line."""
        self._supervision.fed()
        match happening:
            case relay.BrokerUp():
                self._supervision.ready(CONNECTED)
                self._supervision.status(CONNECTED)
            case relay.BrokerDown() | relay.DeviceOut():
                self._supervision.ready(OFF_LINE)
                self._supervision.status(OFF_LINE)
            case None if self._clock.mono_ms() - self._began_ms > OFF_LINE_MS:
                self._supervision.ready(OFF_LINE)

    def _write_status(self) -> None:
        """For `antesalactl`; below /run, so that no card wears."""
        now_ms = self._clock.mono_ms()
        if now_ms < self._status_due_ms:
            return
        self._status_due_ms = now_ms + STATUS_MS
        aside = self._status.with_suffix(".part")
        try:
            aside.write_bytes(msgspec.json.encode(self._relay.status()))
            aside.replace(self._status)
        except OSError:
            log.exception("the status cannot be written to %s", self._status)

    def _refused(self, alert: str) -> None:
        """In the connection's thread. A revoked device forgets its key at once; the rest is the app's."""
        if alert == REVOKED and not self._is_out:
            self._is_out = True
            self._happenings.put(relay.DeviceOut())
            try:
                give_up(self._folder)
            except OSError:
                log.exception("the key of a revoked device cannot be deleted; wipe %s", self._folder)

    def _next(self) -> relay.Happening | None:
        wake_ms = self._relay.wakes_at_ms
        due_s = LOOK_AGAIN_S if wake_ms is None else (wake_ms - self._clock.mono_ms()) / 1000
        try:
            return self._happenings.get(timeout=max(0.0, min(LOOK_AGAIN_S, due_s)))
        except queue.Empty:
            return None


def serve(config: BridgeConfig, clock: Clock) -> int:
    """Run a bridge."""
    make_ready()
    if not config.socket.parent.is_dir():
        config.socket.parent.mkdir(parents=True)
    Bridge(config, clock).run()
    return 0
