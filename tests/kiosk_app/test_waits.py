"""Honest waiting: a spread instead of a promise, closing time before the citizen waits, room for so many an hour."""

from dataclasses import replace

import msgspec
import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.paper import paper_fields
from kiosk_app.core.states import Choosing, Confirming, Issuing, Kiosk, Problem, ShowingProblem, TicketFacts
from kiosk_app.core.waits import closing, wait_text
from kiosk_app.ui.offers import chosen_of
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.inbound import OtherOffice, ServiceState, ServicesView
from officelib.texts import read_texts
from tests.conftest import NINE_MS

MINUTE_MS = 60_000
WORDS = read_texts(asset("i18n"), "kiosk", ("es", "ca", "en", "fr", "ar"))
HALF_PAST_SEVEN_MS = NINE_MS + 10 * 60 * MINUTE_MS + 30 * MINUTE_MS
"""Half an hour before the doors shut at 20:00."""


def busy(catalogue: Catalogue, state: ServiceState, *elsewhere: OtherOffice, up: bool = True) -> Kiosk:
    view = ServicesView(1, 1, 0, "2026-01-07", False, {"taxes": state}, elsewhere=elsewhere)
    return Kiosk(catalogue=catalogue, view=view, link_up=up, enrolled=True, has_lane=True, screen=Choosing())


@pytest.mark.parametrize(
    ("wait_min", "spread_min", "told"),
    [
        (None, None, ""),
        (0, (0, 0), "You will be called soon"),
        (7, None, "Wait: about 7 minutes"),
        (7, (7, 7), "Wait: about 7 minutes"),
        (22, (15, 30), "Wait: 15 to 30 minutes"),
    ],
)
def test_a_wait_is_told_with_its_spread(wait_min: int | None, spread_min: tuple[int, int] | None, told: str) -> None:
    assert wait_text(wait_min, spread_min, WORDS["en"]) == told


def test_the_paper_says_what_the_screen_says(catalogue: Catalogue) -> None:
    paper = read_texts(asset("i18n"), "ticket", ("es",))["es"]
    ticket = TicketFacts(1, "M001", "taxes", "es", 3, 22, 0, NINE_MS, spread_min=(15, 30))
    assert paper_fields(ticket, catalogue, paper)["wait_about"] == wait_text(22, (15, 30), WORDS["es"])


@pytest.mark.parametrize(
    ("spread_min", "is_sure"),
    [((0, 30), None), ((5, 31), False), ((30, 45), False), ((31, 45), True)],
)
def test_closing_time_is_told_before_the_citizen_waits(
    catalogue: Catalogue, spread_min: tuple[int, int], is_sure: bool | None
) -> None:
    known = closing(busy(catalogue, ServiceState(3, 30, spread_min)), "taxes", HALF_PAST_SEVEN_MS)
    assert (known.is_sure if known else None) == is_sure
    if known is not None:
        assert catalogue.local(known.at_ms).hour == 20
        assert known.opens_ms is not None
        assert f"{catalogue.local(known.opens_ms):%d %H:%M}" == "08 08:00"


def test_what_there_is_instead_is_told_with_it(catalogue: Catalogue) -> None:
    far, near = OtherOffice({"es": "Norte"}, {"taxes": 40}), OtherOffice({"es": "Sur"}, {"taxes": 10, "entry": 1})
    kiosk = busy(catalogue, ServiceState(9, 60, (40, 80)), far, near)
    shown = chosen_of(replace(kiosk, screen=Confirming("taxes")), WORDS["es"], HALF_PAST_SEVEN_MS)
    told = [text.translate({0x2066: None, 0x2069: None}) for text in shown["late"]]
    assert told == [
        "Cerramos a las 20:00, antes de llegar a su turno.",
        "Está abierto Sur: allí, unos 10 minutos.",
        "Volvemos a abrir: 08/01, 08:00.",
    ]


@pytest.mark.parametrize("hub_ms", [None, HALF_PAST_SEVEN_MS])
def test_a_kiosk_that_is_cut_off_claims_nothing(catalogue: Catalogue, hub_ms: int | None) -> None:
    kiosk = busy(catalogue, ServiceState(9, 60, (40, 80), NINE_MS * 2), up=hub_ms is None)
    assert closing(kiosk, "taxes", hub_ms) is None
    kiosk, _ = step(kiosk, ev.ServiceChosen("taxes", hub_ms), 0)
    assert isinstance(kiosk.screen, Confirming), "it refuses nobody"


def test_a_full_hour_is_told_with_the_time_of_the_next(catalogue: Catalogue) -> None:
    again_ms = NINE_MS + 60 * MINUTE_MS
    kiosk = busy(catalogue, ServiceState(4, 30, (20, 40), again_ms))
    full, effects = step(kiosk, ev.ServiceChosen("taxes", NINE_MS), 0)
    assert (full.screen, effects) == (ShowingProblem(Problem.FULL, again_ms, "taxes"), [])
    assert isinstance(step(kiosk, ev.ServiceChosen("taxes", again_ms), 0)[0].screen, Confirming)


def test_to_go_earlier_is_a_quiet_choice_by_the_offices_rules(catalogue: Catalogue) -> None:
    kiosk = replace(busy(catalogue, ServiceState(4, 30)), screen=Confirming("taxes"))
    refused, _ = step(kiosk, ev.PrioritySwitched(), 0)
    assert refused.screen == Confirming("taxes"), "this office has no such rule"
    kiosk = replace(kiosk, catalogue=msgspec.structs.replace(catalogue, priority={"es": "Embarazo"}))
    kiosk, _ = step(kiosk, ev.PrioritySwitched(), 0)
    asked, effects = step(kiosk, ev.Confirmed(), 0)
    assert isinstance(asked.screen, Issuing)
    assert asked.screen.claim.priority
    assert len(effects) == 1
    once_more, _ = step(kiosk, ev.PrioritySwitched(), 0)
    assert once_more.screen == Confirming("taxes")
