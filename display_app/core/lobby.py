"""What a display does with what it hears: keeps the board, decides what is said, and what is written down. Pure."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from display_app.core import announcer as voice
from display_app.core.announcer import Announcer
from display_app.core.board_view import Concern
from display_app.core.schedule import Span, span_at
from officelib import inbound
from officelib.board import Board, Call
from officelib.catalogue import Catalogue, Notice

NOTICE_AGAIN_MS = 120_000
"""An urgent message is said once more after so long, for who has come meanwhile."""


@dataclass(frozen=True)
class Rules:
    """How the display was set up.

    Attributes:
        concerns: A call is said when one of these screens shows it.
        levels: Sound by the time of the day, in decibels; off in quiet hours.
        also_in: Languages in which a call is said too, while there is time for that.
    """

    concerns: tuple[Concern, ...] = (Concern(),)
    levels: tuple[Span, ...] = ()
    also_in: tuple[str, ...] = ()


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
        services: How busy the office is; None before the hub told.
        alarm: The house's alarm sounds: nothing else does.
        saying: The urgent message that is being said, and its language.
        told: What of urgent messages was said, with when that was.
        yields: A message was said last: a call may go before the next one.
        turn: Seconds in which nothing was said: messages take turns by them.
        rules: How the display was set up.
    """

    board: Board = field(default_factory=Board)
    at: tuple[int, int] = (0, 0)
    announcer: Announcer = field(default_factory=Announcer)
    catalogue: Catalogue | None = None
    link_up: bool = False
    last_news_ms: int = 0
    services: inbound.ServicesView | None = None
    alarm: bool = False
    saying: str = ""
    told: tuple[tuple[str, int], ...] = ()
    yields: bool = False
    turn: int = 0
    rules: Rules = Rules()

    @property
    def is_silent(self) -> bool:
        """Nothing is being said, or waits to be."""
        return self.announcer.is_silent and not self.saying


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
    """The voice is through with a call, or with a message; `aloud` when it was heard."""

    call: str
    aloud: bool


@dataclass(frozen=True)
class TimePassed:
    """A second is over."""


@dataclass(frozen=True)
class AlarmChanged:
    """The house's alarm began or ended."""

    on: bool


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
    """Announce a call. Answered by `Said`.

    Attributes:
        call: Which.
        level_db: How loud, against the usual; None for not in the room: these are quiet hours.
        also_in: Languages in which it is said after its own.
    """

    call: Call
    level_db: int | None = 0
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class RepeatCall:
    """Say a call that was announced once more, in other words. Answered by `Said`."""

    call: Call
    level_db: int | None = 0


@dataclass(frozen=True)
class SayNotice:
    """Say an urgent message in one of its languages. Answered by `Said` with `name`."""

    notice: Notice
    language: str

    @property
    def name(self) -> str:
        """Stands for it where calls have their ids."""
        return f"{self.notice.id}.{self.language}"


@dataclass(frozen=True)
class Mute:
    """Be silent at once, until told otherwise."""

    on: bool


@dataclass(frozen=True)
class ReportCall:
    """Tell the hub of an announcement."""

    call: str
    aloud: bool


Event = Heard | Claimed | Said | TimePassed | AlarmChanged
Effect = KeepBoard | ClaimCall | SayCall | RepeatCall | SayNotice | ReportCall | Mute


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
        case Claimed() if event.first:
            return lobby, [_first(lobby, event.call, hub_ms)]
        case Claimed():
            lobby = replace(lobby, announcer=voice.spoken(lobby.announcer))
        case Said() if event.call == lobby.saying:
            lobby = replace(lobby, saying="")
        case Said():
            effects = [] if lobby.announcer.repeating else [ReportCall(event.call, event.aloud)]
            lobby = replace(lobby, announcer=voice.spoken(lobby.announcer, hub_ms if event.aloud else None))
        case AlarmChanged():
            lobby, effects = replace(lobby, alarm=event.on), [Mute(event.on)]
        case TimePassed():
            lobby = replace(lobby, turn=lobby.turn + lobby.is_silent)
        case _:
            assert_never(event)
    if hub_ms is None:
        return lobby, effects
    lobby, said = _next_words(lobby, hub_ms)
    return lobby, [*effects, *said]


