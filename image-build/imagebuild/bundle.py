"""Updates: one signed file that any machine of the same board takes, and the keys that sign it."""

import shutil
from pathlib import Path

from imagebuild.board import HERE, Build
from imagebuild.shell import run
from officelib.errors import KnownError

KEY, CERTIFICATE = "signing.key.pem", "signing.cert.pem"
VALID_DAYS = "7300"
"""Longer than a machine lives: it must be able to take an update after ten years on a shelf."""


def make(build: Build, keys: Path, release: str, bundle: Path, log: Path) -> None:
    """Write an update.

    Raises:
        KnownError: a tool failed.
    """
    inside = build.out / "bundle"
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir()
    (inside / build.squashfs.name).hardlink_to(build.squashfs)
    shutil.copy(HERE / "bundle-hook.sh", inside / "hook.sh")
    (inside / "manifest.raucm").write_text(
        f"[update]\ncompatible={build.compatible}\nversion={release}\n[bundle]\nformat=verity\n"
        f"[hooks]\nfilename=hook.sh\n[image.root]\nfilename={build.squashfs.name}\nhooks=post-install\n"
    )
    bundle.unlink(missing_ok=True)
    run(
        ["rauc", "bundle", f"--cert={keys / CERTIFICATE}", f"--key={keys / KEY}", inside, bundle],
        log,
        "signing the update",
    )
    shutil.rmtree(inside)


def signing_keys(folder: Path, log: Path) -> bool:
    """Use the keys of a folder, or make them. Returns whether they are new.

    Raises:
        KnownError: there is one of the two.
    """
    key, certificate = folder / KEY, folder / CERTIFICATE
    if key.exists() != certificate.exists():
        raise KnownError("one of two files is missing", where=str(folder), mend=f"It needs {KEY} and {CERTIFICATE}.")
    if key.exists():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    run(
        ["openssl", "req", "-x509", "-newkey", "rsa:4096", "-nodes", "-sha256", "-days", VALID_DAYS]
        + ["-subj", "/O=Antesala/CN=updates", "-keyout", key, "-out", certificate]
        + ["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=emailProtection"],
        log,
        "making keys for updates",
    )
    key.chmod(0o600)
    return True
