"""Reads an office's catalogue, and says all that is wrong with it. What is wrong never takes effect."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import inspect as info

from officelib.catalogue import ICONS, LEGIBLE_SERIES, WEEKDAYS, Catalogue, Notice, span_of
from officelib.errors import KnownError
from officelib.texts import Texts, places_of

MAX_LISTED = 40
"""So many services may stand in one list without a booking; more of them want groups."""
MAX_NOTICE = 140
"""So many letters can be read on every page that shows a notice, large and on a small panel."""
LONGER, SHORT_WORD = 1.4, 16
"""An office's own text: so many times the usual one's length, or so many letters. Pages have that room."""
MAX_CATALOGUE_BYTES = 768 * 1024
"""As a message to the devices: 300 services with all their texts in five languages are about half of it."""


def read_catalogue(path: Path, texts: Mapping[str, Texts] | None = None) -> Catalogue:
    """Read and check an office's TOML file.

    Args:
        path: The file.
        texts: Of the kind "kiosk", by language: the office's own words are compared with them.

    Raises:
        KnownError: the file is missing or wrong; the message names every key that is.
    """
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise KnownError(str(error), where=str(path), mend="Write the office's catalogue there.") from error
    try:
        return catalogue_of(written, texts)
    except ValueError as error:
        raise KnownError(str(error), where=str(path), mend="Correct that; the old catalogue stays.") from error


def catalogue_of(written: str, texts: Mapping[str, Texts] | None = None) -> Catalogue:
    """The catalogue that a TOML text says. `texts` as for `read_catalogue`.

    Raises:
        ValueError: it is wrong; the message names the keys, separated by semicolons.
    """
    table = tomllib.loads(written)
    catalogue = msgspec.convert(table, Catalogue)
    problems = [f"unknown key '{key}'" for key in _unknown(table, info.type_info(Catalogue))]
    problems += check(catalogue) + _words_problems(catalogue, texts or {})
    if problems:
        raise ValueError("; ".join(problems))
    return catalogue


def check(catalogue: Catalogue) -> list[str]:
    """What a type cannot say: names that must be unique, references that must exist, hours that must make sense."""
    problems = _twice(catalogue)
    for counter in catalogue.counter:
        unknown = [s for s in counter.services if s not in catalogue.services]
        problems += [f"counter '{counter.id}' serves '{name}', which is no service" for name in unknown]
    served = {service for counter in catalogue.counter for service in counter.services}
    problems += [f"no counter serves '{s.id}': nobody would be called" for s in catalogue.service if s.id not in served]
    problems += [
        f"code {s.code} of '{s.id}' was that of a service that is no more: papers and bookings may have it"
        for s in catalogue.service
        if s.code in catalogue.retired
    ]
    for service in catalogue.service:
        if service.group and service.group not in catalogue.groups:
            problems.append(f"service '{service.id}' is in group '{service.group}', which is no group")
    listed = Counter(service.group for service in catalogue.service if service.walk_in)
    problems += [
        f"{count} services {f'are in {name!r}' if name else 'have no group'}, {MAX_LISTED} at most: nobody finds one"
        for name, count in listed.items()
        if count > MAX_LISTED
    ]
    for group in catalogue.group:
        if group.icon and group.icon not in ICONS:
            problems.append(f"group '{group.id}' has the icon '{group.icon}'; there are: {', '.join(ICONS)}")
    if not catalogue.any_series:
        problems += [
            f"series '{s.series}' of '{s.id}' is easily misread or misheard (fit: {''.join(sorted(LEGIBLE_SERIES))}; "
            "set any_series = true to use it all the same)"
            for s in catalogue.service
            if s.series not in LEGIBLE_SERIES
        ]
    problems += [
        f"{kind} '{name}' has no text in '{language}'"
        for kind, name, said in _said(catalogue)
        for language in catalogue.office.languages
        if not said.get(language)
    ]
    problems += [problem for notice in catalogue.notice for problem in notice_problems(notice)]
    if catalogue.identify and catalogue.identify.least > catalogue.identify.most:
        problems.append("identify: 'least' is more than 'most'")
    try:
        ZoneInfo(catalogue.office.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f"timezone '{catalogue.office.timezone}' is unknown")
    size = len(msgspec.json.encode(catalogue))
    if size > MAX_CATALOGUE_BYTES:
        problems.append(f"all texts together are {size} bytes, {MAX_CATALOGUE_BYTES} at most: shorten some")
    return problems + _hours_problems(catalogue)


def notice_problems(notice: Notice) -> Iterator[str]:
    """What is wrong with a message to everybody."""
    longest = max(map(len, notice.text.values()), default=0)
    if not longest:
        yield f"notice '{notice.id}' says nothing"
    if longest > MAX_NOTICE:
        yield f"notice '{notice.id}' has {longest} letters, {MAX_NOTICE} at most: say it shorter"
    if notice.end.tzinfo is not None or (notice.start is not None and notice.start.tzinfo is not None):
        yield f"notice '{notice.id}' names a time zone: write local time, as 2026-01-07T10:00:00"
    elif notice.start is not None and notice.start >= notice.end:
        yield f"notice '{notice.id}' ends before it starts"


def _said(catalogue: Catalogue) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """What citizens read: it is there in every language of the office, or in none."""
    for service in catalogue.service:
        yield "the name of service", service.id, service.name
        for what, said in (("what to bring for", service.bring), ("the fee of", service.fee)):
            if said:
                yield what, service.id, said
    if catalogue.identify:
        yield "identify", "at the kiosk", catalogue.identify.name
    if catalogue.priority:
        yield "priority", "at the kiosk", catalogue.priority
    for group in catalogue.group:
        yield "group", group.id, group.name
    for series in catalogue.series:
        yield "series", series.letter, series.name
    for notice in catalogue.notice:
        yield "notice", notice.id, notice.text


def _twice(catalogue: Catalogue) -> list[str]:
    return [
        f"{kind} '{name}' is there twice"
        for kind, names in (
            ("service id", [s.id for s in catalogue.service]),
            ("service code", [str(s.code) for s in catalogue.service]),
            ("counter id", [c.id for c in catalogue.counter]),
            ("group id", [g.id for g in catalogue.group]),
            ("series letter", [s.letter for s in catalogue.series]),
            ("notice id", [n.id for n in catalogue.notice]),
        )
        for name in sorted({n for n in names if names.count(n) > 1})
    ]


def _hours_problems(catalogue: Catalogue) -> list[str]:
    problems = [f"hours.{day} is no day (mon to sun)" for day in catalogue.hours if day not in WEEKDAYS]
    for day, spans in catalogue.hours.items():
        for text in spans:
            try:
                start, end = span_of(text)
            except ValueError:
                problems.append(f"hours.{day}: '{text}' is not written as 08:30-14:00")
            else:
                if start >= end:
                    problems.append(f"hours.{day}: '{text}' ends before it starts")
    return problems


def _words_problems(catalogue: Catalogue, texts: Mapping[str, Texts]) -> list[str]:
    """The office's own words stand in place of a text that there is, with the same places."""
    problems = []
    for language, words in catalogue.texts.items():
        known = texts[language].entries if language in texts else None
        for key, word in words.items() if known is not None else ():
            usual = known.get(key) if known else None
            if not isinstance(usual, str):
                problems.append(f"texts.{language}.{key} is no text of the kiosk")
                continue
            try:
                places = places_of(word)
            except ValueError as error:
                problems.append(f"texts.{language}.{key}: {error}")
                continue
            if places != places_of(usual):
                problems.append(f"texts.{language}.{key} has not the places {sorted(places_of(usual))}")
            longest = max(SHORT_WORD, round(len(usual) * LONGER))
            if len(word) > longest:
                problems.append(f"texts.{language}.{key} has {len(word)} letters, {longest} at most")
    return problems


def _unknown(value: Any, kind: info.Type, at: str = "") -> Iterator[str]:
    """Keys of a TOML table that mean nothing, as "service.3.nmae"."""
    if isinstance(kind, info.StructType) and isinstance(value, dict):
        fields = {field.name: field.type for field in kind.fields}
        for key, part in value.items():
            if key in fields:
                yield from _unknown(part, fields[key], f"{at}{key}.")
            else:
                yield f"{at}{key}"
    elif isinstance(kind, info.VarTupleType) and isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from _unknown(part, kind.item_type, f"{at}{number}.")
