"""The order of the queue: one rule, a total order, the same whoever computes it."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from officelib.catalogue import Counter, OrderRules


class QueueKey(NamedTuple):
    """The smaller key is called first."""

    band: int
    arrival_ms: int
    device: str
    seq: int


def place(
    rules: OrderRules, *, arrived_ms: int, slot_ms: int | None, priority: bool, device: str, seq: int
) -> QueueKey:
    """Where a ticket stands.

    A booking that comes early or within its grace stands at its slot; a late one where it arrived. Priority is a
    head start in minutes. The band keeps bookings before walk-ins where the office wants it so.

    Args:
        rules: The office's own.
        arrived_ms: Hub time of arrival, milliseconds.
        slot_ms: The booking's time, hub clock; None for a walk-in.
        priority: By the office's rules, as the kiosk or a clerk recorded it.
        device: Breaks ties between kiosks.
        seq: Keeps the issue order of one kiosk.
    """
    stands_ms = arrived_ms
    if slot_ms is not None and arrived_ms <= slot_ms + rules.grace_min * 60_000:
        stands_ms = slot_ms
    if priority:
        stands_ms -= rules.priority_head_start_min * 60_000
    band = 1 if rules.interleave == "bookings_first" and slot_ms is None else 0
    return QueueKey(band, stands_ms, device, seq)


class Queue:
    """Tickets that wait for one service, in order."""

    def __init__(self) -> None:
        self._entries: list[tuple[QueueKey, str]] = []

    def add(self, key: QueueKey, ticket: str) -> None:
        insort(self._entries, (key, ticket))

    def remove(self, key: QueueKey, ticket: str) -> None:
        at = bisect_left(self._entries, (key, ticket))
        if at < len(self._entries) and self._entries[at] == (key, ticket):
            del self._entries[at]

    def ahead_of(self, key: QueueKey) -> int:
        """How many stand before a key."""
        return bisect_left(self._entries, (key, ""))

    @property
    def head(self) -> tuple[QueueKey, str] | None:
        return self._entries[0] if self._entries else None

    def __iter__(self) -> Iterator[tuple[QueueKey, str]]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def next_ticket(counter: Counter, heads: Iterable[tuple[str, QueueKey, str]]) -> str | None:
    """The ticket that a counter calls next.

    Args:
        counter: Its services, the preferred ones first where `preference` is "strict".
        heads: (service, key, ticket) of the first in each queue that the counter may serve; tickets that were
            transferred to this very counter come under the service "".
    Returns:
        The ticket; None when nobody waits.
    """
    ranked = {service: rank for rank, service in enumerate(counter.services)} if counter.preference == "strict" else {}
    best = min(
        ((ranked.get(service, 0) if service else -1, key, ticket) for service, key, ticket in heads), default=None
    )
    return best[2] if best else None
