"""Fetches a large file over a network that comes and goes: what is there already is not fetched again."""

import hashlib
import logging
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

TRIES = 40
"""One after the other without a byte."""
AGAIN_S = 30.0
TIMEOUT_S = 30.0
BLOCK_BYTES = 1 << 18
KEPT_FREE_BYTES = 256 << 20
"""The journal needs room for years; a fetched file must leave it."""
PARTIAL_CONTENT = 206
RANGE_NOT_SATISFIABLE = 416


def fetch(source: str, sha256: str, target: Path, sleep: Callable[[float], None] = time.sleep) -> None:
    """Get a file.

    Args:
        source: Its address, http or https.
        sha256: What it must be, 64 hex digits: nothing else is trusted, the connection least of all.
        target: Where it is put, whole or not at all.
        sleep: Waits so many seconds before the next try.

    Raises:
        OSError: it is not there, is another one, or there is no room; what was fetched of a wrong one is gone.
    """
    if not source.startswith(("http://", "https://")):
        raise OSError("no address of a file")
    part, left = target.with_suffix(".part"), TRIES
    try:
        while True:
            before = _size(part)
            try:
                _go_on(source, part)
                break
            except (TimeoutError, ConnectionError, urllib.error.URLError) as error:
                left = TRIES if _size(part) > before else left - 1
                if not left or (isinstance(error, urllib.error.HTTPError) and error.code < 500):
                    raise
                log.warning("%s: %s; again in %.0f s", source, error, AGAIN_S)
                sleep(AGAIN_S)
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        if found != sha256:
            raise OSError(f"not the file that was meant: its SHA-256 is {found}")
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _go_on(source: str, part: Path) -> None:
    """Fetch what is missing.

    Raises:
        OSError: the connection broke, or there is no room.
    """
    have = _size(part)
    asked = urllib.request.Request(source, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 (see fetch)
    try:
        answer = urllib.request.urlopen(asked, timeout=TIMEOUT_S)  # noqa: S310 (see fetch)
    except urllib.error.HTTPError as error:
        if error.code == RANGE_NOT_SATISFIABLE and have:
            error.close()
            return
        raise
    with answer, part.open("ab" if answer.status == PARTIAL_CONTENT else "wb") as file:
        length = int(answer.headers.get("Content-Length", "0"))
        if shutil.disk_usage(part.parent).free < length + KEPT_FREE_BYTES:
            raise OSError(f"no room for {length >> 20} MiB in {part.parent}")
        while block := answer.read(BLOCK_BYTES):
            file.write(block)
            length -= len(block)
    if length > 0:
        raise ConnectionError("the connection ended early")
