"""What is wrong with devices, by rules; what has one cause is one alert; who touches most citizens comes first."""

from hypothesis import given
from hypothesis import strategies as st

from office_hub.core import alerts
from office_hub.core.alerts import Alert, DeviceFacts, Load, alerts_of
from officelib.health import OK, AppHealth, Health

NOW = 1_800_000_000_000
YEAR_MS = 365 * 24 * 3_600_000
NOBODY = Load(0, {})


def well(**parts: str) -> Health:
    return Health(AppHealth("1.0", parts or {"printer 1": OK}), "boot", 0, 20, 4000, 50.0)


def device(name: str, health: Health | None = None, *, on: bool = True, heard_ms: int = NOW - 5_000) -> DeviceFacts:
    return DeviceFacts(
        device=name,
        on_line=on,
        heard_ms=heard_ms,
        health=health or well(),
        certificate_ends_ms=NOW + YEAR_MS,
    )


def found(*devices: DeviceFacts, load: Load = NOBODY, broker_on: bool = True) -> list[Alert]:
    return alerts_of(devices, load, NOW, broker_on=broker_on)


def changed(**what: object) -> Health:
    import msgspec

    return msgspec.structs.replace(well(), **what)


def test_what_is_well_is_no_alert() -> None:
    assert found(device("k1"), device("s1")) == []


def test_each_rule_sees_its_fault_and_no_other() -> None:
    for rule, health in {
        "app_gone": changed(app=None),
        "part": well(voice="no loudspeaker"),
        "paper": changed(app=AppHealth("1.0", {}, {"tickets_left": 9.0})),
        "outbox": changed(outbox=51),
        "disk": changed(disk_free_mb=100),
        "clock": changed(clock_err_ms=-1),
        "hot": changed(temperature_c=81.0),
        "worn": changed(disk_worn_percent=80),
        "restarts": changed(app_starts=4),
    }.items():
        assert [one.rule for one in found(device("k1", health))] == [rule]
    assert set(alerts.RULES) == {"app_gone", "part", "paper", "outbox", "disk", "clock", "hot", "worn", "restarts"}


def test_the_limits_are_where_they_are_said_to_be() -> None:
    assert not found(device("k1", changed(outbox=50)))
    assert found(device("k1", changed(outbox=500)))[0].severity == alerts.STOPS
    assert not found(device("k1", changed(disk_free_mb=200)))
    assert not found(device("k1", changed(clock_err_ms=2_000)))
    assert found(device("k1", changed(clock_err_ms=2_001)))
    assert not found(device("k1", heard_ms=NOW - alerts.SILENT_MS))
    assert found(device("k1", heard_ms=NOW - alerts.SILENT_MS - 1))[0].rule == "away"


def test_paper_is_foretold_by_how_many_come() -> None:
    """Forty tickets are enough for an hour of thirty citizens, not for one of fifty."""
    health = changed(app=AppHealth("1.0", {}, {"tickets_left": 40.0}))
    assert not found(device("k1", health), load=Load(0, {"k1": 30}))
    assert [one.rule for one in found(device("k1", health), load=Load(0, {"k1": 50}))] == ["paper"]


def test_a_printer_that_is_low_is_not_one_that_stands() -> None:
    low = found(device("k1", well(**{"printer 1": "ready, paper is low, about 30 tickets left"})))[0]
    out = found(device("k1", well(**{"printer 1": "fault, paper_out: put in a roll, paper is low"})))[0]
    assert (low.severity, out.severity) == (alerts.SOON, alerts.STOPS)


def test_a_roll_that_is_low_is_told_once() -> None:
    app = AppHealth("1.0", {"printer 1": "ready, paper is low, about 9 tickets left"}, {"tickets_left": 9.0})
    assert [one.rule for one in found(device("k1", changed(app=app)))] == ["paper"]
    app = AppHealth("1.0", {"printer 1": "fault, cover_open: close it"}, {"tickets_left": 9.0})
    assert {one.rule for one in found(device("k1", changed(app=app)))} == {"part", "paper"}


