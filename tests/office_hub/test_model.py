"""The hub against a model that a person can check by eye: a list of people, and who is next in it."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from office_hub.core import desk
from officelib import events as e
from officelib.assets import asset
from officelib.catalogue_file import read_catalogue
from officelib.inbound import WantDenied, WantGranted
from officelib.office import State
from tests.conftest import ManualClock
from tests.office_hub.hub import Hub

SERVICES = ("register", "certificates", "entry", "information")
SERIES = {"register": "A", "certificates": "H", "entry": "R", "information": "X"}
COUNTERS = {"c1": set(SERVICES), "c2": set(SERVICES)}


@dataclass
class Person:
    """Somebody with a number."""

    label: str
    service: str
    arrived: int
    device: str
    seq: int
    state: str = "waiting"
    counter: str = ""
    printed: bool = True


@dataclass
class Model:
    """Everybody, in a list. No log, no queue, no restart."""

    people: list[Person] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, service: str) -> str:
        series = SERIES[service]
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return f"{series}{self.numbers[series]:03d}"

    def next_for(self) -> Person | None:
        waiting = [p for p in self.people if p.state == "waiting" and p.printed]
        return min(waiting, key=lambda p: (p.arrived, p.device, p.seq), default=None)

    def at(self, counter: str) -> Person | None:
        return next((p for p in self.people if p.state == "called" and p.counter == counter), None)


class Office(RuleBasedStateMachine):
    """Things happen in any order; the hub must say what the list says."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        catalogue = read_catalogue(asset("demo", "office.toml"))
        self.hub = Hub(Path(self.folder.name) / "office.db", catalogue, self.clock)
        self.kiosks = {name: self.hub.enrol(name, f"j-{name}") for name in ("k1", "k2")}
        self.lanes = dict.fromkeys(self.kiosks, 0)
        self.hub.sign_in("c1", "ana")
        self.hub.sign_in("c2", "biel")
        self.model = Model()
        self.open_wants: dict[str, tuple[int, Person]] = {}

    def teardown(self) -> None:
        if hasattr(self, "hub"):
            self.hub.close()
            self.folder.cleanup()

    @rule(ms=st.integers(1, 600_000))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)

    @rule()
    def the_hub_dies(self) -> None:
        self.hub.restart()

    @rule(name=st.sampled_from(["k1", "k2"]), service=st.sampled_from(SERVICES))
    def somebody_asks(self, name: str, service: str) -> None:
        if name in self.open_wants:
            return
        kiosk = self.kiosks[name]
        answer = self.hub.write(kiosk, e.Want(e.Claim(service, "es"))).results[-1]
        person = Person(self.model.number(service), service, self.clock.mono, name, len(kiosk.events), printed=False)
        assert isinstance(answer, WantGranted)
        assert answer.label == person.label
        self.model.people.append(person)
        self.open_wants[name] = (len(kiosk.events), person)

    @rule(name=st.sampled_from(["k1", "k2"]))
    def the_kiosk_takes_the_number(self, name: str) -> None:
        if name in self.open_wants:
            seq, person = self.open_wants.pop(name)
            self.hub.write(self.kiosks[name], e.Print(seq, person.label))
            person.printed = True

    @rule(name=st.sampled_from(["k1", "k2"]), late=st.integers(0, 300_000))
    def the_kiosk_gave_up_on_the_hub(self, name: str, late: int) -> None:
        """A lane number for the open want, or for somebody who came while the hub was away."""
        kiosk = self.kiosks[name]
        self.lanes[name] += 1
        label = f"A{kiosk.name[1]}-{self.lanes[name]:03d}"
        if name in self.open_wants:
            seq, person = self.open_wants.pop(name)
            label = SERIES[person.service] + label[1:]
            self.hub.write(kiosk, e.Lane(label, e.Claim(person.service, "es"), seq))
            person.label, person.printed = label, True
            return
        seq = len(kiosk.events) + 1
        self.hub.write(kiosk, e.Lane(label, e.Claim("register", "es")))
        self.model.people.append(Person(label, "register", self.clock.mono, name, seq))

    @rule(name=st.sampled_from(["k1", "k2"]))
    def the_kiosk_abandons(self, name: str) -> None:
        if name in self.open_wants:
            seq, person = self.open_wants.pop(name)
            self.hub.write(self.kiosks[name], e.Abandon(seq, "gone"))
            person.state = "gone"

    @rule(name=st.sampled_from(["k1", "k2"]), first=st.integers(1, 100))
    def an_old_batch_comes_again(self, name: str, first: int) -> None:
        kiosk = self.kiosks[name]
        if kiosk.events:
            self.hub.up(kiosk, min(first, len(kiosk.events)))

    @rule(counter=st.sampled_from(["c1", "c2"]))
    def a_clerk_calls(self, counter: str) -> None:
        answer = self.hub.command(desk.CallNext(counter))
        busy, person = self.model.at(counter), self.model.next_for()
        if busy is not None:
            assert answer == desk.Refusal("finish_first", busy.label)
        elif person is None:
            assert answer == desk.Refusal("nobody_waits")
        else:
            assert isinstance(answer, desk.Agreed)
            assert answer.label == person.label
            person.state, person.counter = "called", counter

    @rule(counter=st.sampled_from(["c1", "c2"]), what=st.sampled_from([desk.Finish, desk.MarkNoShow, desk.Park]))
    def a_clerk_ends(self, counter: str, what: type[desk.Finish | desk.MarkNoShow | desk.Park]) -> None:
        answer, person = self.hub.command(what(counter)), self.model.at(counter)
        if person is None:
            assert answer == desk.Refusal("no_ticket")
        else:
            assert isinstance(answer, desk.Agreed)
            person.state = {"Finish": "finished", "MarkNoShow": "no_show", "Park": "parked"}[what.__name__]

    @rule(counter=st.sampled_from(["c1", "c2"]))
    def a_clerk_resumes(self, counter: str) -> None:
        parked = [p for p in self.model.people if p.state == "parked"]
        if parked:
            ticket = self.hub.engine.office.by_label[parked[0].label]
            assert isinstance(self.hub.command(desk.Resume(counter, ticket)), desk.Agreed)
            parked[0].state = "waiting"

    @rule(counter=st.sampled_from(["c1", "c2"]), service=st.sampled_from(SERVICES), stale=st.booleans())
    def a_clerk_transfers(self, counter: str, service: str, stale: bool) -> None:
        person = self.model.at(counter)
        if person is None:
            return
        ticket = self.hub.engine.office.tickets[self.hub.engine.office.by_label[person.label]]
        answer = self.hub.command(desk.Transfer(counter, ticket.id, ticket.rev - stale, service))
        if stale:
            assert answer == desk.Refusal("stale", person.label)
        else:
            assert isinstance(answer, desk.Agreed)
            person.state, person.service = "waiting", service

    @rule()
    def a_command_is_posted_twice(self) -> None:
        self.posted = getattr(self, "posted", 0) + 1
        busy, person = self.model.at("c1"), self.model.next_for()
        first = self.hub.command(desk.CallNext("c1"), f"twice-{self.posted}")
        assert self.hub.command(desk.CallNext("c1"), f"twice-{self.posted}") == first
        if busy is None and person is not None:
            person.state, person.counter = "called", "c1"

    @rule(name=st.sampled_from(["k1", "k2"]))
    def an_unknown_code_is_scanned(self, name: str) -> None:
        if name not in self.open_wants:
            claim = e.Claim("", "es", e.BookingClaim(short="22222222"))
            assert self.hub.write(self.kiosks[name], e.Want(claim)).results == (
                WantDenied(len(self.kiosks[name].events), "unknown_code"),
            )

    @precondition(lambda self: hasattr(self, "model"))
    @invariant()
    def the_hub_knows_everybody(self) -> None:
        office = self.hub.engine.office
        states = {
            "waiting": State.WAITING, "called": State.CALLED, "finished": State.FINISHED, "no_show": State.NO_SHOW,
            "parked": State.PARKED, "gone": State.VOID,
        }  # fmt: skip
        for person in self.model.people:
            ticket = office.tickets[office.by_label[person.label]]
            expected = states[person.state] if person.printed or person.state != "waiting" else State.NUMBERED
            assert ticket.state is expected, person
        live = [p for p in self.model.people if p.state == "waiting" and p.printed]
        assert sum(len(queue) for queue in office.queues.values()) == len(live)
        assert len({p.label for p in self.model.people}) == len(self.model.people)


def test_the_hub_says_what_the_list_says(request: pytest.FixtureRequest) -> None:
    long = request.config.getoption("--long")
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=2_000 if long else 40,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not long,
        ),
    )
