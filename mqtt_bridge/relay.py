"""What a bridge does with all that happens: reads the journal, asks the hub, tells the app.

No thread, no socket, nothing durable. The service beside an app runs it, and so does the simulation of whole offices.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from mqtt_bridge import downlink, messages, topics, uplink
from mqtt_bridge.client import Link, Session
from mqtt_bridge.errands import Door, Errands
from mqtt_bridge.identity import Renewal
from mqtt_bridge.messages import BadMessage
from officelib import arrival, inbound
from officelib.arrival import Anchor
from officelib.clock import Clock
from officelib.errand import MAX_TEXT, Outcome
from officelib.health import AppHealth, DeviceStatus, Health, Reach, Vitals
from officelib.journal.outbox import Outbox

log = logging.getLogger(__name__)

HUB_SILENT_MS = 10_000
HEALTH_MS = 60_000
RENEW_AGAIN_MS = 600_000
HUB_TIME_MOVED_MS = 30_000
"""A beat is not so late; the hub's clock was set."""
HOUR_MS = 3_600_000
APP_BACK_MS = 15_000
"""An app that is started again is back by then."""
HEALTH_SOON_MS = 3_000
"""So that a flickering part is not told at each flicker."""
UP_EVENT_BYTES = 120
"""What an event costs in a batch besides its body: boot, times, link."""


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
class AppGone:
    pass


@dataclass(frozen=True)
class AppSaid:
    line: inbound.Outbound


@dataclass(frozen=True)
class DeviceOut:
    """The broker says that this device was revoked."""


Happening = MessageCame | BrokerUp | BrokerDown | AppCame | AppGone | AppSaid | DeviceOut


