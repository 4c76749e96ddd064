"""What is known of a printer: a TOML file a model, inheriting from others."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from hwlib.errors import ProfileError


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A printer's abilities.

    Attributes:
        id: Maker and model, as the file's path.
        dots: Width of the printable area.
        dpi: Dots an inch, both ways.
        font_dots: Width and height of a character of font A.
        code_page: The one page that text is sent in; what it lacks goes as raster. Empty: all but ASCII as raster.
        code_page_slot: Its number for ESC t.
        native_qr: Whether the printer makes QR codes itself.
        confirm: How it proves a ticket: "gs_paren_h" when printed, "gs_r" when processed, "none" never.
        status: Whether it answers DLE EOT.
        cut: "partial", "full" or "none".
        head_to_cutter_mm: What must be fed before a cut.
        mm_s: Speed; only a bound for waiting.
        evidence: Where the values come from.
    """

    id: str
    dots: Annotated[int, Meta(ge=128, le=1024)]
    dpi: int
    font_dots: tuple[int, int]
    code_page: str
    code_page_slot: int
    native_qr: bool
    confirm: Literal["gs_paren_h", "gs_r", "none"]
    status: bool
    cut: Literal["partial", "full", "none"]
    head_to_cutter_mm: float
    mm_s: Annotated[float, Meta(ge=20, le=600)]
    evidence: tuple[str, ...]

    @property
    def columns(self) -> int:
        """Characters a line at size 1."""
        return self.dots // self.font_dots[0]

    def dots_of(self, mm: float) -> int:
        """Dots of a length."""
        return round(mm * self.dpi / 25.4)


def read_profile(name: str, folder: Path | None = None) -> Profile:
    """A profile by its id, as "generic/80".

    Raises:
        ProfileError: there is none, or it is wrong.
    """
    folder = folder or Path(str(resources.files("printer_profiles")))
    try:
        return msgspec.convert({**_resolved(folder, name, ()), "id": name}, Profile)
    except msgspec.ValidationError as error:
        raise ProfileError(f"printer profile '{name}': {error}") from error


def _resolved(folder: Path, name: str, below: tuple[str, ...]) -> dict[str, Any]:
    if name in below:
        raise ProfileError(f"printer profile '{name}' inherits from itself")
    path = folder / f"{name}.toml"
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ProfileError(f"printer profile '{name}' ({path}): {error}") from error
    parent = table.pop("inherits", None)
    inherited = _resolved(folder, parent, (*below, name)) if parent else {}
    return {**inherited, **table}
