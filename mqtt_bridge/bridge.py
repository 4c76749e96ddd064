"""The service beside an app: sends what its journal holds, hands it what the hub says. Keeps nothing durable."""

import logging
import queue
import secrets
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mqtt_bridge import downlink, messages, topics, uplink
from mqtt_bridge.client import BrokerAddress, Connection, Session
from mqtt_bridge.local import AppSocket
from mqtt_bridge.messages import BadMessage
from officelib import arrival, inbound
from officelib.arrival import Anchor
from officelib.clock import Clock
from officelib.config import key
from officelib.journal.outbox import Outbox

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.5
"""How often the journal is looked at when no poke came: a poke may be lost."""
HUB_SILENT_MS = 10_000


@dataclass(frozen=True, kw_only=True)
class BridgeConfig:
    """A bridge's configuration."""

    office: str = key("The office's id, as in its catalogue.")
    device: str = key("The name of the device that the app runs on, as k1 or s1.")
    journal: Path = key("The app's journal.")
    socket: Path = key("The unix socket on which this bridge waits for its app.")
    broker_host: str = key("Where the office's broker is.", "127.0.0.1")
    broker_port: int = key("The broker's port.", 1883, low=1, high=65535)
    password_file: Path = key("Holds the device's password at the broker, on one line.")


@dataclass(frozen=True)
class MessageCame:
    topic: str
    payload: bytes


@dataclass(frozen=True)
class BrokerUp:
    pass


@dataclass(frozen=True)
class BrokerDown:
    reason: str


@dataclass(frozen=True)
class AppCame:
    pass


@dataclass(frozen=True)
class AppPoked:
    pass


Happening = MessageCame | BrokerUp | BrokerDown | AppCame | AppPoked


