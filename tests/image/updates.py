"""Updates that must not stay: signed by others, without an init, without a screen."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from imagebuild import bundle, rootfs
from imagebuild.board import Build, read_board


def without_init(root: Path) -> None:
    for name in ("usr/sbin/init", "usr/lib/systemd/systemd"):
        (root / name).unlink()


def without_screen(root: Path) -> None:
    program = root / "opt/antesala/bin/kiosk-app"
    program.unlink()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)


def make(
    board: str, images: Path, folder: Path, name: str, keys: Path, spoil: Callable[[Path], None] | None = None
) -> Path:
    """A signed update whose root was spoiled; an unspoiled one where there is nothing to do."""
    out = folder / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    build, log = Build(board, read_board(board), out, 0, ""), out / "log"
    if spoil is None:
        shutil.copy(images / "root.squashfs", build.squashfs)
    else:
        subprocess.run(["cp", "-a", images / "root", build.root], check=True)
        spoil(build.root)
        rootfs.squash(build, log)
        shutil.rmtree(build.root)
    bundle.signing_keys(keys, log)
    made = folder / f"{name}.raucb"
    bundle.make(build, keys, name, made, log)
    shutil.rmtree(out)
    return made
