"""Who was let into the office: certificates that were given, and those that count no more. A table beside the log."""

import sqlite3
from typing import NamedTuple

from officelib import events as e

COLUMNS = "serial, device, public, nonce, slot, n, pem, revoked_n, replaced"


class Given(NamedTuple):
    """A certificate that was given. `n` is the log's entry that says so; `public` the SHA-256 of its key, in hex."""

    serial: str
    device: str
    public: str
    nonce: str
    slot: int
    n: int
    pem: str
    revoked_n: int | None
    is_replaced: bool

    @property
    def is_revoked(self) -> bool:
        """Whether it counts no more; `revoked_n` is the log's entry that says so."""
        return self.revoked_n is not None

    @property
    def signs_papers(self) -> bool:
        """Whether papers that were signed with it are good: also those of a machine that another one replaced."""
        return not self.is_revoked or self.is_replaced


class Registry:
    """Written together with the log's entries, by the log's one writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, body: e.LogBody, n: int) -> None:
        """What an entry changes, inside its transaction."""
        match body:
            case e.CertificateGiven():
                self._connection.execute(
                    "INSERT INTO certificate(serial, device, public, nonce, slot, n, pem) VALUES(?, ?, ?, ?, ?, ?, ?)",
                    (body.serial, body.device, body.public, body.nonce, body.slot, n, body.pem),
                )
            case e.DeviceRevoked():
                self._connection.executemany(
                    "UPDATE certificate SET revoked_n = ?, replaced = ? WHERE serial = ? AND revoked_n IS NULL",
                    [(n, int(body.replaced), serial) for serial in body.serials],
                )
            case _:
                pass

    def cut(self, n: int) -> None:
        """Forget what entries after `n` said, inside the cut's transaction."""
        self._connection.execute("DELETE FROM certificate WHERE n > ?", (n,))
        self._connection.execute("UPDATE certificate SET revoked_n = NULL, replaced = 0 WHERE revoked_n > ?", (n,))

    def of(self, device: str) -> list[Given]:
        """All certificates of a device, the oldest first."""
        return self._rows("WHERE device = ?", device)

    def of_token(self, nonce: str) -> Given | None:
        """What was given for a token, at first."""
        return next(iter(self._rows("WHERE nonce = ?", nonce)), None)

    def revoked(self) -> list[str]:
        """Serial numbers that count no more."""
        return [given.serial for given in self._rows("WHERE revoked_n IS NOT NULL")]

    def is_out(self, device: str) -> bool:
        """Whether a device was let in once, and is not any more."""
        given = self.of(device)
        return bool(given) and all(one.is_revoked for one in given)

    def slots(self) -> dict[str, int]:
        """The lane's digit that each device was enrolled with, where it was with one."""
        return {given.device: given.slot for given in self._rows("WHERE slot > 0 AND revoked_n IS NULL")}

    def _rows(self, where: str, *values: str) -> list[Given]:
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM certificate {where} ORDER BY n, serial",  # noqa: S608 (texts of our own)
            values,
        )
        return [Given._make((*facts, bool(replaced))) for *facts, replaced in rows]
