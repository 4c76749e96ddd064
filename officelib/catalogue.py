"""What an office offers: services, series, counters, hours. Written as TOML by people, read here and checked."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from officelib.errors import KnownError

Texts = dict[str, str]
"""The same text by language code."""

Id = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
Minutes = Annotated[float, Meta(gt=0, le=480)]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

DAY_STARTS_AT = timedelta(hours=4)
"""A business day begins at four in the morning, local time: after the latest office, before the earliest."""

LEGIBLE_SERIES = frozenset("AFHJKLMRUX")
"""Letters that are confused neither by eye (O/0, I/1) nor by ear (B, C, D, E, G, P, T, V rhyme in Spanish)."""


class OrderRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the queue is ordered. Minutes throughout."""

    interleave: Literal["merged", "bookings_first"] = "merged"
    early_min: Annotated[int, Meta(ge=0, le=720)] = 30
    grace_min: Annotated[int, Meta(ge=0, le=720)] = 15
    priority_head_start_min: Annotated[int, Meta(ge=0, le=240)] = 20
    transfer: Literal["keep", "front", "end"] = "keep"


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a citizen comes for. `code` stands for it in booking codes; `minutes` is the mean until it is measured."""

    id: Id
    code: Annotated[int, Meta(ge=1, le=65535)]
    series: Annotated[str, Meta(pattern="^[A-Z]$")]
    name: Texts
    minutes: Minutes = 8.0
    walk_in: bool = True
    where: Texts = {}


class Counter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a clerk serves. With preference "strict" earlier services go first; with "fair" the earlier ticket does."""

    id: Id
    name: Annotated[str, Meta(pattern="^[A-Za-z0-9]{1,4}$")]
    services: Annotated[tuple[str, ...], Meta(min_length=1)]
    preference: Literal["fair", "strict"] = "fair"


class Office(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site. `code` stands for it in booking codes, `id` in topics."""

    id: Id
    code: Annotated[int, Meta(ge=1, le=65535)]
    name: Texts
    timezone: str
    languages: Annotated[tuple[str, ...], Meta(min_length=1)]
    waiting_area: Texts


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Everything that a kiosk or a console needs to know of an office."""

    office: Office
    hours: dict[str, tuple[str, ...]]
    service: Annotated[tuple[Service, ...], Meta(min_length=1)]
    counter: Annotated[tuple[Counter, ...], Meta(min_length=1)]
    order: OrderRules = OrderRules()
    any_series: bool = False

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
        return tuple(_span(text) for text in self.hours.get(WEEKDAYS[moment.weekday()], ()))

    def is_open(self, at_ms: int) -> bool:
        """Whether the hours say open."""
        moment = self.local(at_ms)
        return any(start <= moment.time() < end for start, end in self.hours_on(moment))


def text_in(texts: Texts, language: str) -> str:
    """A catalogue's text in a language, else in the first one it is written in."""
    return texts.get(language) or next(iter(texts.values()), "")


def read_catalogue(path: Path) -> Catalogue:
    """Read and check an office's TOML file.

    Raises:
        KnownError: the file is missing or wrong; the message names the key.
    """
    try:
        catalogue = msgspec.toml.decode(path.read_bytes(), type=Catalogue)
    except OSError as error:
        raise KnownError(str(error), where=str(path), mend="Write the office's catalogue there.") from error
    except ValueError as error:
        raise KnownError(str(error), where=str(path), mend="Correct that key; the old catalogue stays.") from error
    problems = check(catalogue)
    if problems:
        raise KnownError("; ".join(problems), where=str(path), mend="Correct these; the old catalogue stays.")
    return catalogue


def check(catalogue: Catalogue) -> list[str]:
    """What a type cannot say: names that must be unique, references that must exist, hours that must make sense."""
    problems = []
    for kind, names in (
        ("service id", [s.id for s in catalogue.service]),
        ("service code", [str(s.code) for s in catalogue.service]),
        ("counter id", [c.id for c in catalogue.counter]),
    ):
        problems += [f"{kind} '{name}' is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    for counter in catalogue.counter:
        unknown = [s for s in counter.services if s not in catalogue.services]
        problems += [f"counter '{counter.id}' serves '{name}', which is no service" for name in unknown]
    if not catalogue.any_series:
        problems += [
            f"series '{s.series}' of '{s.id}' is easily misread or misheard (fit: {''.join(sorted(LEGIBLE_SERIES))}; "
            "set any_series = true to use it all the same)"
            for s in catalogue.service
            if s.series not in LEGIBLE_SERIES
        ]
    for language in catalogue.office.languages:
        missing = [s.id for s in catalogue.service if language not in s.name]
        problems += [f"service '{name}' has no name in '{language}'" for name in missing]
    try:
        ZoneInfo(catalogue.office.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f"timezone '{catalogue.office.timezone}' is unknown")
    return problems + _hours_problems(catalogue)


def _hours_problems(catalogue: Catalogue) -> list[str]:
    problems = [f"hours.{day} is no day (mon to sun)" for day in catalogue.hours if day not in WEEKDAYS]
    for day, spans in catalogue.hours.items():
        for text in spans:
            try:
                start, end = _span(text)
            except ValueError:
                problems.append(f"hours.{day}: '{text}' is not written as 08:30-14:00")
            else:
                if start >= end:
                    problems.append(f"hours.{day}: '{text}' ends before it starts")
    return problems


def _span(text: str) -> tuple[time, time]:
    start, end = text.split("-")
    return time.fromisoformat(start), time.max if end == "24:00" else time.fromisoformat(end)
