"""Finding one service among many: groups, the most asked for, and search that forgives."""

from dataclasses import replace

import msgspec
import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.choosing import AT_A_GLANCE, MOST_ASKED, choices
from kiosk_app.core.finding import find, index_of, words_of
from kiosk_app.core.flow import step
from kiosk_app.core.states import Attract, Choosing, Confirming, Kiosk, Paper, Searching
from officelib.assets import asset
from officelib.catalogue_file import read_catalogue
from officelib.inbound import ServicesView
from officelib.texts import read_texts
from tests.conftest import NINE_MS

CITY = read_catalogue(asset("demo", "city.toml"))
INDEX = index_of(CITY.service)
RANKING = ("parking", "fines", "entry", "school", "jobs")


@pytest.fixture
def kiosk() -> Kiosk:
    return Kiosk(catalogue=CITY, link_up=True, enrolled=True, has_lane=True, ranking=RANKING)


def go(kiosk: Kiosk, *events: ev.Event) -> tuple[Kiosk, list[ev.Effect]]:
    effects: list[ev.Effect] = []
    for event in events:
        kiosk, more = step(kiosk, event, 0)
        effects += more
    return kiosk, effects


@pytest.mark.parametrize(
    ("typed", "language", "first"),
    [
        ("Padrón", "es", "register"),
        ("padron", "es", "register"),
        ("empadrnamiento", "es", "register"),
        ("mepadronamiento", "es", "register"),
        ("empa", "es", "register"),
        ("guarderia", "es", "nursery"),
        ("quiero cambiar mi domicilio", "es", "move"),
        ("grúa", "es", "towed"),
        ("adreca", "ca", "move"),
        ("lescombraries", "ca", "waste-fee"),
        ("residents parking", "en", "parking"),
        ("nieghbours", "en", "noise"),
        ("demenagement", "fr", "move"),
        ("multas", "fr", "fines"),
        ("الضراءب", "ar", "taxes"),
        ("اعاقه", "ar", "disability"),
    ],
)
def test_what_people_type_finds_what_they_mean(typed: str, language: str, first: str) -> None:
    assert find(INDEX, typed, language)[:1] == [first]


@pytest.mark.parametrize(
    "typed", ["Sol·licitud", "sollicitud", "solicitud", "instal·lació", "instalacio", "colegis", "col·legi"]
)
def test_the_catalan_double_l_is_found_however_it_is_typed(typed: str) -> None:
    names = ("Sol·licitud d'ajuts", "Instal·lació de terrasses", "Col·legis")
    services = [msgspec.structs.replace(CITY.service[0], id=f"s{n}", name={"ca": t}) for n, t in enumerate(names)]
    assert len(find(index_of(services), typed, "ca")) == 1


@pytest.mark.parametrize("typed", ["", " ", "xyzzy", "qqqq", "…"])
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert find(INDEX, typed, "es") == []


def test_each_service_is_found_by_its_own_name_in_each_language() -> None:
    for service in CITY.service:
        for language, name in service.name.items():
            assert service.id in find(INDEX, name, language)[:2], (name, language)


def test_equal_finds_stand_in_the_order_in_which_they_are_asked_for() -> None:
    assert find(INDEX, "certifica", "es", ("key", "certificates"))[:2] == ["certificates", "key"]
    some = find(INDEX, "ayuda", "es", ("social", "information"))
    other = find(INDEX, "ayuda", "es", ("information", "social"))
    assert some.index("social") < some.index("information")
    assert other.index("information") < other.index("social")


@pytest.mark.parametrize("language", ["es", "ca", "en", "fr", "ar"])
def test_the_keyboard_can_type_every_word_that_finds_something(language: str) -> None:
    keyboard = read_texts(asset("i18n"), "kiosk", (language,))[language].get("keyboard")
    letters = set("".join(words_of(keyboard)))
    assert len(keyboard.replace(" ", "")) == len(set(keyboard.replace(" ", ""))), "a letter twice"
    for service in CITY.service:
        typed = "".join(words_of(service.name[language]))
        assert set(typed) <= letters, (service.name[language], set(typed) - letters)


def test_many_services_come_in_groups_the_most_asked_for_first(kiosk: Kiosk) -> None:
    shown = choices(kiosk, "")
    assert [service.id for service in shown.services] == [*RANKING[:MOST_ASKED], "information"]
    assert [group.id for group in shown.groups] == [group.id for group in CITY.group]
    assert shown.search
    assert choices(kiosk, "family").services[0].id == "school"
    reached = {s.id for g in shown.groups for s in choices(kiosk, g.id).services} | {s.id for s in shown.services}
    assert reached == {service.id for service in CITY.service}


