"""What happens at a start: the file is looked at, a first office is made, the machine is well or goes back."""

import errno
import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from appliance import boot, enter, well
from appliance.machine import Machine
from appliance.render import File
from appliance.settings import read_settings
from appliance.slot import Slot
from appliance.state import Appliance, Problem

from office_hub.web.clerks import Door, read_clerks
from officelib.catalogue_file import read_catalogue
from officelib.enrolment import new_token, write_token


def everything(text: str):  # type: ignore[no-untyped-def]
    found, wrong = read_settings(text.encode())
    assert found is not None, wrong
    return found


def test_the_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "antesala.toml").write_text('roles = ["kiosk"]\n')
    assert boot.look_at(tmp_path)[1] == []
    (tmp_path / "antesala.toml").write_text('roles = ["kiosk"]\nrotat = 90\n')
    found, problems = boot.look_at(tmp_path)
    assert found is None
    assert (problems[0].where, problems[0].mend) == ("antesala.toml, line 2", "Did you mean 'rotate'?")
    (tmp_path / "antesala.toml").unlink()
    found, problems = boot.look_at(tmp_path)
    assert found is None
    assert "Put the file back" in problems[0].mend


def test_a_disk_that_is_lost_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "antesala.toml").write_text('roles = ["kiosk"]\n')
    (tmp_path / "lost").write_text("the data partition cannot be read")
    monkeypatch.setattr(boot, "DATA_LOST", tmp_path / "lost")
    found, problems = boot.look_at(tmp_path)
    assert found is None
    assert "data partition" in problems[0].what


def test_a_hubs_first_office_is_whole_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwnam", lambda _: pwd.getpwuid(os.getuid()))
    settings = everything(
        'roles = ["hub"]\noffice = "o77"\noffice_name = "Registro"\ntimezone = "Atlantic/Canary"\npin = "4711"\n'
    )
    boot.begin_office(settings, tmp_path)
    catalogue = read_catalogue(tmp_path / "office.toml")
    assert (catalogue.office.id, catalogue.office.name["ar"], str(catalogue.zone)) == (
        "o77",
        "Registro",
        "Atlantic/Canary",
    )
    clerks = read_clerks(tmp_path / "clerks.toml")
    assert Door(clerks).opens("admin", "4711")
    assert clerks["admin"].edits
    assert clerks["admin"].it
    before = (tmp_path / "office.toml").read_text()
    boot.begin_office(everything('roles = ["hub"]\noffice = "other"\npin = "1234"\n'), tmp_path)
    assert (tmp_path / "office.toml").read_text() == before
    assert not Door(read_clerks(tmp_path / "clerks.toml")).opens("admin", "1234")


def test_a_hub_whose_console_nobody_could_enter_says_so(tmp_path: Path) -> None:
    forgotten = everything('roles = ["hub", "display"]\n').settings
    (problem,) = boot.shut_out(forgotten, tmp_path)
    assert "pin" in problem.what
    assert not boot.shut_out(everything('roles = ["display"]\n').settings, tmp_path)
    assert not boot.shut_out(everything('roles = ["hub"]\npin = "4711"\n').settings, tmp_path)
    (tmp_path / "clerks.toml").write_text("")
    assert not boot.shut_out(forgotten, tmp_path), "its clerks are known from an earlier start, or from another hub"


def test_a_panel_on_a_socket_that_is_not_there_is_told() -> None:
    two = Machine(sockets=("HDMI-A-1", "HDMI-A-2"))
    right = everything('roles = ["display"]\n[display]\noutput = "HDMI-A-1"\n[second_screen]\n')
    assert boot.panels_missing(right, two) == [], "that panels are off is no mistake"
    wrong = everything('roles = ["display"]\n[display]\noutput = "HDMI-1"\n')
    (problem,) = boot.panels_missing(wrong, two)
    assert (problem.what, problem.mend) == ("there is no output 'HDMI-1'", "This machine has: HDMI-A-1, HDMI-A-2.")
    (problem,) = boot.panels_missing(everything('roles = ["display"]\n[second_screen]\noutput = "HDMI-9"\n'), two)
    assert problem.where == "antesala.toml, [second_screen]"
    three = Machine(sockets=("DP-1", "HDMI-A-1", "HDMI-A-2"))
    (problem,) = boot.panels_missing(right, three)
    assert "more than two sockets" in problem.what, "which of the others it is cannot be seen while it is off"
    both = everything('roles = ["display"]\n[display]\noutput = "DP-1"\n[second_screen]\noutput = "HDMI-A-2"\n')
    assert boot.panels_missing(both, three) == []
    (problem,) = boot.panels_missing(right, Machine(sockets=("HDMI-A-1",)))
    assert "a second panel needs a second socket" in problem.what
    assert boot.panels_missing(everything('roles = ["kiosk"]\n[display]\noutput = "HDMI-1"\n'), two) == []


