"""A machine's state as a person reads it: what is wrong, where, and what to do."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from mqtt_bridge import status
from officelib.health import OK, STATUS_FILE, AppHealth, DeviceStatus, Health

SHOWN = """\
Id=kiosk.service
LoadState=loaded
ActiveState=active
SubState=running
StatusText=the screen is up
NRestarts=3

Id=display.service
LoadState=not-found
ActiveState=inactive
SubState=dead
StatusText=
NRestarts=0

Id=mqtt-bridge@display.service
LoadState=loaded
ActiveState=inactive
SubState=dead
StatusText=
NRestarts=0
WantedBy=display.service

Id=office-hub.service
LoadState=loaded
ActiveState=inactive
SubState=dead
StatusText=
NRestarts=0
WantedBy=antesala-hub.target

Id=mqtt-bridge@kiosk.service
LoadState=loaded
ActiveState=failed
SubState=failed
StatusText=
NRestarts=0
"""
WELL = Health(AppHealth("0.1.0", {"printer 1": OK}), "b", 0, 12, 5000, 41.0)
KIOSK = DeviceStatus("k1", "o12", "up", 100_000, WELL)


def test_units_are_read_as_systemd_prints_them() -> None:
    kiosk, hub, bridge = status.units_of(SHOWN)
    assert hub.state == "inactive (dead)", "this machine is a hub, and it was stopped"
    assert kiosk == status.Unit("kiosk.service", "active (running)", "the screen is up", 3)
    faults = status.faults_of((kiosk, bridge), {}, 0)
    assert faults == (
        "mqtt-bridge@kiosk.service is failed (failed): see 'journalctl -u mqtt-bridge@kiosk.service -o cat', then"
        " 'systemctl restart mqtt-bridge@kiosk.service'",
    )
    assert status.units_of("") == ()
    (fault,) = status.faults_of((msgspec.structs.replace(bridge, state="active (running)"),), {}, 0)
    assert "run this as root" in fault


@dataclass(frozen=True)
class Ill:
    """A fault, and a word of what is said of it."""

    device: DeviceStatus
    word: str


@pytest.mark.parametrize(
    "ill",
    [
        Ill(msgspec.structs.replace(KIOSK, mono_ms=69_999), "says nothing any more"),
        Ill(msgspec.structs.replace(KIOSK, link="off"), "look at cable"),
        Ill(msgspec.structs.replace(KIOSK, link="no_hub"), "look at the hub"),
        Ill(msgspec.structs.replace(KIOSK, link="out"), "mqtt-bridge enrol"),
        Ill(
            msgspec.structs.replace(
                KIOSK, health=msgspec.structs.replace(WELL, app=AppHealth("0.1.0", {"printer 1": "no paper: fill it"}))
            ),
            "kiosk, printer 1: no paper: fill it",
        ),
        Ill(msgspec.structs.replace(KIOSK, health=msgspec.structs.replace(WELL, app=None)), "systemctl restart kiosk"),
        Ill(msgspec.structs.replace(KIOSK, health=msgspec.structs.replace(WELL, disk_free_mb=199)), "free it"),
    ],
    ids=lambda ill: ill.word,
)
def test_what_is_wrong_is_said_once_with_what_to_do(ill: Ill) -> None:
    (fault,) = status.faults_of((), {"kiosk": ill.device}, 100_000)
    assert ill.word in fault


def test_a_machine_that_is_well_says_so_on_one_screen() -> None:
    text = status.page(status.Found(status.units_of(SHOWN)[:1], {"kiosk": KIOSK}, ()))
    assert text.endswith("All is well.\n")
    assert len(text.splitlines()) <= 24
    for part in ("k1 of office 'o12'", "release 0.1.0", "41 degrees", "5000 MB", "restarted 3 times"):
        assert part in text


def test_a_torn_file_counts_as_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / STATUS_FILE).write_text("{")
    assert status.main(["status", "--run", str(tmp_path)]) == 1
    assert "nothing of Antesala runs here" in capsys.readouterr().out
