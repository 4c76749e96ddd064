"""The technician's file: right ones are read whatever editor saved them, wrong ones are told with their lines."""

import tomllib
from pathlib import Path

import pytest
from appliance.settings import ROLES, Settings, read_settings
from hypothesis import given
from hypothesis import strategies as st

from officelib.enrolment import new_token, write_token

IMAGE = Path(__file__).parents[2] / "image-build"
EXAMPLE = (IMAGE / "antesala.toml").read_text()
TOKEN = write_token(new_token(b"k" * 32, "k1", 1, 0, ("http://10.0.0.5:8420",)))


def mistakes(text: str) -> list[tuple[int, str]]:
    found, wrong = read_settings(text.encode())
    assert (found is None) == bool(wrong)
    return [(one.line, one.what) for one in wrong]


def test_the_file_on_a_flashed_card_is_right() -> None:
    everything, wrong = read_settings(EXAMPLE.encode())
    assert not wrong
    assert everything is not None
    assert everything.settings.roles == ("kiosk",)


def test_every_line_that_it_offers_is_right_without_its_sign() -> None:
    """What a technician is told to take away is a "#" and nothing else."""
    lines = []
    seen = set()
    for line in EXAMPLE.splitlines():
        bare = line.removeprefix("# ")
        name = bare.partition(" = ")[0]
        if line.startswith("# ") and " = " in bare and name.replace("_", "").isalnum() and name not in seen:
            seen.add(name)
            lines.append(bare)
        else:
            lines.append(line)
    text = "\n".join(lines).replace('"..."', '"12345678"').replace('"QE1..."', f'"{TOKEN}"')
    everything, wrong = read_settings(text.encode())
    assert not wrong, wrong
    assert everything is not None
    assert everything.settings.address == "192.168.10.21/24"
    assert len(seen) > 15


@pytest.mark.parametrize("role", ROLES)
def test_the_image_of_a_role_says_so(role: str, tmp_path: Path) -> None:
    from imagebuild.disk import technicians_files

    files = technicians_files(role, tmp_path)
    everything, _ = read_settings(files["antesala.toml"].read_bytes())
    assert everything is not None
    assert everything.settings.roles == (role,)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_editor_will_do(encoding: str, end: str) -> None:
    raw = 'roles = ["kiosk"]\noffice_name = "Atención"\n'.replace("\n", end).encode(encoding)
    raw = b"\xff\xfe" + raw if encoding == "utf-16-le" else raw
    everything, wrong = read_settings(raw)
    assert not wrong
    assert everything is not None
    assert everything.settings.office_name == "Atención"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('roles = ["kiosk"]\nlangage = "es"\n', 2, "langage"),
        ('roles = ["kisok"]\n', 1, "kisok"),
        ('roles = ["kiosk", "display"]\n', 1, "not one role"),
        ("roles = []\n", 1, "not one role"),
        ('language = "es"\n', 0, "'roles' is missing"),
        ('roles = ["kiosk"]\n\nrotate = 45\n', 3, "rotate"),
        ('roles = ["kiosk"]\ntimezone = "Madrid"\n', 2, "Madrid"),
        ('roles = ["kiosk"]\nnetwork = "static"\n', 0, "address"),
        ('roles = ["kiosk"]\nnetwork = "static"\naddress = "10.0.0.5"\n', 3, "address"),
        ('roles = ["kiosk"]\nwifi_name = "x"\nwifi_password = "short"\n', 3, "wifi_password"),
        ('roles = ["kiosk"]\nenrolment = "QE1ABC"\n', 2, "enrolment"),
        ('roles = ["kiosk"]\npanel_px = "big"\n', 2, "panel_px"),
        ('roles = ["kiosk"]\ntouch_matrix = "1 0 0"\n', 2, "touch_matrix"),
        ('roles = ["hub"]\npin = "12ab"\n', 2, "pin"),
        ('roles = ["kiosk"]\nname = "My Kiosk"\n', 2, "My Kiosk"),
        ('roles = ["kiosk"]\nwifi_name = "a\\u000ab"\nwifi_password = "12345678"\n', 2, "cannot be seen"),
        ('roles = ["kiosk"]\n[kiosk]\nprinter = 3\n', 3, "[kiosk] key 'printer'"),
        ('roles = ["kiosk"]\n[kiosk]\nidel_ms = 3\n', 3, "idel_ms"),
        ('roles = ["kiosk"]\n[kiosk]\njournal = "/tmp/x"\n', 3, "appliance's own"),
        ('roles = ["display"]\n[display]\ncalls = 9\n', 3, "calls"),
        ('roles = ["kiosk"]\n[kiosc]\nidle_ms = 9\n', 2, "kiosc"),
        ('roles = ["kiosk"\nx = 1', 2, "line 2"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, said: str) -> None:
    found = mistakes(text)
    assert any(at == line and said in what for at, what in found), found