def test_files_have_their_modes(tmp_path: Path) -> None:
    boot.write_files({"/etc/a/b": File("x", 0o640), "/etc/c": File("y")}, tmp_path)
    assert (tmp_path / "etc/a/b").read_text() == "x"
    assert (tmp_path / "etc/a/b").stat().st_mode & 0o777 == 0o640


def test_the_offices_own_files_follow_the_drive(tmp_path: Path) -> None:
    drive, kept = tmp_path / "own", tmp_path / "kept"
    (drive / "pictures").mkdir(parents=True)
    (drive / "pictures/one.jpg").write_bytes(b"one")
    (drive / "ticket.toml").write_text("1")
    boot.bring(drive, kept)
    assert (kept / "pictures/one.jpg").read_bytes() == b"one"
    first = (kept / "pictures/one.jpg").stat()
    assert first.st_mode & 0o777 == 0o644
    (drive / "pictures/two.jpg").write_bytes(b"two")
    (drive / "ticket.toml").write_text("12")
    boot.bring(drive, kept)
    assert (kept / "pictures/one.jpg").stat().st_ino == first.st_ino, "what is there already is not copied again"
    assert (kept / "ticket.toml").read_text() == "12"
    shutil.rmtree(drive / "pictures")
    (drive / "pictures").write_text("a file now")
    boot.bring(drive, kept)
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"pictures": "a file now", "ticket.toml": "12"}
    boot.bring(tmp_path / "none", kept)
    assert not list(kept.iterdir())


