"""IT has devices do things: asked, sent until answered, kept; updates go on in stages, and stop."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from office_hub.core.rollout import PARTS, SETTLE_MS, SILENT_MS, Standing, Wellness, stages, standing, step
from office_hub.errands import AGAIN_MS, DAY_MS, Errands
from office_hub.work import DeviceCame
from officelib.authority import Authority, begin
from officelib.errand import Errand, Outcome, Paper, read
from tests.office_hub.test_fleet import WELL
from tests.office_hub.web import Web, run

OFFICE = Authority(begin())


class Hub:
    """A hub's errands by hand."""

    def __init__(self, folder: Path) -> None:
        self.now_ms, self.there = 1_000_000, {"k1", "k2", "s1"}
        self.wellness: dict[str, Wellness] | None = {}
        self.sent: list[tuple[str, Errand]] = []
        self.errands = Errands(
            folder / "office.db",
            "o12",
            OFFICE.sign,
            self.publish,
            lambda: self.now_ms,
            lambda: self.there,
            lambda: self.wellness,
        )

    def publish(self, device: str, paper: Paper) -> None:
        self.sent.append((device, read(paper, "o12", device, OFFICE.certificate)))

    def round(self, after_ms: int = 0) -> list[tuple[str, str]]:
        """Time passes; what is sent then."""
        self.now_ms += after_ms
        self.sent.clear()
        self.errands.round()
        return [(device, errand.kind) for device, errand in self.sent]

    def states(self, device: str) -> list[str]:
        return [one.state for one in self.errands.of_device(device)]

    def answer(self, device: str, state: str, text: str = "") -> None:
        """A device says how its latest errand stands."""
        latest = self.errands.of_device(device)[0]
        self.errands.note(device, Outcome(latest.id, state, text))  # type: ignore[arg-type]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    one = Hub(tmp_path)
    yield one
    one.errands.stop()


def test_an_errand_is_sent_until_it_is_answered(hub: Hub) -> None:
    (number,) = hub.errands.ask(["k1"], "restart", "Biel")
    assert hub.round() == [("k1", "restart")]
    assert hub.sent[0][1].id == number
    assert hub.round(AGAIN_MS - 1) == []
    assert hub.round(1) == [("k1", "restart")]
    hub.answer("k1", "taken")
    assert hub.round(AGAIN_MS) == [("k1", "restart")], "it may have forgotten"
    hub.answer("k1", "done", "well")
    assert hub.round(AGAIN_MS) == []
    (one,) = hub.errands.of_device("k1")
    assert (one.state, one.text, one.asked_by) == ("done", "well", "Biel")


def test_who_is_away_gets_it_when_it_comes_back(hub: Hub) -> None:
    hub.there.clear()
    hub.errands.ask(["k1"], "reboot", "Biel")
    assert hub.round() == []
    hub.there.add("k1")
    assert hub.round(DAY_MS) == [("k1", "reboot")]


def test_what_nobody_needs_any_more_is_not_sent(hub: Hub) -> None:
    hub.there.clear()
    hub.errands.ask(["k1"], "identify", "Biel")
    hub.there.add("k1")
    assert hub.round(600_001) == []
    assert hub.states("k1") == ["expired"]
    hub.answer("k1", "done")
    assert hub.states("k1") == ["expired"], "what is over stays as it is"


def test_each_id_is_later_than_the_one_before(hub: Hub) -> None:
    ids = [*hub.errands.ask(["k1", "k2"], "log", "Biel"), *hub.errands.ask(["k1"], "log", "Biel")]
    hub.now_ms -= 500_000  # the hub's clock was set back
    ids += hub.errands.ask(["k1"], "log", "Biel")
    assert ids == sorted(set(ids))


def test_one_device_cannot_speak_for_another(hub: Hub) -> None:
    (number,) = hub.errands.ask(["k1"], "log", "Biel")
    hub.errands.note("k2", Outcome(number, "done"))
    assert hub.states("k1") == ["waiting"]


