"""Every seeded fault still fits the code: one that no longer does would look as if it had been caught."""

import pytest

from tests.sim.mutate import Mutant, mutants, mutated


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.name)
def test_it_fits_and_compiles(mutant: Mutant) -> None:
    compile(mutated(mutant), mutant.file, "exec")