class Bridge:
    """One thread handles everything that happens, in order."""

    def __init__(self, config: BridgeConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._happenings: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._outbox = Outbox(config.journal)
        self._app = AppSocket(
            config.socket,
            on_app=lambda: self._happenings.put(AppCame()),
            on_poke=lambda: self._happenings.put(AppPoked()),
        )
        self._session_id = ""
        self._connection = Connection(
            BrokerAddress(
                config.broker_host, config.broker_port, config.device, config.password_file.read_text().strip()
            ),
            self._new_session,
            on_up=lambda: self._happenings.put(BrokerUp()),
            on_down=lambda reason: self._happenings.put(BrokerDown(reason)),
            on_message=lambda topic, payload: self._happenings.put(MessageCame(topic, payload)),
        )
        self._shows_board = config.device.startswith("s")
        self._uplink = uplink.Uplink()
        self._downlink = downlink.Downlink()
        self._anchors: dict[str, Anchor] = {}
        self._epoch = 0
        self._told_up: bool | None = None
        self._kept: dict[str, inbound.Inbound] = {}
        self._up_since_ms = 0

    def run(self) -> None:
        """Serve until the process ends."""
        self._app.start()
        self._connection.start()
        try:
            while True:
                self._handle_next()
                self._read_journal()
                self._step(uplink.Tick())
                self._tell_link()
                self._doubt_connection()
        except KeyboardInterrupt:
            self._connection.stop()
            self._app.stop()

    def _handle_next(self) -> None:
        wake_ms = self._uplink.wakes_at_ms
        due_s = LOOK_AGAIN_S if wake_ms is None else (wake_ms - self._clock.mono_ms()) / 1000
        try:
            happening = self._happenings.get(timeout=max(0.0, min(LOOK_AGAIN_S, due_s)))
        except queue.Empty:
            return
        match happening:
            case MessageCame():
                self._message(happening.topic, happening.payload)
            case BrokerUp():
                log.info("connected to the broker at %s:%d", self._config.broker_host, self._config.broker_port)
                self._up_since_ms = self._clock.mono_ms()
                self._publish_birth()
                self._step(uplink.Connected())
            case BrokerDown():
                log.warning("%s: the broker at %s is away", happening.reason, self._config.broker_host)
                self._step(uplink.Disconnected())
            case AppCame():
                self._told_up = None
                self._downlink = downlink.forget(self._downlink)
                for line in self._kept.values():
                    self._app.send(line)
            case AppPoked():
                pass

    def _read_journal(self) -> None:
        identity = self._outbox.identity()
        if identity != self._uplink.identity and identity is not None:
            self._epoch = max(self._epoch, self._outbox.epoch_and_acked()[0])
        self._step(uplink.JournalRead(identity, self._outbox.head()))

    def _step(self, event: uplink.UplinkEvent) -> None:
        self._uplink, send = uplink.step(self._uplink, event, self._clock.mono_ms())
        if send is not None:
            self._send(send)

    def _send(self, send: uplink.SendAfter) -> None:
        identity = self._uplink.identity
        if identity is None:
            return
        rows = [] if send.greeting else self._outbox.after(send.seq, messages.MAX_BATCH_EVENTS)
        batch: list[messages.UpEvent] = []
        size = 0
        for row in rows:
            size += len(row.body) + 64
            if batch and size > messages.MAX_BATCH_BYTES:
                break
            batch.append(messages.UpEvent(row.seq, row.boot, row.mono_ms, msgspec.Raw(row.body)))
        boots = {event.boot for event in batch}
        up = messages.Up(
            ep=self._epoch,
            device=identity.device,
            journal=identity.journal,
            inc=identity.inc,
            boot=self._clock.boot,
            sent_mono_ms=self._clock.mono_ms(),
            anchors={**self._outbox.anchors(boots), **{b: a for b, a in self._anchors.items() if b in boots}},
            events=tuple(batch),
        )
        if batch:
            self._uplink = uplink.sent(self._uplink, batch[-1].seq)
        self._connection.publish(topics.up(self._config.office, identity.device), messages.encode(up))

    def _message(self, topic: str, payload: bytes) -> None:
        office, device = self._config.office, self._config.device
        try:
            if topic == topics.down(office, device):
                self._down(messages.decode(payload, messages.Down))
            elif topic == topics.beat(office):
                self._beat(messages.decode(payload, messages.Beat))
            elif topic == topics.log(office):
                message = messages.decode(payload, messages.LogMessage)
                if self._is_current(message.ep):
                    self._feed(downlink.entries(self._downlink, message.entries, self._clock.mono_ms()))
            elif topic == topics.snapshot(office, "board"):
                board = messages.decode(payload, messages.BoardMessage)
                if self._is_current(board.ep):
                    self._feed(downlink.snapshot(self._downlink, board.board))
            elif topic == topics.snapshot(office, "services"):
                view = messages.decode(payload, messages.ServicesMessage)
                if self._is_current(view.ep):
                    self._keep(inbound.ServicesChanged(view.view))
            elif topic == topics.config(office):
                config = messages.decode(payload, messages.ConfigMessage)
                if self._is_current(config.ep):
                    self._keep(inbound.ConfigChanged(config.config))
        except BadMessage as error:
            log.warning("ignored a message on %s: %s", topic, error)

    def _is_current(self, epoch: int) -> bool:
        """A hub of a lower epoch is dead: what it says has no effect."""
        if epoch < self._epoch:
            log.warning("ignored a hub of epoch %d; the office is at %d", epoch, self._epoch)
            return False
        self._epoch = epoch
        return True

    def _down(self, down: messages.Down) -> None:
        if not self._is_current(down.ep):
            return
        anchor = None
        if down.boot == self._clock.boot:
            anchor = arrival.from_echo(down.echo_mono_ms, self._clock.mono_ms(), down.hub_ms)
            self._anchors[down.boot] = arrival.better(self._anchors.get(down.boot), anchor)
        identity = self._uplink.identity
        if identity is not None and down.journal == identity.journal and down.inc != identity.inc:
            self._app.send(inbound.Granted(down.journal, down.inc, down.slot))
        self._step(uplink.AckReceived(down.journal, down.inc, down.acked))
        if identity is not None and down.journal == identity.journal and down.inc == identity.inc:
            self._app.send(inbound.Acked(down.ep, down.acked, down.boot, self._anchors.get(down.boot), down.results))

    def _beat(self, beat: messages.Beat) -> None:
        if not self._is_current(beat.ep):
            return
        self._step(uplink.HubHeard())
        if self._shows_board:
            self._feed(downlink.beat(self._downlink, beat.ep, beat.n, self._clock.mono_ms()))

    def _feed(self, step: downlink.Step) -> None:
        self._downlink, outputs = step
        for output in outputs:
            if isinstance(output, downlink.AskBoard):
                ask = messages.Ask(ep=self._epoch, device=self._config.device, what="board")
                self._connection.publish(topics.rpc(self._config.office, self._config.device), messages.encode(ask))
            else:
                self._app.send(output)

    def _keep(self, line: inbound.ServicesChanged | inbound.ConfigChanged) -> None:
        self._kept[type(line).__name__] = line
        self._app.send(line)

    def _tell_link(self) -> None:
        up = self._uplink.is_up(self._clock.mono_ms())
        if up != self._told_up:
            self._told_up = up
            self._app.send(inbound.LinkChanged(up))

    def _doubt_connection(self) -> None:
        """Connected, yet the hub is silent: the connection may be dead without anybody having noticed."""
        now_ms = self._clock.mono_ms()
        last_ms = max(self._uplink.heard_ms, self._up_since_ms)
        if self._uplink.connected and now_ms - last_ms > HUB_SILENT_MS:
            log.warning("the hub is silent: connecting anew")
            self._up_since_ms = now_ms
            self._connection.renew()

    def _new_session(self) -> Session:
        office, device = self._config.office, self._config.device
        self._session_id = secrets.token_hex(16)
        subscriptions = [
            topics.down(office, device),
            topics.beat(office),
            topics.config(office),
            topics.snapshot(office, "services"),
        ]
        if self._shows_board:
            subscriptions += [topics.log(office), topics.snapshot(office, "board")]
        will = messages.DeviceState(st="off", ses=self._session_id, device=device)
        return Session(
            f"{device}-{self._session_id[:8]}",
            topics.device_state(office, device),
            messages.encode(will),
            tuple(subscriptions),
        )

    def _publish_birth(self) -> None:
        office, device = self._config.office, self._config.device
        birth = messages.DeviceState(st="on", ses=self._session_id, device=device, ep=self._epoch)
        self._connection.publish(topics.device_state(office, device), messages.encode(birth), retain=True)


def serve(config: BridgeConfig, clock: Clock) -> int:
    """Run a bridge."""
    if not config.socket.parent.is_dir():
        config.socket.parent.mkdir(parents=True)
    Bridge(config, clock).run()
    return 0
