"""The devices of a simulated office: kiosks and displays, each the product's own code, on real SQLite files."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

from display_app.core import lobby
from display_app.memory import Memory as DisplayMemory
from kiosk_app.core import events as ev
from kiosk_app.core import flow
from kiosk_app.core.states import Kiosk, ShowingTicket, TicketFacts, Timings
from kiosk_app.memory import Memory as KioskMemory
from mqtt_bridge import relay
from officelib import inbound
from officelib.board import Call
from officelib.errors import KnownError
from officelib.health import Vitals
from officelib.journal.device import DeviceJournal
from officelib.journal.keeper import Keeper
from officelib.journal.outbox import Outbox
from tests.sim.papers import SIGN
from tests.sim.world import MachineClock, SimLink

if TYPE_CHECKING:
    from tests.sim.office import SimOffice

SOCKET_MS = 1


class InlineKeeper(Keeper):
    """Work on the journal is done at once, by whoever asks."""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        self._journal.close()

    def do(self, work: Callable[..., None]) -> None:
        self.carry_out(work)

    @property
    def journal(self) -> DeviceJournal:
        return self._journal


class Bridge:
    """A relay beside an app."""

    def __init__(self, device: "Device") -> None:
        self._device = device
        self._world = device.world
        self._outbox = Outbox(device.path)
        self._alive = True
        self._due: int | None = None
        office = device.office.catalogue.office.id
        self.relay = relay.Relay(
            office, device.name, self._outbox, device.clock, self._tell, lambda: Vitals(1_000, None)
        )
        self.link = SimLink(
            self._world,
            device.brokers,
            self.relay.session,
            on_up=lambda: self._handle(relay.BrokerUp()),
            on_down=lambda reason: self._handle(relay.BrokerDown(reason)),
            on_message=lambda topic, payload: self._handle(relay.MessageCame(topic, payload)),
        )
        self.relay.link = self.link
        self.link.start()

    def app_came(self) -> None:
        self._handle(relay.AppCame())

    def poked(self) -> None:
        """A poke may be lost; the journal is looked at every half second all the same."""
        lost = self._world.chance(0.02)
        self._world.after(500 if lost else SOCKET_MS, self._handle, relay.AppSaid(inbound.Poke()))

    def kill(self) -> None:
        self._alive = False
        self.link.stop()
        self._outbox.close()

    def _tell(self, line: inbound.Inbound) -> None:
        self._world.after(SOCKET_MS, self._device.heard, self, line)

    def _handle(self, happening: relay.Happening | None) -> None:
        if not self._alive:
            return
        self.relay.handle(happening)
        wakes = self.relay.wakes_at_ms
        if wakes is not None and wakes != self._due:
            self._due = wakes
            self._world.after(wakes - self._device.clock.mono_ms() + 1, self._wake, wakes)

    def _wake(self, due: int) -> None:
        if self._due == due:
            self._due = None
            self._handle(None)


class Device:
    """A machine with an app, its journal and its bridge; either process may die, and so may the machine."""

    def __init__(self, office: "SimOffice", name: str, clock: MachineClock) -> None:
        self.office, self.world, self.name = office, office.world, name
        self.clock: Any = clock
        self.brokers = office.brokers_for(name)
        self.path = office.folder / name / "journal.db"
        self.on = False
        self.life = 0
        self.bridge: Bridge | None = None
        self.up_cut = self.down_cut = False
        self.disk_full = False

    # --- lives

    def start(self) -> None:
        """Switch on."""
        self.start_bridge()
        self.start_app()

    def start_app(self) -> None:
        raise NotImplementedError

    def kill_app(self) -> None:
        raise NotImplementedError

    def start_bridge(self) -> None:
        if self.bridge is None:
            self.bridge = Bridge(self)
            if self.up_cut or self.down_cut:
                self.bridge.link.cut(up=self.up_cut, down=self.down_cut)
            if self.on:
                self.bridge.app_came()

    def kill_bridge(self) -> None:
        if self.bridge is not None:
            self.bridge.kill()
            self.bridge = None
            if self.on:
                self.world.after(SOCKET_MS, self.heard, None, inbound.LinkChanged(up=False))

    def power_cut(self, gone_ms: int) -> None:
        """Everything stops; after a while the machine boots. What was not on the disk is gone."""
        self.kill_app()
        self.kill_bridge()
        self.world.after(gone_ms, self._boot)

    def _boot(self) -> None:
        if not self.on and self.bridge is None:
            self.clock.reboot()
            self.start()

    def cut(self, *, up: bool, down: bool) -> None:
        self.up_cut, self.down_cut = up, down
        if self.bridge is not None:
            if up or down:
                self.bridge.link.cut(up=up, down=down)
            else:
                self.bridge.link.heal()

    def lose(self, broker: str) -> None:
        """One of two brokers cannot be reached, until the network is healed."""
        if self.bridge is not None:
            self.bridge.link.lose(broker)

    def poke(self) -> None:
        if self.bridge is not None:
            self.bridge.poked()

    def heard(self, bridge: Bridge | None, line: inbound.Inbound) -> None:
        """A line came over the socket, if it still stands."""
        if self.on and bridge is self.bridge:
            self.office.watch.line(self, line)
            self.hear(line)

    def hear(self, line: inbound.Inbound) -> None:
        raise NotImplementedError

    def fill_disk(self, *, full: bool) -> None:
        """The disk takes no more pages, or does again."""
        self.disk_full = full
        memory = getattr(self, "memory", None)
        if memory is not None:
            fill(memory.keeper.journal._connection, full=full)


def fill(connection: object, *, full: bool) -> None:
    """Let SQLite itself find its disk full: no page may be added."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
    connection.execute(f"PRAGMA max_page_count={pages if full else 1_073_741_823}")  # type: ignore[attr-defined]


