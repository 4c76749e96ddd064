"""A panel that follows its hours, and the contact of an alarm: with real programs, files and the kernel's events."""

import os
import queue
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwlib.contact import EV_KEY, Contact
from hwlib.screen.power import PanelPower, Wanted


def program(folder: Path, name: str, status: int = 0) -> Path:
    """A program that writes down how it was called."""
    called = folder / f"{name}.called"
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "$*" >> {called}\n[ {status} = 0 ] || echo "no panel" >&2\nexit {status}\n')
    path.chmod(0o755)
    return called


def lines_of(path: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = path.read_text().splitlines() if path.exists() else []
        if len(lines) >= count:
            return lines
        time.sleep(0.02)
    pytest.fail(f"{path} has not {count} lines")


@pytest.mark.parametrize(
    ("by", "name", "off", "on"),
    [
        ("cec", "cec-ctl", "--playback --to 0 --standby", "--playback --to 0 --image-view-on"),
        ("dpms", "wlopm", "--off *", "--on *"),
    ],
)
def test_a_panel_is_switched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, name: str, off: str, on: str
) -> None:
    called = program(tmp_path, name)
    line = tmp_path / "cec0"
    line.touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    power = PanelPower(by, "", devices=tmp_path)
    power.start()
    for is_on in (False, False, True):
        power.want(Wanted(is_on, None))
        time.sleep(0.05)
    said = [one.removeprefix(f"--device {line} ") for one in lines_of(called, 2)]
    assert said == [off, on], "once each"
    assert power.problem == ""
    power.stop()


def test_both_televisions_of_a_box_are_switched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the first one does not answer."""
    called = program(tmp_path, "cec-ctl", status=1)
    for name in ("cec0", "cec1"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    power = PanelPower("cec", "", devices=tmp_path)
    power.start()
    power.want(Wanted(is_on=False, percent=None))
    assert [line.split()[1] for line in lines_of(called, 2)] == [str(tmp_path / name) for name in ("cec0", "cec1")]
    power.stop()
    assert power.problem.count("no panel") == 2


def test_a_box_without_a_line_to_its_television_says_so(tmp_path: Path) -> None:
    power = PanelPower("cec", "", devices=tmp_path)
    power.start()
    power.want(Wanted(is_on=False, percent=None))
    deadline = time.monotonic() + 5
    while not power.problem and time.monotonic() < deadline:
        time.sleep(0.02)
    power.stop()
    assert f"{tmp_path}/cec0 is missing" in power.problem


def test_a_panel_that_does_not_follow_is_told_and_the_display_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    called = program(tmp_path, "cec-ctl", status=1)
    (tmp_path / "cec0").touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    power = PanelPower("cec", "", devices=tmp_path)
    power.start()
    power.want(Wanted(is_on=False, percent=None))
    lines_of(called, 1)
    power.want(Wanted(is_on=True, percent=None))
    lines_of(called, 2)
    power.stop()
    assert "no panel" in power.problem
    assert caplog.text.count("the panel does not follow") == 1


def test_a_backlight_is_dimmed(tmp_path: Path) -> None:
    light = tmp_path / "panel0"
    light.mkdir()
    (light / "max_brightness").write_text("255\n")
    (light / "brightness").write_text("255\n")
    power = PanelPower("", "backlight", tmp_path)
    power.start()
    power.want(Wanted(is_on=True, percent=40))
    deadline = time.monotonic() + 5
    while (light / "brightness").read_text() != "102" and time.monotonic() < deadline:
        time.sleep(0.02)
    power.stop()
    assert (light / "brightness").read_text() == "102"


def test_a_program_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    power = PanelPower("dpms", "ddc")
    power.start()
    power.want(Wanted(is_on=True, percent=50))
    deadline = time.monotonic() + 5
    while not power.problem and time.monotonic() < deadline:
        time.sleep(0.02)
    power.stop()
    assert "wlopm is not installed" in power.problem


def test_a_contact_tells_each_change_once() -> None:
    told: queue.SimpleQueue[bool] = queue.SimpleQueue()
    contact = Contact("/dev/input/none", told.put)
    for value in (1, 2, 2, 0, 0, 1):
        contact.take([SimpleNamespace(type=EV_KEY, code=183, value=value), SimpleNamespace(type=0, code=0, value=0)])
    assert [told.get_nowait() for _ in range(told.qsize())] == [True, False, True]


def test_a_contact_that_is_not_there_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    contact = Contact("/dev/input/none", lambda _: None)
    contact.start()
    deadline = time.monotonic() + 5
    while "it is waited for" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.02)
    contact.stop()
    assert "/dev/input/none" in caplog.text
