"""The root file system: Debian, our programs, the appliance's files; and what shows that two of them are the same."""

import hashlib
import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from imagebuild.board import HERE, PROJECT, Build, packages_in
from imagebuild.shell import run

SUITE = "trixie"
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*")
KEPT = "/usr/share/doc/*/copyright"
ZSTD_LEVEL = "15"


def make(build: Build, keyring: Path, release: str, log: Path) -> None:
    """Make the root as a folder.

    Args:
        build: What for.
        keyring: The certificates by which updates are signed.
        release: What the machine calls itself.
        log: Takes what the tools say.

    Raises:
        KnownError: a tool failed.
    """
    if build.root.exists():
        shutil.rmtree(build.root)
    packages = [*packages_in(HERE / "appliance-packages.txt"), *build.board.packages]
    paths = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT] + [f"--dpkgopt=path-include={KEPT}"]
    others = {name.partition("/")[2] for name in build.board.packages if "/" in name}
    security = f"deb {build.mirror}/debian-security {SUITE}-security main non-free-firmware"
    run(
        ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory", "--components=main,non-free-firmware"]
        + [f"--architectures={build.board.architecture}", '--aptopt=APT::Install-Recommends "false"', *paths]
        + [f"--include={','.join(packages)}"]
        + [f'--customize-hook={shlex.quote(str(HERE / "customize.sh"))} "$1"']
        + [SUITE, build.root]
        + [
            f"deb {build.mirror}/debian {name} main non-free-firmware"
            for name in (SUITE, f"{SUITE}-updates", *sorted(others))
        ]
        + [security],
        log,
        "making the root file system",
        {
            "SOURCE_DATE_EPOCH": str(build.epoch_s),
            "WHEELS": str(build.wheels),
            "PROJECT": str(PROJECT),
            "COMPATIBLE": build.compatible,
            "KERNEL_LINE": build.board.kernel_line,
            "LOADER": build.board.loader,
            "KEYRING": str(keyring),
            "RELEASE": release,
        },
    )
    _forget_when(build)


def _forget_when(build: Build) -> None:
    """No file is younger than the sources: when the root was made does not show."""
    for folder, names, files in os.walk(build.root, topdown=False):
        for path in (Path(folder) / name for name in [*names, *files]):
            if path.lstat().st_mtime > build.epoch_s:
                os.utime(path, (build.epoch_s, build.epoch_s), follow_symlinks=False)
    os.utime(build.root, (build.epoch_s, build.epoch_s))


def squash(build: Build, log: Path) -> None:
    """The root as one compressed file, which a slot holds; equal bytes for equal roots."""
    build.squashfs.unlink(missing_ok=True)
    run(
        ["mksquashfs", build.root, build.squashfs, "-noappend", "-quiet", "-no-progress", "-comp", "zstd"]
        + ["-Xcompression-level", ZSTD_LEVEL, "-b", "256K", "-mkfs-time", str(build.epoch_s)],
        log,
        "compressing the root file system",
    )


def manifest(root: Path) -> Iterator[str]:
    """A line for each file below `root`: kind, mode, owner, size, time, SHA-256 or target, path."""
    for folder, names, files in os.walk(root):
        names.sort()
        for name in sorted([*names, *files]):
            path = Path(folder) / name
            facts = path.lstat()
            said = ""
            if stat.S_ISLNK(facts.st_mode):
                said = os.readlink(path)  # noqa: PTH115 (a text, not a path)
            elif stat.S_ISREG(facts.st_mode):
                with path.open("rb") as file:
                    said = hashlib.file_digest(file, "sha256").hexdigest()
            elif stat.S_ISCHR(facts.st_mode) or stat.S_ISBLK(facts.st_mode):
                said = f"{os.major(facts.st_rdev)}:{os.minor(facts.st_rdev)}"
            size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
            owner = f"{facts.st_uid}:{facts.st_gid}"
            where = path.relative_to(root).as_posix()
            yield f"{stat.filemode(facts.st_mode)} {owner} {size} {facts.st_mtime_ns // 10**9} {said or '-'} /{where}"


def differences(first: list[str], second: list[str]) -> list[str]:
    """What is in one manifest and not in the other, a line each."""
    ours, theirs = set(first), set(second)
    return [f"- {line}" for line in first if line not in theirs] + [f"+ {line}" for line in second if line not in ours]
