"""What clerks do, and what they are told."""

import pytest

from office_hub.core import desk
from tests.office_hub.hub import Hub

MINUTE = 60_000


def test_two_clerks_at_once_get_two_tickets_and_a_retry_the_same(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.take_ticket(kiosk)
    hub.sign_in("c1", "ana")
    hub.sign_in("c2", "biel")
    first = hub.command(desk.CallNext("c1"), "same")
    assert hub.command(desk.CallNext("c2")).label == "A002"
    assert hub.command(desk.CallNext("c1"), "same") == first
    hub.restart()
    assert hub.command(desk.CallNext("c1"), "same") == first


def test_the_whole_way_of_a_ticket(hub: Hub) -> None:
    kiosk = hub.enrol()
    label = hub.take_ticket(kiosk)
    hub.sign_in()
    assert hub.command(desk.CallNext("c1")).label == label
    assert hub.command(desk.CallNext("c1")) == desk.Refusal("finish_first", label)
    assert hub.command(desk.Recall("c1")).label == label
    assert hub.command(desk.Park("c1")).label == label
    assert hub.command(desk.Resume("c1", "k1.1.1")).label == label
    assert hub.command(desk.CallNext("c1")).label == label
    assert hub.command(desk.Start("c1")).label == label
    hub.clock.advance(4 * MINUTE)
    assert hub.command(desk.MarkNoShow("c1")) == desk.Refusal("wrong_state", label)
    assert hub.command(desk.Finish("c1")).label == label
    assert hub.engine.office.minutes == {"register": 4.0}
    assert hub.engine.office.tickets["k1.1.1"].calls == 3
    assert hub.command(desk.Finish("c1")) == desk.Refusal("no_ticket")


def test_a_stale_transfer_is_refused_and_a_right_one_keeps_the_arrival(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.clock.advance(MINUTE)
    other = hub.take_ticket(kiosk, "taxes")
    hub.sign_in("c2", "biel")
    hub.command(desk.CallNext("c2"))
    rev = hub.engine.office.tickets["k1.1.1"].rev
    assert hub.command(desk.Transfer("c2", "k1.1.1", rev - 1, "taxes")) == desk.Refusal("stale", "A001")
    assert hub.command(desk.Transfer("c2", "k1.1.1", rev, "taxes")).label == "A001"
    assert hub.command(desk.CallNext("c2")).label == "A001", "it arrived before the other"
    hub.command(desk.Finish("c2"))
    assert hub.command(desk.CallNext("c2")).label == other


def test_a_transfer_to_a_counter_waits_for_it_alone(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.sign_in("c1", "ana")
    hub.sign_in("c3", "biel")
    rev = hub.engine.office.tickets["k1.1.1"].rev
    hub.command(desk.Transfer("c1", "k1.1.1", rev, to_counter="c3"))
    assert hub.command(desk.CallNext("c1")) == desk.Refusal("nobody_waits")
    assert hub.command(desk.CallNext("c3")).label == "A001"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (desk.CallNext("c9"), "counter_unknown"),
        (desk.CallNext("c1"), "not_signed_in"),
        (desk.SignIn("c2", "ana"), "counter_taken"),
        (desk.Transfer("c2", "none", 0, "taxes"), "no_ticket"),
        (desk.AddWalkIn("c2", "massage", "es"), "no_such_service"),
        (desk.Resume("c2", "none"), "wrong_state"),
        (desk.CallTicket("c2", "none"), "no_ticket"),
    ],
)
def test_what_cannot_be_done_is_said(hub: Hub, command: desk.AnyCommand, reason: str) -> None:
    hub.sign_in("c2", "biel")
    answer = hub.command(command)
    assert isinstance(answer, desk.Refusal)
    assert answer.reason == reason


def test_a_walk_in_added_by_a_clerk_takes_the_next_number_until_the_doors_close(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.take_ticket(kiosk)
    hub.sign_in()
    assert hub.command(desk.AddWalkIn("c1", "register", "ca", priority=True)).label == "A002"
    assert hub.command(desk.CallNext("c1")).label == "A002", "priority is a head start of twenty minutes"
    hub.command(desk.CloseDoors("c1"))
    assert hub.command(desk.AddWalkIn("c1", "register", "ca")) == desk.Refusal("doors_closed")
    hub.command(desk.OpenDoors("c1"))
    assert hub.command(desk.AddWalkIn("c1", "register", "ca")).label == "A003"
