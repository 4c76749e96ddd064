"""Somebody asks for help at a kiosk: clerks see it, one goes, and the citizen hears of it."""

import pytest

from office_hub.core import views
from office_hub.core.helpdesk import GOES_MS, WAITS_MS
from office_hub.work import DeviceCame, HelpCame, HelpTaken
from tests.office_hub.hub import Hub
from tests.office_hub.web import Web, run


def take(hub: Hub, device: str, clerk: str) -> bool:
    heard: list[bool] = []
    hub.round(HelpTaken(device, clerk, heard.append))
    return heard[0]


def test_one_clerk_goes_and_the_citizen_hears_it(hub: Hub) -> None:
    hub.sign_in("c1")
    hub.round(HelpCame("k1", 7, on=True))
    assert hub.heard.helped == [("k1", 7, "told")]
    assert take(hub, "k1", "Ana")
    assert not take(hub, "k1", "Biel"), "one is enough"
    assert hub.heard.helped[1:] == [("k1", 7, "coming")]
    assert [(view.device, view.clerk) for view in hub.engine.helpdesk.views()] == [("k1", "Ana")]


def test_where_nobody_works_the_citizen_is_told_and_the_call_stands(hub: Hub) -> None:
    hub.round(HelpCame("k1", 7, on=True))
    assert hub.heard.helped == [("k1", 7, "nobody")]
    assert hub.engine.helpdesk.views()


def test_what_is_no_longer_wanted_is_no_longer_shown(hub: Hub) -> None:
    hub.round(HelpCame("k1", 7, on=True))
    hub.round(HelpCame("k1", 7, on=False))
    assert not hub.engine.helpdesk.views()
    assert not take(hub, "k1", "Ana")


def test_the_same_call_again_changes_nothing_and_a_kiosk_that_is_away_wants_nobody(hub: Hub) -> None:
    hub.round(HelpCame("k1", 7, on=True))
    take(hub, "k1", "Ana")
    hub.round(HelpCame("k1", 7, on=True))
    assert [view.clerk for view in hub.engine.helpdesk.views()] == ["Ana"]
    hub.round(DeviceCame("k1", on=False))
    assert not hub.engine.helpdesk.views()


@pytest.mark.parametrize(("goes", "after_ms"), [(False, WAITS_MS), (True, GOES_MS)])
def test_a_call_is_not_for_ever(hub: Hub, goes: bool, after_ms: int) -> None:
    hub.round(HelpCame("k1", 7, on=True))
    if goes:
        take(hub, "k1", "Ana")
    hub.clock.advance(after_ms)
    hub.round()
    assert hub.engine.helpdesk.views()
    hub.clock.advance(1)
    hub.round()
    assert not hub.engine.helpdesk.views()


def test_nothing_of_it_is_in_the_log(hub: Hub) -> None:
    hub.round()
    before = hub.engine.office.n
    hub.round(HelpCame("k1", 7, on=True))
    take(hub, "k1", "Ana")
    assert hub.engine.office.n == before


def test_those_to_whom_nobody_goes_come_first(hub: Hub) -> None:
    for device in ("k1", "k2"):
        hub.round(HelpCame(device, 7, on=True))
        hub.clock.advance(10)
    take(hub, "k1", "Ana")
    engine = hub.engine
    view = views.console_view(
        engine.office, engine.catalogue, {}, engine.now_ms(), broker_on=True, helps=engine.helpdesk.views()
    )
    assert [call.device for call in view.helps] == ["k2", "k1"]


def test_a_clerk_goes_from_the_console(web: Web) -> None:
    async def steps(web: Web) -> None:
        web.hub.round(HelpCame("k1", 7, on=True))
        assert (await web.client.post("/api/help", json={"device": "k1"})).status_code == 401
        await web.sign_in()
        assert (await web.client.post("/api/help", json={"dev": 1})).status_code == 400
        foreign = {"sec-fetch-site": "cross-site"}
        assert (await web.client.post("/api/help", json={"device": "k1"}, headers=foreign)).status_code == 403
        assert (await web.client.post("/api/help", json={"device": "k1"})).json() == {"answer": "done"}
        assert (await web.client.post("/api/help", json={"device": "k1"})).json()["reason"] == "help_over"

    run(steps, web)
