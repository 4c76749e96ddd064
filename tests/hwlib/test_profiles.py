"""Printer profiles: inherited, explained, checked; each value with its evidence."""

from pathlib import Path

import pytest
import yaml

from hwlib.errors import DeviceBusy, DeviceGone, HardwareError, PermissionDenied, ProfileError
from hwlib.printer.profile import profile_names, profiles_folder, read_profile, resolve, upstream_profiles
from hwlib.printer.profile_tools import export_upstream, lint_profile, why
from hwlib.printer.transports import open_address

MODELS = [name for name in profile_names() if not name.startswith("family/")]


def folder_of(tmp_path: Path, text: str) -> Path:
    (tmp_path / "m").mkdir()
    for maker in ("family", "generic"):
        (tmp_path / maker).symlink_to(profiles_folder() / maker)
    (tmp_path / "m" / "x.toml").write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_is_right(name: str) -> None:
    assert lint_profile(name, profiles_folder()) == []


def test_the_models_that_a_city_meets_are_there() -> None:
    makers = {name.split("/")[0] for name in MODELS}
    assert makers >= {
        "generic",
        "epson",
        "star",
        "citizen",
        "bixolon",
        "custom",
        "seiko",
        "zjiang",
        "xprinter",
        "rongta",
    }
    assert len(MODELS) >= 40


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('inherits = "m/x"\n', "inherits from itself"),
        ('inherits = "generic/none"\n', "generic/none"),
        ("qr_native = true\n", "missing required field"),
        ('inherits = "generic/80"\ndotz = 5\n', "unknown field `dotz`"),
        ('inherits = "generic/80"\nmedia = 5\n', "$.media"),
        ('inherits = "generic/80"\nupstream = "TM-X"\n', "escpos-printer-db has no profile 'TM-X'"),
        ("inherits = 5\n", "neither a name nor a list"),
        ('inherits = "generic/80"\nevidence = 1\n', "'evidence' is no table"),
        ("inherits = \n", "Invalid value"),
        ('inherits = "generic/80"\n[media]\ndots = 5\n', "media.dots"),
    ],
)
def test_a_wrong_profile_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ProfileError, match=r"m/x|m.x.toml|generic/none") as wrong:
        read_profile("m/x", folder_of(tmp_path, text))
    assert told in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("speed_mm_s = 200.0\n", "'speed_mm_s' needs an entry in [evidence]"),
        ('speed_mm_s = 200.0\n[evidence]\nspeed_mm_s = "rumour: someone"\n', "'speed_mm_s' needs an entry"),
        ('[evidence]\nspeed_mm_s = "doc: x"\n', "evidence of 'speed_mm_s', which the file does not set"),
        ('[media]\ndots = 570\n[evidence]\nmedia = "doc: x"\n', "570 is no multiple of 8"),
        ('[media]\ndots = 800\n[evidence]\nmedia = "doc: x"\n', "100 mm of dots on 80 mm of paper"),
        ('[text]\ncode_pages = ["CP999"]\n[evidence]\ntext = "doc: x"\n', "which Python cannot write"),
        ('[text]\ncode_pages = ["CP858"]\n[evidence]\ntext = "doc: x"\n', "names no page that has a slot"),
        ('[confirm]\nmethod = "star_etx"\n[evidence]\nconfirm = "doc: x"\n', "belong together"),
        ('[confirm]\nmethod = "full_status"\n[evidence]\nconfirm = "doc: x"\n', "needs status.full_status"),
        ('[status]\nkind = "none"\n[evidence]\nstatus = "doc: x"\n', "proves nothing"),
        ('[presenter]\nkind = "custom"\n[evidence]\npresenter = "doc: x"\n', "needs status.full_status"),
    ],
)
def test_lint_finds_it(tmp_path: Path, text: str, told: str) -> None:
    folder = folder_of(tmp_path, f'inherits = "generic/80"\n{text}')
    assert any(told in problem for problem in lint_profile("m/x", folder))


def test_why_a_value_is_what_it_is() -> None:
    resolved = resolve("epson/tm-t88v", profiles_folder())
    (dots,) = why(resolved, "media.dots")
    assert dots == "media.dots = 512\n    from escpos-printer-db: TM-T88V, doc: escpos-printer-db"
    assert len(why(resolved, "image")) == 2
    assert why(resolved, "nonsense") == []
    assert "assumed" in why(resolved, "speed_mm_s")[0]


def test_a_profile_can_be_given_back() -> None:
    """The keys of upstream's files, as its own check asks for them."""
    for name in ("epson/tm-m30iii", "star/tup500", "generic/58"):
        (table,) = yaml.safe_load(export_upstream(name, profiles_folder())).values()
        reference = upstream_profiles()["default"]
        assert set(table) - {"inherits"} <= set(reference)
        assert set(table["features"]) == set(reference["features"])
        assert table["name"]
        assert table["vendor"]
        assert table["notes"]


def test_upstreams_licence_is_named() -> None:
    text = (profiles_folder() / "LICENCE.md").read_text()
    assert "CC BY 4.0" in text
    assert "escpos-printer-db" in text


def test_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("lpt1", "tcp://printer", "tcp://:9100", "usb://04b8", "usb://x:y"):
        with pytest.raises(HardwareError, match="write (tcp|usb)://"):
            open_address(wrong)
    with pytest.raises(DeviceGone, match="No such file"):
        open_address(f"usblp://{tmp_path}/lp0").open()
    with pytest.raises(DeviceGone, match="not open"):
        open_address("tcp://127.0.0.1:9100").write_some(b"x", 0.1)
    for number, kind in ((13, PermissionDenied), (16, DeviceBusy)):

        def refuse(*_: object, number: int = number) -> int:
            raise PermissionError(number, "no") if number == 13 else OSError(number, "busy")

        monkeypatch.setattr("os.open", refuse)
        with pytest.raises(kind, match=r"group lp|held by another program"):
            open_address("usblp:///dev/usb/lp0").open()


def test_usblp_takes_what_the_file_takes(tmp_path: Path) -> None:
    """A named pipe stands in for the device file: it stalls in the same way when nobody reads."""
    import os

    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    transport = open_address(f"usblp://{pipe}")
    transport.open()
    taken = 0
    while count := transport.write_some(b"x" * 4096, 0.05):
        taken += count
    assert taken >= 4096
    assert transport.write_some(b"x", 0.05) == 0, "it is full: nothing is pretended"
    assert transport.device_id() == "", "no printer behind it"  # type: ignore[attr-defined]
    transport.close()