def test_all_mistakes_are_told_at_once() -> None:
    assert len(mistakes('roles = ["kiosk"]\nlangage = "es"\nrotate = "x"\n[kiosk]\nprinter = 3\n')) == 3


def test_what_is_no_text_is_told() -> None:
    assert "no text" in read_settings(b"\x89PNG\r\n\x1a\n\x00\xff")[1][0].what
    assert "bytes" in read_settings(b"#" * 300_000)[1][0].what
    assert read_settings(b"a=" + b"[" * 50_000)[0] is None


@given(st.binary(max_size=400))
def test_no_bytes_break_it(raw: bytes) -> None:
    everything, wrong = read_settings(raw)
    assert (everything is None) == bool(wrong)


SCALARS = st.one_of(st.text(max_size=12), st.integers(), st.booleans(), st.floats(allow_nan=False), st.lists(st.text()))
NAMES = st.sampled_from([*Settings.__dataclass_fields__, "kiosk", "display", "hub", "second_screen", "other"])


@given(st.dictionaries(NAMES, SCALARS, max_size=6), st.sampled_from(ROLES))
def test_no_value_breaks_it(keys: dict[str, object], role: str) -> None:
    """Whatever stands behind a key: the file is taken, or every line of the answer says what to do."""
    import tomlkit

    text = tomlkit.dumps({"roles": [role], **keys})
    tomllib.loads(text)
    everything, wrong = read_settings(text.encode())
    assert (everything is None) == bool(wrong)
    assert all(one.what and one.mend for one in wrong)


@given(st.data())
def test_a_spoiled_example_is_taken_or_told(data: st.DataObject) -> None:
    """One letter changed, taken away or added, as a slip of the finger does."""
    at = data.draw(st.integers(0, len(EXAMPLE) - 1))
    text = EXAMPLE[:at] + data.draw(st.text(max_size=2)) + EXAMPLE[at + data.draw(st.integers(0, 2)) :]
    everything, wrong = read_settings(text.encode("utf-8", errors="surrogatepass"))
    assert (everything is None) == bool(wrong)


@pytest.mark.parametrize("value", ["own", "own/pictures"])
def test_files_of_the_offices_own_are_found_where_they_are_brought_to(value: str) -> None:
    text = f'roles = ["kiosk"]\n[kiosk]\npictures = "{value}"\nvoice_folder = "/data/voices"\n'
    everything, wrong = read_settings(text.encode(), {"own", "own/pictures"}.__contains__)
    assert not wrong
    assert everything is not None
    assert everything.written["kiosk"]["pictures"] == f"/var/lib/antesala/{value}"
    assert everything.written["kiosk"]["voice_folder"] == "/data/voices"


@pytest.mark.parametrize(
    "value", ["own/Pictures", "own/../antesala.toml", "./own/pictures", "pictures", "OWN/pictures"]
)
def test_files_of_the_offices_own_must_be_there_under_just_that_name(value: str) -> None:
    """The drive does not tell large letters from small ones; where its files are brought to does."""
    text = f'roles = ["kiosk"]\n[kiosk]\npictures = "{value}"\n'
    everything, (mistake,) = read_settings(text.encode(), {"own", "own/pictures", "pictures"}.__contains__)
    assert everything is None
    assert (mistake.line, "not on the drive" in mistake.what) == (3, True)
