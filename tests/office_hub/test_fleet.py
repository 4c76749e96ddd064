"""Devices looked after: alerts begin, last, are taken and end; the pages for IT; figures for monitoring."""

import re
import sqlite3
from pathlib import Path

import msgspec
import pytest

from office_hub.core import alerts
from office_hub.fleet import LASTING_MS, Fleet
from office_hub.metrics import HELP, metrics_of
from office_hub.work import DeviceCame
from officelib.assets import asset
from officelib.enrolment import read_token
from officelib.health import OK, AppHealth, Health
from officelib.texts import read_texts
from tests.office_hub.web import Web, run

WELL = Health(AppHealth("1.0", {"printer 1": OK}, {"tickets_left": 120.0}), "boot", 0, 20, 4000, 50.0)
ILL = msgspec.structs.replace(WELL, outbox=60)


def say(web: Web, device: str, health: Health | None, *, on: bool = True) -> None:
    web.hub.round(DeviceCame(device, on, health))


def test_an_alert_begins_lasts_and_ends(web: Web) -> None:
    say(web, "k1", WELL)
    assert web.fleet.look().shown == ()
    say(web, "k1", ILL)
    began_ms = web.fleet.look().shown[0].began_ms
    web.hub.clock.mono += 30_000
    say(web, "k1", ILL)
    shown = web.fleet.look().shown
    assert [(one.alert.rule, one.began_ms) for one in shown] == [("outbox", began_ms)]
    say(web, "k1", WELL)
    assert web.fleet.look().shown == ()
    kept = web.fleet.since(0)
    assert [(one.rule, one.device, one.ended_ms is not None) for one in kept] == [("outbox", "k1", True)]
    assert kept[0].ended_ms == pytest.approx(began_ms + 30_000, abs=100)  # hub time follows a clock that is set


def test_what_lasts_is_ill_and_what_flickers_is_not(web: Web) -> None:
    assert web.fleet.wellness() is None, "nothing was looked at yet"
    say(web, "k1", None, on=False)
    say(web, "s1", WELL)
    web.fleet.look()
    assert web.fleet.wellness() == {"k1": "alerted"}
    web.hub.clock.mono += LASTING_MS + 1_000
    say(web, "s1", WELL)
    web.fleet.look()
    assert web.fleet.wellness() == {"k1": "ill"}
    deaf = Fleet(web.hub.path, lambda: web.hub.engine.office, web.hub.engine.now_ms, lambda: False)
    deaf.look()
    assert deaf.wellness() is None, "without its broker the hub knows nothing of devices"
    deaf.stop()


def test_who_took_it_stays_over_a_restart_of_the_hub(web: Web) -> None:
    say(web, "k1", ILL)
    web.fleet.look()
    now_ms = web.hub.engine.now_ms()
    web.fleet.take("outbox", ["k1"], "Biel", "cable ordered", now_ms + 3_600_000)
    again = Fleet(web.hub.path, lambda: web.hub.engine.office, web.hub.engine.now_ms, lambda: True)
    (shown,) = again.look().shown
    assert (shown.taken_by, shown.note, shown.is_quiet) == ("Biel", "cable ordered", True)
    web.hub.clock.mono += 3_700_000
    say(web, "k1", ILL)
    assert not again.look().shown[0].is_quiet
    again.stop()


def test_what_comes_again_is_a_new_alert_that_nobody_took(web: Web) -> None:
    for _ in range(2):
        say(web, "k1", ILL)
        assert web.fleet.look().shown[0].taken_by == ""
        web.fleet.take("outbox", ["k1"], "Biel", "", 0)
        say(web, "k1", WELL)
        web.fleet.look()
    assert len(web.fleet.since(0)) == 2


def test_those_that_are_to_be_quiet_come_last(web: Web) -> None:
    say(web, "k1", None, on=False)
    say(web, "k2", ILL)
    assert [one.alert.rule for one in web.fleet.look().shown] == ["away", "outbox"]
    web.fleet.take("away", ["k1"], "", "", web.hub.engine.now_ms() + 60_000)
    assert [one.alert.rule for one in web.fleet.look().shown] == ["outbox", "away"]


def test_arrivals_weigh(web: Web) -> None:
    """A kiosk's tickets of the last hour are who stands before it."""
    kiosk = web.hub.enrol()
    for _ in range(3):
        web.hub.take_ticket(kiosk)
    say(web, "k1", ILL)
    view = web.fleet.look()
    assert view.load.came["k1"] == 3
    assert view.shown[0].alert.touched == 3
    web.hub.clock.mono += 3_700_000
    say(web, "k1", ILL)
    assert web.fleet.look().load.came["k1"] == 0


