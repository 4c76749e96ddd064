"""Labels, the order of the queue, arrivals: what must be right before anything else."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officelib.arrival import Anchor, better, error_at, estimate, from_echo
from officelib.catalogue import Counter, OrderRules
from officelib.ids import HIGHEST_NUMBER, check_device, lane_label, main_label, parse_label
from officelib.numbering import Numbers, next_lane_number
from officelib.order import Queue, QueueKey, next_ticket, place
from officelib.waiting import estimate_min, smoothed_minutes, spread_min

numbers = st.integers(1, HIGHEST_NUMBER)
series = st.sampled_from("AFHJKLMRUX")


@given(series, numbers, st.integers(1, 9))
def test_labels_are_read_as_they_were_written(letter: str, number: int, slot: int) -> None:
    assert parse_label(main_label(letter, number)) == (letter, None, number)
    assert parse_label(lane_label(letter, slot, number)) == (letter, slot, number)


@given(series, numbers, numbers, st.integers(1, 9), st.integers(1, 9))
def test_lanes_never_meet_each_other_nor_the_hub(letter: str, one: int, other: int, slot: int, other_slot: int) -> None:
    assert main_label(letter, one) != lane_label(letter, slot, other)
    assert (lane_label(letter, slot, one) == lane_label(letter, other_slot, other)) == (
        (slot, one) == (other_slot, other)
    )


def test_labels_look_as_designed() -> None:
    assert main_label("A", 42) == "A042"
    assert main_label("A", 1000) == "A1000"
    assert lane_label("A", 2, 7) == "A2-007"


@pytest.mark.parametrize("wrong", ["", "A", "42", "a-42", "AA42", "A0-001", "A42", "A2-7", "A00042"])
def test_what_is_no_label_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no label"):
        parse_label(wrong)


@pytest.mark.parametrize(("slot", "number"), [(0, 1), (10, 1), (1, 0), (1, 10_000)])
def test_a_lane_has_its_bounds(slot: int, number: int) -> None:
    with pytest.raises(ValueError, match="slot|number"):
        lane_label("A", slot, number)


@pytest.mark.parametrize("wrong", ["", "k", "x1", "k1/#", "+", "k12345"])
def test_a_device_name_cannot_be_a_topic_pattern(wrong: str) -> None:
    with pytest.raises(ValueError, match="write k, s or h"):
        check_device(wrong)


def test_numbers_go_on_after_the_highest_that_was_seen() -> None:
    given_numbers = Numbers()
    assert given_numbers.next_label("A", None) == "A001"
    for text in ("A007", "A003", "H001"):
        given_numbers.seen(parse_label(text))
    assert given_numbers.next_label("A", None) == "A008"
    given_numbers.seen(parse_label("A9999"))
    with pytest.raises(ValueError, match="no number left"):
        given_numbers.next_label("A", None)


def test_a_lane_starts_again_only_after_9999() -> None:
    assert next_lane_number(0) == 1
    assert next_lane_number(999) == 1000
    assert next_lane_number(9999) == 1


# --- order

RULES = OrderRules(grace_min=15, priority_head_start_min=20)
MINUTE = 60_000


def stands(arrived_min: float, slot_min: float | None = None, *, rules: OrderRules = RULES, **more: object) -> QueueKey:
    slot_ms = None if slot_min is None else int(slot_min * MINUTE)
    fields = {"priority": False, "device": "k1", "seq": 1, **more}
    return place(rules, arrived_ms=int(arrived_min * MINUTE), slot_ms=slot_ms, **fields)  # type: ignore[arg-type]


def test_a_booking_in_time_stands_at_its_slot_and_a_late_one_where_it_came() -> None:
    assert stands(50, 60).arrival_ms == 60 * MINUTE
    assert stands(75, 60).arrival_ms == 60 * MINUTE
    assert stands(75.1, 60).arrival_ms == int(75.1 * MINUTE)


def test_priority_is_a_head_start_and_no_jump() -> None:
    assert stands(30, priority=True) < stands(11)
    assert stands(30, priority=True) > stands(9)


def test_bookings_first_is_a_matter_of_the_office() -> None:
    first = OrderRules(interleave="bookings_first")
    assert stands(59, 60) > stands(1)
    assert stands(59, 60, rules=first) < stands(1, rules=first)


keys = st.builds(QueueKey, st.integers(0, 1), st.integers(0, 50), st.sampled_from(["k1", "k2"]), st.integers(1, 10**6))


@given(st.lists(keys, unique=True), st.data())
def test_a_queue_is_its_keys_in_order_whatever_comes_and_goes(all_keys: list[QueueKey], data: st.DataObject) -> None:
    queue = Queue()
    for key in all_keys:
        queue.add(key, f"t{key.seq}")
    gone = data.draw(st.sets(st.sampled_from(all_keys))) if all_keys else set()
    for key in gone:
        queue.remove(key, f"t{key.seq}")
    left = sorted(set(all_keys) - gone)
    assert [key for key, _ in queue] == left
    assert queue.head == ((left[0], f"t{left[0].seq}") if left else None)
    for key in left:
        assert queue.ahead_of(key) == left.index(key)


def test_removing_what_is_not_there_changes_nothing() -> None:
    queue = Queue()
    queue.add(QueueKey(0, 1, "k1", 1), "a")
    queue.remove(QueueKey(0, 1, "k1", 1), "b")
    assert len(queue) == 1


FAIR = Counter("c1", "1", ("a", "b"))
STRICT = Counter("c2", "2", ("a", "b"), "strict")


def test_a_counter_takes_the_earliest_or_its_preferred_service() -> None:
    heads = [("a", QueueKey(0, 9, "k1", 2), "late"), ("b", QueueKey(0, 3, "k1", 1), "early")]
    assert next_ticket(FAIR, heads) == "early"
    assert next_ticket(STRICT, heads) == "late"
    assert next_ticket(STRICT, [("", QueueKey(0, 99, "k1", 3), "mine"), *heads]) == "mine"
    assert next_ticket(FAIR, []) is None


# --- arrivals


def test_an_echo_bounds_the_error_by_half_the_way() -> None:
    assert from_echo(1_000, 1_020, 500_000) == Anchor(1_010, 500_000, 10)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_arrivals_are_dated_backwards_and_forwards_with_honest_bars(anchor_mono: int, mono: int) -> None:
    anchor = Anchor(anchor_mono, 10**12, 5)
    arrival = estimate(anchor, mono, 0)
    assert arrival.at_ms - 10**12 == mono - anchor_mono
    assert arrival.err_ms == error_at(anchor, mono) >= 5 + abs(mono - anchor_mono) // 10_000


def test_without_an_anchor_the_arrival_is_unknown() -> None:
    arrival = estimate(None, 5, 777)
    assert (arrival.at_ms, arrival.is_known) == (777, False)


def test_the_better_anchor_is_the_one_with_the_smaller_error_now() -> None:
    old, new = Anchor(0, 0, 2), Anchor(10_000_000, 10_000_000, 50)
    assert better(old, new) is new
    assert better(old, Anchor(10_000, 10_000, 50)) is old
    assert better(None, new) is new


# --- waiting


def test_an_estimate_is_honest_when_nobody_serves() -> None:
    assert estimate_min(3, 5, 0) is None
    assert estimate_min(3, 5, 2) == 8
    assert estimate_min(0, 5, 2) == 0


def test_the_mean_follows_slowly() -> None:
    assert smoothed_minutes(10, 20) == pytest.approx(12)


def test_a_spread_is_wider_for_more_people_and_narrower_for_more_counters() -> None:
    assert spread_min(3, 5, 2, 0) is None
    assert spread_min(0, 5, 2, 1) == (0, 0)
    assert spread_min(1, 4, 1, 1) == (2, 6)
    low, high = spread_min(20, 6, 3.6, 2) or (0, 0)
    assert (low, high) == (45, 75)
    assert low < estimate_min(20, 6, 2) < high  # type: ignore[operator]
    wide, narrow = spread_min(20, 6, 3.6, 1) or (0, 0), spread_min(20, 6, 3.6, 4) or (0, 0)
    assert wide[1] - wide[0] > high - low > narrow[1] - narrow[0]


def test_four_of_five_waits_end_within_the_spread() -> None:
    """Against a queue that is played: exponential service is the widest that the shipped guess is for."""
    draw = random.Random(5)
    low, high = spread_min(12, 8, 8, 2) or (0, 0)
    within = 0
    for _ in range(2_000):
        free = [draw.expovariate(1 / 8), draw.expovariate(1 / 8)]
        for _ in range(12):
            at = min(free)
            free[free.index(at)] = at + draw.expovariate(1 / 8)
        within += low <= min(free) <= high
    assert 0.72 <= within / 2_000 <= 0.95
