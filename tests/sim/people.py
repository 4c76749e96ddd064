"""Who comes to a simulated office: citizens who touch and scan, clerks who call, an operator who promotes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from kiosk_app.core import events as ev
from kiosk_app.core.states import Attract, Choosing, Confirming, ShowingProblem, ShowingTicket
from office_hub.core import desk
from office_hub.work import CommandCame
from officelib.booking import Booking
from tests.sim.devices import KioskNode
from tests.sim.hubs import HubNode
from tests.sim.world import MINUTE, SECOND

if TYPE_CHECKING:
    from tests.sim.office import SimOffice

NAME = "GARCIA LOPEZ MARIA 12345678Z"
"""What a wrong code may hold: an identity card's text. It must go nowhere."""


@dataclass
class Visitor:
    """One citizen, from the door to the number."""

    office: "SimOffice"
    no: int
    service: str
    booking: Booking | None = None
    code: str = ""
    twice: bool = False
    labels: list[tuple[str, str]] = field(default_factory=list)
    touched_ms: int = 0
    tries: int = 0
    gone: bool = False
    kiosk: KioskNode | None = None

    def come(self) -> None:
        """Go to a kiosk where nobody stands."""
        office = self.office
        free = [k for k in office.kiosks if k.on and isinstance(k.kiosk.screen, Attract) and k not in office.taken]
        if not free:
            self._later()
            return
        self.kiosk = office.world.rng.choice(free)
        office.taken[self.kiosk] = self
        self._act()

    def _later(self) -> None:
        self.tries += 1
        if self.kiosk is not None:
            self.office.taken.pop(self.kiosk, None)
            self.kiosk = None
        if self.tries > 40:
            self.gone = True
            self.office.world.count("citizens who gave up")
            return
        self.office.world.after(self.office.world.rng.randint(2, 20) * SECOND, self.come)

    def _act(self) -> None:
        """Look at the screen and do what it asks for."""
        kiosk, world = self.kiosk, self.office.world
        if kiosk is None:
            return
        if not kiosk.on:
            self._later()
            return
        screen = kiosk.kiosk.screen
        pause_ms = world.rng.randint(300, 1_500)
        match screen:
            case Attract() if self.code:
                if world.chance(0.01):
                    kiosk.touch(ev.CodeScanned(NAME, kiosk.hub_ms()))
                    pause_ms = 3_000
                else:
                    self._decide(kiosk)
                    kiosk.touch(ev.CodeScanned(self.code, kiosk.hub_ms()))
            case Attract():
                kiosk.touch(ev.Started())
            case Choosing():
                kiosk.touch(ev.ServiceChosen(self.service, kiosk.hub_ms()))
            case Confirming():
                self._decide(kiosk)
                kiosk.touch(ev.Confirmed())
            case ShowingTicket():
                self._note(kiosk, screen)
                return
            case ShowingProblem():
                kiosk.touch(ev.DonePressed())
                world.count(f"problem shown: {screen.problem}")
                self._later()
                return
            case _:
                pause_ms = 100
        world.after(pause_ms, self._act)

    def _decide(self, kiosk: KioskNode) -> None:
        """The moment that counts as the arrival; deaths like to come right after it."""
        self.touched_ms = self.office.world.now
        self.office.faults.tempt(kiosk)

    def _note(self, kiosk: KioskNode, screen: ShowingTicket) -> None:
        world = self.office.world
        self.labels.append((self.office.day(), screen.ticket.label))
        self.office.watch.number_seen(self, kiosk, screen)
        self.office.taken.pop(kiosk, None)
        kiosk.touch(ev.DonePressed())
        self.kiosk = None
        if self.twice:
            self.twice = False
            world.after(world.rng.randint(20, 900) * SECOND, self.come)


