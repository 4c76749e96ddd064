"""From the technician's file to what the system reads: complete, and read by the programs that it is for."""

import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from appliance.machine import Machine, Output, UsbDisk, look
from appliance.render import File, files_of, files_of_problems
from appliance.settings import read_settings
from appliance.state import STATE_FILE, Appliance, Problem

from display_app.config import DisplayConfig, ScreenConfig
from kiosk_app.config import KioskConfig
from mqtt_bridge.bridge import BridgeConfig
from office_hub.config import HubConfig
from officelib.config import read_config

PORTRAIT = Machine("0123456789abcdef", (Output("HDMI-A-1", 1920, 1080, 23.8),))


def rendered(text: str, machine: Machine = PORTRAIT, *, has_key: bool = False) -> dict[str, File]:
    everything, wrong = read_settings(text.encode())
    assert everything is not None, wrong
    return files_of(everything, machine, "1.0", has_key=has_key)


@pytest.mark.parametrize(
    ("role", "configs"),
    [
        ("kiosk", {"kiosk-app": KioskConfig, "mqtt-bridge-kiosk": BridgeConfig}),
        ("display", {"display-app": DisplayConfig, "mqtt-bridge-display": BridgeConfig}),
        ("hub", {"office-hub": HubConfig}),
    ],
)
def test_the_programs_read_what_is_written_for_them(role: str, configs: dict[str, type], tmp_path: Path) -> None:
    files = rendered(f'roles = ["{role}"]\n')
    for name, kind in configs.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(files[f"/etc/antesala/{name}.toml"].text)
        assert read_config(kind, path)


def test_what_the_technician_wrote_arrives() -> None:
    files = rendered(
        'roles = ["kiosk"]\nlanguage = "ca"\nrotate = 90\n'
        '[kiosk]\nprinter = "tcp://192.168.10.7:9100"\nidle_ms = 60000\n'
    )
    kiosk = tomllib.loads(files["/etc/antesala/kiosk-app.toml"].text)
    assert (kiosk["printer"], kiosk["idle_ms"], kiosk["language"]) == ("tcp://192.168.10.7:9100", 60000, "ca")
    assert (kiosk["width_px"], kiosk["height_px"], kiosk["diagonal_in"]) == (1080, 1920, 23.8)
    unit = files["/etc/systemd/system/kiosk.service.d/network-printer.conf"].text
    assert "IPAddressAllow=192.168.10.7\n" in unit
    assert "IPAddressDeny=any" in unit
    assert "kanshi -c /etc/antesala/labwc/panels &\n" in files["/etc/antesala/labwc/autostart"].text
    panels = files["/etc/antesala/labwc/panels"].text
    assert panels.startswith("profile {\n  output * enable transform 270\n}\n"), "the compositor counts the other way"
    assert panels.count("profile") == 4


def test_a_panel_that_says_nothing_is_as_most_are() -> None:
    kiosk = tomllib.loads(rendered('roles = ["kiosk"]\n', Machine())["/etc/antesala/kiosk-app.toml"].text)
    assert (kiosk["width_px"], kiosk["height_px"], kiosk["diagonal_in"]) == (1080, 1920, 21.5)
    kiosk = tomllib.loads(
        rendered('roles = ["kiosk"]\npanel_px = "800x1280"\npanel_in = 15.6\n')["/etc/antesala/kiosk-app.toml"].text
    )
    assert (kiosk["width_px"], kiosk["height_px"], kiosk["diagonal_in"]) == (800, 1280, 15.6)


def test_a_second_panel_has_a_file_of_its_own(tmp_path: Path) -> None:
    files = rendered('roles = ["display"]\n[second_screen]\noutput = "HDMI-A-2"\ncalls = 2\n')
    display = tomllib.loads(files["/etc/antesala/display-app.toml"].text)
    path = tmp_path / "second.toml"
    path.write_text(files[display["second_screen"]].text)
    assert read_config(ScreenConfig, path).calls == 2


SMALL, LARGE = Output("HDMI-A-1", 1920, 1080, 32.0), Output("HDMI-A-2", 3840, 2160, 55.0)
SOCKETS = ("HDMI-A-1", "HDMI-A-2")