class KioskNode(Device):
    """A kiosk and its printer."""

    def __init__(self, office: "SimOffice", name: str, clock: MachineClock) -> None:
        super().__init__(office, name, clock)
        self.kiosk = Kiosk()
        self.memory: KioskMemory | None = None
        self._papers: set[tuple[int, int]] = set()

    def start_app(self) -> None:
        if self.on:
            return
        self.on, self.life = True, self.life + 1
        life = self.life
        self.kiosk = Kiosk(timings=Timings(ticket_ms=6_000, idle_ms=20_000, warning_ms=10_000))
        self._events: list[ev.Event] = []
        self._busy = False
        self._due: int | None = None
        self.memory = KioskMemory(
            self.path,
            self.name,
            self.clock,
            lambda event: self._come(life, event),
            InlineKeeper,
            sign=SIGN,
        )
        self.memory.keeper.poke_bridge = self.poke
        if self.disk_full:
            self.fill_disk(full=True)
        self.memory.start()
        if self.bridge is not None:
            self.world.after(SOCKET_MS, self.bridge.app_came)

    def kill_app(self) -> None:
        if self.on and self.memory is not None:
            self.on = False
            self.life += 1
            self.memory.stop()
            self.memory = None
            self.office.watch.app_died(self)

    def hear(self, line: inbound.Inbound) -> None:
        if self.memory is not None:
            self.memory.hear(line)

    def touch(self, event: ev.Event) -> None:
        """A citizen's finger or code."""
        if self.on:
            self._come(self.life, event)

    def hub_ms(self) -> int | None:
        return self.memory.keeper.hub_ms() if self.memory else None

    def _come(self, life: int, event: ev.Event) -> None:
        """Events are handled one after the other, some a moment later: a death may come between."""
        self.world.after(self.world.rng.choice((0, 0, 0, 1, 2)), self._handle, life, event)

    def _handle(self, life: int, event: ev.Event) -> None:
        if life != self.life:
            return
        self.kiosk, effects = flow.step(self.kiosk, event, self.clock.mono_ms())
        self.office.watch.kiosk_shows(self, self.kiosk.screen)
        for effect in effects:
            if isinstance(effect, ev.PrintPaper):
                self._print(effect.ticket)
            elif isinstance(effect, ev.PrintLeaflet | ev.PrintSlip | ev.RunTest | ev.AskBooking | ev.CallHelp):
                continue  # no citizen of these days asks for it
            elif self.memory is not None:
                self.memory.do(effect)
        self._arm(life)

    def _arm(self, life: int) -> None:
        due = self.kiosk.due_ms
        if due is not None and due != self._due:
            self._due = due
            self.world.after(due - self.clock.mono_ms() + 1, self._time, life, due)

    def _time(self, life: int, due: int) -> None:
        if life == self.life and self._due == due:
            self._due = None
            self._handle(life, ev.TimePassed())

    def _print(self, ticket: TicketFacts) -> None:
        self.world.after(self.world.rng.randint(20, 400), self._paper_moves, self.life, ticket)

    def _paper_moves(self, life: int, ticket: TicketFacts) -> None:
        if life != self.life or self.memory is None:
            return
        try:
            self.memory.print_begins(ticket.seq)
        except KnownError:
            self.memory.print_ended(ticket.seq, "not_started", "none", ticket.copies)
            return
        self.office.watch.paper(self, ticket)
        self.world.after(self.world.rng.randint(300, 1_500), self._paper_ends, life, ticket)

    def _paper_ends(self, life: int, ticket: TicketFacts) -> None:
        if life == self.life and self.memory is not None:
            done = self.world.chance(0.97)
            self.memory.print_ended(
                ticket.seq, "done" if done else "failed", "printed" if done else "sent", ticket.copies
            )

    @property
    def shown(self) -> TicketFacts | None:
        screen = self.kiosk.screen
        return screen.ticket if self.on and isinstance(screen, ShowingTicket) else None


