"""What a display does with what it hears: keeps the board, decides what is said, and what is written down. Pure."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from display_app.core import announcer as voice
from display_app.core.announcer import Announcer
from officelib import inbound
from officelib.board import Board, Call
from officelib.catalogue import Catalogue


@dataclass(frozen=True)
class Lobby:
    """The display as it stands.

    Attributes:
        board: The calls.
        at: (epoch, entry) of the log up to which the board goes.
        announcer: What waits for the voice.
        catalogue: The office; None before the hub was ever met.
        link_up: The hub answers.
        last_news_ms: Hub time of its last word; 0 for never.
    """

    board: Board = field(default_factory=Board)
    at: tuple[int, int] = (0, 0)
    announcer: Announcer = field(default_factory=Announcer)
    catalogue: Catalogue | None = None
    link_up: bool = False
    last_news_ms: int = 0


@dataclass(frozen=True)
class Heard:
    """A line of the bridge."""

    line: inbound.Inbound


@dataclass(frozen=True)
class Claimed:
    """The journal says whether a call may be announced: only the first time."""

    call: Call
    first: bool


@dataclass(frozen=True)
class Said:
    """The voice is through with a call; `aloud` when it was heard."""

    call: str
    aloud: bool


@dataclass(frozen=True)
class TimePassed:
    """A second is over."""


@dataclass(frozen=True)
class KeepBoard:
    """Keep the board for a restart without a hub."""

    board: Board
    at: tuple[int, int]


@dataclass(frozen=True)
class ClaimCall:
    """Write down that a call is announced, before it is. Answered by `Claimed`."""

    call: Call


@dataclass(frozen=True)
class SayCall:
    """Announce a call. Answered by `Said`."""

    call: Call


@dataclass(frozen=True)
class RepeatCall:
    """Say a call that was announced once more, in other words. Answered by `Said`."""

    call: Call


@dataclass(frozen=True)
class ReportCall:
    """Tell the hub of an announcement."""

    call: str
    aloud: bool


Event = Heard | Claimed | Said | TimePassed
Effect = KeepBoard | ClaimCall | SayCall | RepeatCall | ReportCall


def step(lobby: Lobby, event: Event, hub_ms: int | None) -> tuple[Lobby, list[Effect]]:
    """The display after an event, and what is to be done.

    Args:
        lobby: As it stands.
        event: What happened.
        hub_ms: Hub time; None before this boot's first word from the hub: how old a call is, is not known then.
    """
    effects: list[Effect] = []
    match event:
        case Heard():
            lobby, effects = _heard(lobby, event.line, hub_ms)
        case Claimed():
            if event.first:
                return lobby, [SayCall(event.call)]
            lobby = replace(lobby, announcer=voice.spoken(lobby.announcer))
        case Said():
            effects = [] if lobby.announcer.repeating else [ReportCall(event.call, event.aloud)]
            lobby = replace(lobby, announcer=voice.spoken(lobby.announcer, hub_ms if event.aloud else None))
        case TimePassed():
            pass
        case _:
            assert_never(event)
    if hub_ms is None:
        return lobby, effects
    announcer = voice.see(lobby.announcer, lobby.board.calls, hub_ms)
    announcer, call = voice.next_call(announcer, hub_ms)
    again = None
    if lobby.link_up:  # off line nobody knows here who has come meanwhile
        announcer, again = voice.next_repeat(announcer, hub_ms)
    said: list[Effect] = [ClaimCall(call)] if call else [RepeatCall(again)] if again else []
    return replace(lobby, announcer=announcer), [*effects, *said]


def _heard(lobby: Lobby, line: inbound.Inbound, hub_ms: int | None) -> tuple[Lobby, list[Effect]]:
    match line:
        case inbound.LinkChanged():
            last_ms = hub_ms or 0 if lobby.link_up and not line.up else lobby.last_news_ms
            return replace(lobby, link_up=line.up, last_news_ms=last_ms), []
        case inbound.BoardReset():
            news_ms = max(lobby.last_news_ms, line.board.at_ms)
            at = (line.board.ep, line.board.n)
            return replace(lobby, board=Board(line.board.calls), at=at, last_news_ms=news_ms), []
        case inbound.LogLine():
            board, entry = lobby.board.after(line.entry), line.entry
            changed = board is not lobby.board
            news_ms = max(lobby.last_news_ms, entry.at_ms)
            lobby = replace(lobby, board=board, at=(entry.ep, entry.n), last_news_ms=news_ms)
            return lobby, [KeepBoard(board, lobby.at)] if changed else []
        case inbound.Revoked():
            return Lobby(), []
        case inbound.ConfigChanged():
            return replace(lobby, catalogue=line.config.catalogue), []
        case _:
            return lobby, []