def test_few_services_stand_as_the_office_has_them(kiosk: Kiosk) -> None:
    demo = read_catalogue(asset("demo", "office.toml"))
    assert len(demo.service) <= AT_A_GLANCE
    shown = choices(replace(kiosk, catalogue=demo, ranking=("taxes",)), "")
    assert [service.id for service in shown.services] == [service.id for service in demo.service]
    assert not shown.groups
    assert not shown.search


def test_the_way_through_groups_and_back(kiosk: Kiosk) -> None:
    kiosk, _ = go(kiosk, ev.Started(), ev.GroupChosen("care"))
    assert kiosk.screen == Choosing("care")
    confirming, _ = go(kiosk, ev.ServiceChosen("social", NINE_MS))
    assert confirming.screen == Confirming("social", Choosing("care"))
    assert go(confirming, ev.BackPressed())[0].screen == Choosing("care")
    assert go(kiosk, ev.BackPressed())[0].screen == Choosing()
    assert go(kiosk, ev.BackPressed(), ev.BackPressed())[0].screen == Attract()
    assert go(kiosk, ev.GroupChosen("nothing"))[0].screen == Choosing("care")


def test_a_search_keeps_what_was_typed_when_one_comes_back_to_it(kiosk: Kiosk) -> None:
    keys = [ev.KeyTyped(letter) for letter in (" ", "p", "a", "x", "", "d")]
    kiosk, _ = go(kiosk, ev.Started(), ev.SearchAsked(), *keys)
    assert kiosk.screen == Searching("pad")
    kiosk, _ = go(kiosk, ev.ServiceChosen("register", NINE_MS), ev.BackPressed())
    assert kiosk.screen == Searching("pad")
    assert go(kiosk, ev.BackPressed())[0].screen == Choosing()
    assert go(kiosk, ev.DonePressed())[0].screen == Attract()
    assert len(go(kiosk, *[ev.KeyTyped("a")] * 100)[0].screen.text) == 24  # type: ignore[union-attr]


def test_the_list_of_what_to_bring_is_printed_once_at_a_time(kiosk: Kiosk) -> None:
    kiosk, _ = go(kiosk, ev.Started(), ev.GroupChosen("home"), ev.ServiceChosen("register", NINE_MS))
    kiosk, effects = go(kiosk, ev.LeafletAsked(), ev.LeafletAsked())
    assert effects == [ev.PrintLeaflet("register", "es")]
    assert go(kiosk, ev.LeafletEnded("social", printed=True))[0].screen == kiosk.screen, "of somebody before"
    kiosk, _ = go(kiosk, ev.LeafletEnded("register", printed=False))
    assert isinstance(kiosk.screen, Confirming)
    assert kiosk.screen.leaflet is Paper.FAULT
    assert go(kiosk, ev.LeafletAsked())[1] == effects
    assert go(kiosk, ev.DonePressed(), ev.BackPressed(), ev.LeafletEnded("register", printed=True))[1] == []


def test_what_is_asked_for_most_changes_nothing_under_a_finger(kiosk: Kiosk) -> None:
    view = ServicesView(1, 1, 0, "2026-01-07", False, {}, ("jobs", "pets"))
    busy, _ = go(kiosk, ev.Started(), ev.QueuesTold(view))
    assert busy.ranking == RANKING
    assert go(busy, ev.BackPressed())[0].ranking == ("jobs", "pets"), "but for the next citizen"
    assert go(kiosk, ev.QueuesTold(view))[0].ranking == ("jobs", "pets")


def test_a_new_catalogue_leaves_the_citizen_where_it_can(kiosk: Kiosk) -> None:
    demo = read_catalogue(asset("demo", "office.toml"))
    chosen, _ = go(kiosk, ev.Started(), ev.GroupChosen("taxes"), ev.ServiceChosen("taxes", NINE_MS))
    told, _ = go(chosen, ev.OfficeTold(demo, {}))
    assert told.screen == Confirming("taxes", Choosing("taxes"))
    assert go(told, ev.BackPressed())[0].screen == Choosing(), "that group is gone"
    lost, _ = go(
        kiosk, ev.Started(), ev.GroupChosen("green"), ev.ServiceChosen("pets", NINE_MS), ev.OfficeTold(demo, {})
    )
    assert lost.screen == Choosing()
