"""The wheel-house: every Python package of an appliance, as the lock's hashes say, and our own."""

import hashlib
import json
import re
import shlex
import sys
from pathlib import Path

import msgspec

from imagebuild.board import HERE, PROJECT, Build
from imagebuild.shell import run
from officelib.errors import KnownError

LOCK = HERE / "requirements.lock"
PYTHON = "3.13"
GLIBC = ("2_39", "2_38", "2_36", "2_35", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17")
"""Debian 13 has 2.41; wheels say the oldest that they run on."""
FROM_SOURCE = ("evdev",)
"""Published without wheels: compiled in a Debian of the same release."""
LIST = "requirements.txt"
BUILDER = ("python3-dev", "gcc", "libc6-dev", "linux-libc-dev")


class Wheel(msgspec.Struct, frozen=True):
    """A file of the wheel-house."""

    name: str
    version: str
    file: str
    sha256: str


def fill(build: Build, log: Path) -> list[Wheel]:
    """Fetch, compile and list all wheels.

    Raises:
        KnownError: one is missing, or is not the one that the lock names.
    """
    house, fetched = build.wheels, build.out / "fetched"
    for folder in (house, fetched):
        folder.mkdir(parents=True, exist_ok=True)
    platforms = [word for glibc in GLIBC for word in ("--platform", f"manylinux_{glibc}_{build.board.wheels}")]
    run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest", fetched]
        + ["--implementation", "cp", "--python-version", PYTHON, "--abi", "cp313", "--abi", "abi3", "--abi", "none"]
        + [*platforms, "--platform", f"manylinux2014_{build.board.wheels}", "--platform", "any"]
        + ["--only-binary", ":all:", *(word for name in FROM_SOURCE for word in ("--no-binary", name))]
        + ["--requirement", LOCK],
        log,
        "fetching the wheels",
    )
    for path in fetched.glob("*.whl"):
        if not (house / path.name).exists():
            (house / path.name).hardlink_to(path)
    for name in FROM_SOURCE:
        if not list(house.glob(f"{name}-*.whl")):
            _compile(build, name, log)
    for old in house.glob("antesala-*.whl"):
        old.unlink()
    run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", house, PROJECT],
        log,
        "making our own wheel",
        {"SOURCE_DATE_EPOCH": str(build.epoch_s)},
    )
    wheels = sorted((_wheel(path) for path in house.glob("*.whl")), key=lambda one: one.name)
    missing = _locked(build) - {one.name for one in wheels}
    if missing:
        raise KnownError(f"no wheel of {', '.join(sorted(missing))}", where=str(house), mend=f"See {log}.")
    lines = [f"{one.name}=={one.version} --hash=sha256:{one.sha256}\n" for one in wheels]
    (house / LIST).write_text("".join(lines))
    return wheels


def _compile(build: Build, name: str, log: Path) -> None:
    """A wheel from its source, in a Debian of the appliance's own release and processor."""
    (source,) = (build.out / "fetched").glob(f"{name}-*.tar.gz")
    root = build.out / "compiler"
    hook = shlex.join([str(HERE / "compile-wheel.sh"), "ROOT", str(source), str(build.wheels)]).replace(
        "ROOT", '"$1"', 1
    )
    run(
        ["mmdebstrap", "--mode=root", "--variant=minbase", f"--architectures={build.board.architecture}"]
        + ['--aptopt=APT::Install-Recommends "false"', f"--include={','.join(BUILDER)}"]
        + [f"--customize-hook={hook}", "--format=null", "trixie", root, build.mirror + "/debian"],
        log,
        f"compiling {name}",
        {"SOURCE_DATE_EPOCH": str(build.epoch_s)},
    )


def _wheel(path: Path) -> Wheel:
    name, version = path.name.split("-")[:2]
    return Wheel(name.lower().replace("_", "-"), version, path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def _locked(build: Build) -> set[str]:
    """The names in the lock, but those for another processor."""
    found = set()
    for line in LOCK.read_text().splitlines():
        head = re.match(r"([a-z0-9-]+)==\S+ ;?(.*)", line)
        other = {"x86_64": "aarch64", "aarch64": "x86_64"}[build.board.wheels]
        if head and f"platform_machine == '{other}'" not in head[2]:
            found.add(head[1])
    return found


def write_list(wheels: list[Wheel], path: Path) -> None:
    """The wheel-house, for the bill of materials and for later comparison."""
    path.write_text(json.dumps(msgspec.to_builtins(wheels), indent=1) + "\n")