def test_a_picture_is_kept_for_a_day(hub: Hub) -> None:
    (number,) = hub.errands.ask(["k1"], "picture", "Biel")
    hub.errands.note("k1", Outcome(number, "done", "", b"jpeg"))
    assert hub.errands.picture(number) == b"jpeg"
    hub.round(DAY_MS + 1)
    assert hub.errands.picture(number) is None


def test_it_stays_over_a_restart_of_the_hub(hub: Hub, tmp_path: Path) -> None:
    hub.errands.ask(["k1"], "restart", "Biel")
    again = Hub(tmp_path)
    assert again.round() == [("k1", "restart")]
    again.errands.stop()


# --- updates


def update(hub: Hub, devices: list[str], *, at_once: bool = False) -> int:
    return hub.errands.begin_rollout(devices, "http://hub/a.raucb", "0" * 64, "Biel", at_once=at_once)


def test_an_update_goes_on_while_devices_are_well(hub: Hub) -> None:
    update(hub, ["k1", "k2", "s1"])
    assert hub.round() == [("k1", "install")]
    hub.answer("k1", "done", "1.1")
    assert hub.round(SETTLE_MS - 1) == []
    assert hub.round(1) == [("k2", "install")]
    hub.answer("k2", "done", "1.1")
    assert hub.round(SETTLE_MS) == [("s1", "install")]
    hub.answer("s1", "done", "1.1")
    hub.round(SETTLE_MS)
    (one,) = hub.errands.rollouts()
    assert (one.ended_ms is not None, one.ill, one.ended_by) == (True, (), "")


@pytest.mark.parametrize("how", ["failed", "ill"])
def test_it_stops_at_the_first_that_is_not_well(hub: Hub, how: str) -> None:
    update(hub, ["k1", "k2", "s1"])
    hub.round()
    hub.answer("k1", "failed" if how == "failed" else "done", "it went back")
    hub.wellness = {"k1": "ill"} if how == "ill" else {}
    assert hub.round(SETTLE_MS) == []
    assert hub.round(SETTLE_MS) == []
    (one,) = hub.errands.rollouts()
    assert (one.ill, hub.states("k2")) == (("k1",), [])


def test_a_flicker_holds_it_up_and_does_not_end_it(hub: Hub) -> None:
    update(hub, ["k1", "k2"])
    hub.round()
    hub.answer("k1", "done", "1.1")
    for wellness in ({"k1": "alerted"}, None):  # something is wrong for a moment; the broker is away
        hub.wellness = wellness  # type: ignore[assignment]
        assert hub.round(SETTLE_MS) == []
        assert hub.errands.rollouts()[0].ended_ms is None
    hub.wellness = {}
    assert hub.round() == [("k2", "install")]


def test_somebody_stops_it(hub: Hub) -> None:
    number = update(hub, ["k1", "k2", "s1"], at_once=True)
    hub.there = {"k1", "k2"}
    assert hub.round() == [("k1", "install"), ("k2", "install")]
    hub.answer("k1", "taken")
    hub.errands.stop_rollout(number, "Ana")
    assert (hub.states("k1"), hub.states("k2"), hub.states("s1")) == (["taken"], ["expired"], [])
    hub.there = {"k1", "k2", "s1"}
    assert hub.round(AGAIN_MS) == [("k1", "install")], "it is at it; nobody else begins"
    assert hub.errands.rollouts()[0].ended_by == "Ana"
    assert hub.errands.ask(["s1"], "install", "Biel", rollout=number) == [], "not even in a race"


def test_a_bad_update_reaches_nobody_who_comes_back_later(hub: Hub) -> None:
    hub.there = {"k1", "k2"}
    update(hub, ["k1", "k2", "s1"], at_once=True)
    hub.round()
    hub.there = {"k1"}
    hub.answer("k1", "failed", "it went back")
    hub.round()
    assert hub.errands.rollouts()[0].ill == ("k1",)
    hub.there = {"k1", "k2", "s1"}
    assert hub.round(AGAIN_MS) == []


