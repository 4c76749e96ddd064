"""Staff change the office on pages: in force at once when right, nothing when wrong, and nobody's work undone."""

import re
from datetime import datetime
from html import unescape
from pathlib import Path

import httpx
import msgspec
import pytest

from bench.office.stage import wait_for
from office_hub import catalogue_keeper
from office_hub.catalogue_edits import HoursSaved, NoticeAdded, NoticeRemoved, ServiceRemoved, ServiceSaved, edited
from office_hub.catalogue_keeper import Refused
from office_hub.core import desk
from office_hub.work import CatalogueCame
from officelib.assets import asset
from officelib.catalogue import WEEKDAYS
from officelib.catalogue_file import catalogue_of
from tests.office_hub.web import Web, run

PAGES = (
    "/office",
    "/office/service/register",
    "/office/service/new",
    "/office/hours",
    "/office/notices",
    "/office/words",
)
DEMO = asset("demo", "office.toml").read_text()
CITY = asset("demo", "city.toml").read_text()


async def came_in(web: Web) -> None:
    await web.sign_in("1470", clerk="biel")


async def form_of(web: Web, path: str) -> dict[str, str]:
    """The fields of a page's last form, as a browser would post them."""
    page = unescape((await web.client.get(path)).text)
    form = page[page.rindex("<form") :]
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', form))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)<', options)
        fields[name] = (chosen[1] or chosen[2]) if chosen else ""
    boxes = re.findall(r'<input type="checkbox" name="([^"]+)" value="1" (checked)?', form)
    return {name: value for name, value in fields.items() if (name, "") not in boxes and name != "sure"}


def _without_counters(form: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if not name.startswith("counter.")}


def _notice_texts() -> dict[str, str]:
    return {f"text.{language}": "Aviso" for language in ("es", "ca", "en", "fr", "ar")}


async def post(web: Web, path: str, form: dict[str, str]) -> httpx.Response:
    return await web.client.post(path, data=form)


@pytest.mark.parametrize("path", PAGES)
def test_who_may_not_edit_sees_and_changes_nothing(web: Web, path: str) -> None:
    async def steps(web: Web) -> None:
        before = web.keeper.path.read_text()
        for _ in range(2):
            assert (await web.client.get(path)).status_code == 303
            posted = await post(web, path, {"revision": web.keeper.revision, "mon": ""})
            assert posted.status_code in (303, 405)
            assert web.keeper.path.read_text() == before
            await web.sign_in()  # a clerk who serves, and does not edit

    run(steps, web)


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_shows_can_be_saved_and_changes_nothing(web: Web, path: str) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        shown = await web.client.get(path)
        assert shown.status_code == 200
        if path in ("/office/service/register", "/office/hours", "/office/words"):
            before = catalogue_of(web.keeper.path.read_text())
            saved = await post(web, path, await form_of(web, path))
            assert saved.headers["location"].endswith("?saved=1")
            assert catalogue_of(web.keeper.path.read_text()) == before

    run(steps, web)


