"""The citizen without eyes, once a module: each test begins with an empty room."""

from collections.abc import Iterator

import pytest

from hwlib.screen.window import application
from officelib.catalogue import Catalogue
from tests.a11y.ears import Ears


@pytest.fixture(scope="module")
def open_ears(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ears]:
    application("test")
    one = Ears(tmp_path_factory.mktemp("ears"), catalogue)
    yield one
    one.close()


@pytest.fixture
def ears(open_ears: Ears) -> Ears:
    open_ears.rest()
    return open_ears
