"""A hub's core without processes: an engine that is stepped by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from mqtt_bridge.messages import Down, Replica, Up, UpEvent
from office_hub.core import desk
from office_hub.engine import Engine
from office_hub.work import CommandCame, Publisher, UpCame, Work
from officelib import events as e
from officelib.arrival import Anchor
from officelib.catalogue import Catalogue
from officelib.inbound import WantDenied, WantGranted
from officelib.journal.office_log import OfficeLog, open_office_log
from officelib.office import State
from tests.conftest import ManualClock


@dataclass
class Heard(Publisher):
    """What a hub told the world."""

    downs: list[Down] = field(default_factory=list)
    entries: list[e.LogEntry] = field(default_factory=list)
    replicas: list[Replica] = field(default_factory=list)
    taken: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    catalogues: int = 0
    found: list[tuple[str, int, str]] = field(default_factory=list)
    helped: list[tuple[str, int, str]] = field(default_factory=list)

    def catalogue_changed(self) -> None:
        self.catalogues += 1

    def booking_found(self, device: str, asked: int, short: str) -> None:
        self.found.append((device, asked, short))

    def help_answered(self, device: str, asked: int, answer: str) -> None:
        self.helped.append((device, asked, answer))

    def down(self, device: str, down: Down) -> None:
        self.downs.append(down)

    def replica(self, replica: Replica) -> None:
        self.replicas.append(replica)

    def referrals_taken(self, office: str, refs: Sequence[str]) -> None:
        self.taken.append((office, tuple(refs)))

    def committed(self, entries: list[e.LogEntry]) -> None:
        self.entries += entries


@dataclass
class Kiosk:
    """A device's side of the wire."""

    name: str
    journal: str = "j1"
    inc: int = 0
    events: list[e.DeviceEvent] = field(default_factory=list)
    monos: list[int] = field(default_factory=list)


class NotAnswered(Exception):
    """The hub says nothing to a device."""


class Hub:
    """An engine whose rounds a test makes."""

    def __init__(self, path: Path, catalogue: Catalogue, clock: ManualClock) -> None:
        self.path, self.catalogue, self.clock = path, catalogue, clock
        self.slot = 0
        self.open()

    def open(self) -> None:
        self.store: OfficeLog = open_office_log(self.path)
        self.heard = Heard()
        self.engine = Engine(self.store, self.catalogue, self.clock, "h1", self.heard)  # type: ignore[arg-type]

    def restart(self) -> None:
        """As after SIGKILL: what is not on the disk is gone."""
        self.store.close()
        self.open()

    def close(self) -> None:
        self.store.close()

    def round(self, *items: Work) -> None:
        """What the engine's thread does with the work of one round."""
        self.engine.round(items)

    def up(self, kiosk: Kiosk, first: int = 1, *, anchored: bool = True, sent: int | None = None) -> Down:
        """A device sends its events from `first` on; returns the hub's answer."""
        chosen = list(enumerate(kiosk.events, start=1))[first - 1 : sent]
        events = tuple(
            UpEvent(seq, "boot-1", kiosk.monos[seq - 1], msgspec.Raw(msgspec.json.encode(event)))
            for seq, event in chosen
        )
        anchors = {"boot-1": Anchor(self.clock.mono, self.engine.now_ms(), 5)} if anchored else {}
        message = Up(
            device=kiosk.name,
            journal=kiosk.journal,
            inc=kiosk.inc,
            boot="boot-1",
            sent_mono_ms=self.clock.mono,
            slot=self.slot,
            head=len(kiosk.events),
            anchors=anchors,
            events=events,
        )
        answers = len(self.heard.downs)
        self.round(UpCame(message))
        if len(self.heard.downs) == answers:
            raise NotAnswered(kiosk.name)
        return self.heard.downs[-1]

    def enrol(self, name: str = "k1", journal: str = "j1") -> Kiosk:
        """A device with a granted journal."""
        kiosk = Kiosk(name, journal)
        kiosk.inc = self.up(kiosk).inc
        return kiosk

    def write(self, kiosk: Kiosk, *events: e.DeviceEvent) -> Down:
        """A device writes events now and sends them."""
        first = len(kiosk.events) + 1
        kiosk.events += events
        kiosk.monos += [self.clock.mono] * len(events)
        return self.up(kiosk, first)

    def take_ticket(self, kiosk: Kiosk, service: str = "register", **claim: object) -> str:
        """A citizen's ticket with the hub's number; returns the label."""
        down = self.write(kiosk, e.Want(e.Claim(service, "es", **claim)))  # type: ignore[arg-type]
        result = down.results[-1]
        assert isinstance(result, WantGranted | WantDenied)
        seq = len(kiosk.events)
        self.write(kiosk, e.Print(seq, result.label))
        return result.label

    def command(self, command: desk.AnyCommand, request: str = "", clerk: str = "") -> desk.Answer:
        """A command of who sits at the counter, unless another clerk is named; each is a new request unless named."""
        clerk = clerk or self.engine.office.clerks.get(command.counter, "")
        if isinstance(command, desk.SignIn):
            clerk = command.clerk
        replies: list[bytes] = []
        self.requests = getattr(self, "requests", 0) + 1
        self.round(CommandCame(request or f"r{self.requests}", clerk, command, replies.append))
        answer: desk.Answer = msgspec.json.decode(replies[0], type=desk.Answer)
        return answer

    def sign_in(self, counter: str = "c1", clerk: str = "ana") -> None:
        assert self.command(desk.SignIn(counter, clerk)) == desk.Agreed()


def states(hub: Hub) -> dict[str, State]:
    return {ticket.label: ticket.state for ticket in hub.engine.office.tickets.values()}