def test_who_is_away_holds_nobody_up_and_is_not_asked_before_others_are_well(hub: Hub) -> None:
    hub.there = {"k2"}
    update(hub, ["k1", "k2", "s1"])
    assert hub.round() == [("k2", "install")]
    assert hub.round(60_000) == [("k2", "install")], "sent again, and nobody else"
    hub.answer("k2", "done", "1.1")
    assert hub.round(SETTLE_MS) == []
    assert hub.errands.rollouts()[0].ended_ms is None, "they get it when they come back"
    hub.there = {"k1", "k2", "s1"}
    assert hub.round() == [("k1", "install")]


def test_after_a_day_it_is_over_for_who_never_came(hub: Hub) -> None:
    hub.there = {"k2"}
    update(hub, ["k1", "k2"])
    hub.round()
    hub.answer("k2", "done", "1.1")
    hub.round(DAY_MS + 1)
    (one,) = hub.errands.rollouts()
    assert (one.ended_ms is not None, one.ill) == (True, ())


def test_a_device_that_falls_silent_over_it_stops_it(hub: Hub) -> None:
    update(hub, ["k1", "k2"])
    hub.round()
    hub.answer("k1", "taken")
    hub.round(SILENT_MS)
    assert hub.errands.rollouts()[0].ended_ms is None
    hub.round(1)
    assert hub.errands.rollouts()[0].ill == ("k1",)


def test_one_update_at_a_time(hub: Hub) -> None:
    update(hub, ["k1", "k2"])
    update(hub, ["k1"])
    hub.round()
    assert [one.ended_by for one in hub.errands.rollouts()] == ["", "Biel"]
    assert len(hub.errands.of_device("k1")) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10, 45, 500])
def test_stages_are_few_at_first_and_reach_everybody(count: int) -> None:
    standings: dict[str, Standing] = {f"k{n}": "untouched" for n in range(count)}
    asked = []
    while ask := step(standings, 0, at_once=False).ask:
        asked.append(len(ask))
        standings.update(dict.fromkeys(ask, "well"))
    assert asked == list(stages(count))
    assert (sum(asked), asked[0]) == (count, 1)
    assert len(asked) <= len(PARTS)
    assert step(standings, 0, at_once=False).is_over


@pytest.mark.parametrize(
    ("state", "told_ms", "is_there", "wellness", "expected"),
    [
        ("", None, True, "ill", "untouched"),
        ("", None, False, "well", "away"),
        ("waiting", None, False, "ill", "away"),
        ("sent", None, True, "well", "at_it"),
        ("sent", None, False, "well", "away"),
        ("expired", None, True, "well", "away"),
        ("expired", 0, True, "well", "ill"),
        ("taken", SETTLE_MS, False, "ill", "at_it"),
        ("done", 0, True, "well", "well"),
        ("done", 1, True, "well", "at_it"),
        ("done", 0, True, "alerted", "at_it"),
        ("done", 0, True, "ill", "ill"),
        ("failed", 0, True, "well", "ill"),
    ],
)
def test_how_a_device_stands(
    state: str,
    told_ms: int | None,
    is_there: bool,
    wellness: Wellness,
    expected: str,
) -> None:
    assert standing(state, told_ms, SETTLE_MS, is_there=is_there, wellness=wellness) == expected


# --- the pages


def of_web(web: Web) -> None:
    web.hub.round(DeviceCame("k1", True, WELL))
    web.hub.round(DeviceCame("s1", True, WELL))
    web.fleet.look()


