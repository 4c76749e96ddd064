"""Simulated printers for the tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hwlib.print_bench import Bench


@pytest.fixture
def bench_of(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**model: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), model))
        return made[-1]

    yield make
    for bench in made:
        bench.stop()


@pytest.fixture
def bench(bench_of: Callable[..., Bench]) -> Bench:
    return bench_of()
