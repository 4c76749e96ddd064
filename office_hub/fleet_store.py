"""The file of what concerns devices and nobody's turn: alerts, and errands. Never in the way of the hub's own."""

import logging
import sqlite3
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from officelib.journal.database import Damaged, open_writer, set_aside

log = logging.getLogger(__name__)

migrations = Migrations("fleet")


@migrations()
def f1_alerts(db: Database) -> None:
    """One row an alert and device; `ended_ms` is NULL while it lasts."""
    db.conn.execute(
        "CREATE TABLE alert(id INTEGER PRIMARY KEY, rule TEXT NOT NULL, device TEXT NOT NULL,"
        " began_ms INTEGER NOT NULL, ended_ms INTEGER, detail TEXT NOT NULL, severity INTEGER NOT NULL,"
        " taken_by TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',"
        " quiet_until_ms INTEGER NOT NULL DEFAULT 0) STRICT"
    )
    db.conn.execute("CREATE UNIQUE INDEX alert_open ON alert(rule, device) WHERE ended_ms IS NULL")
    db.conn.execute("CREATE INDEX alert_began ON alert(began_ms)")


@migrations()
def f2_errands(db: Database) -> None:
    """One row an errand, by its id; `sent_ms` is NULL before it was sent, `picture` while there is none."""
    db.conn.execute(
        "CREATE TABLE errand(id INTEGER PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL,"
        " source TEXT NOT NULL, sha256 TEXT NOT NULL, asked_by TEXT NOT NULL, until_ms INTEGER NOT NULL,"
        " state TEXT NOT NULL DEFAULT 'waiting', sent_ms INTEGER, told_ms INTEGER,"
        " text TEXT NOT NULL DEFAULT '', picture BLOB, rollout INTEGER) STRICT"
    )
    db.conn.execute(
        "CREATE TABLE rollout(id INTEGER PRIMARY KEY, source TEXT NOT NULL, sha256 TEXT NOT NULL,"
        " asked_by TEXT NOT NULL, began_ms INTEGER NOT NULL, devices TEXT NOT NULL, at_once INTEGER NOT NULL,"
        " ended_ms INTEGER, ended_by TEXT NOT NULL DEFAULT '', ill TEXT NOT NULL DEFAULT '') STRICT"
    )
    db.conn.execute("CREATE INDEX errand_open ON errand(id) WHERE state IN ('waiting', 'sent', 'taken')")
    db.conn.execute("CREATE INDEX errand_device ON errand(device, id)")


def open_fleet(database: Path) -> sqlite3.Connection:
    """The fleet's file beside the hub's; a damaged one is set aside, and its history begins anew."""
    path = database.with_name("fleet.db")
    try:
        return open_writer(path, migrations)
    except Damaged as error:
        log.error("%s: set aside; the history of alerts and errands begins anew", error)
        set_aside(path)
        return open_writer(path, migrations)