def test_a_service_is_changed_and_in_force_when_the_page_comes_back(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        form = await form_of(web, "/office/service/register")
        form |= {
            "name.es": "Padrón <b>",
            "bring.es": "DNI\r\n\r\nUna foto\r\n",
            "words.es": "censo, alta ,",
            "minutes": "7,5",
        }
        saved = await post(web, "/office/service/register", form)
        assert saved.headers["location"] == "/office?saved=1"
        service = web.hub.engine.catalogue.services["register"]
        assert service.name["es"] == "Padrón <b>"
        assert service.bring["es"] == ("DNI", "Una foto")
        assert service.words["es"] == ("censo", "alta")
        assert service.minutes == 7.5
        assert web.hub.heard.catalogues == 1, "the devices are told"
        page = (await web.client.get("/office?saved=1")).text
        assert "Padrón &lt;b&gt;" in page
        assert "Guardado" in page
        assert web.keeper.path.read_text().startswith("# The demonstration's office"), "what people wrote stays"

    run(steps, web)


def test_what_is_wrong_is_told_and_what_was_typed_stays(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        before = web.keeper.path.read_text()
        form = await form_of(web, "/office/service/register")
        told = await post(web, "/office/service/register", form | {"name.fr": "", "name.es": "Alta en el censo"})
        assert told.status_code == 409
        assert "the name of service &#39;register&#39; has no text in &#39;fr&#39;" in told.text
        assert "Alta en el censo" in told.text
        for path, wrong in (
            ("/office/hours", {"mon": "8 a 14"}),
            ("/office/hours", {"mon": "14:00-08:00"}),
            ("/office/service/register", form | {"minutes": "many"}),
            ("/office/service/register", form | {"minutes": "-3"}),
            ("/office/service/register", form | {"group": "none"}),
            ("/office/service/new", form | {"id": "A B", "code": "9"}),
            ("/office/service/new", form | {"id": "x", "code": "101"}),
            ("/office/service/new", form | {"id": "new", "code": "901"}),
            ("/office/service/new", form | {"id": "taxes", "code": "901"}),
            ("/office/service/new", _without_counters(form) | {"id": "x", "code": "901"}),
            ("/office/notices", {"end": "2026-01-07T10:00+01:00", **_notice_texts()}),
            ("/office/words", {"scan_hint": "Acerque {} el código"}),
            ("/office/words", {"scan_hint": "x" * 300}),
            ("/office/notices", {"end": "tomorrow", "text.es": "Hola"}),
            ("/office/notices", {"end": "2026-01-07T10:00", "text.es": "Hola"}),
            ("/office/words", {"scan_hint": "Hold {it}"}),
        ):
            refused = await post(web, path, {**wrong, "revision": web.keeper.revision})
            assert refused.status_code == 409, path
            assert "<li>" in refused.text
        assert web.keeper.path.read_text() == before
        assert web.hub.heard.catalogues == 0

    run(steps, web)


def test_nobody_undoes_what_somebody_else_just_changed(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        mine, other = await form_of(web, "/office/hours"), await form_of(web, "/office/hours")
        assert (await post(web, "/office/hours", other | {"mon": "09:00-12:00"})).status_code == 303
        refused = await post(web, "/office/hours", mine | {"tue": "09:00-12:00"})
        assert refused.status_code == 409
        assert "otra persona cambió" in refused.text
        assert web.hub.engine.catalogue.hours["mon"] == ("09:00-12:00",)

    run(steps, web)


def test_a_service_that_people_wait_for_stays(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        web.hub.take_ticket(web.hub.enrol())
        form = {"revision": web.keeper.revision, "remove": "1"}
        unsure = await post(web, "/office/service/social", form)
        assert unsure.status_code == 409
        form["sure"] = "1"
        refused = await post(web, "/office/service/register", form)
        assert "people wait for register" in refused.text
        assert "register" in web.keeper.path.read_text()
        assert (await post(web, "/office/service/social", form)).status_code == 303
        assert "social" not in web.hub.engine.catalogue.services
        assert all("social" not in counter.services for counter in web.hub.engine.catalogue.counter)

    run(steps, web)


def test_a_notice_comes_and_is_taken_back(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        form = {"revision": web.keeper.revision, "start": "", "end": "2026-01-07T12:00"}
        form |= {f"text.{language}": f"Aviso {language}" for language in ("es", "ca", "en", "fr", "ar")}
        assert (await post(web, "/office/notices", form)).status_code == 303
        (notice,) = web.hub.engine.catalogue.notice
        assert notice.text["ar"] == "Aviso ar"
        assert notice.end == datetime(2026, 1, 7, 12, 0)  # noqa: DTZ001 (local, as it is written)
        assert "Aviso es" in (await web.client.get("/office/notices")).text
        await post(web, "/office/notices", {"revision": web.keeper.revision, "remove": notice.id})
        assert not web.hub.engine.catalogue.notice

    run(steps, web)


def test_a_file_that_was_broken_by_hand_is_told_on_the_pages_and_then_mended(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        good = web.keeper.path.read_text()
        web.keeper.path.write_text(good.replace("Empadronamiento", "Padrón"))
        web.keeper.look()
        assert web.hub.engine.catalogue.services["register"].name["es"] == "Padrón"
        web.keeper.path.write_text("nonsense = [")
        web.keeper.look()
        page = (await web.client.get("/office")).text
        assert 'role="alert"' in page
        assert "Padrón" in page, "the one before stays in force"
        refused = web.keeper.save(ServiceRemoved("social"), web.keeper.revision)
        assert isinstance(refused, Refused)
        web.keeper.path.write_text(good)
        web.keeper.look()
        assert 'role="alert"' not in (await web.client.get("/office")).text

    run(steps, web)


@pytest.mark.parametrize("written", [DEMO, CITY], ids=["demo", "city"])
def test_an_edit_changes_what_it_says_and_nothing_else(written: str) -> None:
    before = catalogue_of(written)
    for service in before.service:
        same = ServiceSaved(
            id=service.id,
            code=service.code,
            series=service.series,
            name=service.name,
            minutes=service.minutes,
            group=service.group,
            words=service.words,
            bring=service.bring,
            fee=service.fee,
            per_hour=service.per_hour,
            per_slot=service.per_slot,
            counters=tuple(counter.id for counter in before.counter if service.id in counter.services),
        )
        assert catalogue_of(edited(written, same)) == before, service.id
    assert catalogue_of(edited(written, HoursSaved(before.hours))) == before
    notice = NoticeAdded("n1", before.office.name, None, datetime(2030, 1, 1))  # noqa: DTZ001 (local)
    with_notice = edited(written, notice)
    assert catalogue_of(with_notice).notice[0].text == before.office.name
    assert catalogue_of(edited(with_notice, NoticeRemoved("n1"))) == before
    counters = (before.counter[0].id,)
    pond = ServiceSaved("pond", 900, "A", before.office.name, 5, walk_in=False, counters=counters)
    added = edited(with_notice, pond)
    assert not catalogue_of(added).services["pond"].walk_in
    removed = catalogue_of(edited(edited(added, ServiceRemoved("pond")), NoticeRemoved("n1")))
    assert removed == msgspec.structs.replace(before, retired=(900,)), "that code is never used again"
    again = edited(edited(added, ServiceRemoved("pond")), ServiceSaved("pool", 900, "A", before.office.name, 5))
    with pytest.raises(ValueError, match="code 900 of 'pool' was that of a service that is no more"):
        catalogue_of(again)
    closed = edited(written, HoursSaved(dict.fromkeys(WEEKDAYS, ())))
    assert catalogue_of(closed).hours == {}


def test_a_full_disk_leaves_the_office_as_it_was(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = web.hub.engine.catalogue
    (tmp_path / ".office.toml.part").mkdir()  # nothing can be written there
    refused = web.keeper.save(ServiceRemoved("social"), web.keeper.revision)
    assert isinstance(refused, Refused)
    assert "office.toml" in refused.problems[0]
    assert web.hub.engine.catalogue == before
    assert catalogue_of(web.keeper.path.read_text()) == before


def test_a_new_service_is_called_from_where_it_is_served(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        form = await form_of(web, "/office/service/new")
        form |= {"id": "pond", "revision": web.keeper.revision, "counter.c1": "1", "counter.c3": "1"}
        form |= {f"name.{language}": f"Estanque {language}" for language in ("es", "ca", "en", "fr", "ar")}
        assert (await post(web, "/office/service/new", form)).status_code == 303
        catalogue = web.hub.engine.catalogue
        assert [counter.id for counter in catalogue.counter if "pond" in counter.services] == ["c1", "c3"]
        label = web.hub.take_ticket(web.hub.enrol(), "pond")
        web.hub.sign_in("c3", "ana")
        assert web.hub.command(desk.CallNext("c3")).label == label

    run(steps, web)


def test_what_was_changed_by_hand_a_moment_ago_is_not_undone_by_a_page(web: Web) -> None:
    async def steps(web: Web) -> None:
        await came_in(web)
        web.keeper.path.write_text(web.keeper.path.read_text().replace("Empadronamiento", "Padrón"))
        form = await form_of(web, "/office/service/register")
        assert (await post(web, "/office/service/register", form)).status_code == 409
        assert "Padrón" in web.keeper.path.read_text()

    run(steps, web)


def test_a_file_that_had_to_wait_for_people_is_taken_when_they_are_served(web: Web) -> None:
    web.hub.take_ticket(web.hub.enrol())
    web.keeper.path.write_text(edited(DEMO, ServiceRemoved("register")))
    web.keeper.look()
    assert "people wait for register" in web.keeper.problem
    web.hub.sign_in()
    for command in (desk.CallNext("c1"), desk.Start("c1"), desk.Finish("c1")):
        web.hub.command(command)
    web.keeper.look()
    assert web.keeper.problem == ""
    assert "register" not in web.hub.engine.catalogue.services


def test_what_was_given_up_does_not_take_effect_later(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub was too slow: the page said that nothing was saved, and nothing is."""
    late: list[CatalogueCame] = []
    monkeypatch.setattr(catalogue_keeper, "ANSWER_S", 0.05)
    monkeypatch.setattr(web.keeper, "_submit", late.append)
    refused = web.keeper.save(HoursSaved({"mon": ("09:00-10:00",)}), web.keeper.revision)
    assert isinstance(refused, Refused)
    for work in late:
        web.hub.round(work)
    assert web.hub.engine.catalogue.hours["mon"] == ("08:00-20:00",)


@pytest.mark.parametrize(
    "wrong",
    [
        '[[notice]]\nid = "n"\nstart = 2026-01-01T10:00:00\nend = 2027-01-01T10:00:00Z\ntext.es = "a"\n',
        'timezone = "Europe"\n',
        "nonsense = [",
        "\x00",
    ],
)
def test_no_file_ends_the_watch(web: Web, wrong: str) -> None:
    web.keeper.start()
    try:
        good = web.keeper.path.read_text()
        broken = good.replace('timezone = "Europe/Madrid"\n', wrong) if wrong.startswith("timezone") else good + wrong
        web.keeper.path.write_text(broken)
        wait_for(lambda: web.keeper.problem, "the mistake to be told", 10)
        web.keeper.path.write_text(good)
        wait_for(lambda: not web.keeper.problem, "the mended file", 10)
    finally:
        web.keeper.stop()
