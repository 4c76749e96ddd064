"""Who may sign in at a console: clerks and their PINs, as a TOML file of scrypt hashes."""

import hashlib
import hmac
import logging
import secrets
import threading
import time
from pathlib import Path

import msgspec

from officelib.errors import KnownError

log = logging.getLogger(__name__)

SCRYPT = {"n": 2**14, "r": 8, "p": 1}
"""16 MiB and about 50 ms a try. Source: RFC 7914 section 2, interactive log-in."""
TRIES = 5
PAUSE_S = 30.0


class Clerk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of staff. `edits`: may change services, hours and notices; `it`: looks after the office's devices."""

    id: str
    name: str
    pin_hash: str
    edits: bool = False
    it: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    clerk: tuple[Clerk, ...]


def read_clerks(path: Path) -> dict[str, Clerk]:
    """The clerks by id.

    Raises:
        KnownError: the file is missing or wrong.
    """
    try:
        clerks = msgspec.toml.decode(path.read_bytes(), type=_File).clerk
    except (OSError, ValueError) as error:
        raise KnownError(str(error), where=str(path), mend="Write [[clerk]] with id, name and pin_hash.") from error
    return {clerk.id: clerk for clerk in clerks}


def hash_pin(pin: str) -> str:
    """What stands in the file instead of the PIN."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{hashlib.scrypt(pin.encode(), salt=salt, **SCRYPT).hex()}"


class ClerksWatch:
    """Takes a file of clerks that was changed; a wrong one is told, once, and the clerks before stay."""

    def __init__(self, path: Path, door: "Door") -> None:
        self._path, self._door = path, door
        self._seen_ns = path.stat().st_mtime_ns

    def look(self) -> None:
        """Look now."""
        try:
            changed_ns = self._path.stat().st_mtime_ns
        except OSError:
            changed_ns = 0
        if changed_ns != self._seen_ns:
            self._seen_ns = changed_ns
            try:
                self._door.clerks = read_clerks(self._path)
            except KnownError as error:
                log.error("%s; the clerks before stay", error)


class Door:
    """Checks PINs; after five wrong ones a clerk waits."""

    def __init__(self, clerks: dict[str, Clerk]) -> None:
        self.clerks = clerks
        self._wrong: dict[str, list[float]] = {}
        self._one_at_a_time = threading.Lock()

    def opens(self, clerk_id: str, pin: str) -> bool:
        """Whether the PIN is the clerk's, and there were not too many wrong ones just now."""
        with self._one_at_a_time:
            clerk = self.clerks.get(clerk_id)
            now = time.monotonic()
            recent = [at for at in self._wrong.get(clerk_id, []) if now - at < PAUSE_S]
            if clerk is None or len(recent) >= TRIES:
                return False
            salt, _, digest = clerk.pin_hash.partition(":")
            given = hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()
            if hmac.compare_digest(given, digest):
                self._wrong.pop(clerk_id, None)
                return True
            self._wrong[clerk_id] = [*recent, now]
            return False
