"""What a citizen is told of waiting, before it begins. Pure."""

from dataclasses import dataclass

from kiosk_app.core.states import Kiosk
from officelib.catalogue import WEEKDAYS, Catalogue
from officelib.inbound import OtherOffice
from officelib.texts import Texts, isolated


@dataclass(frozen=True)
class Closing:
    """The doors may shut before a citizen is called.

    Attributes:
        at_ms: When they shut, hub time.
        is_sure: Not even who waits the least would be called before.
        opens_ms: When they open next.
        other: The office with the shortest wait for this service.
    """

    at_ms: int
    is_sure: bool
    opens_ms: int | None
    other: OtherOffice | None


def wait_text(wait_min: int | None, spread_min: tuple[int, int] | None, now: Texts) -> str:
    """How long somebody will wait: from the least to the most, where these differ; empty when nobody knows."""
    if wait_min is None:
        return ""
    if spread_min is None or spread_min[0] == spread_min[1] or not wait_min:
        return now.get("wait_about", n=wait_min)
    return now.get("wait_between", low=spread_min[0], high=spread_min[1])


def when_text(catalogue: Catalogue, slot_ms: int, texts: Texts) -> str:
    """A booking's day and time, as "Wednesday 07/01, 10:30"."""
    moment = catalogue.local(slot_ms)
    day = texts.get(WEEKDAYS[moment.weekday()])
    day = day[:1].upper() + day[1:]
    return texts.get("when", day=day, date=isolated(f"{moment:%d/%m}"), time=isolated(f"{moment:%H:%M}"))


def full_until_ms(kiosk: Kiosk, service: str) -> int:
    """When a service has room again, as far as the hub could say of late; a kiosk that is cut off refuses nobody."""
    state = kiosk.view.services.get(service) if kiosk.view and kiosk.link_up else None
    return state.full_until_ms if state else 0


def closing(kiosk: Kiosk, service: str, hub_ms: int | None) -> Closing | None:
    """What a citizen should know of the closing time; None when there is time enough, or nobody knows."""
    catalogue, view = kiosk.catalogue, kiosk.view
    if catalogue is None or view is None or hub_ms is None or not kiosk.link_up:
        return None
    state, closes_ms = view.services.get(service), catalogue.closes_ms(hub_ms)
    if state is None or state.spread_min is None or closes_ms is None:
        return None
    least_min, most_min = state.spread_min
    left_min = (closes_ms - hub_ms) / 60_000
    if most_min <= left_min:
        return None
    better = [one for one in view.elsewhere if one.waits_min.get(service, most_min) < most_min]
    other = min(better, key=lambda one: one.waits_min[service], default=None)
    return Closing(closes_ms, least_min > left_min, catalogue.opens_ms(closes_ms), other)
