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
    """A service as it is to be, with the ids of its counters; a new one where there is none of that id."""

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
    per_hour: int = 0
    per_slot: int = 0
    counters: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceRemoved:
    """No counter serves it any more, either. Its code is never used again: papers and bookings may still have it."""

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
    urgent: bool = False


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
            _serve(file, edit.id, edit.counters)
        case ServiceRemoved():
            gone = _drop(file, "service", edit.id)
            _serve(file, edit.id, ())
            return _retired(file, gone["code"]) if gone else tomlkit.dumps(file)
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
    if tables is not None and not isinstance(tables, AoT):
        raise ValueError(f"'{kind}' is written in one line: write it as [[{kind}]], so that it can be changed here")
    if tables is None:
        tables = tomlkit.aot()
        file[kind] = tables
        tables = file[kind]
    found = [table for table in tables if table["id"] == name]
    if not found:
        tables.append(tomlkit.table())
        found = [tables[-1]]
    table: Table = found[0]
    return table


def _drop(file: TOMLDocument, kind: str, name: str) -> Mapping[str, Any]:
    """Take a table away; returns what it was."""
    tables = file.get(kind, [])
    for number, table in enumerate(tables):
        if table["id"] == name:
            gone: Mapping[str, Any] = table.unwrap()
            del tables[number]
            return gone
    return {}


def _retired(file: TOMLDocument, code: int) -> str:
    """The text with one more code that is never used again. A key of the file's own stands before its first table."""
    if "retired" in file:
        file["retired"] = [*file["retired"], code]
        return tomlkit.dumps(file)
    head, bracket, tables = tomlkit.dumps(file).partition("\n[")
    return f"{head.rstrip()}\nretired = [{code}]\n{bracket}{tables}"


def _serve(file: TOMLDocument, service: str, counters: Sequence[str]) -> None:
    """These counters serve it, and no others; where a counter served it, it keeps its place in the order."""
    for counter in file.get("counter", ()):
        now = list(counter["services"])
        if counter["id"] in counters and service not in now:
            counter["services"] = [*now, service]
        elif counter["id"] not in counters and service in now:
            if len(now) == 1:
                raise ValueError(f"counter '{counter['name']}' would serve nothing: give it another service first")
            counter["services"] = [other for other in now if other != service]


def _put(table: Table, edit: ServiceSaved | NoticeAdded) -> None:
    """Each field of the change into its key; what says nothing has no key."""
    fields = {name: value for name, value in vars(edit).items() if name != "counters"}
    plain = {name: value for name, value in fields.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in fields.items() if isinstance(value, dict)}
    for name, value in (plain | tables).items():
        if _says_nothing(name, value):
            table.pop(name, None)
        elif table.get(name) != _as_toml(value):
            table[name] = _as_toml(value)


def _says_nothing(name: str, value: Any) -> bool:
    return value in ("", None, {}) or (name, value) in (
        ("walk_in", True),
        ("per_hour", 0),
        ("per_slot", 0),
        ("urgent", False),
    )


def _as_toml(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: list(part) if isinstance(part, tuple) else part for key, part in value.items()}
    return value