class DisplayNode(Device):
    """A lobby display and its voice."""

    def __init__(self, office: "SimOffice", name: str, clock: MachineClock) -> None:
        super().__init__(office, name, clock)
        self.lobby = lobby.Lobby()
        self.memory: DisplayMemory | None = None

    def start_app(self) -> None:
        if self.on:
            return
        self.on, self.life = True, self.life + 1
        life = self.life
        self.lobby = lobby.Lobby()
        self.memory = DisplayMemory(
            self.path,
            self.name,
            self.clock,
            lambda line: self._step(life, lobby.Heard(line)),
            InlineKeeper,
        )
        self.memory.keeper.poke_bridge = self.poke
        if self.disk_full:
            self.fill_disk(full=True)
        self.memory.start()
        self.world.after(1_000, self._second, life)
        if self.bridge is not None:
            self.world.after(SOCKET_MS, self.bridge.app_came)
            self.office.watch.display_began(self)

    def kill_app(self) -> None:
        if self.on and self.memory is not None:
            self.on = False
            self.life += 1
            self.memory.stop()
            self.memory = None
            self.office.watch.app_died(self)

    def hear(self, line: inbound.Inbound) -> None:
        if self.memory is not None:
            self.memory.take_in(line)

    def _second(self, life: int) -> None:
        if life == self.life:
            if self.lobby.announcer.waiting or self.lobby.announcer.known or self.lobby.announcer.repeats:
                self._handle(life, lobby.TimePassed())
            self.world.after(1_000 if self.lobby.announcer.known else 5_000, self._second, life)

    def _step(self, life: int, event: lobby.Event) -> None:
        self.world.after(0, self._handle, life, event)

    def _handle(self, life: int, event: lobby.Event) -> None:
        if life != self.life or self.memory is None:
            return
        self.lobby, effects = lobby.step(self.lobby, event, self.memory.keeper.hub_ms())
        for effect in effects:
            match effect:
                case lobby.KeepBoard():
                    self.memory.keep_board(effect.board, *effect.at)
                case lobby.ClaimCall(call):
                    self.memory.claim(call, functools.partial(self._claimed, life, call))
                case lobby.SayCall(call):
                    self.office.watch.announced(self, call)
                    self.world.after(self.world.rng.randint(1_000, 3_000), self._said, life, call.id)
                case lobby.RepeatCall(call):
                    self.world.after(self.world.rng.randint(1_000, 3_000), self._said, life, call.id)
                case lobby.ReportCall():
                    self.memory.announced(effect.call, aloud=effect.aloud)
                case lobby.SayNotice():
                    self.world.after(self.world.rng.randint(5_000, 10_000), self._said, life, effect.name)
                case lobby.Mute():
                    pass
                case _:
                    assert_never(effect)

    def _claimed(self, life: int, call: Call, first: bool) -> None:
        self._step(life, lobby.Claimed(call, first))

    def _said(self, life: int, call: str) -> None:
        if life == self.life:
            self._handle(life, lobby.Said(call, aloud=True))