@pytest.mark.parametrize(
    ("text", "there", "outputs"),
    [
        ("[second_screen]\n", (SMALL, LARGE), SOCKETS),
        ("[second_screen]\n", (LARGE,), SOCKETS),
        ('[second_screen]\noutput = "HDMI-A-1"\n', (SMALL, LARGE), ("HDMI-A-2", "HDMI-A-1")),
        ('[display]\noutput = "HDMI-A-2"\n[second_screen]\n', (SMALL,), ("HDMI-A-2", "HDMI-A-1")),
        ('[display]\noutput = "DP-1"\n[second_screen]\noutput = "DP-2"\n', (), ("DP-1", "DP-2")),
    ],
    ids=["both are there", "one is off", "the second is named", "the first is named", "both are named"],
)
def test_two_panels_find_their_sockets_and_sizes(
    text: str, there: tuple[Output, ...], outputs: tuple[str, str]
) -> None:
    """A panel that is off when the machine starts is the same one as yesterday."""
    files = rendered(f'roles = ["display"]\n{text}', Machine(outputs=there, sockets=SOCKETS))
    both = [tomllib.loads(files[f"/etc/antesala/{name}.toml"].text) for name in ("display-app", "second-screen")]
    assert tuple(one["output"] for one in both) == outputs
    inches = {output.name: output.diagonal_in for output in there}
    assert [one["diagonal_in"] for one in both] == [inches.get(name, 43.0) for name in outputs]


def test_what_is_written_of_the_first_panel_is_not_said_of_the_second() -> None:
    files = rendered('roles = ["display"]\npanel_in = 43\n[second_screen]\n', Machine(outputs=(SMALL, LARGE)))
    both = [tomllib.loads(files[f"/etc/antesala/{name}.toml"].text) for name in ("display-app", "second-screen")]
    assert [one["diagonal_in"] for one in both] == [43.0, 55.0]


def test_a_display_reaches_the_devices_that_its_keys_need() -> None:
    unit, rules = (
        "/etc/systemd/system/display.service.d/lobby-devices.conf",
        "/etc/udev/rules.d/73-antesala-lobby.rules",
    )
    assert not {unit, rules} & rendered('roles = ["display"]\n').keys()
    files = rendered(
        'roles = ["display"]\n[display]\npanel_off_by = "cec"\ndim_by = "ddc"\nalarm_contact = "/dev/input/event3"\n'
    )
    for device in ("char-cec rw", "char-i2c rw", "char-input r"):
        assert f"DeviceAllow={device}\n" in files[unit].text
    dimmed = rendered('roles = ["display"]\n[display]\ndim_by = "backlight"\n')
    assert "ReadWritePaths=/sys/class/backlight" in dimmed[unit].text
    assert 'SUBSYSTEM=="i2c-dev"' in files[rules].text
    assert 'SUBSYSTEM=="backlight"' in dimmed[rules].text


def test_a_hub_may_be_a_screen_too() -> None:
    files = rendered('roles = ["hub", "kiosk"]\n')
    assert {"/etc/antesala/office-hub.toml", "/etc/antesala/kiosk-app.toml"} <= files.keys()
    assert files["/etc/hostname"].text == "antesala-hub\n"
    assert tomllib.loads(files["/etc/antesala/office-hub.toml"].text)["broker_host"] == "antesala-hub.local"
    two = Machine(outputs=(*PORTRAIT.outputs, Output("DP-1", 1920, 1080, 43.0)))
    orders = [
        f'roles = {roles}\n[display]\noutput = "DP-1"\n' for roles in ('["hub", "display"]', '["display", "hub"]')
    ]
    touched = [rendered(order, two)["/etc/antesala/labwc/rc.xml"].text for order in orders]
    assert "DP-1" in touched[0]
    assert touched[0] == touched[1]


def test_doors_are_shut_that_nobody_needs() -> None:
    assert "add element" not in rendered('roles = ["kiosk"]\n')["/etc/antesala/open.nft"].text
    assert "{ 22 }" in rendered('roles = ["kiosk"]\n', has_key=True)["/etc/antesala/open.nft"].text
    assert "{ 8420, 8883 }" in rendered('roles = ["hub"]\n')["/etc/antesala/open.nft"].text
    assert (
        "{ 8420, 8443, 8883 }" in rendered('roles = ["hub"]\n[hub]\npage_port = 8443\n')["/etc/antesala/open.nft"].text
    )


def test_secrets_are_for_those_who_need_them() -> None:
    files = rendered('roles = ["kiosk"]\nwifi_name = "Oficina"\nwifi_password = "secreto88"\n')
    holding = {name: file.mode for name, file in files.items() if "secreto88" in file.text}
    assert holding == {"/etc/wpa_supplicant/wpa_supplicant-wlan0.conf": 0o600}
    assert files["/etc/antesala/kiosk-app.toml"].mode == 0o640


def test_a_wireless_adapter_may_come_late() -> None:
    rule = "/etc/udev/rules.d/72-antesala-wireless.rules"
    files = rendered('roles = ["kiosk"]\nwifi_name = "Oficina"\nwifi_password = "secreto88"\n')
    assert "wpa_supplicant@wlan0.service" in files[rule].text
    assert rule not in rendered('roles = ["kiosk"]\n')


