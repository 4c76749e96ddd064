"""What the pages of choosing show, as QML takes it."""

from collections.abc import Sequence
from typing import Any

from kiosk_app.core.choosing import choices, offered
from kiosk_app.core.finding import Index, find, index_of
from kiosk_app.core.slots import offers_slots
from kiosk_app.core.states import Choosing, ChoosingSlot, Confirming, Kiosk, Paper, Searching, ShowingSlip
from kiosk_app.core.waits import closing, wait_text, when_text
from officelib.catalogue import Catalogue, Service, lines_in, text_in
from officelib.texts import Texts, isolated

LISTED = 30
"""So many finds are shown at most: who sees more of them types on."""
LEAFLETS = {
    None: "print_list",
    Paper.PRINTING: "list_printing",
    Paper.PRINTED: "list_printed",
    Paper.FAULT: "list_fault",
}


class Finder:
    """Looks through an office's services; what it looks through is made once a catalogue."""

    def __init__(self) -> None:
        self._catalogue: Catalogue | None = None
        self._index: Index = ()

    def find(self, kiosk: Kiosk, typed: str) -> list[str]:
        """The ids of services that fit, the best first."""
        if kiosk.catalogue is None:
            return []
        if kiosk.catalogue is not self._catalogue:
            self._catalogue, self._index = kiosk.catalogue, index_of(offered(kiosk.catalogue))
        return find(self._index, typed, kiosk.language, kiosk.ranking)


def page_of(kiosk: Kiosk, now: Texts) -> dict[str, Any]:
    """The page of choosing: its title, services and groups."""
    screen, catalogue = kiosk.screen, kiosk.catalogue
    group = screen.group if isinstance(screen, Choosing) else ""
    shown = choices(kiosk, group)
    chosen = catalogue.groups.get(group) if catalogue else None
    return {
        "title": text_in(chosen.name, kiosk.language) if chosen else now.get("choose_title"),
        "inGroup": bool(group),
        "search": shown.search,
        "services": _services(kiosk, now, shown.services),
        "groups": [
            {"id": group.id, "name": text_in(group.name, kiosk.language), "icon": group.icon or "info"}
            for group in shown.groups
        ],
    }


def search_of(kiosk: Kiosk, now: Texts, finder: Finder) -> dict[str, Any]:
    """The page of searching: what is typed and what was found."""
    screen, catalogue = kiosk.screen, kiosk.catalogue
    if not isinstance(screen, Searching) or catalogue is None:
        return {}
    found = finder.find(kiosk, screen.text)[:LISTED]
    asked = screen.text.strip()
    return {
        "text": screen.text,
        "spoken": asked or now.get("typed_nothing"),
        "hint": now.get("found", n=len(found)) if asked else now.get("search_hint"),
        "services": _services(kiosk, now, [catalogue.services[service] for service in found]),
    }


def chosen_of(kiosk: Kiosk, now: Texts, hub_ms: int | None) -> dict[str, Any]:
    """The service that waits for a yes: how busy it is, and what it needs."""
    screen, catalogue = kiosk.screen, kiosk.catalogue
    if not isinstance(screen, Confirming) or catalogue is None:
        return {}
    service = catalogue.services[screen.service]
    return {
        **_service(kiosk, now, service),
        "bring": list(lines_in(service.bring, kiosk.language)),
        "fee": now.get("fee", fee=text_in(service.fee, kiosk.language)) if service.fee else "",
        "takes": now.get("takes_about", n=max(1, round(service.minutes))),
        "late": _late(kiosk, now, service.id, hub_ms),
        "slots": offers_slots(kiosk, hub_ms),
        "priority": text_in(catalogue.priority, kiosk.language),
        "isPriority": screen.priority,
        "leaflet": now.get(LEAFLETS[screen.leaflet]),
    }


def slots_of(kiosk: Kiosk, now: Texts, hub_ms: int | None) -> dict[str, Any]:
    """The times to choose from."""
    screen, catalogue = kiosk.screen, kiosk.catalogue
    if not isinstance(screen, ChoosingSlot) or catalogue is None:
        return {}
    return {
        "name": text_in(catalogue.services[screen.service].name, kiosk.language),
        "hint": now.get("slot_gone" if screen.gone else "slot_hint"),
        "gone": screen.gone,
        "times": [{"at": float(slot), "text": _when(catalogue, slot, now, hub_ms)} for slot in screen.times_ms],
    }


def slip_of(kiosk: Kiosk, now: Texts, hub_ms: int | None) -> dict[str, Any]:
    """The booking that the kiosk gave."""
    screen, catalogue = kiosk.screen, kiosk.catalogue
    if not isinstance(screen, ShowingSlip) or catalogue is None:
        return {}
    slip = screen.slip
    service = catalogue.services.get(slip.service)
    return {
        "when": _when(catalogue, slip.slot_ms, now, hub_ms),
        "name": text_in(service.name, kiosk.language) if service else "",
        "code": now.get("slip_code", code=isolated(slip.short)),
        "spoken": now.get("slip_code", code=", ".join(slip.short)),
        "status": now.get(f"slip_{screen.paper.value}"),
        "fault": screen.paper is Paper.FAULT,
        "printing": screen.paper is Paper.PRINTING,
    }


def _when(catalogue: Catalogue, slot_ms: int, now: Texts, hub_ms: int | None) -> str:
    moment = catalogue.local(slot_ms)
    if hub_ms is not None and catalogue.local(hub_ms).date() == moment.date():
        return now.get("when_today", time=isolated(f"{moment:%H:%M}"))
    return when_text(catalogue, slot_ms, now)


def _services(kiosk: Kiosk, now: Texts, services: Sequence[Service]) -> list[dict[str, str]]:
    return [_service(kiosk, now, service) for service in services]


def _service(kiosk: Kiosk, now: Texts, service: Service) -> dict[str, str]:
    state = kiosk.view.services.get(service.id) if kiosk.view and kiosk.link_up else None
    return {
        "id": service.id,
        "name": text_in(service.name, kiosk.language),
        "waiting": now.get("people_waiting", n=state.waiting) if state else "",
        "wait": wait_text(state.wait_min, state.spread_min, now) if state else "",
    }


def _late(kiosk: Kiosk, now: Texts, service: str, hub_ms: int | None) -> list[str]:
    """What a citizen should know of the closing time, a sentence each."""
    known, catalogue = closing(kiosk, service, hub_ms), kiosk.catalogue
    if known is None or catalogue is None:
        return []
    told = [
        now.get("late_sure" if known.is_sure else "late_maybe", time=isolated(f"{catalogue.local(known.at_ms):%H:%M}"))
    ]
    if known.other is not None:
        name = text_in(known.other.name, kiosk.language)
        told.append(now.get("late_elsewhere", place=name, n=known.other.waits_min[service]))
    if known.opens_ms is not None:
        told.append(now.get("late_next", when=isolated(f"{catalogue.local(known.opens_ms):%d/%m, %H:%M}")))
    return told
