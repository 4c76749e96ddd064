"""What the hub tells of waiting: figures that it measured, kept from day to day, and what an hour has room for."""

import msgspec
import pytest

from office_hub.core import desk
from office_hub.core.referring import Elsewhere
from office_hub.core.views import full_until_ms, services_view
from officelib.inbound import OtherOffice, ServicesView
from tests.office_hub.hub import Hub, Kiosk

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def view_of(hub: Hub, *elsewhere: Elsewhere) -> ServicesView:
    engine = hub.engine
    return services_view(engine.office, engine.catalogue, 1, engine.now_ms(), elsewhere)


def serve(hub: Hub, kiosk: Kiosk, *minutes: float) -> None:
    for one in minutes:
        hub.take_ticket(kiosk)
        hub.command(desk.CallNext("c1"))
        hub.command(desk.Start("c1"))
        hub.clock.advance(round(one * MINUTE))
        hub.command(desk.Finish("c1"))


@pytest.fixture
def kiosk(hub: Hub) -> Kiosk:
    hub.sign_in()
    return hub.enrol()


def test_a_service_that_takes_always_as_long_is_told_more_closely(hub: Hub, kiosk: Kiosk) -> None:
    serve(hub, kiosk, *[6.0] * 12)
    even = hub.engine.office.deviations["register"]
    for _ in range(8):
        hub.take_ticket(kiosk)
    least, most = view_of(hub).services["register"].spread_min or (0, 0)
    assert even < 0.6
    assert (least, most) == (45, 50)
    for _ in range(8):
        hub.command(desk.CallNext("c1"))
        hub.command(desk.Start("c1"))
        hub.command(desk.Finish("c1"))
    serve(hub, kiosk, *[2.0, 10.0] * 6)
    assert hub.engine.office.deviations["register"] > 3


def test_what_was_learned_goes_on_over_days_and_restarts(hub: Hub, kiosk: Kiosk) -> None:
    serve(hub, kiosk, 4.0, 6.0)
    learned = dict(hub.engine.office.minutes), dict(hub.engine.office.deviations)
    hub.clock.advance(DAY)
    hub.sign_in()
    hub.restart()
    office = hub.engine.office
    assert office.minutes["register"] == pytest.approx(learned[0]["register"], abs=0.001)
    assert office.deviations["register"] == pytest.approx(learned[1]["register"], abs=0.001)
    assert office.asked == {"register": pytest.approx(1.8)}
    assert view_of(hub).asked == ("register",)


def test_what_nobody_asks_for_any_more_is_forgotten(hub: Hub, kiosk: Kiosk) -> None:
    hub.take_ticket(kiosk)
    for _ in range(40):
        hub.clock.advance(DAY)
        hub.sign_in()
    assert view_of(hub).asked == ()


def test_an_hour_has_room_for_so_many(hub: Hub, kiosk: Kiosk) -> None:
    limited = tuple(
        msgspec.structs.replace(s, per_hour=2) if s.id == "register" else s for s in hub.engine.catalogue.service
    )
    hub.engine.catalogue = msgspec.structs.replace(hub.engine.catalogue, service=limited)
    hub.take_ticket(kiosk)
    assert view_of(hub).services["register"].full_until_ms == 0
    hub.take_ticket(kiosk)
    until_ms = view_of(hub).services["register"].full_until_ms
    assert hub.engine.catalogue.local(until_ms).minute == 0
    assert 0 < until_ms - hub.engine.now_ms() <= 60 * MINUTE
    noon = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ("08:00-09:30", "16:00-18:00"))
    shut = msgspec.structs.replace(hub.engine.catalogue, hours=noon)
    again_ms = full_until_ms(hub.engine.office, shut, hub.engine.now_ms())["register"]
    assert f"{shut.local(again_ms):%H:%M}" == "16:00", "not while the doors are shut"
    hub.clock.advance(60 * MINUTE)
    assert view_of(hub).services["register"].full_until_ms == 0


def test_other_offices_are_told_where_somebody_can_be_served_there(hub: Hub) -> None:
    hub.sign_in()
    open_one = Elsewhere("o13", {"es": "Sur"}, {}, {"register": 5})
    shut_one = Elsewhere("o14", {"es": "Norte"}, {}, {})
    assert view_of(hub, open_one, shut_one).elsewhere == (OtherOffice({"es": "Sur"}, {"register": 5}),)
    assert hub.engine.waits_min()["register"] == 0
    booked = tuple(msgspec.structs.replace(s, walk_in=s.id != "register") for s in hub.engine.catalogue.service)
    hub.engine.catalogue = msgspec.structs.replace(hub.engine.catalogue, service=booked)
    assert "register" not in hub.engine.waits_min()
    hub.command(desk.CloseDoors("c1"))
    assert hub.engine.waits_min() == {}