def _next_words(lobby: Lobby, hub_ms: int) -> tuple[Lobby, list[Effect]]:
    """What is to be said now, if anything: an urgent message, a call, a call once more."""
    concerns = lobby.rules.concerns
    calls = [call for call in lobby.board.calls if any(concern.has(call) for concern in concerns)]
    lobby = replace(lobby, announcer=voice.see(lobby.announcer, calls, hub_ms))
    if lobby.alarm or lobby.saying:
        return lobby, []
    due = _due_notice(lobby, hub_ms)
    if due is not None and lobby.announcer.speaking is None and not (lobby.yields and lobby.announcer.waiting):
        young = tuple((name, at_ms) for name, at_ms in lobby.told if hub_ms - at_ms < NOTICE_AGAIN_MS)
        return replace(lobby, saying=due.name, told=(*young, (due.name, hub_ms)), yields=True), [due]
    announcer, call = voice.next_call(lobby.announcer, hub_ms)
    if call is not None:
        return replace(lobby, announcer=announcer, yields=False), [ClaimCall(call)]
    if lobby.link_up:  # off line nobody knows here who has come meanwhile
        announcer, again = voice.next_repeat(announcer, hub_ms)
        if again is not None:
            return replace(lobby, announcer=announcer), [RepeatCall(again, _level_db(lobby, hub_ms))]
    return replace(lobby, announcer=announcer), []


def _first(lobby: Lobby, call: Call, hub_ms: int | None) -> Effect:
    also = lobby.rules.also_in if lobby.announcer.is_calm else ()
    return SayCall(call, _level_db(lobby, hub_ms), tuple(language for language in also if language != call.language))


def _level_db(lobby: Lobby, hub_ms: int | None) -> int | None:
    if lobby.catalogue is None or hub_ms is None:
        return 0
    span = span_at(lobby.rules.levels, lobby.catalogue.local(hub_ms))
    return 0 if span is None else span.value


def urgent_notices(lobby: Lobby, hub_ms: int) -> tuple[Notice, ...]:
    """The messages that take the screen now."""
    catalogue = lobby.catalogue
    return tuple(notice for notice in catalogue.notices_at(hub_ms) if notice.urgent) if catalogue else ()


def _due_notice(lobby: Lobby, hub_ms: int) -> SayNotice | None:
    """One language at a time: a call that comes meanwhile is not half a minute late."""
    told = dict(lobby.told)
    for notice in urgent_notices(lobby, hub_ms):
        for language in notice.text:
            due = SayNotice(notice, language)
            if hub_ms - told.get(due.name, hub_ms - NOTICE_AGAIN_MS) >= NOTICE_AGAIN_MS:
                return due
    return None


def _heard(lobby: Lobby, line: inbound.Inbound, hub_ms: int | None) -> tuple[Lobby, list[Effect]]:
    match line:
        case inbound.LinkChanged():
            last_ms = hub_ms or 0 if lobby.link_up and not line.up else lobby.last_news_ms
            return replace(lobby, link_up=line.up, last_news_ms=last_ms), []
        case inbound.BoardReset() if line.board.ep < lobby.at[0]:
            return lobby, []  # of a hub that another one has replaced
        case inbound.LogLine() if line.entry.ep < lobby.at[0]:
            return lobby, []
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
            return Lobby(rules=lobby.rules, alarm=lobby.alarm), []
        case inbound.ConfigChanged():
            return replace(lobby, catalogue=line.config.catalogue), []
        case inbound.ServicesChanged():
            return replace(lobby, services=line.view), []
        case _:
            return lobby, []
