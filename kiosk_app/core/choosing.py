"""From what an office offers to the one service that a citizen came for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk_app.core import events as ev
from kiosk_app.core.patience import show
from kiosk_app.core.states import Choosing, ChoosingSlot, Confirming, Kiosk, Paper, Problem, Searching, ShowingProblem
from kiosk_app.core.waits import full_until_ms
from officelib.catalogue import Catalogue, Group, Service

Step = tuple[Kiosk, list[ev.Effect]]

AT_A_GLANCE = 9
"""So many services are shown at once; more of them come in groups."""
MOST_ASKED = 4
"""So many of the most asked for come before the groups."""
SEARCH_LENGTH = 24


@dataclass(frozen=True)
class Choices:
    """What stands on the page: services, groups after them, and whether one can type instead."""

    services: Sequence[Service] = ()
    groups: Sequence[Group] = ()
    search: bool = False


def offered(catalogue: Catalogue) -> list[Service]:
    """What can be had without a booking."""
    return [service for service in catalogue.service if service.walk_in]


def choices(kiosk: Kiosk, group: str) -> Choices:
    """What a citizen can choose from, in a group or (where it is empty) at first."""
    catalogue = kiosk.catalogue
    if catalogue is None:
        return Choices()
    services = offered(catalogue)
    place = {service: number for number, service in enumerate(kiosk.ranking)}
    ranked = sorted(services, key=lambda service: place.get(service.id, len(place)))
    if group:
        return Choices([service for service in ranked if service.group == group])
    if len(services) <= AT_A_GLANCE:
        return Choices(services)
    used = {service.group for service in services}
    groups = [group for group in catalogue.group if group.id in used]
    if not groups:
        return Choices(ranked, search=True)
    most = [service for service in ranked if service.id in place][:MOST_ASKED]
    alone = [service for service in ranked if not service.group and service not in most]
    return Choices([*most, *alone], groups, search=True)


def is_open(kiosk: Kiosk, hub_ms: int | None) -> bool:
    """Whether the office takes citizens now: by its hours, and by its staff's word of this business day.

    A kiosk that does not know the time refuses nobody for it.
    """
    catalogue, view = kiosk.catalogue, kiosk.view
    if catalogue is None:
        return False
    if hub_ms is None:
        return True
    closed_by_hand = view is not None and view.doors_closed and view.day == catalogue.business_day(hub_ms)
    return catalogue.is_open(hub_ms) and not closed_by_hand


def can_issue(kiosk: Kiosk) -> bool:
    """Whether a ticket can be promised at all."""
    return kiosk.catalogue is not None and kiosk.enrolled and (kiosk.link_up or kiosk.has_lane)


def service_chosen(kiosk: Kiosk, event: ev.ServiceChosen, now_ms: int) -> Kiosk:
    """What it means to come for a service; or why it cannot be had now."""
    behind = kiosk.screen
    if kiosk.catalogue is None or not isinstance(behind, Choosing | Searching):
        return kiosk
    if event.service not in kiosk.catalogue.services:
        return kiosk
    if not is_open(kiosk, event.hub_ms):
        return show(kiosk, ShowingProblem(Problem.CLOSED), now_ms)
    if not can_issue(kiosk):
        return show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms)
    again_ms = full_until_ms(kiosk, event.service)
    if event.hub_ms is not None and event.hub_ms < again_ms:
        return show(kiosk, ShowingProblem(Problem.FULL, again_ms, event.service), now_ms)
    return show(kiosk, Confirming(event.service, behind), now_ms)


def group_chosen(kiosk: Kiosk, group: str, now_ms: int) -> Kiosk:
    """The services of a group."""
    known = kiosk.catalogue is not None and group in kiosk.catalogue.groups
    return show(kiosk, Choosing(group), now_ms) if known else kiosk


def searched(search: Searching, character: str) -> Searching:
    """The search after a key; an empty one takes the last character away."""
    if not character:
        return Searching(search.text[:-1])
    fits = len(search.text) + len(character) <= SEARCH_LENGTH and (search.text or character != " ")
    return Searching(search.text + character) if fits else search


def leaflet_asked(kiosk: Kiosk, now_ms: int) -> Step:
    """Paper of what to bring, of the service that is looked at; one at a time."""
    screen = kiosk.screen
    if not isinstance(screen, Confirming) or screen.leaflet is Paper.PRINTING:
        return kiosk, []
    printing = show(kiosk, replace(screen, leaflet=Paper.PRINTING), now_ms)
    return printing, [ev.PrintLeaflet(screen.service, kiosk.language)]


def leaflet_ended(kiosk: Kiosk, event: ev.LeafletEnded, now_ms: int) -> Kiosk:
    """How that paper came out, for whoever still looks at the service."""
    screen = kiosk.screen
    if not isinstance(screen, Confirming) or screen.service != event.service or screen.leaflet is None:
        return kiosk
    return show(kiosk, replace(screen, leaflet=Paper.PRINTED if event.printed else Paper.FAULT), now_ms)


def still_there(kiosk: Kiosk, now_ms: int) -> Kiosk:
    """A new catalogue takes no citizen by surprise: what it lacks is left for the page before."""
    catalogue, screen = kiosk.catalogue, kiosk.screen
    if catalogue is None:
        return kiosk
    match screen:
        case Choosing() if screen.group and screen.group not in catalogue.groups:
            return show(kiosk, Choosing(), now_ms)
        case Confirming() | ChoosingSlot() if screen.service not in catalogue.services:
            behind = screen.behind if isinstance(screen, Confirming) else Choosing()
            return still_there(show(kiosk, behind, now_ms), now_ms)
        case _:
            return kiosk
