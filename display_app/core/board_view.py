"""What the display shows of the board: the large call, the last calls, and whether the news is still news. Pure."""

from dataclasses import dataclass

from officelib.board import Board, Call

FRESH_MS = 15_000
"""A call stands large at least so long."""
LARGE_MS = 120_000
"""A call that nobody answered moves to the list after so long."""
LISTED_CALLS = 5


@dataclass(frozen=True)
class BoardView:
    """The display's content. `large` is empty when nobody is being called."""

    large: tuple[Call, ...]
    listed: tuple[Call, ...]
    is_offline: bool
    last_news_ms: int


def view_of(board: Board, *, hub_ms: int | None, link_up: bool, last_news_ms: int) -> BoardView:
    """Arrange the board.

    Args:
        board: Calls, newest first.
        hub_ms: Hub time now; None while it is unknown: then nothing is called "now".
        link_up: The hub answers.
        last_news_ms: Hub time of the last word from it; 0 for never.
    """
    newest = board.calls[:1]
    large = tuple(call for call in newest if _stands(call, hub_ms, link_up=link_up))
    listed = board.calls[len(large) : len(large) + LISTED_CALLS]
    return BoardView(large, listed, not link_up, last_news_ms)


def _stands(call: Call, hub_ms: int | None, *, link_up: bool) -> bool:
    if hub_ms is None:
        return False
    age_ms = hub_ms - call.at_ms
    if age_ms < FRESH_MS:
        return True
    return link_up and not call.answered and age_ms < LARGE_MS
