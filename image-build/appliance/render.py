"""From settings to the files that the system and the programs read. Nothing is read or written here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import quoteattr

import msgspec
from msgspec import structs

from appliance.machine import Machine, Output
from appliance.settings import CONFIG, RUN, STATE, USUAL, Everything, Settings, fixed_of
from appliance.state import STATE_FILE, Appliance, Problem

USUAL_PANELS = {"kiosk": Output("", 1080, 1920, 21.5), "display": Output("", 1920, 1080, 43.0)}
"""A panel that says nothing of itself."""
NOTHING = Settings(roles=("kiosk",))
SSH_TCP = 22
WIRELESS = 'SUBSYSTEM=="net", KERNEL=="wlan0", TAG+="systemd", ENV{SYSTEMD_WANTS}+="wpa_supplicant@wlan0.service"\n'
"""A wireless adapter may come late, or again."""
PORTRAIT = (90, 270)
MOST_PANELS = 4


@dataclass(frozen=True)
class File:
    """What is written, and who may read it."""

    text: str
    mode: int = 0o644
    owner: str = "root"


def files_of(everything: Everything, machine: Machine, release: str, *, has_key: bool) -> dict[str, File]:
    """All files, by their paths.

    Args:
        everything: The technician's file.
        machine: What is connected.
        release: Of the system.
        has_key: Whether the machine is open to SSH.
    """
    settings = everything.settings
    name = host_name(settings, machine.id)
    files = {
        str(STATE_FILE): _state(everything, machine, release),
        "/etc/hostname": File(name + "\n"),
        "/etc/hosts": File(f"127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost\n"),
        "/etc/systemd/network/50-wired.network": File(_network(settings, "en* eth*", 100)),
        f"{CONFIG}/open.nft": File(_open(everything, has_key=has_key)),
    }
    if settings.wifi_name:
        files["/etc/systemd/network/60-wireless.network"] = File(_network(settings, "wl*", 600))
        files["/etc/wpa_supplicant/wpa_supplicant-wlan0.conf"] = File(_wifi(settings), 0o600)
        files["/etc/udev/rules.d/72-antesala-wireless.rules"] = File(WIRELESS)
    if settings.time_servers:
        servers = " ".join(settings.time_servers)
        files["/etc/systemd/timesyncd.conf.d/antesala.conf"] = File(f"[Time]\nNTP={servers}\n")
    if machine.own_disk:
        disk = machine.own_disk
        rule = f'allow id {disk.vendor}:{disk.product} serial "{disk.serial}"\n'
        files["/etc/usbguard/rules.d/10-own-disk.conf"] = File(rule, 0o600)
    for role in settings.roles:
        files |= _hub(everything, machine) if role == "hub" else _screen(everything, role, machine)
    return files


def files_of_problems(problems: Sequence[Problem], machine: Machine, release: str) -> dict[str, File]:
    """What a machine is told that cannot be what it should: enough for a screen that says why."""
    panel = _panel(NOTHING, "kiosk", machine, "")
    said = Appliance(problems=tuple(problems), width_px=panel.width_px, height_px=panel.height_px, release=release)
    return {
        str(STATE_FILE): File(msgspec.json.encode(said).decode()),
        f"{CONFIG}/open.nft": File("# nothing\n"),
        **_compositor(NOTHING, panel),
    }


def _state(everything: Everything, machine: Machine, release: str) -> File:
    settings, kiosk = everything.settings, everything.kiosk
    said = Appliance(settings.roles, language=settings.language, hub=settings.hub, release=release)
    role = said.screen_role
    panel = _panel(settings, role, machine, outputs_of(everything, role, machine)[0])
    said = structs.replace(said, width_px=panel.width_px, height_px=panel.height_px, diagonal_in=panel.diagonal_in)
    if everything.hub is not None:
        said = structs.replace(said, console=f":{everything.hub.web_port}", name=host_name(settings))
    if kiosk is not None:
        said = structs.replace(said, scanner=kiosk.scanner, scanner_baud=kiosk.scanner_baud)
    return File(msgspec.json.encode(said).decode())


def host_name(settings: Settings, machine_id: str = "") -> str:
    """What the machine is called on the network: of screens there are many, of hubs one."""
    if settings.name:
        return settings.name
    return "antesala-hub" if "hub" in settings.roles else f"antesala-{settings.roles[0]}-{machine_id[:6]}".rstrip("-")


def _network(settings: Settings, match: str, metric: int) -> str:
    lines = ["[Match]", f"Name={match}", "[Network]", "MulticastDNS=yes", *(f"DNS={one}" for one in settings.dns)]
    if settings.network == "static":
        lines += ["[Address]", f"Address={settings.address}", f"RouteMetric={metric}"]
        lines += ["[Route]", f"Gateway={settings.gateway}", f"Metric={metric}"] if settings.gateway else []
    else:
        lines += ["DHCP=yes", "[DHCPv4]", f"RouteMetric={metric}"]
    return "\n".join(lines) + "\n"


def _wifi(settings: Settings) -> str:
    def text(value: str) -> str:
        return value.encode().hex() if any(sign in value for sign in '"\\') else f'"{value}"'

    return (
        f"ctrl_interface=/run/wpa_supplicant\ncountry={settings.wifi_country}\n"
        f'network={{\n  ssid={text(settings.wifi_name)}\n  psk="{settings.wifi_password}"\n  scan_ssid=1\n}}\n'
    )


def _open(everything: Everything, *, has_key: bool) -> str:
    ports = {SSH_TCP} if has_key else set()
    if everything.hub is not None:
        hub = everything.hub
        ports |= {hub.broker_port, hub.web_port, hub.page_port}
    shown = ", ".join(str(port) for port in sorted(ports - {0}))
    return f"add element inet antesala open_tcp {{ {shown} }}\n" if shown else "# nothing\n"


def _screen(everything: Everything, role: str, machine: Machine) -> dict[str, File]:
    settings, written = everything.settings, everything.written.get(role, {})
    app = "kiosk-app" if role == "kiosk" else "display-app"
    own, other = outputs_of(everything, role, machine)
    panel = _panel(settings, role, machine, own)
    keys = {"language": settings.language, **_size(panel), **USUAL[role], **written, **fixed_of(role)}
    second = {}
    if other:
        keys |= {"output": own, "second_screen": f"{CONFIG}/second-screen.toml"}
        unsaid = replace(settings, panel_px="", panel_in=0.0)
        size = _size(_panel(unsaid, role, machine, other))
        second[keys["second_screen"]] = File(toml({**size, **everything.written["second_screen"], "output": other}))
    bridge = {
        "identity": f"{STATE}/{role}/identity",
        "journal": f"{STATE}/{role}/journal.db",
        "socket": f"{RUN}/{role}/bridge.sock",
    }
    owner = f"antesala-{role}"
    files = {
        f"{CONFIG}/{app}.toml": File(toml(keys), 0o640, owner),
        f"{CONFIG}/mqtt-bridge-{role}.toml": File(toml(bridge)),
        **second,
        **_compositor(settings, panel),
    }
    if role == "display":
        files |= _display_devices(keys)
    printers = [str(keys.get(name, "")) for name in ("printer", "second_printer")]
    hosts = [one.removeprefix("tcp://").rpartition(":")[0] for one in printers if one.startswith("tcp://")]
    if hosts:
        files["/etc/systemd/system/kiosk.service.d/network-printer.conf"] = File(
            "[Service]\nPrivateNetwork=no\nRestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET\nIPAddressDeny=any\n"
            f"IPAddressAllow={' '.join(hosts)}\n"
        )
    return files


def outputs_of(everything: Everything, role: str, machine: Machine) -> tuple[str, str]:
    """The sockets of a display's first and second panel: as the file says, else those where a panel is, by name.

    The second is "" where there is but one panel; the first is "" then where the file does not name it.
    """
    first = str(everything.written.get(role, {}).get("output", ""))
    if everything.second_screen is None or role != "display":
        return first, ""
    second = everything.second_screen.output
    there = [output.name for output in machine.outputs]
    free = [
        name for name in [*there, *(one for one in machine.sockets if one not in there)] if name not in (first, second)
    ]
    chosen = iter(sorted(free[: (not first) + (not second)]))
    return first or next(chosen, ""), second or next(chosen, "")


def _size(panel: Output) -> dict[str, Any]:
    return {"width_px": panel.width_px, "height_px": panel.height_px, "diagonal_in": panel.diagonal_in}


def _display_devices(keys: Mapping[str, Any]) -> dict[str, File]:
    """What its keys need besides the loudspeaker: a television's line, a monitor's, the alarm's contact."""
    lines, rules = list[str](), list[str]()
    if keys.get("panel_off_by") == "cec":
        lines += ["DeviceAllow=char-cec rw", "SupplementaryGroups=video"]
    if keys.get("dim_by") == "ddc":
        lines += ["DeviceAllow=char-i2c rw", "SupplementaryGroups=video"]
        rules += ['SUBSYSTEM=="i2c-dev", GROUP="video", MODE="0660"']
    if keys.get("dim_by") == "backlight":
        lines += ["ReadWritePaths=/sys/class/backlight /sys/devices"]
        rules += ['ACTION=="add", SUBSYSTEM=="backlight", RUN+="/bin/chgrp antesala /sys$devpath/brightness"']
        rules += ['ACTION=="add", SUBSYSTEM=="backlight", RUN+="/bin/chmod 0664 /sys$devpath/brightness"']
    if keys.get("alarm_contact"):
        lines += ["DeviceAllow=char-input r", "SupplementaryGroups=input"]
    files = {}
    if lines:
        text = "[Service]\n" + "\n".join(lines) + "\n"
        files["/etc/systemd/system/display.service.d/lobby-devices.conf"] = File(text)
    if rules:
        files["/etc/udev/rules.d/73-antesala-lobby.rules"] = File("\n".join(rules) + "\n")
    return files