@dataclass
class Clerk:
    """Calls, serves, and repeats a command until the hub answers it."""

    office: "SimOffice"
    no: int
    counter: str
    at: int = 0
    serving: str = ""
    signed_in_at: int = -1
    requests: int = 0
    waiting_for: str = ""
    home: bool = False
    _stale: bool = False

    @property
    def hub(self) -> HubNode:
        return self.office.hubs[self.at]

    def work(self) -> None:
        """The next thing that a clerk does."""
        if self.home:
            return
        world = self.office.world
        if self.signed_in_at != self.at:
            self.serving = ""
            self._ask(desk.SignIn(self.counter, f"clerk{self.no}"), self._signed_in)
        elif not self.serving:
            if world.chance(0.02) and not self.office.closing:
                self._ask(desk.AddWalkIn(self.counter, world.rng.choice(self.office.service_ids), "es"), self._added)
            else:
                self._ask(desk.CallNext(self.counter), self._called)

    def _again(self, low_s: float, high_s: float) -> None:
        world = self.office.world
        world.after(world.rng.uniform(low_s, high_s) * self.office.clerk_pace * SECOND, self.work)

    def _signed_in(self, answer: desk.Answer) -> None:
        if isinstance(answer, desk.Agreed):
            self.signed_in_at = self.at
        self._again(0.5, 3)

    def _added(self, answer: desk.Answer) -> None:
        if isinstance(answer, desk.Agreed):
            self.office.watch.said_by_clerk(answer.label, answer.ticket)
        self._again(1, 5)

    def _called(self, answer: desk.Answer) -> None:
        if isinstance(answer, desk.Agreed):
            self.office.watch.clerk_got(self, answer.ticket)
            self.serving = answer.ticket
            world = self.office.world
            slow = world.chance(0.05)
            world.after(world.rng.randint(*((40, 120) if slow else (3, 20))) * SECOND, self._citizen_came)
        elif answer.reason == "finish_first":
            self.serving = "unknown"  # called before this page was opened: it shows at the counter
            self._finish()
        else:
            if answer.reason == "not_signed_in":
                self.signed_in_at = -1
            self._again(5, 20)

    def _citizen_came(self) -> None:
        world = self.office.world
        draw = world.rng.random()
        if draw < 0.03:
            self._ask(desk.Recall(self.counter), lambda answer: None)
            world.after(10 * SECOND, self._citizen_came)
        elif draw < 0.08:
            self._ask(desk.MarkNoShow(self.counter), self._done)
        elif draw < 0.11:
            self._ask(desk.Park(self.counter), self._parked)
        elif draw < 0.15:
            self._transfer()
        else:
            self._ask(desk.Start(self.counter), lambda answer: None)
            world.after(world.rng.uniform(20, 150) * self.office.clerk_pace * SECOND, self._finish)

    def _transfer(self) -> None:
        engine = self.hub.engine
        ticket = engine.office.tickets.get(self.serving) if engine else None
        if ticket is None:
            self._finish()
            return
        service = self.office.world.rng.choice(self.office.service_ids)
        self._stale = self.office.world.chance(0.1)
        rev = ticket.rev - self._stale
        self._ask(desk.Transfer(self.counter, ticket.id, rev, service), self._transferred)

    def _transferred(self, answer: desk.Answer) -> None:
        if self._stale and isinstance(answer, desk.Agreed):
            self.office.watch.fault("I14", f"a transfer of {answer.label} by an old revision was carried out")
        if isinstance(answer, desk.Refusal):
            self.office.world.count("stale transfers refused", answer.reason == "stale")
            self._finish()
        else:
            self._done(answer)

    def _parked(self, answer: desk.Answer) -> None:
        ticket = self.serving
        self._done(answer)
        if isinstance(answer, desk.Agreed):
            world = self.office.world
            world.after(world.rng.randint(30, 300) * SECOND, self._resume, ticket)

    def _resume(self, ticket: str) -> None:
        self._ask(desk.Resume(self.counter, ticket), lambda answer: None)

    def _finish(self) -> None:
        self._ask(desk.Finish(self.counter), self._done)

    def _done(self, answer: desk.Answer) -> None:
        if isinstance(answer, desk.Refusal) and answer.reason == "not_signed_in":
            self.signed_in_at = -1
        self.serving = ""
        self._again(1, 10)

    # --- the page's manners: one request id, posted until it is answered

    def _ask(self, command: desk.AnyCommand, then: Callable[[desk.Answer], None]) -> None:
        self.requests += 1
        self._post(f"clerk{self.no}-{self.requests}", command, then, [], self.at, 0)

    def _post(
        self,
        request: str,
        command: desk.AnyCommand,
        then: Callable[[desk.Answer], None],
        answered: list[bytes],
        at: int,
        tries: int,
    ) -> None:
        if answered:
            return
        if at != self.at:  # the page was opened at the other hub: what was asked here is not asked there
            if isinstance(command, desk.AddWalkIn):
                self.office.watch.walk_in_was_left()
            self.serving = ""
            self._again(1, 3)
            return
        world = self.office.world
        hub = self.hub

        def reply(text: bytes) -> None:
            self.office.watch.answered(hub, request, text)
            if world.chance(0.97):
                world.after(world.rng.randint(1, 30), come_back, text)

        def come_back(text: bytes) -> None:
            if not answered:
                answered.append(text)
                then(msgspec.json.decode(text, type=desk.Answer))

        if hub.engine is not None and world.chance(0.97):
            for _ in range(2 if world.chance(0.02) else 1):
                world.after(
                    world.rng.randint(1, 30), hub.command, CommandCame(request, f"clerk{self.no}", command, reply)
                )
        world.after(1_500, self._post, request, command, then, answered, at, tries + 1)


@dataclass
class Operator:
    """Promotes the standby when the leader is away for long, or, now and then, for no good reason."""

    office: "SimOffice"
    promotions: int = 0

    def look(self) -> None:
        office, world = self.office, self.office.world
        if len(office.hubs) > 1 and not office.closing:
            leader, standby = office.hubs[office.leader], office.hubs[1 - office.leader]
            away = not leader.on or leader.cut_off
            ready = standby.on and standby.role == "standby" and standby.standby is not None
            if ready and self.promotions < office.plan.promotions and world.chance(0.5 if away else 0.02):
                self.promote()
        world.after(MINUTE, self.look)

    def promote(self) -> None:
        office, world = self.office, self.office.world
        standby = office.hubs[1 - office.leader]
        self.promotions += 1
        world.count("promotions")
        office.watch.promoting(standby)
        standby.promote()
        office.leader = 1 - office.leader
        for clerk in office.clerks:
            world.after(world.rng.randint(1, 60) * SECOND, self._move, clerk)

    def _move(self, clerk: Clerk) -> None:
        """Told where the office's hub is now; who was told before another promotion is told again."""
        to = self.office.leader
        if clerk.at != to:
            clerk.at = to
            clerk.serving = ""
