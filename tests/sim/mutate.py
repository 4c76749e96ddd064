"""Seeded faults: a line of the product is read otherwise while it is imported. No copy of the code is kept."""

import importlib.abc
import importlib.machinery
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class Mutant(NamedTuple):
    """One fault: in this file `find`, which stands there once, reads `replace`."""

    name: str
    file: str
    find: str
    replace: str


def mutants() -> list[Mutant]:
    """All faults of mutants.toml."""
    table = tomllib.loads((HERE / "mutants.toml").read_text(encoding="utf-8"))
    return [Mutant(name, one["file"], one["find"], one["replace"]) for name, one in table.items()]


def asked_mutant(words: Sequence[str]) -> str:
    """The name after --mutant; "" for none."""
    return words[words.index("--mutant") + 1] if "--mutant" in words else ""


def mutated(mutant: Mutant) -> str:
    """The file's text with the fault.

    Raises:
        ValueError: the line is not there, or more than once: the fault no longer fits the code.
    """
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    if text.count(mutant.find) != 1:
        raise ValueError(f"{mutant.name}: found {text.count(mutant.find)} times in {mutant.file}: {mutant.find!r}")
    return text.replace(mutant.find, mutant.replace)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._text, self.path, "exec")
        return code


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._name = mutant.file.removesuffix(".py").replace("/", ".")
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = _Loader(fullname, str(ROOT / self._mutant.file), mutated(self._mutant))
        return spec


def install(name: str) -> None:
    """From here on the product is imported with this fault; "" for none.

    Raises:
        KeyError: there is no such fault.
    """
    if name:
        mutant = {one.name: one for one in mutants()}[name]
        mutated(mutant)
        sys.meta_path.insert(0, _Finder(mutant))
