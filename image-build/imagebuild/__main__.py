"""`make image`: from this project and Debian's packages to a file that is flashed, and one that updates machines."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from imagebuild import bill, bundle, disk, rootfs, wheels
from imagebuild.board import PROJECT, Build, boards, read_board
from imagebuild.shell import mib, step
from officelib.errors import KnownError

DEBIAN = "http://deb.debian.org"


def main() -> int:
    """Build one image; returns 2 when something that a person can mend is wrong."""
    line = argparse.ArgumentParser(prog="make image", description=__doc__)
    line.add_argument("board", choices=boards())
    line.add_argument("--out", type=Path, help="folder for all that comes of it; default build/image/BOARD")
    line.add_argument("--keys", type=Path, help="folder of the keys that sign updates; made when empty")
    line.add_argument("--role", default="kiosk", help="written into the technician's file")
    line.add_argument("--mirror", default=DEBIAN, help="Debian's packages: its mirror, or a snapshot of a day")
    line.add_argument("--root-only", action="store_true", help="end with the root file system and its manifest")
    given = line.parse_args()
    try:
        return build(given)
    except KnownError as error:
        sys.stderr.write(f"\nimage: {error}\n")
        return 2


def build(given: argparse.Namespace) -> int:
    """All steps, one after the other."""
    if os.geteuid() != 0:
        raise KnownError("only root can make a root file system", where="make image", mend="Run it as root.")
    _check_processor(read_board(given.board).architecture)
    out = (given.out or PROJECT / "build" / "image" / given.board).resolve()
    keys = (given.keys or PROJECT / "build" / "image" / "keys").resolve()
    out.mkdir(parents=True, exist_ok=True)
    job = Build(given.board, read_board(given.board), out, _epoch_s(), given.mirror)
    log, release = out / "build.log", _release()
    log.unlink(missing_ok=True)
    with step(f"1 of 6, the wheel-house ({job.board.architecture})"):
        house = wheels.fill(job, log)
    if bundle.signing_keys(keys, log):
        sys.stdout.write(f"image: new keys in {keys}: keep them, machines take updates of no other\n")
    with step("2 of 6, the root file system"):
        rootfs.make(job, keys / bundle.CERTIFICATE, release, log)
    with step("3 of 6, manifest and bill of materials"):
        (out / "manifest.txt").write_text("\n".join(rootfs.manifest(job.root)) + "\n")
        parts = bill.write(job, house, release, out / "bill.cdx.json")
    if given.root_only:
        return 0
    with step("4 of 6, compressing"):
        rootfs.squash(job, log)
    image, update = out / f"antesala-{given.board}.img", out / f"antesala-{given.board}.raucb"
    with step("5 of 6, the image"):
        disk.make(job, {**disk.loaders_files(job, log), **disk.technicians_files(given.role, out)}, image, log)
    with step("6 of 6, the update"):
        bundle.make(job, keys, release, update, log)
    sys.stdout.write(
        f"image: release {release}, {parts} parts, root {mib(job.squashfs)}\n"
        f"  to flash    {image} ({mib(image)})\n  to update   {update} ({mib(update)})\n"
        f"  parts       {out / 'bill.cdx.json'}\n  files       {out / 'manifest.txt'}\n"
    )
    return 0


def _check_processor(architecture: str) -> None:
    """Programs of the image run while it is made: where the processor is another one, under an emulator."""
    if subprocess.run(["arch-test", architecture], capture_output=True, check=False).returncode:  # noqa: S607
        raise KnownError(
            f"programs for {architecture} do not run here",
            where="make image",
            mend="mount -t binfmt_misc none /proc/sys/fs/binfmt_misc; update-binfmts --enable; or build on that board.",
        )


def _epoch_s() -> int:
    """The time of the sources: what SOURCE_DATE_EPOCH says, or the last commit's."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct"))


def _release() -> str:
    """The sources' name."""
    return _git("describe", "--always", "--dirty")


def _git(*words: str) -> str:
    asked = subprocess.run(["git", "-C", PROJECT, *words], capture_output=True, text=True, check=False)  # noqa: S607
    if asked.returncode:
        raise KnownError(asked.stderr.strip(), where=str(PROJECT), mend="Build from a clone, or set SOURCE_DATE_EPOCH.")
    return asked.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