def test_a_static_address_is_the_only_one() -> None:
    text = rendered(
        'roles = ["kiosk"]\nnetwork = "static"\naddress = "10.0.0.9/24"\ngateway = "10.0.0.1"\ndns = ["10.0.0.2"]\n'
    )["/etc/systemd/network/50-wired.network"].text
    assert {"Address=10.0.0.9/24", "Gateway=10.0.0.1", "DNS=10.0.0.2"} <= set(text.splitlines())
    assert "DHCP" not in text


def test_a_cable_goes_before_the_air_with_a_static_address_too() -> None:
    files = rendered(
        'roles = ["kiosk"]\nnetwork = "static"\naddress = "10.0.0.9/24"\ngateway = "10.0.0.1"\n'
        'wifi_name = "Oficina"\nwifi_password = "secreto88"\n'
    )
    for name, metric in (("50-wired", 100), ("60-wireless", 600)):
        text = files[f"/etc/systemd/network/{name}.network"].text
        sections = dict(part.split("]\n") for part in text.split("[") if part)
        assert sections["Address"] == f"Address=10.0.0.9/24\nRouteMetric={metric}\n"
        assert sections["Route"] == f"Gateway=10.0.0.1\nMetric={metric}\n"


def test_the_disk_that_it_runs_from_stays_allowed() -> None:
    machine = Machine(own_disk=UsbDisk("0781", "5583", "ABC"))
    assert rendered('roles = ["kiosk"]\n', machine)["/etc/usbguard/rules.d/10-own-disk.conf"] == File(
        'allow id 0781:5583 serial "ABC"\n', 0o600
    )


def test_the_compositor_opens_nothing() -> None:
    """labwc falls back to its own keys, menus and buttons where a file has none at all."""
    for text in (rendered('roles = ["kiosk"]\n'), files_of_problems((), Machine(), "")):
        root = ET.fromstring(text["/etc/antesala/labwc/rc.xml"].text)
        assert root.findall(".//keybind")
        assert root.findall(".//mousebind")
        assert {action.get("name") for action in root.iter("action")} == {"None"}
        menu = ET.fromstring(text["/etc/antesala/labwc/menu.xml"].text)
        assert not list(menu)


def test_a_machine_with_mistakes_still_has_a_screen() -> None:
    files = files_of_problems([Problem("antesala.toml, line 2", "wrong", "mend it")], PORTRAIT, "1.0")
    said = msgspec.json.decode(files[str(STATE_FILE)].text, type=Appliance)
    assert said.problems[0].mend == "mend it"
    assert (said.width_px, said.height_px, said.screen_role) == (1920, 1080, "kiosk")


def test_the_packet_filter_is_right(tmp_path: Path) -> None:
    rules = (Path(__file__).parents[2] / "image-build/rootfs/etc/nftables.conf").read_text()
    opened = tmp_path / "open.nft"
    opened.write_text(rendered('roles = ["hub"]\n', has_key=True)["/etc/antesala/open.nft"].text)
    whole = tmp_path / "rules.nft"
    whole.write_text(rules.replace("/etc/antesala/open*.nft", str(opened)))
    done = subprocess.run(["nft", "-c", "-f", whole], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_machine_is_looked_at(tmp_path: Path) -> None:
    """By a tree as the kernel shows it."""
    drm = tmp_path / "sys/class/drm"
    for name, status, modes in (
        ("card0-HDMI-A-1", "connected", "1920x1080\n"),
        ("card0-HDMI-A-2", "disconnected", ""),
        ("card0-Writeback-1", "unknown", ""),
    ):
        (drm / name).mkdir(parents=True)
        (drm / name / "status").write_text(status + "\n")
        (drm / name / "modes").write_text(modes)
        (drm / name / "edid").write_bytes(bytes(21) + bytes([53, 30]) + bytes(105))
    (drm / "card0").mkdir()
    stick = tmp_path / "sys/devices/usb1/1-2"
    (stick / "host0/block/sda/sda2").mkdir(parents=True)
    for name, value in (("idVendor", "0781"), ("idProduct", "5583"), ("serial", "X1")):
        (stick / name).write_text(value + "\n")
    (tmp_path / "sys/class/block").mkdir()
    (tmp_path / "sys/class/block/sda2").symlink_to(stick / "host0/block/sda/sda2")
    (tmp_path / "sda2").touch()
    (tmp_path / "machine-id").write_text("abc\n")
    found = look(tmp_path / "sys", tmp_path / "sda2", tmp_path / "machine-id")
    sockets = ("HDMI-A-1", "HDMI-A-2")
    assert found == Machine("abc", (Output("HDMI-A-1", 1920, 1080, 24.0),), sockets, UsbDisk("0781", "5583", "X1"))
    assert look(tmp_path / "none", tmp_path / "none", tmp_path / "none") == Machine()
