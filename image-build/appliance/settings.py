"""The technician's file on the FAT partition: read whole, every mistake told with its line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from display_app.config import DisplayConfig, ScreenConfig
from kiosk_app.config import KioskConfig
from office_hub.config import HubConfig
from officelib.config import check_table, key
from officelib.enrolment import BadToken, read_token

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FILE = "antesala.toml"
MAX_BYTES = 256 * 1024
ROLES = ("kiosk", "display", "hub")
STATE, CONFIG, RUN = "/var/lib/antesala", "/etc/antesala", "/run/antesala"
OWN = "own"
"""The folder of the FAT partition for pictures, voices, tickets of the office's own; a key names one as "own/NAME"."""
OWN_MOST_MB = 192
"""What updates leave of that partition, on every board."""
OWN_FOLDER = f"{STATE}/{OWN}"
ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}/\d{1,2}|[0-9a-fA-F:]+/\d{1,3}")
HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
MATRIX = re.compile(r"(-?\d+(\.\d+)? ){5}-?\d+(\.\d+)?")
OUTPUT_PX = re.compile(r"\d{3,4}x\d{3,4}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The keys at the top of the technician's file."""

    roles: tuple[str, ...] = key("What this machine is: kiosk, display or hub; a hub may be a kiosk or a display, too.")
    name: str = key("The machine's name on the network; empty for antesala- and its role.", "")
    language: str = key("The language of the screen until the office is known.", "es")
    timezone: str = key("Where the machine stands, as Europe/Madrid.", "Europe/Madrid")
    network: str = key(
        "How it gets its address: from the network, or from this file.", "dhcp", choices=("dhcp", "static")
    )
    address: str = key("With network = static: its address, as 192.168.10.21/24.", "")
    gateway: str = key("With network = static: the way out.", "")
    dns: tuple[str, ...] = key("Name servers; empty for those that the network names.", ())
    wifi_name: str = key("The wireless network; empty for cable alone.", "")
    wifi_password: str = key("Its password.", "")
    wifi_country: str = key("The country whose radio rules hold, as ES.", "ES")
    time_servers: tuple[str, ...] = key("Where the time comes from; empty for what the network names.", ())
    hub: str = key("The name or address of the office's hub; empty: the enrolment code names it.", "")
    enrolment: str = key("The enrolment code's text, for a machine without a scanner; empty: it is shown to it.", "")
    panel_px: str = key("The panel's size, as 1920x1080; empty: as the panel says.", "")
    panel_in: float = key("Its diagonal; 0: as the panel says.", 0.0, unit="inch", low=0, high=120)
    rotate: int = key(
        "How far the picture is turned, clockwise: 0, 90, 180 or 270.", 0, unit="degrees", low=0, high=270
    )
    touch_matrix: str = key(
        "Calibration of the touch panel, six numbers as '1 0 0 0 1 0'; empty where it needs none.", ""
    )
    office: str = key("On a hub, at its first start: the office's id.", "o1")
    office_name: str = key("On a hub, at its first start: the office's name.", "")
    pin: str = key("On a hub, at its first start: the PIN of its first clerk, 'admin', four to twelve digits.", "")


@dataclass(frozen=True)
class Everything:
    """What the file says: the top, and the tables for programs, complete and checked."""

    settings: Settings
    kiosk: KioskConfig | None
    display: DisplayConfig | None
    second_screen: ScreenConfig | None
    hub: HubConfig | None
    written: Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing that is wrong. `line` counts from 1; 0 where no line is to blame."""

    line: int
    what: str
    mend: str


def fixed_of(role: str) -> dict[str, Any]:
    """The keys of a role's program that the appliance itself sets."""
    match role:
        case "hub":
            return {
                "catalogue": f"{CONFIG}/office/office.toml",
                "clerks": f"{CONFIG}/office/clerks.toml",
                "database": f"{STATE}/hub/office.db",
                "bookings_inbox": f"{STATE}/hub/inbox",
                "broker": f"{STATE}/hub/broker",
            }
        case _:
            return {
                "identity": f"{STATE}/{role}/identity",
                "journal": f"{STATE}/{role}/journal.db",
                "bridge_socket": f"{RUN}/{role}/bridge.sock",
                "full_screen": True,
            } | ({"speech_cache": f"{STATE}/{role}/speech"} if role == "display" else {})


USUAL: dict[str, dict[str, Any]] = {
    "kiosk": {"printer": "usblp:///dev/antesala/printer", "scanner": "wedge:///dev/antesala/scanner"},
    "display": {},
    "hub": {"web_host": "0.0.0.0", "archive": f"{STATE}/hub/archive", "updates": f"{STATE}/hub/updates"},  # noqa: S104 (clerks' browsers; nftables is before it)
}
"""Where the file says nothing: the first USB printer and keyboard-like scanner, by the names that udev gives."""


def read_settings(
    raw: bytes, is_there: Callable[[str], bool] = lambda _: True
) -> tuple[Everything | None, list[Mistake]]:
    """What the file says, or all that is wrong with it, in the order of its lines.

    Args:
        raw: The file as it is: with or without a mark of its encoding, with any line ends.
        is_there: Whether a file or folder that a key names, as "own/pictures", lies beside it under just that name.
    """
    if len(raw) > MAX_BYTES:
        return None, [Mistake(0, f"the file has {len(raw)} bytes", f"It may have {MAX_BYTES}. Was another file saved?")]
    try:
        text = _decoded(raw)
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        return None, [Mistake(0, "the file is no text", "Save it as text, in UTF-8.")]
    except ValueError as error:
        at = re.search(r"line (\d+)", str(error))
        return None, [Mistake(int(at[1]) if at else 0, str(error), "Look at quotes, brackets and equals signs there.")]
    except RecursionError:
        return None, [Mistake(0, "brackets within brackets", "Take the example and write it anew.")]
    return _checked(text, table, is_there)


def _decoded(raw: bytes) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _checked(
    text: str, table: dict[str, Any], is_there: Callable[[str], bool]
) -> tuple[Everything | None, list[Mistake]]:
    path = Path(FILE)
    tables = {name: table.pop(name) for name in (*ROLES, "second_screen") if isinstance(table.get(name), dict)}
    settings, wrong = check_table(Settings, table, path)
    mistakes = [_mistake(text, "", error.what, error.mend) for error in wrong]
    if settings is not None:
        mistakes += [_mistake(text, "", f"key '{name}' {what}", mend) for name, what, mend in _beyond(settings)]
    programs: dict[str, Any] = {}
    kinds = {"kiosk": KioskConfig, "display": DisplayConfig, "hub": HubConfig, "second_screen": ScreenConfig}
    for name, kind in kinds.items():
        given, fixed = tables.get(name, {}), fixed_of(name) if name in ROLES else {}
        for taken in fixed.keys() & given.keys():
            mistakes.append(_mistake(text, name, f"key '{taken}' is the appliance's own", "Take the line away."))
        for own in _own_of(kind, given):
            value, given[own] = given[own], f"{STATE}/{given[own]}"
            if Path(value).parts[0] != OWN or not is_there(value):
                what = f"[{name}] key '{own}' names {value}, which is not on the drive"
                mend = f"Put it into the folder {OWN} beside this file; write {OWN}/ and its name, letter by letter."
                mistakes.append(_mistake(text, name, what, mend))
        free = {key: value for key, value in given.items() if key not in fixed}
        programs[name], wrong = check_table(kind, {**USUAL.get(name, {}), **free, **fixed}, path)
        mistakes += [_mistake(text, name, f"[{name}] {error.what}", error.mend) for error in wrong]
        if name not in tables and (settings is None or name not in settings.roles):
            programs[name] = None
    if mistakes or settings is None:
        return None, sorted(mistakes)
    return Everything(settings=settings, written=tables, **programs), []


def _own_of(kind: "type[DataclassInstance]", given: Mapping[str, Any]) -> list[str]:
    """The keys that name files or folders on the drive: those that do not begin at the machine's root."""
    names = [field.name for field in fields(kind) if field.type is Path]
    return [name for name in names if isinstance(given.get(name), str) and given[name] and given[name][0] != "/"]


def _beyond(settings: Settings) -> list[tuple[str, str, str]]:
    """What no type shows: key, what is wrong, what to do."""
    wrong: list[tuple[str, str, str]] = []
    roles = settings.roles
    wrong += [("roles", f"names '{one}'", f"There are: {', '.join(ROLES)}.") for one in roles if one not in ROLES]
    if not roles or len(set(roles)) != len(roles) or {"kiosk", "display"} <= set(roles):
        wrong.append(("roles", "is not one role, or a screen's and 'hub'", 'Write roles = ["kiosk"], for example.'))
    if settings.timezone not in available_timezones():
        wrong.append(("timezone", f"names no zone: '{settings.timezone}'", "Write one as Europe/Madrid."))
    if settings.name and not HOST_NAME.fullmatch(settings.name):
        wrong.append(("name", f"cannot be '{settings.name}'", "Small letters, digits and hyphens, up to 63."))
    if settings.network == "static" and not ADDRESS.fullmatch(settings.address):
        wrong.append(("address", f"is no address: '{settings.address}'", "Write it with its net, as 192.168.10.21/24."))
    if settings.wifi_name and not 8 <= len(settings.wifi_password) <= 63:
        wrong.append(("wifi_password", "has not 8 to 63 signs", "Write the network's own."))
    if settings.panel_px and not OUTPUT_PX.fullmatch(settings.panel_px):
        wrong.append(("panel_px", f"is no size: '{settings.panel_px}'", "Write it as 1920x1080."))
    if settings.rotate not in (0, 90, 180, 270):
        wrong.append(("rotate", f"cannot be {settings.rotate}", "0, 90, 180 or 270."))
    if settings.touch_matrix and not MATRIX.fullmatch(settings.touch_matrix):
        wrong.append(("touch_matrix", "is not six numbers with a space between", "As '1 0 0 0 1 0'."))
    if settings.pin and not re.fullmatch(r"\d{4,12}", settings.pin):
        wrong.append(("pin", "is not four to twelve digits", "Choose others."))
    if settings.enrolment:
        try:
            read_token(settings.enrolment)
        except BadToken as error:
            wrong.append(("enrolment", f"is no enrolment code: {error}", "Copy the whole of it, from QE1 on."))
    for field in fields(settings):
        value = getattr(settings, field.name)
        if any(ord(sign) < 32 for one in (value if isinstance(value, tuple) else (value,)) for sign in str(one)):
            wrong.append((field.name, "has a sign that cannot be seen", "Write it on one line, without tabs."))
    return wrong


def _mistake(text: str, section: str, what: str, mend: str) -> Mistake:
    """Finds the line of the key that `what` names between quotes, or of its section."""
    found = re.search(r"key '([^']*)'", what)
    now, at = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
        if head:
            now = head[1].strip("\"'")
            at = number if now in (section, found and found[1]) and not at else at
        elif found and now == section and re.match(rf"\s*[\"']?{re.escape(found[1])}[\"']?\s*=", line):
            return Mistake(number, what, mend)
    return Mistake(at, what, mend)