def test_it_asks_on_the_devices_page(web: Web) -> None:
    of_web(web)

    async def steps(web: Web) -> None:
        await web.sign_in("1470", clerk="biel")
        assert 'href="/fleet/device/k1"' in (await web.client.get("/fleet")).text
        page = (await web.client.get("/fleet/device/k1")).text
        kinds = set(re.findall(r'name="kind" value="(\w+)"', page))
        assert kinds == {"identify", "test_print", "picture", "log", "restart", "reboot"}
        assert "test_print" not in (await web.client.get("/fleet/device/s1")).text, "it has no printer"
        await web.client.post("/fleet/errand", data={"device": "k1", "kind": "picture"})
        await web.client.post("/fleet/errand", data={"device": "k1", "kind": "reboot"})  # without the tick
        await web.client.post("/fleet/errand", data={"device": "k9", "kind": "log"})
        await web.client.post("/fleet/errand", data={"device": "k1", "kind": "install"})
        web.errands.round()
        ((device, paper),) = web.asked
        errand = read(paper, "o12", device, web.hub.store.authority.certificate)
        assert errand.kind == "picture"
        web.errands.note("k1", Outcome(errand.id, "done", "<b>said</b>", b"jpeg"))
        page = (await web.client.get("/fleet/device/k1")).text
        assert f"/fleet/picture/{errand.id}" in page
        assert "&lt;b&gt;said" in page
        assert "Biel Serra" in page
        shown = await web.client.get(f"/fleet/picture/{errand.id}")
        assert (shown.content, shown.headers["content-type"]) == (b"jpeg", "image/jpeg")
        assert "fleet.js" not in page, "nothing is awaited"
        await web.client.post("/fleet/errand", data={"device": "k1", "kind": "reboot", "sure": "1"})
        assert "fleet.js" in (await web.client.get("/fleet/device/k1")).text
        web.hub.clock.mono += DAY_MS + 1
        web.errands.round()
        assert "fleet.js" not in (await web.client.get("/fleet/device/k1")).text, "it was not done in time: over, too"
        assert web.errands.of_device("k1")[0].kind == "reboot"

    run(steps, web)


def test_nobody_else_asks(web: Web) -> None:
    of_web(web)

    async def steps(web: Web) -> None:
        for signed_in in (False, True):
            if signed_in:
                await web.sign_in()
            assert (await web.client.get("/fleet/device/k1")).status_code == 303
            await web.client.post("/fleet/errand", data={"device": "k1", "kind": "log"})
            assert (await web.client.get("/fleet/picture/1")).status_code == 303
        await web.sign_in("1470", clerk="biel")
        for site in ("cross-site", "same-site"):
            data, headers = {"device": "k1", "kind": "log"}, {"sec-fetch-site": site}
            await web.client.post("/fleet/errand", data=data, headers=headers)
        assert web.errands.of_device("k1") == []

    run(steps, web)


def test_an_update_is_begun_and_stopped_on_its_page(web: Web) -> None:
    of_web(web)
    health = msgspec.structs.replace(WELL, system="1.0")
    web.hub.round(DeviceCame("k1", True, health))
    web.fleet.look()

    async def steps(web: Web) -> None:
        await web.sign_in("1470", clerk="biel")
        assert str(web.updates) in (await web.client.get("/fleet/update")).text, "where to put one"
        web.updates.mkdir()
        (web.updates / "antesala-pc.raucb").write_bytes(b"update")
        (web.updates / "secret.txt").write_text("no update")
        page = (await web.client.get("/fleet/update")).text
        assert re.search(r'name="device.k1" value="1" checked', page)
        assert re.search(r'name="device.s1" value="1" disabled', page), "it has no image of ours"
        assert "etapas, 1:" in page, "of those that can be updated"
        await web.client.post("/fleet/update", data={"file": "../x.raucb", "device.k1": "1"})
        await web.client.post("/fleet/update", data={"file": "antesala-pc.raucb"})
        assert web.errands.rollouts() == []
        await web.client.post("/fleet/update", data={"file": "antesala-pc.raucb", "device.k1": "1", "how": "stages"})
        (one,) = web.errands.rollouts()
        assert (one.source, one.devices) == ("http://hub:8420/updates/antesala-pc.raucb", ("k1",))
        assert one.sha256 == hashlib.sha256(b"update").hexdigest()
        web.errands.round()
        assert [device for device, _ in web.asked] == ["k1"]
        await web.client.post("/fleet/update/stop", data={"rollout": str(one.id)})
        assert "Biel Serra" in (await web.client.get("/fleet/update")).text
        assert web.errands.rollouts()[0].ended_by == "Biel Serra"
        # devices sign in nowhere
        web.client.cookies.clear()
        got = await web.client.get("/updates/antesala-pc.raucb", headers={"range": "bytes=2-"})
        assert (got.status_code, got.content) == (206, b"date")
        for wrong in ("secret.txt", "..%2Foffice.toml", "none.raucb"):
            assert (await web.client.get(f"/updates/{wrong}")).status_code == 404

    run(steps, web)
