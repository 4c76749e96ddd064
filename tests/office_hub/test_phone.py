"""A ticket's page on its citizen's phone: true, alive, whole without scripts, fair in a surge, and about nobody."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from office_hub.core import desk
from office_hub.core.followers import ON_THE_WAY_MS
from office_hub.core.surge import arrive, begin, passed, wait_of
from office_hub.engine import recalled
from office_hub.web.phone import pages
from office_hub.web.phone.follower import Follower
from office_hub.web.phone.pages import PhonePages
from office_hub.work import PageActed
from officelib import events as e
from officelib.assets import asset
from officelib.authority import new_key
from officelib.catalogue import Catalogue
from officelib.office import Office as OfficeState
from officelib.office import State
from officelib.texts import read_texts
from officelib.ticket_code import bare_code, page_url
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.test_papers import Office, paper

LANGUAGES = ("es", "ca", "en", "fr", "ar")
TEXTS = read_texts(asset("i18n"), "phone", LANGUAGES)


class Phones:
    """Pages in front of a real engine, without a socket."""

    def __init__(self, hub: Office, per_s: float = 1_000.0) -> None:
        self.hub, self.mono_ms = hub, 0
        self.follower = Follower(recalled(hub.store))
        hub.heard.committed = self.committed  # type: ignore[method-assign]
        self.pages = PhonePages(
            follower=self.follower,
            catalogue=lambda: hub.engine.catalogue,
            texts=TEXTS,
            submit=hub.round,
            hub_ms=hub.engine.now_ms,
            mono_ms=lambda: self.mono_ms,
            per_s=per_s,
        )
        transport = httpx.ASGITransport(self.pages.app())
        self.client = httpx.AsyncClient(transport=transport, base_url="http://phone")

    def committed(self, entries: list[e.LogEntry]) -> None:
        self.hub.heard.entries += entries
        self.follower.take(entries)

    async def get(self, code: str, **query: str) -> httpx.Response:
        return await self.client.get(f"/t/{code}", params=query)

    async def act(self, code: str, action: str) -> httpx.Response:
        return await self.client.post(f"/t/{code}/{action}", follow_redirects=True)


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Office]:
    one = Office(tmp_path / "office.db", catalogue, clock)
    one.cut_off = one.let_in()  # type: ignore[attr-defined]
    one.sign_in()
    yield one
    one.close()


def run(hub: Office, steps: Callable[[Phones], Awaitable[None]], per_s: float = 1_000.0) -> None:
    async def go() -> None:
        phones = Phones(hub, per_s)
        await steps(phones)
        await phones.client.aclose()

    asyncio.run(go())


def shown(answer: httpx.Response) -> str:
    found = re.search(r'data-state="([a-z]+)"', answer.text)
    return found[1] if found else ""


def said(answer: httpx.Response) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


# --- what it says


def test_it_says_the_number_the_place_and_the_wait(hub: Office) -> None:
    here = hub.enrol("k1", "j1")
    for _ in range(2):
        hub.take_ticket(here)
    text = paper(hub, arrived_ms=hub.engine.now_ms())

    async def steps(phones: Phones) -> None:
        answer = await phones.get(text)
        assert answer.status_code == 200
        assert shown(answer) == "waiting"
        assert "A2-001" in answer.text
        assert TEXTS["es"].get("people_ahead", n=2) in said(answer)
        assert "min" in said(answer)

    run(hub, steps)


def test_a_ticket_that_only_its_paper_knows_is_in_the_queue_when_its_page_is_opened(hub: Office) -> None:
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        assert shown(await phones.get(text)) == "waiting"
        assert hub.states() == {"A2-001": State.WAITING}
        entries = len(hub.heard.entries)
        for _ in range(3):
            await phones.get(text)
        assert len(hub.heard.entries) == entries, "to look changes nothing"

    run(hub, steps)


def test_it_follows_the_ticket_through_its_life(hub: Office) -> None:
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        for command, state in (
            (desk.CallNext("c1"), "called"),
            (desk.MarkNoShow("c1"), "missed"),
        ):
            hub.command(command)
            answer = await phones.get(text)
            assert shown(answer) == state
        assert "mesa" not in re.sub("<title>.*</title>", "", said(await phones.get(text))).lower(), "no old counter"
        answer = await phones.act(text, "coming")
        assert shown(answer) == "waiting", "who was missed and comes back waits again"
        hub.command(desk.CallNext("c1"))
        answer = await phones.get(text)
        assert TEXTS["es"].get("go_to", counter="\u20661\u2069") in answer.text
        hub.command(desk.Start("c1"))
        assert shown(await phones.get(text)) == "serving"
        hub.command(desk.Finish("c1"))
        assert shown(await phones.get(text)) == "over"

    run(hub, steps)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language_is_whole(hub: Office, language: str) -> None:
    text = paper(hub, language=language)

    async def steps(phones: Phones) -> None:
        answers = [await phones.get(text)]
        for command in (desk.CallNext("c1"), desk.Start("c1"), desk.Finish("c1")):
            hub.command(command)
            answers.append(await phones.get(text))
        answers.append(await phones.client.get("/", params={"l": language}))
        answers.append(await phones.client.get("/t/QT1AAAA", params={"l": language}))
        for answer in answers:
            assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in answer.text
            assert "{" not in said(answer)
            assert answer.text.count("<h1>") == 1
            assert '<meta name="viewport"' in answer.text
        spanish = {TEXTS["es"].get(key) for key in ("state_waiting", "coming", "leave", "privacy")}
        assert language == "es" or not any(one in answers[0].text for one in spanish)

    run(hub, steps)


def test_the_language_is_the_papers_and_can_be_chosen(hub: Office) -> None:
    text = paper(hub, language="fr")

    async def steps(phones: Phones) -> None:
        assert TEXTS["fr"].get("state_waiting") in (await phones.get(text)).text
        chosen = await phones.get(text, l="ar")
        assert TEXTS["ar"].get("state_waiting") in chosen.text
        assert all(texts.get("language_name") in chosen.text for texts in TEXTS.values())
        asked = await phones.client.get("/", headers={"accept-language": "ca-ES,ca;q=0.9,es;q=0.8"})
        assert TEXTS["ca"].get("scan_title") in asked.text

    run(hub, steps)


@pytest.mark.parametrize(
    "text",
    ["QT1", "nothing", "QT1" + "A" * 900, "%00", "QT1AAAA<script>", "..%2f..%2fetc"],
)
def test_what_is_no_paper_is_told_as_such(hub: Office, text: str) -> None:
    async def steps(phones: Phones) -> None:
        answer = await phones.client.get(f"/t/{text}")
        assert answer.status_code == 404
        assert "<script>" not in answer.text

    run(hub, steps)


def test_a_paper_that_no_kiosk_signed_opens_nothing_and_does_nothing(hub: Office) -> None:
    forged, yesterday = paper(hub, key=new_key()), paper(hub, arrived_ms=NINE_MS - 86_400_000)

    async def steps(phones: Phones) -> None:
        for text in (forged, yesterday):
            assert (await phones.get(text)).status_code == 404
            for action in ("coming", "leave", "rate-4"):
                await phones.act(text, action)
            assert (await phones.client.get(f"/t/{text}/live")).status_code == 404
        assert hub.states() == {}

    run(hub, steps)


def test_the_papers_address_is_read_by_phones_and_scanners() -> None:
    code = "QT1ABCDEFG234567"
    url = page_url("https://turno.example/", code)
    assert url == f"HTTPS://TURNO.EXAMPLE/T/{code}"
    assert page_url("", code) == code
    for scanned in (url, url.lower(), url.replace("/", "-").replace(":", "Ñ"), f" {code}\n"):
        assert bare_code(scanned) == code
    assert bare_code("XQT1ABC") == ""


# --- what citizens do


def test_who_leaves_is_out_of_the_queue_and_who_is_served_cannot(hub: Office) -> None:
    text, other = paper(hub), paper(hub, seq=2, label="A2-002")

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        assert shown(await phones.act(text, "leave")) == "left"
        await phones.get(other)
        hub.command(desk.CallNext("c1"))
        hub.command(desk.Start("c1"))
        assert shown(await phones.act(other, "leave")) == "serving"
        assert hub.states() == {"A2-001": State.VOID, "A2-002": State.SERVING}

    run(hub, steps)


def test_clerks_see_who_is_on_the_way_for_ten_minutes(hub: Office, clock: ManualClock) -> None:
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        answer = await phones.act(text, "coming")
        assert TEXTS["es"].get("coming_told") in answer.text
        assert hub.engine.followers.coming() == {"k2.1.1"}
        clock.advance(ON_THE_WAY_MS + 1)
        hub.round()
        assert hub.engine.followers.coming() == frozenset()

    run(hub, steps)


def test_a_service_is_rated_once_and_by_who_was_served(hub: Office) -> None:
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        assert TEXTS["es"].get("not_counted") in (await phones.act(text, "rate-4")).text
        for command in (desk.CallNext("c1"), desk.Start("c1"), desk.Finish("c1")):
            hub.command(command)
        assert TEXTS["es"].get("rated") in (await phones.act(text, "rate-3")).text
        assert TEXTS["es"].get("not_counted") in (await phones.act(text, "rate-1")).text
        rated = [entry.body for entry in hub.heard.entries if isinstance(entry.body, e.ServiceRated)]
        assert rated == [e.ServiceRated("register", 3)]

    run(hub, steps)


def test_a_page_that_only_looks_changes_nothing_by_a_link(hub: Office) -> None:
    """A preview of the address, as messengers make it, leaves no queue."""
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        for action in ("leave", "coming", "rate-1"):
            assert (await phones.client.get(f"/t/{text}/{action}")).status_code == 405
        assert (await phones.client.post(f"/t/{text}/call_next")).status_code == 404
        assert hub.states() == {"A2-001": State.WAITING}

    run(hub, steps)


def test_no_name_of_anybody_is_on_a_page(hub: Office) -> None:
    text = paper(hub, ref=bytes(range(10)), slot_ms=NINE_MS)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        hub.command(desk.CallNext("c1"))
        answer = await phones.get(text)
        body = answer.text.replace(text, "")
        assert bytes(range(10)).hex() not in body
        assert "ana" not in re.findall(r"[a-z]+", body.lower())
        assert "set-cookie" not in answer.headers
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert not re.search(r"(src|href)=\"(https?:)?//", answer.text), "nothing of other sites"

    run(hub, steps)


# --- alive


def test_a_call_is_told_at_once(hub: Office) -> None:
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        visitor = phones.pages._visitor(request_for(text))
        assert visitor is not None
        events = phones.pages._events(visitor)
        first = await anext(events)
        assert b'data-state="waiting"' in first
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        hub.command(desk.CallNext("c1"))
        told = await asyncio.wait_for(waiting, 1)
        assert b'data-state="called"' in told
        assert all(line.startswith(b"data: ") for line in told.rstrip(b"\n").split(b"\n"))
        await events.aclose()  # type: ignore[attr-defined]
        assert phones.pages._live == 0

    run(hub, steps)


def request_for(text: str) -> Request:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "path_params": {"code": text},
    }
    return Request(scope)


def test_what_changes_for_others_says_nothing_new(hub: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    text = paper(hub)
    monkeypatch.setattr(pages, "KEEPALIVE_S", 0.2)
    monkeypatch.setattr(pages, "LOOK_S", 0.1)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        visitor = phones.pages._visitor(request_for(text))
        assert visitor is not None
        events = phones.pages._events(visitor)
        await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        hub.take_ticket(hub.enrol("k1", "j1"), "taxes")
        assert await asyncio.wait_for(waiting, 2) == b": still here\n\n"
        await events.aclose()  # type: ignore[attr-defined]

    run(hub, steps)


def test_too_many_live_pages_come_back_by_themselves(hub: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    text = paper(hub)
    monkeypatch.setattr(pages, "MOST_LIVE", 0)

    async def steps(phones: Phones) -> None:
        assert (await phones.get(text)).status_code == 200
        answer = await phones.client.get(f"/t/{text}/live")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "20")

    run(hub, steps)


def test_without_scripts_the_page_comes_again(hub: Office) -> None:
    text = paper(hub)

    async def steps(phones: Phones) -> None:
        answer = await phones.get(text)
        assert f'<noscript><meta http-equiv="refresh" content="20; url=/t/{text}?l=es"></noscript>' in answer.text
        forms = re.findall(r'<form method="post" action="([^"]+)"', answer.text)
        assert forms == [f"/t/{text}/coming?l=es", f"/t/{text}/leave?l=es"]
        assert "onclick" not in answer.text

    run(hub, steps)


def test_an_engine_that_does_not_answer_is_told(hub: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    text = paper(hub)
    monkeypatch.setattr("office_hub.web.exchange.ANSWER_S", 0.05)

    async def steps(phones: Phones) -> None:
        phones.pages._submit = lambda _: None
        answer = await phones.get(text)
        assert answer.status_code == 503
        assert TEXTS["es"].get("away_title") in answer.text
        assert 'http-equiv="refresh"' in answer.text

    run(hub, steps)


LEFT_OUT = ("queues", "numbers", "devices")
"""What has no equality, and since which entry a device is known: for a hub that begins anew that is another one."""


def facts(office: OfficeState) -> dict[str, object]:
    """All of an office that can be compared."""
    return {name: getattr(office, name) for name in OfficeState.__slots__ if name not in LEFT_OUT}


def test_the_pages_office_is_the_engines(hub: Office) -> None:
    """The same log, folded twice, is the same office: also over a day."""

    async def steps(phones: Phones) -> None:
        here = hub.enrol("k1", "j1")
        for n in range(5):
            hub.take_ticket(here)
            if n % 2:
                hub.command(desk.CallNext("c1"))
                hub.command(desk.Finish("c1"))
        assert facts(phones.follower.office) == facts(hub.engine.office)
        hub.clock.advance(86_400_000)
        hub.round()
        hub.take_ticket(here)
        assert facts(phones.follower.office) == facts(hub.engine.office) == facts(recalled(hub.store))

    run(hub, steps)


def test_a_place_that_changes_is_told_a_little_later(hub: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = paper(hub), paper(hub, seq=2, label="A2-002")
    monkeypatch.setattr(pages, "LOOK_S", 0.1)

    async def steps(phones: Phones) -> None:
        for text in (first, second):
            await phones.get(text)
        visitor = phones.pages._visitor(request_for(second))
        assert visitor is not None
        events = phones.pages._events(visitor)
        assert TEXTS["es"].get("people_ahead", n=1) in (await anext(events)).decode()
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        hub.command(desk.CallNext("c1"))
        told = (await asyncio.wait_for(waiting, 1)).decode()
        assert TEXTS["es"].get("people_ahead", n=0) in told
        await events.aclose()  # type: ignore[attr-defined]
        assert not phones.follower._waiting

    run(hub, steps)


def test_a_number_of_yesterday_does_not_show_somebody_elses_ticket(
    hub: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = paper(hub)
    monkeypatch.setattr(pages, "LOOK_S", 0.05)

    async def steps(phones: Phones) -> None:
        await phones.get(text)
        visitor = phones.pages._visitor(request_for(text))
        assert visitor is not None
        events = phones.pages._events(visitor)
        await anext(events)
        hub.clock.advance(86_400_000)
        hub.round()
        today = paper(hub, seq=9)
        assert shown(await phones.get(today)) == "waiting"
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(events), 2)
        assert (await phones.get(text)).status_code == 404
        assert (await phones.client.get(f"/t/{text}/live")).status_code == 404

    run(hub, steps)


# --- a surge


def test_many_at_once_come_in_in_their_order_and_are_told_the_truth(hub: Office) -> None:
    texts = [paper(hub, seq=n, label=f"A2-{n:03d}") for n in range(1, 131)]

    async def steps(phones: Phones) -> None:
        answers = [await phones.get(text) for text in texts]
        inside = [shown(answer) == "waiting" for answer in answers]
        assert inside == [True] * 100 + [False] * 30
        last = answers[-1]
        assert TEXTS["es"].get("busy_place", n=30) in said(last)
        assert TEXTS["es"].get("busy_time", n=15) in said(last)
        assert 'content="15; url=' in last.text
        phones.mono_ms += 14_900
        assert shown(await phones.get(texts[-2])) == "waiting"
        assert shown(await phones.get(texts[-1])) == ""
        phones.mono_ms += 200
        assert shown(await phones.get(texts[-1])) == "waiting", "when it was told"
        assert shown(await phones.get(texts[0])) == "waiting", "who was in stays in"

    run(hub, steps, per_s=2.0)


@given(
    st.floats(0.5, 100),
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 200)), min_size=1, max_size=40),
)
def test_who_came_first_is_in_first_and_at_the_time_that_was_told(
    per_s: float, burst: int, steps: list[tuple[int, int]]
) -> None:
    surge, now_ms = begin(per_s, burst, 0), 0
    told: dict[int, int] = {}
    for pause_ms, visitors in steps:
        now_ms += pause_ms
        for _ in range(visitors):
            surge, number = arrive(surge, now_ms)
            wait = wait_of(surge, number, now_ms)
            told[number] = now_ms + (wait.seconds * 1_000 if wait else 0)
        inside = [wait_of(surge, number, now_ms) is None for number in sorted(told)]
        assert inside == sorted(inside, reverse=True), "nobody is let in before whoever came earlier"
    for number, at_ms in told.items():
        assert wait_of(surge, number, max(at_ms, now_ms)) is None, "the time that was told is kept"
    assert passed(surge, 10**9).through <= surge.given + burst, "quiet hours open no flood"


def test_a_door_keeps_nothing_but_numbers(hub: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_NUMBERS", 5)

    async def steps(phones: Phones) -> None:
        for n in range(1, 30):
            await phones.get(paper(hub, seq=n, label=f"A2-{n:03d}"))
        assert len(phones.pages._numbers) == 5

    run(hub, steps)


def test_the_engine_forgets_who_rated_with_the_day(hub: Office) -> None:
    text = paper(hub)
    hub.round(PageActed(text, "coming", lambda _: None))
    hub.clock.advance(86_400_000)
    hub.round()
    assert hub.engine.followers.coming() == frozenset()
