"""What the display shows of the calls: the large ones, those before, and whether the news is still news. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from officelib.board import Call
from officelib.ids import parse_label

FRESH_MS = 15_000
"""A call stands large at least so long."""
LARGE_MS = 120_000
"""A call that nobody answered moves to the list after so long."""
LISTED_CALLS = 6


@dataclass(frozen=True)
class Concern:
    """Which calls are this screen's: those of some letters, to some counters; empty for all."""

    letters: frozenset[str] = frozenset()
    counters: frozenset[str] = frozenset()

    def has(self, call: Call) -> bool:
        """Whether a call is to be shown here."""
        if self.counters and call.counter not in self.counters:
            return False
        return not self.letters or any(parse_label(label).series in self.letters for label in call.labels)


@dataclass(frozen=True)
class BoardView:
    """The calls on a screen. `large` is empty when nobody is being called."""

    large: tuple[Call, ...]
    listed: tuple[Call, ...]
    is_offline: bool
    last_news_ms: int


def view_of(
    calls: Sequence[Call], *, hub_ms: int | None, link_up: bool, last_news_ms: int, most_large: int = 1
) -> BoardView:
    """Arrange the calls of a screen.

    Args:
        calls: Newest first.
        hub_ms: Hub time now; None while it is unknown: then nothing is called "now".
        link_up: The hub answers.
        last_news_ms: Hub time of the last word from it; 0 for never.
        most_large: So many of the newest may stand large.
    """
    large = tuple(call for call in calls[:most_large] if _stands(call, hub_ms, link_up=link_up))
    listed = tuple(call for call in calls if call not in large)[:LISTED_CALLS]
    return BoardView(large, listed, not link_up, last_news_ms)


def _stands(call: Call, hub_ms: int | None, *, link_up: bool) -> bool:
    if hub_ms is None:
        return False
    age_ms = hub_ms - call.at_ms
    if age_ms < FRESH_MS:
        return True
    return link_up and not call.answered and age_ms < LARGE_MS