@pytest.mark.parametrize("fault", ["no room", "full at once", "read-only"])
def test_a_disk_that_takes_no_pictures_stops_no_start(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drive, kept = tmp_path / "own", tmp_path / "kept"
    drive.mkdir()
    kept.mkdir()
    (drive / "a.jpg").write_bytes(b"a")
    (kept / "old.jpg").write_bytes(b"old")
    (kept / "a.jpg").write_bytes(b"before")

    def full(_: Path, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    def refused(_: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    if fault == "no room":
        monkeypatch.setattr(boot, "JOURNALS_BYTES", 1 << 60)
    elif fault == "full at once":
        monkeypatch.setattr(shutil, "copy2", full)
    else:
        monkeypatch.setattr(Path, "unlink", refused)
    boot.bring(drive, kept)
    assert "was taken from the drive" in caplog.text
    assert (kept / "a.jpg").read_bytes() == b"before"
    assert not list(kept.glob(".*")), "nothing half is left to fill the disk"


def test_a_drive_without_room_for_updates_is_told(tmp_path: Path) -> None:
    (tmp_path / "antesala.toml").write_text('roles = ["kiosk"]\n[kiosk]\npictures = "own/large.jpg"\n')
    (tmp_path / "own").mkdir()
    with (tmp_path / "own/large.jpg").open("wb") as file:
        file.truncate(300 << 20)
    found, (problem,) = boot.look_at(tmp_path)
    assert found is None
    assert "300 MB" in problem.what
    with (tmp_path / "own/large.jpg").open("wb") as file:
        file.truncate(100 << 20)
    assert boot.look_at(tmp_path)[1] == []


# --- entering


def test_a_code_for_another_kind_of_machine_is_refused_at_once(tmp_path: Path) -> None:
    code = write_token(new_token(b"k" * 32, "s1", 0, 0, ("http://127.0.0.1:9",)))
    answer = enter.try_once(code, "kiosk", tmp_path, ())
    assert answer.is_final
    assert "s1" in answer.what
    assert enter.try_once("QE1NOTHING", "kiosk", tmp_path, ()).is_final


def test_a_hub_that_is_away_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enter, "PATIENCE_S", 0.0)
    code = write_token(new_token(b"k" * 32, "k1", 0, 0, ("http://127.0.0.1:9",)))
    answer = enter.try_once(code, "kiosk", tmp_path, ("http://127.0.0.1:10",))
    assert not answer.is_final
    assert "127.0.0.1:10" in answer.what


# --- well


def test_what_must_run_follows_from_the_roles() -> None:
    def units(*roles: str, is_in: bool = True, problems: tuple[Problem, ...] = ()) -> set[str]:
        return set(well.units_of(Appliance(roles, problems), lambda _: is_in))

    assert units("kiosk") == {"antesala-screen.service", "kiosk.service", "mqtt-bridge@kiosk.service"}
    assert units("display", is_in=False) == {"antesala-screen.service", "antesala-setup@display.service"}
    assert units("hub") == {"office-hub.service", "antesala-broker.service"}
    assert units("hub", "kiosk") >= {"office-hub.service", "kiosk.service"}
    wrong = (Problem("antesala.toml", "x", "y"),)
    assert units(problems=wrong) == {"antesala-screen.service", "antesala-setup@kiosk.service"}


@pytest.mark.parametrize(("is_on_trial", "expected"), [(True, 1), (False, 0)])
def test_a_page_of_mistakes_is_well_but_not_on_trial(
    monkeypatch: pytest.MonkeyPatch,
    is_on_trial: bool,
    expected: int,
) -> None:
    ran: list[tuple[str, ...]] = []
    slot = Slot("b", 2 if is_on_trial else None, 2)
    wrong = Appliance(("kiosk",), (Problem("antesala.toml", "x", "y"),))
    monkeypatch.setattr(well, "booted_slot", lambda *_: slot)
    monkeypatch.setattr(well, "read_appliance", lambda: wrong)
    monkeypatch.setattr(well, "is_steady", lambda *_: True)
    monkeypatch.setattr(well, "_run", lambda *words: ran.append(words))
    assert well.main([]) == expected
    assert [words[-2:] for words in ran] == ([("mark-bad", "booted"), ("--no-block", "reboot")] if is_on_trial else [])


def test_a_program_that_falls_is_no_mistake_in_the_file(tmp_path: Path) -> None:
    for role, says in (("kiosk", "echo key panel_in is small >&2; exit 2"), ("display", "echo Traceback >&2; exit 1")):
        program = tmp_path / boot.PROGRAMS[role]
        program.write_text(f"#!/bin/sh\n{says}\n")
        program.chmod(0o755)
    (problem,) = boot.refusals(["kiosk", "display", "hub"], tmp_path)
    assert problem.what == "key panel_in is small"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def mono(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def steady(says: Iterator[list[str]], limit_s: float = 100) -> tuple[bool, float]:
    clock = Clock()
    held = well.is_steady(lambda: next(says), limit_s, 30, clock.mono, clock.sleep)
    return held, clock.now


def repeated(*phases: tuple[int, list[str]]) -> Iterator[list[str]]:
    for times, states in phases:
        for _ in range(times):
            yield states
    while True:
        yield phases[-1][1]


def test_a_machine_is_well_after_half_a_minute_without_a_restart() -> None:
    assert steady(repeated((1, ["active 0 kiosk"]))) == (True, 30)
    held, after_s = steady(repeated((5, ["activating 0 kiosk"]), (1, ["active 0 kiosk"])))
    assert held
    assert after_s == 40


def test_one_that_falls_again_and_again_is_not() -> None:
    falling = (states for n in range(1_000) for states in ([f"active {n}"], [f"active {n}"], [f"activating {n}"]))
    assert steady(falling) == (False, 100)
    assert steady(repeated((1, ["failed 0 kiosk"]))) == (False, 100)
    assert steady(repeated((1, []))) == (False, 100), "nothing that runs is not well"


def test_a_restart_begins_the_half_minute_anew() -> None:
    held, after_s = steady(repeated((10, ["active 0 kiosk"]), (1, ["active 1 kiosk"])))
    assert held
    assert after_s == 50
