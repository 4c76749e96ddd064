"""No phone and no paper: what the office knows people by is typed, checked by the hub, and kept nowhere."""

from dataclasses import replace

import msgspec
import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Issuing, Kiosk, LookingUp, Problem, ShowingProblem, Typing
from kiosk_app.ui.view_model import typing_of
from officelib.assets import asset
from officelib.booking import short_code
from officelib.catalogue import Catalogue, Identify
from officelib.texts import read_texts
from tests.conftest import NINE_MS

WORDS = read_texts(asset("i18n"), "kiosk", ("es",))["es"]
SHORT = short_code("ab" * 10)


@pytest.fixture
def kiosk(catalogue: Catalogue) -> Kiosk:
    office = msgspec.structs.replace(
        catalogue, identify=Identify({"es": "Escriba su DNI"}, letters=True, least=8, most=9)
    )
    return Kiosk(catalogue=office, link_up=True, enrolled=True, has_lane=True, screen=Typing())


def typed(kiosk: Kiosk, text: str, at_ms: int = 5) -> tuple[Kiosk, list[ev.Effect]]:
    kiosk, _ = step(kiosk, ev.TypingAsked(who=True), 0)
    for character in text:
        kiosk, _ = step(kiosk, ev.KeyTyped(character), 0)
    return step(kiosk, ev.CodeEntered(NINE_MS), at_ms)


def test_who_is_known_goes_on_as_with_the_code(kiosk: Kiosk) -> None:
    kiosk, effects = typed(kiosk, "12345678Z0")
    assert kiosk.screen == LookingUp(5)
    assert effects == [ev.AskBooking("12345678Z", "o12", 5)], "no more than fits"
    assert "12345678Z" not in repr(kiosk)
    assert "12345678Z" not in repr(effects), "nor in any log"
    kiosk, effects = step(kiosk, ev.BookingFound(5, SHORT, NINE_MS), 10)
    assert isinstance(kiosk.screen, Issuing)
    assert isinstance(effects[0], ev.LookUpBooking)
    assert effects[0].booking.short == SHORT


def test_who_is_not_known_is_told_so(kiosk: Kiosk) -> None:
    kiosk, _ = typed(kiosk, "12345678Z")
    late = step(kiosk, ev.BookingFound(4, SHORT, NINE_MS), 10)
    assert late == (kiosk, []), "the answer to somebody before"
    assert step(kiosk, ev.BookingFound(5, "", NINE_MS), 10)[0].screen == ShowingProblem(Problem.NOT_FOUND)


def test_a_hub_that_does_not_answer_is_told(kiosk: Kiosk) -> None:
    kiosk, _ = typed(kiosk, "12345678Z")
    assert step(kiosk, ev.TimePassed(), 3_004)[0].screen == kiosk.screen
    assert step(kiosk, ev.TimePassed(), 3_005)[0].screen == ShowingProblem(Problem.NOT_ASKED)


def test_too_little_is_told_and_nothing_is_asked(kiosk: Kiosk) -> None:
    kiosk, effects = typed(kiosk, "1234567")
    assert (kiosk.screen, effects) == (Typing("1234567", is_wrong=True, who=True), [])
    hints = []
    for _ in range(3):
        assert isinstance(kiosk.screen, Typing)
        hints.append(typing_of(kiosk, kiosk.screen, WORDS)["hint"])
        kiosk, _ = step(kiosk, ev.CodeEntered(NINE_MS), 10)
    assert hints[0] == hints[2] != hints[1], "each time something is heard"


def test_only_its_last_character_can_be_seen(kiosk: Kiosk) -> None:
    shown = typing_of(kiosk, Typing("1234567", who=True), WORDS)
    assert shown["text"].strip("\u2066\u2069") == "\u2022" * 6 + "7__"
    assert "1234" not in str({key: text for key, text in shown.items() if key != "spoken"})


@pytest.mark.parametrize("cut", [{"link_up": False}, {"enrolled": False}, {"catalogue": None}])
def test_it_is_not_offered_where_nobody_could_check_it(kiosk: Kiosk, cut: dict[str, object]) -> None:
    without = replace(kiosk, **cut)  # type: ignore[arg-type]
    assert not typing_of(without, Typing(), WORDS)["noCode"]
    assert step(without, ev.TypingAsked(who=True), 0)[0].screen == Typing()
    asking, _ = typed(kiosk, "12345678Z")
    assert step(replace(asking, screen=Typing("12345678Z", who=True), **cut), ev.CodeEntered(None), 0)[  # type: ignore[arg-type]
        0
    ].screen == ShowingProblem(Problem.NOT_ASKED)


def test_an_office_without_it_has_no_such_page(kiosk: Kiosk, catalogue: Catalogue) -> None:
    plain = replace(kiosk, catalogue=msgspec.structs.replace(catalogue, identify=None), screen=Attract())
    assert step(plain, ev.TypingAsked(who=True), 0)[0].screen == Attract()
