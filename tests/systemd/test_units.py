"""The units as systemd itself reads them: right, tight, and of users and folders that can be made."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "systemd"
UNITS = sorted((ROOT / "units").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
TARGETS = [path for path in UNITS if path.suffix == ".target"]
EXPOSURE = 2.0
"""Of 10, as `systemd-analyze security` counts it."""
SCREENS = ("kiosk.service", "display.service", "antesala-screen.service")
ONCE = (
    "antesala-broker-revoked",
    "antesala-boot",
    "antesala-enrol@",
    "antesala-errands@",
    "antesala-hub-setup",
    "antesala-well",
)
"""Do one thing, and end."""
ENDLESS = [path for path in SERVICES if path.stem not in ONCE]


def read(path: Path) -> dict[str, dict[str, list[str]]]:
    """A unit's sections; a key may stand several times."""
    found: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            section.setdefault(name, []).append(value)
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine with our files and, by their names alone, the programs that they start."""
    folder = tmp_path_factory.mktemp("root")
    for kind, to in (("units", "system"), ("sysusers.d", "../sysusers.d"), ("tmpfiles.d", "../tmpfiles.d")):
        shutil.copytree(ROOT / kind, folder / "usr/lib/systemd" / to, dirs_exist_ok=True)
    etc = folder / "etc"
    etc.mkdir()
    for name in ("passwd", "group"):
        shutil.copy(Path("/etc") / name, etc / name)
    for program in re.findall(r"^Exec\w+=[-+!@:]*(/\S+)", "\n".join(p.read_text() for p in SERVICES), re.MULTILINE):
        path = folder / program.removeprefix("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    for name in ("basic", "sysinit", "multi-user", "network", "shutdown", "paths", "timers", "slices", "sockets"):
        (folder / f"usr/lib/systemd/system/{name}.target").write_text("[Unit]\n")
    return folder


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def test_there_is_one_target_a_role_and_a_unit_a_program() -> None:
    assert {path.stem for path in TARGETS} == {"antesala-kiosk", "antesala-display", "antesala-hub"}
    names = {path.name for path in UNITS}
    for path in TARGETS:
        for wanted in read(path)["Unit"]["Wants"][0].split():
            assert re.sub("@.*[.]", "@.", wanted) in names, f"{path.name} wants {wanted}, which is not here"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_nothing_wrong(root: Path, path: Path) -> None:
    name = path.name.replace("@.", "@kiosk.")
    done = run("systemd-analyze", "verify", f"--root={root}", "--recursive-errors=no", "--man=no", name)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if path.name.split("@")[0] in line]
    assert done.returncode == 0, done.stderr
    assert not ours, ours


def test_a_mistake_in_a_unit_is_found(root: Path) -> None:
    """The check above can fail."""
    wrong = root / "usr/lib/systemd/system/wrong.service"
    wrong.write_text("[Service]\nExecStart=/opt/antesala/bin/nothing-here\nRestart=perhaps\n")
    done = run("systemd-analyze", "verify", f"--root={root}", "--man=no", "wrong.service")
    wrong.unlink()
    assert "wrong.service" in done.stderr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_each_has_the_least_that_it_needs(path: Path) -> None:
    done = run("systemd-analyze", "security", "--offline=yes", str(path))
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert exposure, done.stderr
    assert float(exposure[1]) <= EXPOSURE


@pytest.mark.parametrize("path", ENDLESS, ids=lambda path: path.name)
def test_what_ends_is_started_again_however_often(path: Path) -> None:
    unit = read(path)
    assert unit["Service"]["Restart"] == ["always"]
    assert unit["Unit"]["StartLimitIntervalSec"] == ["0"], "no dead end after five tries"


@pytest.mark.parametrize("name", ["kiosk.service", "display.service", "mqtt-bridge@.service", "office-hub.service"])
def test_our_programs_are_ready_when_they_say_so_and_watched(name: str) -> None:
    service = read(ROOT / "units" / name)["Service"]
    assert service["Type"] == ["notify"]
    assert int(service["WatchdogSec"][0]) <= 30


@pytest.mark.parametrize("name", SCREENS)
def test_screens_have_no_network(name: str) -> None:
    service = read(ROOT / "units" / name)["Service"]
    hears_of_touch_panels = name == "antesala-screen.service"
    assert service["PrivateNetwork"] == ["no" if hears_of_touch_panels else "yes"]
    assert service["IPAddressDeny"] == ["any"]
    assert not {"AF_INET", "AF_INET6"} & set(service["RestrictAddressFamilies"][0].split())


def test_devices_are_named_as_the_kernel_names_them() -> None:
    """Another name matches nothing, and systemd only notes it: the device would be forbidden."""
    known = {"usb", "usb_device", "ttyACM", "ttyUSB", "ttyS", "hidraw", "input", "alsa", "video4linux", "drm"}
    named = {
        line.split()[0].removeprefix("char-")
        for path in SERVICES
        for line in read(path)["Service"].get("DeviceAllow", [])
    }
    assert named == known


def test_the_bridge_has_no_devices() -> None:
    service = read(ROOT / "units" / "mqtt-bridge@.service")["Service"]
    assert service["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in service


def test_an_app_and_its_bridge_are_one_user_and_own_their_folders() -> None:
    for app in ("kiosk", "display"):
        own, bridge = (read(ROOT / "units" / name)["Service"] for name in (f"{app}.service", "mqtt-bridge@.service"))
        for name in ("User", "StateDirectory", "StateDirectoryMode", "Group"):
            assert own[name][0] == bridge[name][0].replace("%i", app), "systemd would take the folder from the other"


def test_users_and_folders_can_be_made(root: Path) -> None:
    made = run("systemd-sysusers", f"--root={root}")
    assert made.returncode == 0, made.stderr
    users = {line.split(":")[0] for line in (root / "etc/passwd").read_text().splitlines()}
    for path in SERVICES:
        for user in read(path)["Service"].get("User", []):
            assert {user.replace("%i", app) for app in ("kiosk", "display")} <= users
    made = run("systemd-tmpfiles", f"--root={root}", "--create", "antesala.conf")
    assert made.returncode == 0, made.stderr
    assert (root / "var/lib/antesala").is_dir()


@pytest.mark.parametrize("role", ["kiosk", "display", "hub", "appliance"])
def test_a_machine_gets_a_role_with_one_command(tmp_path: Path, role: str) -> None:
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group"):
        shutil.copy(Path("/etc") / name, tmp_path / "etc" / name)
    done = run("env", f"DESTDIR={tmp_path}", str(ROOT / "install.sh"), role)
    assert done.returncode == 0, done.stderr
    wanted = {path.name for path in (tmp_path / "etc/systemd/system").glob("*.target.wants/*")}
    revoked = {"antesala-broker-revoked.path"}
    assert (
        wanted
        == {
            "kiosk": {"antesala-kiosk.target"},
            "display": {"antesala-display.target"},
            "hub": {"antesala-hub.target"} | revoked,
            "appliance": {"antesala-boot.service", "antesala-well.service"} | revoked,
        }[role]
    )
    assert run(str(ROOT / "install.sh"), "kitchen").returncode == 2


def test_the_log_is_fit_for_a_card() -> None:
    config = configparser.ConfigParser()
    config.optionxform = str  # type: ignore[assignment, method-assign]
    config.read(ROOT / "journald.conf.d" / "antesala.conf")
    assert config["Journal"]["SystemMaxUse"] == "64M"
