"""A hub whose rounds a test makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from officelib.catalogue import Catalogue
from tests.conftest import ManualClock
from tests.office_hub.hub import Hub
from tests.office_hub.web import Web


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Hub]:
    one = Hub(tmp_path / "office.db", catalogue, clock)
    yield one
    one.close()


@pytest.fixture
def web(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Web]:
    one = Web(Hub(tmp_path / "office.db", catalogue, clock), tmp_path / "office.toml")
    yield one
    one.hub.close()
