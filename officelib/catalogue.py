"""What an office offers and says: services, series, counters, hours, notices. Written as TOML by people, read here."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

Texts = dict[str, str]
"""The same text by language code."""

Lists = dict[str, tuple[str, ...]]
"""The same lines by language code."""

Id = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Minutes = Annotated[float, Meta(gt=0, le=480)]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

DAY_STARTS_AT = timedelta(hours=4)
"""A business day begins at four in the morning, local time: after the latest office, before the earliest."""

ICONS = (
    "home",
    "person",
    "family",
    "care",
    "money",
    "paper",
    "work",
    "car",
    "school",
    "globe",
    "leaf",
    "shield",
    "info",
)
"""Pictures that a group of services can have."""

LEGIBLE_SERIES = frozenset("AFHJKLMRUX")
"""Letters that are confused neither by eye (O/0, I/1) nor by ear (B, C, D, E, G, P, T, V rhyme in Spanish)."""


class OrderRules(msgspec.Struct, frozen=True):
    """How the queue is ordered. Minutes throughout."""

    interleave: Literal["merged", "bookings_first"] = "merged"
    early_min: Annotated[int, Meta(ge=0, le=720)] = 30
    grace_min: Annotated[int, Meta(ge=0, le=720)] = 15
    priority_head_start_min: Annotated[int, Meta(ge=0, le=240)] = 20
    transfer: Literal["keep", "front", "end"] = "keep"


class SlotRules(msgspec.Struct, frozen=True):
    """Which times a kiosk may give bookings for: every so many minutes, so long from now on, so many days ahead."""

    every_min: Annotated[int, Meta(ge=5, le=240)] = 15
    lead_min: Annotated[int, Meta(ge=0, le=1440)] = 45
    days: Annotated[int, Meta(ge=1, le=60)] = 7


class Identify(msgspec.Struct, frozen=True):
    """What citizens without the code of their booking type instead: its name, and how it is written."""

    name: Texts
    letters: bool = False
    least: Annotated[int, Meta(ge=4, le=20)] = 6
    most: Annotated[int, Meta(ge=4, le=20)] = 12


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Services that citizens look for in one place. `icon` is one of `ICONS`."""

    id: Id
    name: Texts
    icon: str = ""


