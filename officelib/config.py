"""Configuration: a TOML file whose every key is declared once, as a field of a frozen dataclass."""

import argparse
import dataclasses
import difflib
import logging
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from officelib.errors import KnownError

C = TypeVar("C")

MENDABLE = 2
"""A program's exit status where an operator can mend what is wrong."""


def key(
    sentence: str,
    default: Any = dataclasses.MISSING,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a key.

    Args:
        sentence: What it does, for the person who sets it.
        default: Its value when it is not set; without one it must be set.
        unit: As "ms" or "mm".
        low: The least value, for numbers.
        high: The greatest value, for numbers.
        choices: All values there are, for words.
    """
    facts = {"sentence": sentence, "unit": unit, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata=facts)


def read_config(kind: type[C], path: Path) -> C:
    """Read a configuration. Relative paths in it are taken from the file's folder.

    Raises:
        KnownError: unreadable, an unknown key (the nearest one is named), a wrong type or value, or a missing key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KnownError(str(error), where=str(path), mend="Write the file as TOML; --help lists the keys.") from error
    config, mistakes = check_table(kind, table, path)
    if config is None:
        raise mistakes[0]
    return config


def check_table(kind: type[C], table: Mapping[str, Any], path: Path) -> tuple[C | None, list[KnownError]]:
    """A configuration from a table, or all that is wrong with it: unknown keys first, then the others in their order.

    Args:
        kind: The configuration's class.
        table: Keys and values as TOML has them.
        path: The file that they stand in; relative paths are taken from its folder.
    """
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    mistakes = []
    for name in table:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, n=1, cutoff=0)
            mistakes.append(KnownError(f"unknown key '{name}'", where=str(path), mend=f"Did you mean '{near[0]}'?"))
    values = {}
    for name, field in fields.items():
        if name in table:
            try:
                values[name] = _checked(path, name, table[name], hints[name], field.metadata)
            except KnownError as mistake:
                mistakes.append(mistake)
        elif field.default is dataclasses.MISSING:
            mend = f"Set it: {field.metadata['sentence']}"
            mistakes.append(KnownError(f"key '{name}' is missing", where=str(path), mend=mend))
        elif isinstance(field.default, Path) and field.default != Path():
            values[name] = path.parent / field.default
    return (None, mistakes) if mistakes else (kind(**values), [])


def explain(kind: type) -> str:
    """All keys of a configuration, a line each: type, unit, default, sentence."""
    hints = get_type_hints(kind)
    lines = []
    for field in dataclasses.fields(kind):
        facts = field.metadata
        default = "must be set" if field.default is dataclasses.MISSING else f"default {field.default!r}"
        choices = f", one of {', '.join(facts['choices'])}" if facts["choices"] else ""
        unit = f" {facts['unit']}" if facts["unit"] else ""
        lines.append(f"  {field.name} ({_type_name(hints[field.name])}{unit}{choices}; {default}): {facts['sentence']}")
    return "\n".join(lines)


def parser(program: str, purpose: str, kind: type) -> argparse.ArgumentParser:
    """A program's command line: --help, --version, --config and --check-config."""
    line = argparse.ArgumentParser(
        prog=program,
        description=purpose,
        epilog=f"Keys of the configuration:\n{explain(kind)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    line.add_argument("--version", action="version", version=f"{program} {version('antesala')}")
    line.add_argument("--config", type=Path, default=Path(f"/etc/antesala/{program}.toml"), metavar="FILE")
    line.add_argument("--check-config", action="store_true", help="read the configuration, say what is wrong, and end")
    return line


def run(
    program: str,
    purpose: str,
    kind: type[C],
    main: Callable[[C], int],
    argv: Sequence[str] | None = None,
    check: Callable[[C], object] = lambda _: None,
) -> int:
    """A program from its command line to its exit status.

    Args:
        program: Its name.
        purpose: One sentence.
        kind: Its configuration.
        main: Called with the configuration; returns the exit status.
        argv: The command line; None for the process's own.
        check: What --check-config looks at besides; raises KnownError.

    Returns:
        0, the status of `main`, or MENDABLE when something that an operator can mend was wrong: it is on stderr.
    """
    arguments = parser(program, purpose, kind).parse_args(argv)
    logging.basicConfig(level=logging.INFO, format=f"{program}: %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        config = read_config(kind, arguments.config)
        if arguments.check_config:
            check(config)
            sys.stdout.write(f"{arguments.config}: all keys are right\n")
            return 0
        return int(main(config))
    except KnownError as error:
        sys.stderr.write(f"{program}: {error}\n")
        return MENDABLE


def guarded(program: str, tool: Callable[[Sequence[str]], int], argv: Sequence[str]) -> int:
    """A tool whose known errors go to stderr as one line. Returns its exit status, or MENDABLE."""
    try:
        return tool(argv)
    except KnownError as error:
        sys.stderr.write(f"{program}: {error}\n")
        return MENDABLE


def _checked(path: Path, name: str, value: Any, wanted: Any, facts: Any) -> Any:
    def wrong(what: str) -> KnownError:
        return KnownError(f"key '{name}' {what}", where=str(path), mend=str(facts["sentence"]))

    if wanted is Path:
        if not isinstance(value, str):
            raise wrong(f"must be a path, not {value!r}")
        return path.parent / value
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if get_args(wanted):
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise wrong(f"must be a list of words, not {value!r}")
        return tuple(value)
    if type(value) is not wanted:
        raise wrong(f"must be of type {_type_name(wanted)}, not {value!r}")
    if facts["choices"] and value not in facts["choices"]:
        near = difflib.get_close_matches(str(value), facts["choices"], n=1, cutoff=0)[0]
        raise wrong(f"cannot be {value!r}; did you mean '{near}'? There are: {', '.join(facts['choices'])}")
    low, high = facts["low"], facts["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise wrong(f"is {value}, outside {low} to {high}{' ' + facts['unit'] if facts['unit'] else ''}")
    return value


def _type_name(kind: Any) -> str:
    if get_args(kind):
        return "list of words"
    return {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}[kind]
