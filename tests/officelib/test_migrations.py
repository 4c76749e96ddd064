"""A hub's database of the first release is brought to this one; killed at any moment of that, nothing is lost."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from office_hub.core import desk
from officelib.catalogue import Catalogue
from officelib.journal import office_log
from officelib.journal.office_log import open_office_log
from tests.conftest import ManualClock
from tests.office_hub.hub import Hub
from tests.officelib import killed

SHORT = 18
SCRIPT = Path(__file__).parent / "open_hub.py"


def a_morning(path: Path, catalogue: Catalogue, clock: ManualClock) -> None:
    hub = Hub(path, catalogue, clock)
    kiosk = hub.enrol()
    hub.sign_in()
    for _ in range(5):
        hub.take_ticket(kiosk)
        hub.command(desk.CallNext("c1"))
        hub.command(desk.Finish("c1"))
    hub.close()


def as_of_the_first_release(source: Path, target: Path) -> None:
    """The same rows in the tables that the first release had."""
    first = Migrations("office")
    first()(office_log.s1_log)
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    first.apply(Database(connection))
    connection.execute("ATTACH ? AS source", (str(source),))
    tables = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")]
    for table in tables:
        if not table.startswith(("_", "sqlite")):
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM source.{table}")
    connection.close()


def rows_of(path: Path) -> list[object]:
    store = open_office_log(path)
    places = {journal: mark.seq for journal, mark in store.marks().items()}
    rows: list[object] = [*store.entries_after(0), places, store.devices(), store.secret]
    store.close()
    return rows


def schema_of(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    schema = sorted(sql for name, sql in rows if not name.startswith("_"))
    connection.close()
    return schema


@pytest.mark.timeout(1_200)
def test_a_migration_that_is_killed_anywhere_loses_nothing(
    tmp_path: Path, catalogue: Catalogue, clock: ManualClock, request: pytest.FixtureRequest
) -> None:
    killed.need_strace()
    today, old = tmp_path / "today.db", tmp_path / "old"
    a_morning(today, catalogue, clock)
    old.mkdir()
    as_of_the_first_release(today, old / "office.db")
    wanted, schema = rows_of(today), schema_of(today)
    assert schema_of(old / "office.db") != schema, "there is something to migrate"

    def files(folder: Path) -> list[Path]:
        return [folder / "office.db", folder / "office.db-wal"]

    counted = shutil.copytree(old, tmp_path / "counted")
    points = killed.points(SCRIPT, str(counted / "office.db"), files=files(counted))
    assert rows_of(counted / "office.db") == wanted
    assert len(points) > 10, points
    if not request.config.getoption("--long"):
        points = points[:: max(1, len(points) // SHORT)]
    for point in points:
        folder = shutil.copytree(old, tmp_path / "one")
        killed.kill_at(point, SCRIPT, str(folder / "office.db"), files=files(folder))
        assert killed.run(SCRIPT, str(folder / "office.db")).returncode == 0, point
        assert rows_of(folder / "office.db") == wanted, point
        assert schema_of(folder / "office.db") == schema, point
        shutil.rmtree(folder)
