"""Small rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARABIC = re.compile("[\u0600-\u06ff]")
TEXT_FILES = {".py", ".qml", ".md", ".toml", ".js", ".css", ".html", ".sh", ".txt", ""}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    paths = [ROOT / line for line in listed.splitlines()]
    return paths or [p for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]


def test_source_holds_no_text_of_other_scripts() -> None:
    """Direction marks and look-alike letters hide in source; texts belong into the translation files."""
    sources = [path for path in tracked() if path.suffix in {".py", ".qml", ".js"} and path.exists()]
    assert len(sources) > 60
    for path in sources:
        if path.is_relative_to(ROOT / "tests"):
            continue
        found = ARABIC.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: move the text into assets/i18n"


def test_no_citizen_text_in_qml() -> None:
    files = [path for path in tracked() if path.suffix == ".qml"]
    assert len(files) >= 12
    for path in files:
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            quoted = re.search(r'\btext: "([^"\\]*[A-Za-z]{2}[^"]*)"', line)
            assert not quoted, f"{path.relative_to(ROOT)}:{number}: '{quoted[1]}' belongs into the translation files"


def test_qml_takes_colours_and_sizes_from_the_tokens() -> None:
    files = [path for path in tracked() if path.suffix == ".qml" and path.name != "Tokens.qml"]
    assert len(files) >= 11
    for path in files:
        text = path.read_text()
        assert not re.search(r"font\.pixelSize: \d", text), f"{path.name}: say capMm"
        assert not re.search(r"font\.pointSize", text), f"{path.name}: say capMm"


def test_nothing_needs_more_than_a_finger() -> None:
    """No pinch, swipe or drag stands between a citizen and a ticket (UX KP4, TO6)."""
    for path in tracked():
        if path.suffix == ".qml":
            assert not re.search(
                r"PinchHandler|MultiPointTouchArea|DragHandler|onPressAndHold|SwipeView", path.read_text()
            )


def test_every_public_thing_says_what_it_is() -> None:
    seen = 0
    for package in ("officelib", "mqtt_bridge", "office_hub", "hwlib", "kiosk_app", "display_app", "bench"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text())
            if path.stat().st_size:
                assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    seen += 1
                    assert ast.get_docstring(node), f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
    assert seen > 80


@pytest.mark.parametrize("word", ["/home/", "/root/"])
def test_no_path_of_a_developers_machine(word: str) -> None:
    for path in tracked():
        if path.suffix in TEXT_FILES and path != Path(__file__) and path.exists():
            assert word not in path.read_text(errors="replace"), path


def test_nobody_draws_from_the_dice_of_the_whole_process() -> None:
    """A thread that rolls them changes what another one, a test with a seed among them, is about to draw."""
    for path in tracked():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] not in {"tests", "bench"}:
            drawn = re.search(r"\brandom\.[a-z]\w*\(", path.read_text())
            assert not drawn, f"{path.relative_to(ROOT)}: '{drawn[0]}': have dice of your own, as random.SystemRandom()"


@pytest.mark.parametrize(
    "program", ["kiosk_app/wiring.py", "display_app/wiring.py", "mqtt_bridge/bridge.py", "office_hub/wiring.py"]
)
def test_a_program_builds_what_it_reads_before_its_threads(program: str) -> None:
    tree = ast.parse((ROOT / program).read_text())
    serve = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "serve")
    assert ast.unparse(serve.body[1]).startswith("make_ready("), "officelib/decoders.py says why it comes first"