class Relay:
    """Between a journal, its app and the hub. One thread uses it; `link` is given after it was made."""

    link: Link

    def __init__(
        self,
        office: str,
        device: str,
        outbox: Outbox,
        clock: Clock,
        tell: Callable[[inbound.Inbound], None],
        vitals: Callable[[], Vitals],
        renewal: Renewal | None = None,
        authority: Callable[[], str] = str,
        door: Door | None = None,
    ) -> None:
        """Args:
        office: The office's id.
        device: Whose journal it is.
        outbox: The journal.
        clock: The machine's.
        tell: Hands a line to the app.
        vitals: Reads what the machine shows of itself.
        renewal: Of the certificate, where there is one.
        authority: Reads the office's certificate, PEM.
        door: To what only the machine may do.
        """
        self._office, self._device = office, device
        self._outbox, self._clock, self._tell = outbox, clock, tell
        self._shows_board = device.startswith("s")
        self._topics = {
            topics.beat(office): "beat",
            topics.down(office, device): "down",
            topics.config(office): "config",
            topics.config_of(office, device): "certificate",
            topics.answer(office, device): "answer",
            topics.help_answer(office, device): "help",
            topics.errand(office, device): "errand",
            topics.snapshot(office, "services"): "services",
        }
        if self._shows_board:
            self._topics |= {topics.log(office): "log", topics.snapshot(office, "board"): "board"}
        self._session_id = ""
        self._uplink = uplink.Uplink()
        self._downlink = downlink.Downlink()
        self._anchors: dict[str, Anchor] = {}
        self._epoch = 0
        self._told_up: bool | None = None
        self._kept: dict[str, inbound.Inbound] = {}
        self._up_since_ms = 0
        self._vitals = vitals
        self._app_health: AppHealth | None = None
        self._app_starts_ms: list[int] = []
        self._health_due_ms = 0
        self._renewal, self._renew_due_ms = renewal, 0
        self._is_out = False
        self._errands = Errands(office, device, authority, door, tell, self._tell_errand)

    def handle(self, happening: Happening | None) -> None:
        """Something happened, or (None) time passed."""
        match happening:
            case MessageCame():
                self._message(happening.topic, happening.payload)
            case BrokerUp():
                log.info("connected to the broker")
                self._up_since_ms = self._clock.mono_ms()
                self._publish_birth()
                self._step(uplink.Connected())
            case BrokerDown():
                log.warning("%s: the broker is away", happening.reason)
                self._step(uplink.Disconnected())
            case AppGone():
                self._app_health = None
                self._health_due_ms = min(self._health_due_ms, self._clock.mono_ms() + APP_BACK_MS)
            case AppCame():
                now_ms = self._clock.mono_ms()
                self._app_starts_ms = [at_ms for at_ms in self._app_starts_ms if now_ms - at_ms < HOUR_MS] + [now_ms]
                self._told_up = None
                self._downlink = downlink.forget(self._downlink)
                for line in self._kept.values():
                    self._tell(line)
                if self._is_out:
                    self._tell(inbound.Revoked())
                self._step(uplink.HubChanged())  # what was acknowledged while the app was away, it hears now
            case DeviceOut():
                self._is_out = True
                self.link.stop()
                self._kept.clear()
                self._tell(inbound.Revoked())
            case AppSaid():
                self._app_said(happening.line)
            case None:
                pass
        if not isinstance(happening, MessageCame):
            self._read_journal()
            self._step(uplink.Tick())
        self._errands.look()
        self._tell_link()
        self._doubt_connection()
        if self._uplink.connected and self._clock.mono_ms() >= self._health_due_ms:
            self._publish_birth()
        self._renew()

    @property
    def wakes_at_ms(self) -> int | None:
        """When `handle(None)` is due at the latest, monotonic; None when only news can change anything."""
        link = self._uplink
        times = [link.wakes_at_ms, max(link.heard_ms, self._up_since_ms) + HUB_SILENT_MS if link.connected else None]
        if link.connected:
            times.append(self._health_due_ms)
        if self._told_up:
            times.append(link.heard_ms + uplink.BEAT_LOST_MS)
        return min((time for time in times if time is not None), default=None)

    def session(self) -> Session:
        """What a new connection says of this device."""
        office, device = self._office, self._device
        self._session_id = secrets.token_hex(16)
        will = messages.DeviceState(st="off", ses=self._session_id, device=device)
        return Session(
            f"{device}-{self._session_id[:8]}",
            tuple(self._topics),
            topics.device_state(office, device),
            messages.encode(will),
        )

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
            size += len(row.body) + UP_EVENT_BYTES
            if batch and size > messages.MAX_BATCH_BYTES:
                break
            batch.append(messages.UpEvent(row.seq, row.boot, row.mono_ms, msgspec.Raw(row.body), row.link))
        boots = {event.boot for event in batch}
        anchors = {**self._outbox.anchors(boots), **{b: a for b, a in self._anchors.items() if b in boots}}
        up = messages.Up(
            ep=self._epoch,
            device=identity.device,
            journal=identity.journal,
            inc=identity.inc,
            boot=self._clock.boot,
            sent_mono_ms=self._clock.mono_ms(),
            slot=identity.slot,
            head=self._outbox.head(),
            floor=self._outbox.floor(),
            anchors=anchors,
            not_after=self._not_after(boots - set(anchors)),
            events=tuple(batch),
        )
        if batch:
            self._uplink = uplink.sent(self._uplink, batch[-1].seq)
        self.link.publish(topics.up(self._office, identity.device), messages.encode(up))

    def _not_after(self, boots: set[str]) -> dict[str, int]:
        """Hub time before which these boots, which never met the hub, were over."""
        found = {}
        for boot in boots:
            later = self._outbox.next_anchor(boot) or self._anchors.get(self._clock.boot)
            if later is not None and boot != self._clock.boot:
                found[boot] = arrival.boot_ms(later)
        return found

    def _message(self, topic: str, payload: bytes) -> None:
        try:
            match self._topics.get(topic):
                case "beat":
                    self._beat(messages.decode(payload, messages.Beat))
                case "log":
                    message = messages.decode(payload, messages.LogMessage)
                    if self._is_current(message.ep):
                        self._feed(downlink.entries(self._downlink, message.entries, self._clock.mono_ms()))
                case "down":
                    self._down(messages.decode_down(payload))
                case "certificate":
                    self._certificate(messages.decode(payload, messages.CertificateMessage))
                case "answer":
                    found = messages.decode(payload, messages.BookingFound)
                    if self._is_current(found.ep):
                        self._tell(inbound.BookingFound(found.asked, found.short))
                case "help":
                    helped = messages.decode(payload, messages.HelpAnswered)
                    if self._is_current(helped.ep):
                        self._tell(inbound.HelpAnswered(helped.asked, helped.answer))
                case "errand":
                    errand = messages.decode(payload, messages.ErrandMessage)
                    if self._is_current(errand.ep):
                        self._errands.came(errand.paper, self._hub_ms())
                case "services":
                    view = messages.decode(payload, messages.ServicesMessage)
                    if self._is_current(view.ep):
                        self._keep(inbound.ServicesChanged(view.view))
                case "board":
                    board = messages.decode(payload, messages.BoardMessage)
                    if self._is_current(board.ep):
                        self._feed(downlink.snapshot(self._downlink, board.board))
                case "config":
                    config = messages.decode(payload, messages.ConfigMessage)
                    if self._is_current(config.ep):
                        self._keep(inbound.ConfigChanged(config.config))
                case _:
                    log.warning("ignored a message on %s, which nobody asked for", topic)
        except BadMessage as error:
            log.warning("ignored a message on %s: %s", topic, error)

    def _is_current(self, epoch: int) -> bool:
        """A hub of a lower epoch is dead: what it says has no effect."""
        if epoch < self._epoch:
            log.warning("ignored a hub of epoch %d; the office is at %d", epoch, self._epoch)
            return False
        if epoch > self._epoch:
            self._epoch = epoch
            self._step(uplink.HubChanged())
        return True

    def _down(self, down: messages.Down) -> None:
        if not self._is_current(down.ep):
            return
        anchor = None
        if down.boot == self._clock.boot:
            anchor = arrival.from_echo(down.echo_mono_ms, self._clock.mono_ms(), down.hub_ms, down.clock)
            self._anchors[down.boot] = arrival.better(self._anchors.get(down.boot), anchor)
        identity = self._uplink.identity
        if identity is not None and down.journal == identity.journal and down.inc != identity.inc:
            self._tell(inbound.Granted(down.journal, down.inc, down.slot))
        is_ours = identity is not None and down.journal == identity.journal and down.inc == identity.inc
        if is_ours and self._is_copy(down):
            self._tell(inbound.Disowned(down.journal))
            return
        self._step(uplink.AckReceived(down.journal, down.inc, down.acked))
        if is_ours:
            anchor = self._anchors.get(down.boot)
            self._tell(inbound.Acked(down.ep, down.acked, down.boot, anchor, down.results, down.stable))

    def _is_copy(self, down: messages.Down) -> bool:
        """Whether the hub has events of this journal that the journal itself lacks, or has otherwise."""
        if down.acked > self._outbox.head():
            return True
        ours = self._outbox.link_at(down.acked)
        return bool(down.link) and ours is not None and ours != down.link

    def _beat(self, beat: messages.Beat) -> None:
        if not self._is_current(beat.ep):
            return
        self._step(uplink.HubHeard())
        anchor = self._anchors.get(self._clock.boot)
        if anchor is not None:
            expected_ms = anchor.hub_ms + self._clock.mono_ms() - anchor.mono_ms
            if abs(beat.at_ms - expected_ms) > HUB_TIME_MOVED_MS:
                self._step(uplink.HubChanged())  # its answer dates what comes next by its new time
        if self._shows_board:
            self._feed(downlink.beat(self._downlink, beat.ep, beat.n, self._clock.mono_ms()))

    def _feed(self, step: downlink.Step) -> None:
        self._downlink, outputs = step
        for output in outputs:
            if isinstance(output, downlink.AskBoard):
                ask = messages.Ask(ep=self._epoch, device=self._device, what="board")
                self.link.publish(topics.rpc(self._office, self._device), messages.encode(ask))
            else:
                self._tell(output)

    def _keep(self, line: inbound.ServicesChanged | inbound.ConfigChanged) -> None:
        self._kept[type(line).__name__] = line
        self._tell(line)

    def _tell_link(self) -> None:
        up = self._uplink.is_up(self._clock.mono_ms())
        if up != self._told_up:
            self._told_up = up
            self._tell(inbound.LinkChanged(up))

    def _doubt_connection(self) -> None:
        """Connected, yet the hub is silent: the connection may be dead without anybody having noticed."""
        now_ms = self._clock.mono_ms()
        last_ms = max(self._uplink.heard_ms, self._up_since_ms)
        if self._uplink.connected and now_ms - last_ms > HUB_SILENT_MS:
            log.warning("the hub is silent: connecting anew")
            self._up_since_ms = now_ms
            self.link.renew()

    def _app_said(self, line: inbound.Outbound) -> None:
        if isinstance(line, inbound.BookingAsked):
            ask = messages.Ask(ep=self._epoch, device=self._device, what="booking", who=line.who, asked=line.asked)
            self.link.publish(topics.rpc(self._office, self._device), messages.encode(ask))
        if isinstance(line, inbound.HelpWanted):
            ask = messages.Ask(
                ep=self._epoch, device=self._device, what="help" if line.on else "no_help", asked=line.asked
            )
            self.link.publish(topics.rpc(self._office, self._device), messages.encode(ask))
        if isinstance(line, inbound.ErrandEnded):
            self._errands.ended(line.outcome)
        if isinstance(line, inbound.HealthTold) and line.health != self._app_health:
            self._app_health = line.health
            self._health_due_ms = min(self._health_due_ms, self._clock.mono_ms() + HEALTH_SOON_MS)

    def _tell_errand(self, outcome: Outcome) -> None:
        told = messages.ErrandTold(
            ep=self._epoch,
            device=self._device,
            errand=outcome.errand,
            st=outcome.state,
            text=outcome.text[:MAX_TEXT],
            picture=outcome.picture,
        )
        self.link.publish(topics.errand_told(self._office, self._device), messages.encode(told))

    def _hub_ms(self) -> int | None:
        """Hub time; None before it was heard."""
        anchor = self._anchors.get(self._clock.boot)
        return None if anchor is None else anchor.hub_ms + self._clock.mono_ms() - anchor.mono_ms

    def _renew(self) -> None:
        """Ask for the next certificate while this one is still good for months."""
        now_ms = self._clock.mono_ms()
        hub_ms = self._hub_ms()
        if self._renewal is None or hub_ms is None or not self._uplink.connected or now_ms < self._renew_due_ms:
            return
        request, proof = self._renewal.request(hub_ms)
        if request:
            self._renew_due_ms = now_ms + RENEW_AGAIN_MS
            ask = messages.Ask(
                ep=self._epoch, device=self._device, what="certificate", request=request, proof=proof.hex()
            )
            self.link.publish(topics.rpc(self._office, self._device), messages.encode(ask))

    def _certificate(self, message: messages.CertificateMessage) -> None:
        if self._is_current(message.ep) and self._renewal is not None and self._renewal.take(message.certificate):
            log.info("the certificate was renewed")
            self.link.renew()

    def _publish_birth(self) -> None:
        """That the device is there, and how it is; again every minute, and soon after the app's word."""
        office, device = self._office, self._device
        self._health_due_ms = self._clock.mono_ms() + HEALTH_MS
        birth = messages.DeviceState(
            st="on", ses=self._session_id, device=device, health=self._health(), ep=self._epoch
        )
        self.link.publish(topics.device_state(office, device), messages.encode(birth), retain=True)

    def _health(self) -> Health:
        anchor = self._anchors.get(self._clock.boot)
        vitals = self._vitals()
        return Health(
            app=self._app_health,
            boot=self._clock.boot,
            outbox=max(0, self._uplink.head - self._uplink.acked),
            clock_err_ms=-1 if anchor is None else arrival.error_at(anchor, self._clock.mono_ms()),
            disk_free_mb=vitals.disk_free_mb,
            temperature_c=vitals.temperature_c,
            system=vitals.system,
            disk_worn_percent=vitals.disk_worn_percent,
            app_starts=sum(self._clock.mono_ms() - at_ms < HOUR_MS for at_ms in self._app_starts_ms),
        )

    def status(self) -> DeviceStatus:
        """How the device is now, for whoever stands before it."""
        now_ms = self._clock.mono_ms()
        reach: Reach = "up" if self._uplink.is_up(now_ms) else "no_hub" if self._uplink.connected else "off"
        return DeviceStatus(self._device, self._office, "out" if self._is_out else reach, now_ms, self._health())
