"""What waits behind each letter, and how long: what the lobby shows while nobody is called. Pure."""

from dataclasses import dataclass

from officelib.catalogue import Catalogue, Service, text_in
from officelib.inbound import ServiceState, ServicesView


@dataclass(frozen=True)
class SeriesWait:
    """A letter on tickets.

    Attributes:
        letter: As on the ticket.
        meaning: What it stands for, in a language; empty where that is more than can be said.
        waiting: How many people wait.
        spread_min: The least and the most minutes until whoever comes now is called; None when nobody knows.
    """

    letter: str
    meaning: str
    waiting: int
    spread_min: tuple[int, int] | None


def series_waits(catalogue: Catalogue, view: ServicesView, letters: frozenset[str], language: str) -> list[SeriesWait]:
    """Each letter of the office, or of those that are asked for, in order.

    Several services of a letter may stand before different counters: then it is the whole range that is told.
    """
    by_letter: dict[str, list[Service]] = {}
    for service in catalogue.service:
        if not letters or service.series in letters:
            by_letter.setdefault(service.series, []).append(service)
    waits = []
    for letter in sorted(by_letter):
        services = by_letter[letter]
        states = [view.services[service.id] for service in services if service.id in view.services]
        waiting = sum(state.waiting for state in states)
        waits.append(SeriesWait(letter, _meaning(catalogue, letter, services, language), waiting, _spread(states)))
    return waits


def _meaning(catalogue: Catalogue, letter: str, services: list[Service], language: str) -> str:
    named = next((series.name for series in catalogue.series if series.letter == letter), None)
    if named is not None:
        return text_in(named, language)
    if len(services) == 1:
        return text_in(services[0].name, language)
    groups = {service.group for service in services}
    group = catalogue.groups.get(groups.pop()) if len(groups) == 1 else None
    return text_in(group.name, language) if group else ""


def _spread(states: list[ServiceState]) -> tuple[int, int] | None:
    known = [state.spread_min or (state.wait_min, state.wait_min) for state in states if state.wait_min is not None]
    lows = [low for low, _ in known if low is not None]
    highs = [high for _, high in known if high is not None]
    return (min(lows), max(highs)) if lows and highs else None
