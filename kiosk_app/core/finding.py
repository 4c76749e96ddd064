"""Finds services by what people type: in any language, without accents, with slips, by other words. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from officelib.catalogue import Service

ARABIC = str.maketrans("\u0629\u0649\u0671", "\u0647\u064a\u0627", "\u0621\u0640")
"""Arabic letters that are often written for one another: teh marbuta as heh, alef maksura as yeh, alef wasla as alef.

Hamza and the stretching mark are left out; letters with a hamza on them come apart in the decomposition."""
ARTICLE = "\u0627\u0644"
ONE_SLIP, TWO_SLIPS = 4, 8
"""From so many letters on, one slip or two are forgiven: a letter too many, too few, another, or two that changed
places."""
NAME, WORD, FOREIGN = 0, 1, 2
"""Where a word stands: in the name, among the other words, in another language. The earlier is the better find."""


@dataclass(frozen=True)
class Entry:
    """A service as it can be found: its words by language, each with where it stands."""

    service: str
    words: dict[str, tuple[tuple[str, int], ...]]


Index = tuple[Entry, ...]


def folded(text: str) -> str:
    """A text as it is compared: small letters, no accents, no marks, Arabic letters in one form."""
    parts = unicodedata.normalize("NFKD", text.casefold()).replace("\u00b7", "")  # of the Catalan l\u00b7l
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return "".join(c if c.isalnum() else " " for c in plain.translate(ARABIC))


def words_of(text: str) -> list[str]:
    """The words of a text, folded; in Arabic without their article."""
    found = folded(text).split()
    return [word.removeprefix(ARTICLE) if len(word) > len(ARTICLE) + 2 else word for word in found]


def index_of(services: Iterable[Service]) -> Index:
    """What `find` looks through; made once for a catalogue."""
    return tuple(Entry(service.id, dict(_words(service))) for service in services)


def _words(service: Service) -> Iterator[tuple[str, tuple[tuple[str, int], ...]]]:
    for language in {*service.name, *service.words}:
        name = [(word, NAME) for word in words_of(service.name.get(language, ""))]
        others = [(word, WORD) for text in service.words.get(language, ()) for word in words_of(text)]
        yield language, (*name, *others)


def find(index: Index, typed: str, language: str, ranking: tuple[str, ...] = ()) -> list[str]:
    """Services that fit what was typed, the best first.

    Every typed word may be half of one. What fits more of them drives out what fits fewer, and what fits to the letter
    drives out what fits with slips; equal finds stand in the order of `ranking`.

    Args:
        index: Of the office.
        typed: By the citizen.
        language: The citizen's; words of the others count less.
        ranking: Services, the most used first.
    """
    wanted = words_of(typed)
    if not wanted:
        return []
    place = {service: number for number, service in enumerate(ranking)}
    found = []
    for number, entry in enumerate(index):
        costs = [cost for word in wanted if (cost := _cost(word, entry, language)) is not None]
        if costs:
            fit = (len(wanted) - len(costs), sum(slips for slips, _ in costs) > 0)
            order = (sum(slips for slips, _ in costs), sum(where for _, where in costs))
            found.append((fit, order, place.get(entry.service, len(place)), number, entry.service))
    best = min((fit for fit, *_ in found), default=None)
    return [service for fit, *_, service in sorted(found) if fit == best]


def _cost(typed: str, entry: Entry, language: str) -> tuple[int, int] | None:
    """How far an entry is from a typed word: slips, and where that word stands; None when it does not fit."""
    costs = [
        (slips, where if spoken == language else FOREIGN + where)
        for spoken, words in entry.words.items()
        for word, where in words
        if (slips := _slips(typed, word)) is not None
    ]
    return min(costs, default=None)


def _slips(typed: str, word: str) -> int | None:
    """Slips between a typed word and the beginning of a word; None when there are too many."""
    if word.startswith(typed):
        return 0
    most = 2 if len(typed) >= TWO_SLIPS else 1 if len(typed) >= ONE_SLIP else 0
    if not most:
        return None
    beginnings = {word[: len(typed) + change] for change in range(-most, most + 1)}
    least = min(OSA.distance(typed, part, score_cutoff=most) for part in beginnings)
    return least if least <= most else None