class Service(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a citizen comes for.

    Attributes:
        id: Its name for programs.
        code: Stands for it in booking codes.
        series: The letter on its tickets.
        name: Its name for people.
        minutes: How long it takes, until that is measured.
        walk_in: It can be had without a booking.
        where: Where its citizens wait, if not in the office's waiting area.
        group: The group's id where it is found; empty for none.
        words: What people call it besides.
        bring: What has to be brought, a line each.
        fee: What it costs.
        per_hour: So many without a booking in an hour of the clock; 0 for any number.
        per_slot: So many bookings a time has room for, where kiosks may give some; 0 where they may not.
    """

    id: Id
    code: Annotated[int, Meta(ge=1, le=65535)]
    series: Annotated[str, Meta(pattern="^[A-Z]$")]
    name: Texts
    minutes: Minutes = 8.0
    walk_in: bool = True
    where: Texts = {}
    group: str = ""
    words: Lists = {}
    bring: Lists = {}
    fee: Texts = {}
    per_hour: Annotated[int, Meta(ge=0, le=999)] = 0
    per_slot: Annotated[int, Meta(ge=0, le=99)] = 0


class Counter(msgspec.Struct, frozen=True):
    """Where a clerk serves. With preference "strict" earlier services go first; with "fair" the earlier ticket does."""

    id: Id
    name: Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,4}$")]
    services: Annotated[tuple[str, ...], Meta(min_length=1)]
    preference: Literal["fair", "strict"] = "fair"


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message to everybody. `start` and `end` are local times of the office; at `end` it goes away.

    One that is `urgent` takes the lobby's screen in every language and is spoken: a crisis, not an advertisement.
    """

    id: Id
    text: Texts
    end: datetime
    start: datetime | None = None
    urgent: bool = False


class Series(msgspec.Struct, frozen=True):
    """What a letter on tickets means."""

    letter: Annotated[str, Meta(pattern="^[A-Z]$")]
    name: Texts


class Office(msgspec.Struct, frozen=True):
    """A site. `code` stands for it in booking codes, `id` in topics.

    `page` is the address under which citizens' phones reach the hub, as https://turno.example; empty where they do not.
    """

    id: Id
    code: Annotated[int, Meta(ge=1, le=65535)]
    name: Texts
    timezone: str
    languages: Annotated[tuple[str, ...], Meta(min_length=1)]
    waiting_area: Texts
    page: Annotated[str, Meta(pattern="^(https?://[a-z0-9.:/-]{3,40})?$")] = ""


class Catalogue(msgspec.Struct, frozen=True, dict=True, omit_defaults=True):
    """Everything that a kiosk or a console needs to know of an office.

    `texts` are the office's own words, by language and key, in place of the kiosk's. `priority` says who goes earlier;
    where it says nothing, nobody can ask for it at a kiosk. `identify`: what citizens without a code may type; None for
    nothing. `retired` are codes of services that are no more.
    """

    office: Office
    hours: dict[str, tuple[str, ...]]
    service: Annotated[tuple[Service, ...], Meta(min_length=1)]
    counter: Annotated[tuple[Counter, ...], Meta(min_length=1)]
    order: OrderRules = OrderRules()
    slots: SlotRules = SlotRules()
    any_series: bool = False
    group: tuple[Group, ...] = ()
    series: tuple[Series, ...] = ()
    notice: tuple[Notice, ...] = ()
    texts: dict[str, dict[str, str]] = {}
    priority: Texts = {}
    retired: tuple[int, ...] = ()
    identify: Identify | None = None

    @property
    def language(self) -> str:
        """The language that speaks first."""
        return self.office.languages[0]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.office.timezone)

    @cached_property
    def services(self) -> Mapping[str, Service]:
        return {service.id: service for service in self.service}

    @cached_property
    def services_by_code(self) -> Mapping[int, Service]:
        return {service.code: service for service in self.service}

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        return {group.id: group for group in self.group}

    @cached_property
    def counters(self) -> Mapping[str, Counter]:
        return {counter.id: counter for counter in self.counter}

    def local(self, at_ms: int) -> datetime:
        """The office's local time of a moment in milliseconds since 1970 UTC."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.zone)

    def business_day(self, at_ms: int) -> str:
        """The business day of a moment, as 2026-01-07."""
        return (self.local(at_ms) - DAY_STARTS_AT).date().isoformat()

    def hours_on(self, moment: datetime) -> tuple[tuple[time, time], ...]:
        """Opening hours of a local day, in order."""
        return tuple(span_of(text) for text in self.hours.get(WEEKDAYS[moment.weekday()], ()))

    def is_open(self, at_ms: int) -> bool:
        """Whether the hours say open."""
        moment = self.local(at_ms)
        return any(start <= moment.time() < end for start, end in self.hours_on(moment))

    def closes_ms(self, at_ms: int) -> int | None:
        """When the doors shut that are open at a moment; None when they are not open."""
        moment = self.local(at_ms)
        end = next((end for start, end in self.hours_on(moment) if start <= moment.time() < end), None)
        return None if end is None else int(datetime.combine(moment.date(), end, self.zone).timestamp() * 1000)

    def opens_ms(self, at_ms: int) -> int | None:
        """When the doors open next after a moment, within a fortnight."""
        for days in range(15):
            moment = self.local(at_ms) + timedelta(days=days)
            for start, _ in self.hours_on(moment):
                opens = datetime.combine(moment.date(), start, self.zone)
                if opens > self.local(at_ms):
                    return int(opens.timestamp() * 1000)
        return None

    def notices_at(self, at_ms: int) -> tuple[Notice, ...]:
        """The notices of a moment: urgent ones first, then the newest."""
        moment = self.local(at_ms).replace(tzinfo=None)
        due = [n for n in self.notice if moment < n.end and (n.start is None or n.start <= moment)]
        return tuple(sorted(due, key=lambda n: (n.urgent, n.start or datetime.min), reverse=True))  # noqa: DTZ901 (local, as they are written)


def text_in(texts: Texts, language: str) -> str:
    """A catalogue's text in a language, else in the first one it is written in."""
    return texts.get(language) or next(iter(texts.values()), "")


def lines_in(lists: Lists, language: str) -> tuple[str, ...]:
    """A catalogue's lines in a language, else in the first one they are written in."""
    return lists.get(language) or next(iter(lists.values()), ())


def span_of(text: str) -> tuple[time, time]:
    """Opening hours written as 08:30-14:00.

    Raises:
        ValueError: they are written otherwise.
    """
    start, end = text.split("-")
    return time.fromisoformat(start), time.max if end == "24:00" else time.fromisoformat(end)
