"""What stands on one screen at a moment: the calls, or what there is to say while nobody is called. Pure."""

import re
from dataclasses import dataclass, field
from typing import Literal

from display_app.core.board_view import BoardView, Concern, view_of
from display_app.core.lobby import Lobby, urgent_notices
from display_app.core.schedule import Span, span_at
from display_app.core.waits import SeriesWait, series_waits

TURN_S = 8
"""Seconds that a message stands before the next one takes its place; it never moves."""

SENTENCE_ENDS = re.compile(r"(?<=[.!?\u061f])\s+")
"""The last is Arabic's question mark."""

Stage = Literal["crisis", "calls", "waits", "picture", "welcome"]


@dataclass(frozen=True)
class Said:
    """A message, or a page of one, in a language."""

    language: str
    text: str


@dataclass(frozen=True)
class Screen:
    """What one screen is for, and what it has room for.

    Attributes:
        concern: Its calls.
        most_large: So many of them stand large.
        stage_letters: Letters that a page of a message has room for on the stage.
        strip_letters: The same in the strip.
        table_rows: Rows that a table on the stage has room for.
        nights: When it is dark.
        has_pictures: There is a picture to show while nobody is called.
    """

    concern: Concern = field(default_factory=Concern)
    most_large: int = 1
    stage_letters: int = 200
    strip_letters: int = 80
    table_rows: int = 10
    nights: tuple[Span, ...] = ()
    has_pictures: bool = False


@dataclass(frozen=True)
class Scene:
    """What stands on a screen.

    Attributes:
        board: The calls.
        stage: What the large place is for.
        crisis: A page of the urgent message.
        waits: By letter, a page of them; empty while the hub is away: they would be old.
        strip: What the strip says; None for nothing, or for what `board` says of a hub that is away.
        is_dark: Nothing is shown at all.
        turn: Which page of what has several.
    """

    board: BoardView
    stage: Stage
    crisis: Said | None
    waits: tuple[SeriesWait, ...]
    strip: Said | SeriesWait | None
    is_dark: bool
    turn: int = 0


def scene_of(lobby: Lobby, screen: Screen, hub_ms: int | None, language: str) -> Scene:
    """Arrange a screen.

    Args:
        lobby: The display as it stands.
        screen: Which of its screens.
        hub_ms: Hub time; None while it is unknown.
        language: The screen's own.
    """
    calls = [call for call in lobby.board.calls if screen.concern.has(call)]
    board = view_of(
        calls,
        hub_ms=hub_ms,
        link_up=lobby.link_up,
        last_news_ms=lobby.last_news_ms,
        most_large=screen.most_large,
    )
    turn = lobby.turn // TURN_S
    crisis, waits = _crisis(lobby, screen, hub_ms, turn), _waits(lobby, screen, language)
    stage: Stage = "crisis" if crisis else "calls" if board.large else "picture" if screen.has_pictures else "welcome"
    if stage == "welcome" and waits:
        stage = "waits"
    strip = None if board.is_offline else _strip(lobby, screen, hub_ms, () if stage == "waits" else waits, turn)
    is_dark = not crisis and not board.large and _is_night(lobby, screen, hub_ms)
    return Scene(board, stage, crisis, _page(waits, screen.table_rows, turn), strip, is_dark, turn)


def pages_of(text: str, letters: int) -> list[str]:
    """A text in pages of so many letters at most: broken between sentences, or between words where one is longer."""
    pages = [""]
    for sentence in SENTENCE_ENDS.split(text.strip()):
        parts = [sentence] if len(sentence) <= letters else sentence.split()
        for part in parts:
            longer = f"{pages[-1]} {part}".strip()
            if len(longer) <= letters or not pages[-1]:
                pages[-1] = longer
            else:
                pages.append(part)
    return pages


def _page(waits: tuple[SeriesWait, ...], rows: int, turn: int) -> tuple[SeriesWait, ...]:
    pages = [waits[at : at + rows] for at in range(0, len(waits), rows)]
    return pages[turn % len(pages)] if pages else ()


def _crisis(lobby: Lobby, screen: Screen, hub_ms: int | None, turn: int) -> Said | None:
    notices = urgent_notices(lobby, hub_ms) if hub_ms is not None else ()
    pages = [
        Said(language, page)
        for notice in notices
        for language, text in notice.text.items()
        for page in pages_of(text, screen.stage_letters)
    ]
    return pages[turn % len(pages)] if pages else None


def _waits(lobby: Lobby, screen: Screen, language: str) -> tuple[SeriesWait, ...]:
    if lobby.catalogue is None or lobby.services is None or not lobby.link_up:
        return ()
    return tuple(series_waits(lobby.catalogue, lobby.services, screen.concern.letters, language))


def _strip(
    lobby: Lobby, screen: Screen, hub_ms: int | None, waits: tuple[SeriesWait, ...], turn: int
) -> Said | SeriesWait | None:
    notices = lobby.catalogue.notices_at(hub_ms) if lobby.catalogue and hub_ms is not None else ()
    pages = [
        Said(language, page)
        for notice in notices
        if not notice.urgent
        for language, text in notice.text.items()
        for page in pages_of(text, screen.strip_letters)
    ]
    items: list[Said | SeriesWait] = [*pages, *waits]
    return items[turn % len(items)] if items else None


def _is_night(lobby: Lobby, screen: Screen, hub_ms: int | None) -> bool:
    if lobby.catalogue is None or hub_ms is None:
        return False
    return span_at(screen.nights, lobby.catalogue.local(hub_ms)) is not None
