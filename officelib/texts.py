"""Texts for people, by language: a folder of TOML files a language, read and checked as one.

A text is a string with named places, as "Wait near {place}", or a table of plural forms chosen by `n`, named as in
Unicode's plural rules: zero, one, two, few, many, other. "zero" may be given in every language, for none at all.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from officelib.errors import KnownError

FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


@dataclass(frozen=True)
class Texts:
    """All texts of one file kind (as "kiosk") in one language."""

    language: str
    entries: Mapping[str, str | Mapping[str, str]]

    def get(self, key: str, /, **places: object) -> str:
        """The text of a key with its places filled in.

        Raises:
            KeyError: the key or a place is unknown: a fault of ours, found by the tests.
        """
        entry = self.entries[key]
        if not isinstance(entry, str):
            number = places["n"]
            if not isinstance(number, int):
                raise TypeError(f"'{key}' counts with a whole number")
            form = "zero" if number == 0 and "zero" in entry else plural_form(self.language, number)
            entry = entry.get(form, entry["other"])
        return entry.format_map(places)

    def with_own(self, own: Mapping[str, str]) -> "Texts":
        """These texts with an office's own words in place of some; those that do not fit are left out."""
        fitting = {
            key: word
            for key, word in own.items()
            if isinstance(usual := self.entries.get(key), str) and _has_places(word, places_of(usual))
        }
        return Texts(self.language, {**self.entries, **fitting}) if fitting else self


def isolated(text: str) -> str:
    """Figures that keep their own direction inside a text of any (U+2066 to U+2069)."""
    return f"\u2066{text}\u2069"


def in_language(texts: Mapping[str, Texts], language: str, default: str) -> Texts:
    """The texts of a language, else of the office's, else of the first: a missing translation stops nothing."""
    return texts.get(language) or texts.get(default) or next(iter(texts.values()))


def plural_form(language: str, n: int) -> str:
    """The plural form of a whole number.

    Source: Unicode CLDR plural rules, cardinal, for the languages shipped; others are counted as English is.
    """
    if language == "ar":
        if n < 3:
            return ("zero", "one", "two")[n]
        rest = n % 100
        return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"
    if language == "fr":
        return "one" if n in (0, 1) else "other"
    return "one" if n == 1 else "other"


def languages_in(folder: Path, kind: str) -> tuple[str, ...]:
    """The languages that a folder has texts of a kind in: a language is a folder of files."""
    return tuple(sorted(path.parent.name for path in folder.glob(f"*/{kind}.toml")))


def read_texts(folder: Path, kind: str, languages: tuple[str, ...]) -> dict[str, Texts]:
    """The texts of a kind in each language, complete and with the same places.

    Args:
        folder: Holds one folder a language.
        kind: The file's name without `.toml`.
        languages: Codes; the first is the measure of the others.

    Raises:
        KnownError: a file is missing or broken, a key lacks, or its places differ.
    """
    texts = {language: Texts(language, _read(folder / language / f"{kind}.toml")) for language in languages}
    measure = texts[languages[0]].entries
    for language in languages[1:]:
        path = folder / language / f"{kind}.toml"
        entries = texts[language].entries
        differing = sorted(set(measure) ^ set(entries))
        if differing:
            raise KnownError(
                f"key '{differing[0]}' is not in both '{languages[0]}' and '{language}'",
                where=str(path),
                mend="Translate it, or remove it everywhere.",
            )
        for key, entry in entries.items():
            if places_of(entry) != places_of(measure[key]):
                raise KnownError(
                    f"key '{key}' has the places {sorted(places_of(entry))}, not {sorted(places_of(measure[key]))}",
                    where=str(path),
                    mend="Use the same names in braces.",
                )
    return texts


def _read(path: Path) -> dict[str, str | dict[str, str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KnownError(str(error), where=str(path), mend="Add or correct the file of that language.") from error
    for key, entry in table.items():
        if isinstance(entry, dict) and not ("other" in entry and set(entry) <= FORMS):
            raise KnownError(
                f"key '{key}': plural forms are {sorted(FORMS)}, and 'other' must be there",
                where=str(path),
                mend="Correct the forms.",
            )
    return table


def _has_places(word: str, places: set[str]) -> bool:
    try:
        return places_of(word) == places
    except ValueError:
        return False


def places_of(entry: str | Mapping[str, str]) -> set[str]:
    """The names in braces of a text.

    Raises:
        ValueError: its braces do not fit, or hold more than a name.
    """
    names = set()
    for form in [entry] if isinstance(entry, str) else entry.values():
        for _, name, spec, conversion in string.Formatter().parse(form):
            if name is None:
                continue
            if not name.isidentifier() or spec or conversion:
                raise ValueError(f"'{form}': in braces stands a name and nothing else")
            names.add(name)
    return names if isinstance(entry, str) else names - {"n"}
