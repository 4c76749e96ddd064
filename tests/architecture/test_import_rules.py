"""Arrows only point down. When a test fails here, its message names the rule and the mend."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "officelib": set(),
    "hwlib": set(),
    "mqtt_bridge": {"officelib"},
    "office_hub": {"officelib", "mqtt_bridge"},
    "kiosk_app": {"officelib", "hwlib"},
    "display_app": {"officelib", "hwlib"},
    "appliance": {"officelib", "hwlib", "mqtt_bridge", "office_hub", "kiosk_app", "display_app"},
}
PLACES = {"appliance": "image-build/appliance"}
"""Packages that do not lie at the top."""
OURS = {*MAY_IMPORT, "imagebuild", "bench", "tests"}
QT_ROOMS = (
    "kiosk_app/ui/",
    "kiosk_app/wiring.py",
    "display_app/ui/",
    "display_app/wiring.py",
    "image-build/appliance/page.py",
)
QT_IN_HWLIB = (
    "hwlib/screen/loop.py",
    "hwlib/screen/pictures.py",
    "hwlib/screen/place.py",
    "hwlib/screen/remote.py",
    "hwlib/screen/window.py",
    "hwlib/sim/panel.py",
)
PURE = ("kiosk_app/core", "display_app/core", "office_hub/core")
IMPURE_MODULES = {"time", "socket", "threading", "random", "sqlite3", "subprocess", "os", "queue", "asyncio", "secrets"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / PLACES.get(package, package)).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the whole name"
            yield node.module or "", node.lineno


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_from_the_floors_below(package: str) -> None:
    seen = 0
    for path in modules(package):
        for name, line in imports(path):
            seen += 1
            top = name.split(".")[0]
            assert top not in OURS - {package} - MAY_IMPORT[package], (
                f"{path.relative_to(ROOT)}:{line} imports {name}: {package} may import only "
                f"{sorted(MAY_IMPORT[package]) or 'nothing of ours'}. Move the code down, or hand the thing in."
            )
    assert seen > 20, f"only {seen} imports found in {package}: is the scan looking in the right place?"


def test_qt_stays_in_its_rooms() -> None:
    found = set()
    for package in MAY_IMPORT:
        for path in modules(package):
            place = path.relative_to(ROOT).as_posix()
            for name, line in imports(path):
                if name.startswith("PySide6"):
                    found.add(place)
                    assert place.startswith(QT_ROOMS) or place in QT_IN_HWLIB, (
                        f"{place}:{line} imports Qt: only {QT_ROOMS + QT_IN_HWLIB} may. Let the core decide and the "
                        "view model show."
                    )
    assert "kiosk_app/ui/view_model.py" in found


@pytest.mark.parametrize("room", PURE)
def test_a_core_is_pure(room: str) -> None:
    assert modules(room), f"{room} is empty"
    for path in modules(room):
        for name, line in imports(path):
            assert name.split(".")[0] not in IMPURE_MODULES, (
                f"{path.relative_to(ROOT)}:{line} imports {name}: a core has no clock, thread, socket, file or chance. "
                "Hand the value in as an event or an argument."
            )


@pytest.mark.parametrize("package", ["officelib", "mqtt_bridge", "office_hub", "kiosk_app.core", "display_app.core"])
def test_what_has_no_screen_loads_no_qt(package: str) -> None:
    code = (
        "import importlib, pkgutil, sys\n"
        f"package = importlib.import_module('{package}')\n"
        "names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + '.')]\n"
        "assert len(names) > 2, names\n"
        "[importlib.import_module(name) for name in names if not name.endswith('__main__')]\n"
        "qt = [name for name in sys.modules if name.startswith('PySide6')]\n"
        "sys.exit(f'loads {qt}' if qt else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


GUARD = """
import builtins, importlib, io, os, pathlib, pkgutil, socket, subprocess, sys, threading

def refuse(what):
    def refused(*args, **kwargs):
        raise AssertionError(f'{what} while importing: {args}')
    return refused

package = importlib.import_module(PACKAGE)
names = [PACKAGE] + [m.name for m in pkgutil.walk_packages(package.__path__, PACKAGE + '.')]
names = [n for n in names if not n.endswith('__main__')]
for name in names:
    before = set(sys.modules)
    importlib.import_module(name)
ours = [n for n in list(sys.modules) if n.split('.')[0] == PACKAGE]
for name in ours:
    del sys.modules[name]
real_open = io.open
def reading_only(file, mode='r', *args, **kwargs):
    assert not set(mode) & set('wax+'), f'opens {file} for writing while importing'
    return real_open(file, mode, *args, **kwargs)
builtins.open = io.open = reading_only
socket.socket = refuse('a socket')
subprocess.Popen = refuse('a process')
threading.Thread.start = refuse('a thread')
os.mkdir = refuse('a folder')
for name in names:
    importlib.import_module(name)
print(len(names))
"""


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_importing_does_nothing(package: str) -> None:
    """Libraries are loaded first, for what they do is theirs; then ours are loaded with the doors shut."""
    code = f"PACKAGE = '{package}'\n{GUARD}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 3