def test_a_damaged_history_does_not_keep_the_hub_from_starting(web: Web, tmp_path: Path) -> None:
    web.fleet.stop()
    (tmp_path / "fleet.db").write_bytes(b"no database" * 500)
    for name in ("fleet.db-wal", "fleet.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    again = Fleet(web.hub.path, lambda: web.hub.engine.office, web.hub.engine.now_ms, lambda: True)
    assert again.since(0) == []
    again.stop()
    assert list(tmp_path.glob("fleet.db.damaged-*"))


def test_a_disk_that_refuses_ends_nothing(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    turns = iter([False, False, True])
    monkeypatch.setattr(web.fleet._ended, "wait", lambda _s: next(turns))

    def refuse() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(web.fleet, "look", refuse)
    web.fleet._run()
    assert caplog.text.count("check the hub's disk") == 2


def test_only_who_looks_after_devices_sees_the_pages(web: Web) -> None:
    async def steps(web: Web) -> None:
        for path in ("/fleet", "/fleet/day", "/fleet/new"):
            assert (await web.client.get(path)).headers["location"] == "/"
        await web.sign_in()
        assert (await web.client.get("/fleet")).headers["location"] == "/"
        assert "/fleet" not in (await web.client.get("/")).text
        answer = await web.client.post("/fleet/new", data={"name": "k9"})
        assert answer.status_code == 303

    run(steps, web)


def test_it_sees_why_a_device_is_ill_and_takes_it(web: Web) -> None:
    async def steps(web: Web) -> None:
        await web.sign_in("1470", clerk="biel")
        assert "/fleet" in (await web.client.get("/")).text
        say(web, "k1", ILL)
        say(web, "k2", WELL)
        web.fleet.look()
        page = (await web.client.get("/fleet")).text
        assert "Se acumulan eventos" in page
        assert "120" in page
        form = {"rule": "outbox", "devices": "k1", "take": "1", "note": "<b>cable</b>", "hours": "4"}
        assert (await web.client.post("/fleet/alert", data=form)).headers["location"] == "/fleet"
        page = (await web.client.get("/fleet")).text
        assert "Lo lleva Biel Serra" in page
        assert "&lt;b&gt;cable" in page
        foreign = await web.client.post(
            "/fleet/alert", data={**form, "leave": "1"}, headers={"sec-fetch-site": "cross-site"}
        )
        assert foreign.headers["location"] == "/"
        assert web.fleet.view.shown[0].taken_by == "Biel Serra"
        assert web.fleet.view.shown[0].is_quiet
        await web.client.post("/fleet/alert", data={**form, "take": "", "leave": "1", "hours": "0"})
        assert web.fleet.view.shown[0].taken_by == ""

    run(steps, web)


def test_the_days_list_says_what_was_since_yesterday(web: Web) -> None:
    async def steps(web: Web) -> None:
        await web.sign_in("1470", clerk="biel")
        say(web, "k1", ILL)
        web.fleet.look()
        web.fleet.take("outbox", ["k1"], "Biel", "cable changed", 0)
        say(web, "k1", WELL)
        web.fleet.look()
        page = (await web.client.get("/fleet/day")).text
        assert "No falla nada" in page
        assert "cable changed" in page

    run(steps, web)


def test_a_code_for_a_new_device_is_a_code(web: Web) -> None:
    async def steps(web: Web) -> None:
        await web.sign_in("1470", clerk="biel")
        say(web, "k1", WELL)
        web.fleet.look()
        assert 'value="k2"' in (await web.client.get("/fleet/new")).text
        page = (await web.client.post("/fleet/new", data={"name": "K2"})).text
        code = re.search(r"<code>(QE1[A-Z2-7]+)</code>", page)
        assert code
        token = read_token(code[1])
        assert (token.invitation.device, token.hubs) == ("k2", ("http://antesala-hub.local:8420",))
        assert "data:image/svg+xml;base64," in page
        again = (await web.client.post("/fleet/new", data={"name": "k1"})).text
        assert "ocupa su lugar" in again
        for name in ("h1", "kiosk", "", "k1 k2"):
            assert (await web.client.post("/fleet/new", data={"name": name})).status_code == 409

    run(steps, web)


def test_every_rule_has_its_words() -> None:
    languages = ("es", "ca", "en", "fr")
    rules = {*alerts.RULES, "away", "away_together", "broker", "certificate"}
    for language, texts in read_texts(asset("i18n"), "console", languages).items():
        for rule in rules:
            assert texts.get(f"alert_{rule}"), (language, rule)
            assert texts.get(f"mend_{rule}"), (language, rule)


def test_figures_for_monitoring(web: Web) -> None:
    async def steps(web: Web) -> None:
        say(web, "k1", msgspec.structs.replace(ILL, clock_err_ms=-1))
        say(web, "s1", None, on=False)
        web.fleet.look()
        answer = await web.client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = answer.text.splitlines()
        assert 'antesala_device_up{office="o12",device="k1",role="kiosk"} 1' in lines
        assert 'antesala_device_up{office="o12",device="s1",role="display"} 0' in lines
        assert 'antesala_device_outbox_events{office="o12",device="k1",role="kiosk"} 60' in lines
        assert 'antesala_device_clock_error_seconds{office="o12",device="k1",role="kiosk"} nan' in lines
        assert 'antesala_device_tickets_left{office="o12",device="k1",role="kiosk"} 120' in lines
        assert any(line.startswith("antesala_alerts{") and 'rule="outbox"' in line for line in lines)
        names = [line.split("{")[0] for line in lines if not line.startswith("#")]
        assert set(names) <= set(HELP)
        blocks = [line.split()[2] for line in lines if line.startswith("# TYPE")]
        assert len(blocks) == len(set(blocks)), "a metric's samples stand together"

    run(steps, web)


def test_no_text_breaks_the_figures(web: Web) -> None:
    say(web, "k1", msgspec.structs.replace(WELL, app=AppHealth('1"\n', {'a"b\\': "x"})))
    text = metrics_of(web.fleet.look(), 'o"1')
    assert 'part="a\\"b\\\\"' in text
    assert 'release="1\\"\\n"' in text


def test_the_rules_file_names_figures_that_there_are() -> None:
    rules = (Path(__file__).parents[2] / "systemd/examples/antesala.rules.yml").read_text()
    named = set(re.findall(r"\bantesala_\w+", rules))
    assert named
    assert named <= set(HELP)
    documented = (Path(__file__).parents[2] / "docs/operators/fleet.md").read_text()
    assert set(HELP) <= set(re.findall(r"\bantesala_\w+", documented))
