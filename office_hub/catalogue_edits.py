"""Changes to an office's catalogue as text: what a person changes on a page, and nothing else of the file. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, Table

from officelib.catalogue import WEEKDAYS, Lists, Texts


@dataclass(frozen=True)
class ServiceSaved:
    """A service as it is to be from now on; a new one where there is none of that id."""

    id: str
    code: int
    series: str
    name: Texts
    minutes: float
    walk_in: bool = True
    group: str = ""
    words: Lists = field(default_factory=dict)
    bring: Lists = field(default_factory=dict)
    fee: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceRemoved:
    """No counter serves it any more, either."""

    id: str


@dataclass(frozen=True)
class HoursSaved:
    """By weekday, as `WEEKDAYS`; a day that is closed has none."""

    hours: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class NoticeAdded:
    """Local times of the office."""

    id: str
    text: Texts
    start: datetime | None
    end: datetime


@dataclass(frozen=True)
class NoticeRemoved:
    """It is gone from every screen, before its time."""

    id: str


@dataclass(frozen=True)
class WordsSaved:
    """The office's own words in a language, by key; those that are not here are the kiosk's."""

    language: str
    words: Texts


Edit = ServiceSaved | ServiceRemoved | HoursSaved | NoticeAdded | NoticeRemoved | WordsSaved


def edited(written: str, edit: Edit) -> str:
    """A catalogue's TOML text after a change; whether it is right is not asked here.

    Raises:
        ValueError: the text is no TOML.
    """
    file = tomlkit.parse(written)
    match edit:
        case ServiceSaved():
            _put(_one_of(file, "service", edit.id), edit)
        case ServiceRemoved():
            _drop(file, "service", edit.id)
            for counter in file.get("counter", ()):
                counter["services"] = [service for service in counter["services"] if service != edit.id]
        case HoursSaved():
            file["hours"] = {day: list(edit.hours[day]) for day in WEEKDAYS if edit.hours.get(day)}
        case NoticeAdded():
            _put(_one_of(file, "notice", edit.id), edit)
        case NoticeRemoved():
            _drop(file, "notice", edit.id)
        case WordsSaved():
            texts = file.setdefault("texts", tomlkit.table())
            if edit.words:
                texts[edit.language] = dict(edit.words)
            else:
                texts.pop(edit.language, None)
        case _:
            assert_never(edit)
    return tomlkit.dumps(file)


def _one_of(file: TOMLDocument, kind: str, name: str) -> Table:
    """The table of that id; a new one at the end where there is none."""
    tables = file.get(kind)
    if not isinstance(tables, AoT):
        tables = tomlkit.aot()
        file[kind] = tables
        tables = file[kind]
    found = [table for table in tables if table["id"] == name]
    if not found:
        tables.append(tomlkit.table())
        found = [tables[-1]]
    table: Table = found[0]
    return table


def _drop(file: TOMLDocument, kind: str, name: str) -> None:
    tables = file.get(kind, [])
    for number, table in enumerate(tables):
        if table["id"] == name:
            del tables[number]
            return


def _put(table: Table, edit: ServiceSaved | NoticeAdded) -> None:
    """Each field of the change into its key; what says nothing has no key."""
    plain = {name: value for name, value in vars(edit).items() if not isinstance(value, dict)}
    tables = {name: value for name, value in vars(edit).items() if isinstance(value, dict)}
    for name, value in (plain | tables).items():
        if _says_nothing(name, value):
            table.pop(name, None)
        elif table.get(name) != _as_toml(value):
            table[name] = _as_toml(value)


def _says_nothing(name: str, value: Any) -> bool:
    return value in ("", None, {}) or (name == "walk_in" and value is True)


def _as_toml(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: list(part) if isinstance(part, tuple) else part for key, part in value.items()}
    return value