def test_who_touches_most_citizens_comes_first() -> None:
    """A kiosk where forty come within the hour with a low roll, before one without any citizen that is away."""
    low = well(**{"printer 1": "ready, paper is low"})
    order = found(device("k1", on=False), device("k2", low), load=Load(5, {"k2": 40}))
    assert [one.devices for one in order] == [("k2",), ("k1",)]
    assert [one.weight for one in order] == [80, 3]
    assert found(device("s1", on=False), device("k1", on=False, heard_ms=1), load=Load(30, {"k1": 4}))[0].devices == (
        "s1",
    )


def test_one_broken_switch_is_one_alert() -> None:
    together = [device(f"k{n}", on=False, heard_ms=NOW - 600_000 + n * 500) for n in range(1, 41)]
    alone = device("k99", on=False, heard_ms=NOW - 7_200_000)
    order = found(*together, alone, load=Load(0, {"k1": 3, "k2": 4}))
    assert [(one.rule, len(one.devices)) for one in order] == [("away_together", 40), ("away", 1)]
    assert order[0].touched == 3 + 4 + 38


def test_a_common_fault_is_one_alert_and_a_printers_is_its_own() -> None:
    order = found(*(device(f"k{n}", changed(clock_err_ms=-1)) for n in range(1, 6)))
    assert [(one.rule, len(one.devices)) for one in order] == [("clock", 5)]
    order = found(*(device(f"k{n}", well(printer="fault")) for n in range(1, 4)))
    assert [one.devices for one in order] == [("k1",), ("k2",), ("k3",)]


def test_without_the_broker_nothing_is_said_of_devices() -> None:
    order = found(device("k1", on=False), device("k2", changed(outbox=900)), load=Load(7, {}), broker_on=False)
    assert [(one.rule, one.devices) for one in order] == [("broker", ("k1", "k2"))]


def test_who_waits_before_two_displays_is_counted_once() -> None:
    gone = changed(app=None)
    order = found(device("s1", gone), device("s2", gone), device("k1", gone), load=Load(30, {"k1": 4}))
    assert [(one.devices, one.touched) for one in order] == [(("k1", "s1", "s2"), 34)]


def test_a_certificate_that_does_not_renew() -> None:
    late = DeviceFacts(
        device="k1", on_line=True, heard_ms=NOW, health=well(), certificate_ends_ms=NOW + alerts.CERTIFICATE_MS - 1
    )
    assert [one.rule for one in found(late)] == ["certificate"]


HEALTHS = st.builds(
    Health,
    app=st.one_of(
        st.none(),
        st.builds(
            AppHealth,
            software=st.just("1"),
            parts=st.dictionaries(
                st.sampled_from(["printer 1", "voice"]), st.sampled_from([OK, "bad", "ready, paper is low"])
            ),
            figures=st.dictionaries(st.just("tickets_left"), st.floats(0, 500)),
        ),
    ),
    boot=st.just("b"),
    outbox=st.integers(0, 2_000),
    clock_err_ms=st.integers(-1, 10_000),
    disk_free_mb=st.integers(0, 1_000),
    temperature_c=st.one_of(st.none(), st.floats(0, 110)),
)
DEVICES = st.lists(
    st.builds(
        DeviceFacts,
        device=st.sampled_from([f"k{n}" for n in range(1, 9)] + ["s1", "s2", "s3"]),
        on_line=st.booleans(),
        heard_ms=st.integers(NOW - 400_000, NOW),
        health=st.one_of(st.none(), HEALTHS),
        certificate_ends_ms=st.one_of(st.just(0), st.integers(NOW, NOW + YEAR_MS)),
    ),
    max_size=8,
    unique_by=lambda one: one.device,
)


@given(DEVICES, st.integers(0, 60), st.dictionaries(st.sampled_from(["k1", "k2"]), st.integers(0, 60)))
def test_whatever_is_wrong_is_told_once_and_in_order(
    devices: list[DeviceFacts], waiting: int, came: dict[str, int]
) -> None:
    order = alerts_of(devices, Load(waiting, came), NOW)
    pairs = [(one.rule, name) for one in order for name in one.devices]
    assert len(pairs) == len(set(pairs))
    assert [one.weight for one in order] == sorted((one.weight for one in order), reverse=True)
    assert all(one.touched >= 1 for one in order)
    away = {one.device for one in devices if one.is_away(NOW)}
    told = {name for one in order if one.rule.startswith("away") for name in one.devices}
    assert told == away
    assert not away & {name for one in order if one.rule in alerts.RULES for name in one.devices}
