"""What is known of a printer: a TOML file a model, inheriting from others, over the data of escpos-printer-db."""

import codecs
import json
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hwlib.errors import ProfileError

Level = Literal["doc", "emulator", "hardware", "assumed"]
LEVELS: tuple[Level, ...] = ("assumed", "doc", "emulator", "hardware")
"""How well a value is known, from a guess to a measurement."""
UPSTREAM = "escpos-printer-db"
NOT_VALUES = frozenset({"inherits", "upstream", "evidence"})


class Media(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper: printable dots across it, dots an inch both ways, the width of the roll."""

    dots: Annotated[int, Meta(ge=96, le=1280)]
    dpi: Annotated[int, Meta(ge=72, le=600)]
    width_mm: Annotated[float, Meta(ge=30, le=120)]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The printer's own font A, and its code pages.

    Attributes:
        columns: Characters a line.
        line_dots: Height of a character.
        code_pages: Those that are trusted, in the order in which they are tried; what none holds goes as dots.
        slots: The number of each page for ESC t.
        as_dots: Whether all text goes as dots.
    """

    columns: Annotated[int, Meta(ge=8, le=100)]
    line_dots: Annotated[int, Meta(ge=7, le=64)]
    code_pages: tuple[str, ...]
    slots: dict[str, int]
    as_dots: bool = False


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pictures are sent.

    Attributes:
        command: "raster" GS v 0, "graphics" GS ( L, "column" ESC *, "star" ESC GS S, or "none".
        max_rows: Rows a command.
        avoid_row_multiple: Numbers of rows that confuse the firmware; 0 for none.
        band_dots: Rows of a band of columns: 24, or 8 for needles.
        inline: Whether dots may stand in a line of text.
    """

    command: Literal["raster", "graphics", "column", "star", "none"]
    max_rows: Annotated[int, Meta(ge=8, le=4095)] = 239
    avoid_row_multiple: Annotated[int, Meta(ge=0, le=480)] = 0
    band_dots: Literal[8, 24] = 24
    inline: bool = True


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paper motion: units an inch of ESC J, and whether GS P sets them to the dots."""

    units_per_inch: Annotated[int, Meta(ge=60, le=720)]
    gs_p: bool = False


class Cut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cutter, and how far behind the head it stands."""

    mode: Literal["partial", "full", "none"]
    head_to_cutter_mm: Annotated[float, Meta(ge=0, le=60)]


class Status(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the printer answers.

    Attributes:
        kind: "escpos" DLE EOT 1 to 4, "star" automatic status of Star, "none" nothing.
        asb: Whether GS a makes it report each change by itself.
        gs_i: Whether GS I asks its maker and model.
        full_status: Whether Custom's DLE EOT 20 works.
        clear: Whether DLE DC4 8 empties its buffers.
        recover: Whether DLE ENQ 2 recovers from an error.
        reply_ms: How long an answer may take.
    """

    kind: Literal["escpos", "star", "none"]
    asb: bool = False
    gs_i: bool = False
    full_status: bool = False
    clear: bool = False
    recover: bool = False
    reply_ms: Annotated[int, Meta(ge=20, le=5000)] = 1000


class Confirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a ticket is proved: "gs_paren_h", "star_etx" and "full_status" when printed, "gs_r" when processed,
    "estimate" by the time that it takes and a clean status after it, "none" never."""

    method: Literal["gs_paren_h", "star_etx", "full_status", "gs_r", "estimate", "none"]


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """NV memory: whether a logo is kept there, and how often a day it may be written."""

    logo: bool = False
    writes_per_day: Annotated[int, Meta(ge=1, le=10)] = 10


class Presenter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kiosk printer's mouth: which commands, and after how long a forgotten ticket is pulled back."""

    kind: Literal["none", "custom", "bixolon", "star"] = "none"
    hold_s: Annotated[float, Meta(ge=2, le=127)] = 20.0


class Serial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line's settings as delivered. No flow by DTR: no driver of Linux obeys it."""

    baud: Annotated[int, Meta(ge=1200, le=921_600)] = 38_400
    flow: Literal["rtscts", "xonxoff"] = "rtscts"


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What tells the model: USB ids as "04b8:0e32", IEEE 1284 maker and model, GS I maker and model."""

    usb: tuple[str, ...] = ()
    ieee1284: tuple[str, str] | None = None
    gs_i: tuple[str, str] | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, eq=False):
    """A printer's abilities. Compared and hashed by identity: read once, kept."""

    id: str
    name: str
    language: Literal["escpos", "starprnt"]
    media: Media
    text: Text
    image: Image
    feed: Feed
    cut: Cut
    status: Status
    confirm: Confirm
    qr_native: bool
    speed_mm_s: Annotated[float, Meta(ge=20, le=600)]
    buffer_bytes: Annotated[int, Meta(ge=45, le=1_048_576)]
    nv: Memory = Memory()
    presenter: Presenter = Presenter()
    serial: Serial = Serial()
    match: Match = Match()

    @property
    def cell_dots(self) -> tuple[int, int]:
        """Width and height of a character at size 1."""
        return self.media.dots // self.text.columns, self.text.line_dots

    @property
    def line_pitch_dots(self) -> int:
        """From line to line of small text: a sixth of an inch. Source: Epson's reference, ESC 2."""
        return round(self.media.dpi / 6)

    def dots_of(self, mm: float) -> int:
        """Dots of a length."""
        return round(mm * self.media.dpi / 25.4)

    def mm_of(self, dots: int) -> float:
        """Length of dots."""
        return dots * 25.4 / self.media.dpi

    def feed_units(self, dots: int) -> int:
        """Dots in units of ESC J."""
        return dots if self.feed.gs_p else round(dots * self.feed.units_per_inch / self.media.dpi)


@dataclass(frozen=True)
class Value:
    """A resolved value: what, from which file or data, and on what evidence."""

    value: Any
    origin: str
    level: Level
    source: str


@dataclass
class Resolved:
    """A profile's values by dotted key, and what is wrong with its files."""

    values: dict[str, Value] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def profiles_folder() -> Path:
    """Where the release keeps its profiles."""
    return Path(str(resources.files("printer_profiles")))


def profile_names(folder: Path | None = None) -> list[str]:
    """All that can be read, as "maker/model"."""
    folder = folder or profiles_folder()
    return sorted(f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.toml"))


def read_profile(name: str, folder: Path | None = None) -> Profile:
    """A profile by its id, as "generic/80".

    Raises:
        ProfileError: there is none, or it is wrong.
    """
    resolved = resolve(name, folder or profiles_folder())
    try:
        return msgspec.convert({**_nested(resolved.values), "id": name}, Profile)
    except msgspec.ValidationError as error:
        raise ProfileError(f"printer profile '{name}': {error}") from error


def resolve(name: str, folder: Path) -> Resolved:
    """Each value of a profile with where it comes from.

    Raises:
        ProfileError: a file is missing, broken, or inherits from itself.
    """
    resolved = Resolved()
    _resolve(folder, name, (), resolved)
    return resolved


def codec_of(page: str) -> str | None:
    """Python's codec of a code page by upstream's name, as "CP858"; None when it has none."""
    try:
        return codecs.lookup(page).name
    except LookupError:
        return None


@lru_cache(maxsize=1)
def upstream_profiles() -> dict[str, Any]:
    """escpos-printer-db as python-escpos carries it (CC BY 4.0; see printer_profiles/LICENCE.md)."""
    data = json.loads((resources.files("escpos") / "capabilities.json").read_text())
    profiles: dict[str, Any] = data["profiles"]
    return profiles


def _resolve(folder: Path, name: str, below: tuple[str, ...], resolved: Resolved) -> None:
    if name in below:
        raise ProfileError(f"printer profile '{name}' inherits from itself: {' < '.join((*below, name))}")
    path = folder / f"{name}.toml"
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ProfileError(f"printer profile '{name}' ({path}): {error}") from error
    for parent in _strings(table.get("inherits", []), f"{path}: 'inherits'"):
        _resolve(folder, parent, (*below, name), resolved)
    for upstream in _strings(table.get("upstream", []), f"{path}: 'upstream'"):
        if upstream not in upstream_profiles():
            raise ProfileError(f"{path}: {UPSTREAM} has no profile '{upstream}'")
        for key, value in _of_upstream(upstream_profiles()[upstream]).items():
            resolved.values[key] = Value(value, f"{UPSTREAM}: {upstream}", "doc", UPSTREAM)
    evidence = table.get("evidence", {})
    if not isinstance(evidence, dict):
        raise ProfileError(f"{path}: 'evidence' is no table")
    given = _flat({key: value for key, value in table.items() if key not in NOT_VALUES})
    for key, value in given.items():
        entry = next((str(evidence[part]) for part in _prefixes(key) if part in evidence), "")
        word, _, source = entry.partition(": ")
        level = next((known for known in LEVELS if known == word), None)
        if level is None or not source:
            resolved.problems.append(
                f'{name}: \'{key}\' needs an entry in [evidence], as "{key}" = "doc: the manual\'s page"'
            )
            level, source = "assumed", "nothing"
        resolved.values[key] = Value(value, name, level, source)
    used = {part for key in given for part in _prefixes(key)}
    resolved.problems += [
        f"{name}: evidence of '{key}', which the file does not set" for key in evidence if key not in used
    ]


def _of_upstream(entry: dict[str, Any]) -> dict[str, Any]:
    """What upstream knows, under our keys. What it does not know is not there."""
    features = entry["features"]
    width = entry["media"].get("width", {})
    slots: dict[str, int] = {}
    for slot, page in entry["codePages"].items():
        if codec_of(page) is not None:
            slots.setdefault(page, int(slot))
    values = {
        "name": entry["name"],
        "media.dots": width.get("pixels"),
        "media.dpi": entry["media"].get("dpi"),
        "media.width_mm": width.get("mm"),
        "text.columns": entry["fonts"]["0"]["columns"],
        "text.slots": slots,
        "qr_native": features["qrCode"],
        "image.command": next(
            (ours for theirs, ours in (("bitImageRaster", "raster"), ("bitImageColumn", "column")) if features[theirs]),
            "none",
        ),
        "cut.mode": "partial" if features["paperPartCut"] else "full" if features["paperFullCut"] else "none",
    }
    return {key: value for key, value in values.items() if value not in (None, "Unknown")}


def _strings(value: Any, where: str) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(f"{where} is neither a name nor a list of names")
    return value


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested table by dotted keys; `slots` and lists stay whole."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and key != "slots":
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = value
    return flat


def _nested(values: dict[str, Value]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for key, found in values.items():
        *sections, last = key.split(".")
        table = nested
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise ProfileError(f"'{section}' is a value in one file and a table in another")
        table[last] = found.value
    return nested


def _prefixes(key: str) -> list[str]:
    parts = key.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
