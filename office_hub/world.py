"""What the hub tells its office: over MQTT to devices, and to the consoles."""

import logging
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from mqtt_bridge import messages, topics
from mqtt_bridge.client import Connect, Session
from mqtt_bridge.messages import BadMessage, Down, Replica
from office_hub import work
from office_hub.central import Central
from office_hub.core import views
from officelib import events as e
from officelib.clock import Clock
from officelib.errand import MAX_TEXT, Outcome, Paper
from officelib.inbound import HelpAnswer, KnownKey, OfficeConfig

if TYPE_CHECKING:
    from office_hub.engine import Engine

log = logging.getLogger(__name__)

BEAT_MS = 2_000
CONSOLE_MS = 100
SERVICES_MS = 1_000
BOARD_MS = 2_000
"""The retained board is for newcomers; those who listen have the log."""
ENTRIES_A_MESSAGE = 64


class World(work.Publisher):
    """The hub's mouth and ears. `attach` gives it its engine. `central`: where the office's city has a broker.

    `introduce`: what is published, retained, of a device that is met at a broker for the first time.
    """

    def __init__(
        self, connect: Connect, device: str, office: str, clock: Clock, to_consoles: Callable[[bytes], None]
    ) -> None:
        self._device, self._office, self._clock = device, office, clock
        self._to_consoles = to_consoles
        self._session_id = ""
        self._greet = self._linked = False
        self._due_ms = {"beat": 0, "console": 0, "services": 0, "board": 0}
        self._dirty = {"console", "services", "board"}
        self._engine: Engine | None = None
        self._keys: tuple[KnownKey, ...] = ()
        self._sessions: dict[str, str] = {}
        self._connection = connect(
            self._new_session, on_up=self._came_up, on_down=self._went_down, on_message=self._message
        )
        self.on_committed: Callable[[Sequence[e.LogEntry]], None] = lambda _: None
        self.on_fenced: Callable[[int], None] = lambda _: None
        self.on_errand: Callable[[str, Outcome], None] = lambda _device, _outcome: None
        self.central: Central | None = None
        self.on_revoked: Callable[[Sequence[str]], None] = lambda _: None
        self.introduce: Callable[[str, str], Sequence[tuple[str, bytes]]] = lambda _office, _device: ()
        self._introduced: set[str] = set()

    def attach(self, engine: "Engine", keys: tuple[KnownKey, ...]) -> None:
        """Begin to speak for an engine."""
        self._engine, self._keys = engine, keys
        self._connection.start()

    def stop(self) -> None:
        self._connection.stop()
        if self.central is not None:
            self.central.stop()

    @property
    def is_linked(self) -> bool:
        """Whether the office's broker is there."""
        return self._linked

    # --- told by the engine, in its thread

    def down(self, device: str, down: Down) -> None:
        self._connection.publish(topics.down(self._office, device), messages.encode(down))

    def replica(self, replica: Replica) -> None:
        self._connection.publish(topics.replica(self._office, replica.device), messages.encode(replica))

    def certificate(self, device: str, pem: str) -> None:
        message = messages.CertificateMessage(ep=self._of_engine().epoch, device=device, certificate=pem)
        self._connection.publish(topics.config_of(self._office, device), messages.encode(message))

    def booking_found(self, device: str, asked: int, short: str) -> None:
        message = messages.BookingFound(ep=self._of_engine().epoch, device=device, asked=asked, short=short)
        self._connection.publish(topics.answer(self._office, device), messages.encode(message))

    def help_answered(self, device: str, asked: int, answer: HelpAnswer) -> None:
        message = messages.HelpAnswered(ep=self._of_engine().epoch, device=device, asked=asked, answer=answer)
        self._connection.publish(topics.help_answer(self._office, device), messages.encode(message))

    def errand(self, device: str, paper: Paper) -> None:
        """What IT has a device do; called in any thread."""
        message = messages.ErrandMessage(ep=self._of_engine().epoch, device=device, paper=paper)
        self._connection.publish(topics.errand(self._office, device), messages.encode(message))

    def revoked(self, serials: Sequence[str]) -> None:
        self.on_revoked(serials)

    def fenced(self, epoch: int) -> None:
        self.on_fenced(epoch)

    def committed(self, entries: list[e.LogEntry]) -> None:
        engine = self._of_engine()
        self.on_committed(tuple(entries))
        for start in range(0, len(entries), ENTRIES_A_MESSAGE):
            part = tuple(entries[start : start + ENTRIES_A_MESSAGE])
            message = messages.LogMessage(ep=engine.epoch, entries=part)
            self._connection.publish(topics.log(self._office), messages.encode(message))

    def changed(self) -> None:
        self._dirty |= {"console", "services", "board"}

    def show(self) -> None:
        self._dirty.discard("console")
        self._due_ms["console"] = self._clock.mono_ms() + CONSOLE_MS
        self._tell_consoles()

    def referrals_taken(self, office: str, refs: Sequence[str]) -> None:
        if self.central is not None:
            self.central.referrals_taken(office, refs)

    def board_asked(self) -> None:
        self._dirty.add("board")
        self._due_ms["board"] = 0

    def tick(self) -> float:
        if self._greet:
            self._greet = False
            self._publish_retained()
            self._dirty.add("console")
        for what, every_ms, tell in (
            ("console", CONSOLE_MS, self._tell_consoles),
            ("services", SERVICES_MS, self._publish_services),
            ("board", BOARD_MS, self._publish_board),
        ):
            now_ms = self._clock.mono_ms()
            if what in self._dirty and now_ms >= self._due_ms[what]:
                self._dirty.discard(what)
                self._due_ms[what] = now_ms + every_ms
                tell()
        now_ms = self._clock.mono_ms()
        if self.central is not None:
            self.central.tick(now_ms)
        if now_ms >= self._due_ms["beat"]:
            self._due_ms["beat"] = now_ms + BEAT_MS
            self._publish_beat()
        due_ms = min(self._due_ms[what] for what in (*self._dirty, "beat"))
        return max(0.0, (due_ms - self._clock.mono_ms()) / 1000)

    # --- publishing

    def _publish_retained(self) -> None:
        """All that a new broker does not know."""
        engine = self._of_engine()
        birth = messages.HubState(st="on", ses=self._session_id, device=self._device, ep=engine.epoch)
        self._connection.publish(topics.hub_state(self._office), messages.encode(birth), retain=True)
        config = messages.ConfigMessage(ep=engine.epoch, config=OfficeConfig(engine.told_catalogue, self._keys))
        self._connection.publish(topics.config(self._office), messages.encode(config), retain=True)
        self._publish_services()
        self._publish_board()
        self._publish_beat()

    def _publish_services(self) -> None:
        engine = self._of_engine()
        view = views.services_view(
            engine.office,
            engine.catalogue,
            engine.epoch,
            engine.now_ms(),
            engine.neighbours.elsewhere,
            engine.slots.offered(engine.catalogue, engine.now_ms()),
        )
        message = messages.ServicesMessage(ep=engine.epoch, view=view)
        self._connection.publish(topics.snapshot(self._office, "services"), messages.encode(message), retain=True)

    def _publish_board(self) -> None:
        engine = self._of_engine()
        board = views.board_snapshot(engine.office, engine.epoch, engine.now_ms())
        message = messages.BoardMessage(ep=engine.epoch, board=board)
        self._connection.publish(topics.snapshot(self._office, "board"), messages.encode(message), retain=True)

    def _publish_beat(self) -> None:
        engine = self._of_engine()
        beat = messages.Beat(ep=engine.epoch, n=engine.office.n, at_ms=engine.now_ms())
        self._connection.publish(topics.beat(self._office), messages.encode(beat))

    def _tell_consoles(self) -> None:
        engine = self._of_engine()
        devices = dict(engine.devices_on) if self._linked else {}
        view = views.console_view(
            engine.office,
            engine.catalogue,
            devices,
            engine.now_ms(),
            broker_on=self._linked,
            helps=engine.helpdesk.views(),
            coming=engine.followers.coming(),
        )
        self._to_consoles(msgspec.json.encode(view))

    def catalogue_changed(self) -> None:
        self._greet = True
        if self.central is not None:
            self.central.greet()
        self.changed()

    # --- the connection's threads

    def _new_session(self) -> Session:
        self._session_id = secrets.token_hex(16)
        will = messages.HubState(st="off", ses=self._session_id, device=self._device, ep=self._of_engine().epoch)
        return Session(
            f"{self._device}-{self._session_id[:8]}",
            topics.from_devices(self._office),
            topics.hub_state(self._office),
            messages.encode(will),
        )

    def _came_up(self) -> None:
        log.info("connected to the office's broker")
        self._greet = self._linked = True
        self._of_engine().submit(work.BoardAsked())

    def _went_down(self, reason: str) -> None:
        log.warning("%s: the office's broker is away; the console goes on", reason)
        self._linked = False
        self._introduced.clear()
        self._dirty.add("console")

    def _message(self, topic: str, payload: bytes) -> None:
        parts = topics.parse_device(topic)
        engine = self._of_engine()
        if parts is None or not payload:
            return
        try:
            match parts.leaf:
                case "up":
                    up = messages.decode(payload, messages.Up)
                    if up.device == parts.device:
                        engine.submit(work.UpCame(up))
                    else:
                        log.error("%s writes in the name of %s: ignored", parts.device, up.device)
                case "state":
                    self._device_state(messages.decode(payload, messages.DeviceState), parts.device)
                case "follow":
                    follow = messages.decode(payload, messages.Follow)
                    if follow.device == parts.device:
                        engine.submit(work.FollowCame(follow))
                case "told":
                    told = messages.decode(payload, messages.ErrandTold)
                    self.on_errand(parts.device, Outcome(told.errand, told.st, told.text[:MAX_TEXT], told.picture))
                case "rpc":
                    self._asked(messages.decode(payload, messages.Ask), parts.device)
                case _:
                    pass
        except BadMessage as error:
            log.warning("ignored a message on %s: %s", topic, error)

    def _asked(self, ask: messages.Ask, device: str) -> None:
        if ask.what == "certificate":
            try:
                proof = bytes.fromhex(ask.proof)
            except ValueError as error:
                raise BadMessage("the proof is not in hex") from error
            self._of_engine().submit(work.RenewCame(device, ask.request, proof))
        elif ask.what == "booking":
            self._of_engine().submit(work.WhoCame(device, ask.who, ask.asked))
        elif ask.what in ("help", "no_help"):
            self._of_engine().submit(work.HelpCame(device, ask.asked, ask.what == "help"))
        else:
            self._of_engine().submit(work.BoardAsked())

    def _device_state(self, state: messages.DeviceState, device: str) -> None:
        """Births and wills: an "off" counts only for the session that was "on" last."""
        if state.st == "on":
            self._sessions[device] = state.ses
            if device not in self._introduced:
                self._introduced.add(device)
                for topic, payload in self.introduce(self._office, device):
                    self._connection.publish(topic, payload, retain=True)
        elif self._sessions.get(device, state.ses) != state.ses:
            return
        self._of_engine().submit(work.DeviceCame(device, state.st == "on", state.health))

    def _of_engine(self) -> "Engine":
        if self._engine is None:
            raise RuntimeError("attach comes first")
        return self._engine
