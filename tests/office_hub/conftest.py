"""A hub whose rounds a test makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from officelib.catalogue import Catalogue
from tests.conftest import ManualClock
from tests.office_hub.hub import Hub


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Iterator[Hub]:
    one = Hub(tmp_path / "office.db", catalogue, clock)
    yield one
    one.close()