def _panel(settings: Settings, role: str, machine: Machine, wanted: str) -> Output:
    """The panel as it hangs: by the file, else as it says, else as most are."""
    usual = USUAL_PANELS[role]
    said = next((one for one in machine.outputs if wanted in ("", one.name)), None)
    width, height, inches = said.width_px if said else 0, said.height_px if said else 0, said.diagonal_in if said else 0
    if settings.panel_px:
        width, height = (int(word) for word in settings.panel_px.split("x"))
    elif settings.rotate in PORTRAIT:
        width, height = height, width
    if not width:
        width, height = usual.width_px, usual.height_px
    return Output(said.name if said else "", width, height, settings.panel_in or inches or usual.diagonal_in)


def _compositor(settings: Settings, panel: Output) -> dict[str, File]:
    """Labwc's files: nothing that a key or a button could open, the picture turned, touches where the picture is."""
    start = f"kanshi -c {CONFIG}/labwc/panels &\n" if settings.rotate else ""
    touch = f'<touch mapToOutput={quoteattr(panel.name)} mouseEmulation="no"/>' if panel.name else ""
    rc = (
        '<?xml version="1.0"?>\n<labwc_config>\n'
        "  <core><decoration>server</decoration><gap>0</gap></core>\n"
        '  <keyboard><keybind key="XF86Launch9"><action name="None"/></keybind></keyboard>\n'
        '  <mouse><context name="Root"><mousebind button="Middle" action="Press"><action name="None"/></mousebind>'
        "</context></mouse>\n"
        '  <windowRules><windowRule identifier="*" serverDecoration="no"/></windowRules>\n'
        f"  {touch}\n</labwc_config>\n"
    )
    environment = "WLR_RENDERER=pixman\nLIBSEAT_BACKEND=seatd\nXKB_DEFAULT_LAYOUT=us\n"
    files = {
        f"{CONFIG}/labwc/rc.xml": File(rc),
        f"{CONFIG}/labwc/autostart": File("#!/bin/sh\n" + start, 0o755),
        f"{CONFIG}/labwc/environment": File(environment),
        f"{CONFIG}/labwc/menu.xml": File('<?xml version="1.0"?>\n<openbox_menu/>\n'),
    }
    if settings.rotate:
        files[f"{CONFIG}/labwc/panels"] = File(_turned(settings.rotate))
    if settings.touch_matrix:
        files["/etc/udev/rules.d/71-antesala-touch.rules"] = File(
            f'ENV{{ID_INPUT_TOUCHSCREEN}}=="1", ENV{{LIBINPUT_CALIBRATION_MATRIX}}="{settings.touch_matrix}"\n'
        )
    return files


def _turned(rotate: int) -> str:
    """Kanshi's file: every panel is turned, also one that is switched on later. A profile is for so many panels."""
    line = f"  output * enable transform {360 - rotate}\n"
    return "".join(f"profile {{\n{line * count}}}\n" for count in range(1, MOST_PANELS + 1))


def _hub(everything: Everything, machine: Machine) -> dict[str, File]:
    settings = everything.settings
    keys = {"broker_host": f"{host_name(settings)}.local", **USUAL["hub"]}
    keys |= {**everything.written.get("hub", {}), **fixed_of("hub")}
    is_alone = settings.roles == ("hub",)
    return {
        f"{CONFIG}/office-hub.toml": File(toml(keys), 0o640, "antesala-hub"),
        **(_compositor(settings, _panel(settings, "kiosk", machine, "")) if is_alone else {}),
    }


def toml(keys: Mapping[str, Any]) -> str:
    """A table as TOML's text: strings, numbers, truths and lists of strings."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in keys.items())


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
