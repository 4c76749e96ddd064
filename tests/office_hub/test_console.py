"""The console over HTTP: who may come in, what may be posted, and that the page asks nobody else."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest

from office_hub.core import desk
from office_hub.web import clerks
from office_hub.web.clerks import Door, read_clerks
from office_hub.web.feed import Feed
from officelib.assets import asset
from officelib.errors import KnownError
from officelib.texts import read_texts
from tests.office_hub.web import ANA, Web, run


def test_the_way_in_and_the_first_call(web: Web) -> None:
    async def steps(web: Web) -> None:
        kiosk = web.hub.enrol()
        web.hub.take_ticket(kiosk)
        page = await web.client.get("/")
        assert "Mesa" in page.text
        assert "Ana &lt;b&gt;Ruiz" in page.text, "what people write is text"
        assert (await web.sign_in()).headers["location"] == "/"
        page = await web.client.get("/")
        assert 'class="console"' in page.text
        answer = await web.command("call_next")
        assert answer.json() == {"answer": "done", "label": "A001", "ticket": "k1.1.1", "code": "", "service": ""}
        assert (await web.command("call_next")).json() == answer.json(), "the same request, the same answer"
        refused = (await web.command("call_next", "r2")).json()
        assert refused == {"answer": "refused", "reason": "finish_first", "label": "A001"}
        await web.client.post("/sign-out")
        assert 'class="console"' in (await web.client.get("/")).text, "not with somebody at the counter"
        await web.command("finish", "r3")
        await web.client.post("/sign-out")
        assert 'class="door"' in (await web.client.get("/")).text

    run(steps, web)


def test_nobody_acts_without_a_pin_at_another_counter_or_from_another_page(web: Web) -> None:
    async def steps(web: Web) -> None:
        assert (await web.command("call_next")).status_code == 401
        assert (await web.client.get("/events")).status_code == 401
        assert "failed=pin" in (await web.sign_in(pin="0000")).headers["location"]
        assert (await web.command("call_next")).status_code == 401
        await web.sign_in()
        body = {"request": "x", "command": {"action": "call_next", "counter": "c2"}}
        assert (await web.client.post("/api/command", json=body)).status_code == 403
        headers = {"sec-fetch-site": "cross-site"}
        body["command"]["counter"] = "c1"  # type: ignore[index]
        assert (await web.client.post("/api/command", json=body, headers=headers)).status_code == 403

    run(steps, web)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"request":"r","command":{"action":"explode","counter":"c1"}}', b"[" * 15_000, b"\xff"]
)
def test_a_bad_command_is_refused_with_its_reason(web: Web, body: bytes) -> None:
    async def steps(web: Web) -> None:
        await web.sign_in()
        answer = await web.client.post("/api/command", content=body)
        assert answer.status_code == 400
        assert answer.json()["reason"] == "bad_command"

    run(steps, web)


def test_a_body_that_is_too_large_is_not_read(web: Web) -> None:
    async def steps(web: Web) -> None:
        for path in ("/language", "/sign-in"):
            assert (await web.client.post(path, content=b"a=" + b"x" * 100_000)).status_code == 413
        await web.sign_in()
        assert (await web.client.post("/api/command", content=b" " * 100_000)).status_code == 413

    run(steps, web)


def test_an_old_tab_does_not_act_for_the_clerk_who_sits_there_now(web: Web) -> None:
    async def steps(web: Web) -> None:
        web.hub.take_ticket(web.hub.enrol())
        await web.sign_in()
        web.hub.command(desk.SignIn("c2", "ana"), clerk="ana")
        web.hub.sign_in("c1", "biel")
        assert (await web.command("call_next")).json()["reason"] == "not_signed_in"

    run(steps, web)


def test_a_stuck_hub_says_so(web: Web) -> None:
    async def steps(web: Web) -> None:
        assert (await web.client.get("/health")).status_code == 200
        web.well = False
        assert (await web.client.get("/health")).status_code == 503

    run(steps, web)


def test_guesses_in_parallel_are_counted_like_others() -> None:
    door, tried = Door({"ana": ANA}), []
    threads = [threading.Thread(target=lambda n=n: tried.append(door.opens("ana", f"{n:04d}"))) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(tried)
    assert len(door._wrong["ana"]) == clerks.TRIES


def test_a_counter_belongs_to_one_clerk(web: Web) -> None:
    async def steps(web: Web) -> None:
        web.hub.sign_in("c1", "biel")
        assert "failed=counter_taken" in (await web.sign_in()).headers["location"]
        assert "Elija otra" in (await web.client.get("/?failed=counter_taken")).text

    run(steps, web)


def test_the_language_is_the_clerks_own(web: Web) -> None:
    async def steps(web: Web) -> None:
        await web.client.post("/language", data={"language": "en"})
        assert "Sign in to serve" in (await web.client.get("/")).text
        await web.client.post("/language", data={"language": "../../etc"})
        assert "Sign in to serve" in (await web.client.get("/")).text

    run(steps, web)


def test_pages_ask_nobody_else_and_cookies_stay_here(web: Web) -> None:
    async def steps(web: Web) -> None:
        answer = await web.sign_in()
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        page = await web.client.get("/")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)
        assert not re.search(r"<script(?![^>]*src=)", page.text)

    run(steps, web)


def test_the_feed_gives_the_newest_and_skips_what_was_missed() -> None:
    async def go() -> None:
        feed = Feed()
        feed.push(b"1")
        feed.push(b"2")
        events: AsyncIterator[bytes] = feed.events()
        assert await anext(events) == b"data: 2\n\n"
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        feed.push(b"3")
        assert await waiting == b"data: 3\n\n"

    asyncio.run(go())


def test_after_five_wrong_pins_a_clerk_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("office_hub.web.clerks.time.monotonic", lambda: now[0])
    door = Door({"ana": ANA})
    for _ in range(5):
        assert not door.opens("ana", "0000")
    assert not door.opens("ana", "2580"), "even the right one"
    now[0] = 31
    assert door.opens("ana", "2580")
    assert not door.opens("nobody", "2580")


def test_a_wrong_clerks_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "clerks.toml"
    path.write_text('[[clerk]]\nid = "a"\npin = "1"\n')
    with pytest.raises(KnownError, match="unknown field `pin`"):
        read_clerks(path)


def test_every_answer_has_its_words() -> None:
    texts = read_texts(asset("i18n"), "console", ("es", "ca", "en", "fr"))
    script = (Path(__file__).parents[2] / "office_hub" / "web" / "static" / "console.js").read_text()
    said = set(re.findall(r'say\("(\w+)"', script))
    actions = [c.__struct_config__.tag for c in desk.Command.__subclasses__()]
    needed = said | {f"did_{a}" for a in actions if a not in ("sign_in", "sign_out")}
    needed |= {f"refused_{reason}" for reason in get_args(desk.Reason)}
    needed |= {f"state_{state}" for state in ("waiting", "called", "serving", "parked", "no_show")}
    assert len(needed) > 38
    for language, one in texts.items():
        assert not needed - set(one.entries), (language, needed - set(one.entries))
