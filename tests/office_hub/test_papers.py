"""A ticket that only its paper knows: shown at another kiosk or at a counter it is in the queue, once, at its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from office_hub.core import desk
from office_hub.engine import EnrolCame
from officelib import events as e
from officelib.authority import new_key, request_of
from officelib.catalogue import Catalogue
from officelib.enrolment import new_token
from officelib.office import State
from officelib.ticket_code import TicketCode, signer, write_code
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub, Kiosk

KEY = new_key()
REF = bytes(range(10))
MINUTE_MS = 60_000


class Office(Hub):
    """A hub with a kiosk k2 that it let in, and that is cut off now."""

    def let_in(self) -> Kiosk:
        token = new_token(self.store.enrolment_key, "k2", 2, self.engine.now_ms(), ())
        self.round(EnrolCame(token.invitation, request_of(KEY, "k2"), lambda _: None))
        return self.enrol("k2", "j2")

    def rejected(self) -> list[str]:
        return [x.body.reason for x in self.heard.entries if isinstance(x.body, e.EventRejected)]

    def states(self) -> dict[str, State]:
        return {label: t.state for t in self.engine.office.tickets.values() for label in t.labels}


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Office]:
    one = Office(tmp_path / "office.db", catalogue, clock)
    one.cut_off = one.let_in()  # type: ignore[attr-defined]
    one.sign_in()
    yield one
    one.close()


def paper(hub: Hub, **changes: object) -> str:
    facts = {
        "device": "k2",
        "inc": 1,
        "seq": 1,
        "label": "A2-001",
        "service": hub.catalogue.services["register"].code,
        "language": "es",
        "arrived_ms": hub.engine.now_ms() - 10 * MINUTE_MS,
        "err_ms": 500,
    }
    key = changes.pop("key", KEY)
    return write_code(TicketCode(**{**facts, **changes}), signer(key))  # type: ignore[arg-type]


def show(hub: Office, text: str) -> desk.Answer:
    return hub.command(desk.TakePaper("c1", text))


def test_it_stands_where_its_citizen_came(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    hub.take_ticket(here)
    assert show(hub, paper(hub)) == desk.Agreed("A2-001")
    called = hub.command(desk.CallNext("c1"))
    assert isinstance(called, desk.Agreed)
    assert called.label == "A2-001", "ten minutes before the other"


def test_shown_often_and_sent_later_it_is_one_ticket(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    text = paper(hub)
    for _ in range(2):
        hub.write(here, e.PaperShown(text))
        show(hub, text)
    hub.write(hub.cut_off, e.Lane("A2-001", e.Claim("register", "es")))  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.WAITING}
    assert len(hub.engine.office.tickets) == 1
    assert hub.rejected() == []


def test_a_lane_number_of_a_want_is_the_wants_ticket(hub: Office) -> None:
    show(hub, paper(hub, seq=1))
    claim = e.Claim("register", "es")
    hub.write(hub.cut_off, e.Want(claim), e.Lane("A2-001", claim, 1))  # type: ignore[attr-defined]
    assert hub.states() == {"A2-001": State.WAITING}
    assert hub.rejected() == []


def test_a_booking_that_came_twice_is_one_citizen(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    claim = e.Claim("register", "es", e.BookingClaim(REF.hex(), NINE_MS))
    hub.write(here, e.Lane("A1-001", claim))
    show(hub, paper(hub, ref=REF, slot_ms=NINE_MS))
    assert len(hub.engine.office.tickets) == 1
    assert set(hub.states()) == {"A1-001", "A2-001"}


def test_a_main_number_that_a_lost_hub_gave_is_believed(hub: Office) -> None:
    show(hub, paper(hub, label="A042"))
    assert hub.states() == {"A042": State.WAITING}


@pytest.mark.parametrize(
    "changes",
    [
        {"key": new_key()},
        {"device": "k3"},
        {"label": "A3-001"},
        {"service": 9_999},
        {"arrived_ms": NINE_MS - 86_400_000},
        {"label": "nonsense"},
    ],
    ids=["forged", "stranger", "foreign lane", "no service", "yesterday", "no label"],
)
def test_what_is_no_paper_of_today_changes_nothing(hub: Office, changes: dict[str, object]) -> None:
    answer = show(hub, paper(hub, **changes))
    assert isinstance(answer, desk.Refusal)
    assert answer.reason == "no_paper"
    assert hub.states() == {}
    here = hub.enrol("k1", "j1")
    hub.write(here, e.PaperShown(paper(hub, **changes)))
    assert hub.states() == {}
    assert len(hub.rejected()) == 1, "told in the log"


def test_who_was_passed_over_is_back(hub: Office) -> None:
    text = paper(hub)
    show(hub, text)
    hub.command(desk.CallNext("c1"))
    hub.command(desk.MarkNoShow("c1"))
    assert hub.states() == {"A2-001": State.NO_SHOW}
    show(hub, text)
    assert hub.states() == {"A2-001": State.WAITING}
