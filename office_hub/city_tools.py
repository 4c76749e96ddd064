"""The operator's tool for the broker at which the offices of a city meet."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from mqtt_bridge.broker import CITY_AUTHORITY, OFFICES, PLAN, PORT, CityPlan, read_plan, write_city
from officelib.catalogue import Id
from officelib.errors import KnownError


def city(argv: Sequence[str]) -> int:
    """Write what the city's broker needs; again whenever an office comes or goes."""
    line = argparse.ArgumentParser(
        prog="office-hub city",
        description="Writes mosquitto's configuration for the broker between offices, and a folder for each of them.",
    )
    line.add_argument("folder", type=Path, help="where all that goes; its keys stay when it is written again")
    line.add_argument("--office", action="append", default=[], metavar="ID", help="an office that comes; repeat it")
    line.add_argument("--without", action="append", default=[], metavar="ID", help="an office that is shut out")
    line.add_argument("--host", action="append", default=[], help="a name or address by which hubs reach it; repeat it")
    line.add_argument("--listen", default="", help="the address on which it listens; all when left out")
    line.add_argument("--port", type=int, default=0, help=f"the port on which it listens; {PORT} when left out")
    given = line.parse_args(argv)
    try:
        msgspec.convert(given.office, list[Id])
    except msgspec.ValidationError as error:
        raise KnownError(str(error), where="--office", mend="Give an office's 'id' in its catalogue.") from error
    before = read_plan(given.folder, CityPlan)
    if before is None and (given.folder / CITY_AUTHORITY).exists():
        raise KnownError(
            "there are keys of a city, and no list of its offices",
            where=str(given.folder / PLAN),
            mend="Put it back from a backup; or, to give every office new keys, begin in another folder.",
        )
    before = before or CityPlan((), ())
    plan = replace(
        before,
        offices=tuple(one for one in dict.fromkeys([*before.offices, *given.office]) if one not in given.without),
        hosts=tuple(dict.fromkeys([*before.hosts, *given.host])),
        listen=given.listen or before.listen,
        port=given.port or before.port,
    )
    if not (plan.hosts and plan.offices):
        raise KnownError("no host or no office", where="the command line", mend="Give --host and --office.")
    path = write_city(given.folder, plan)
    sys.stdout.write(f"written: {path}. Start mosquitto with it, or restart it.\n")
    for office in plan.offices:
        sys.stdout.write(
            f"{office}: take {given.folder / OFFICES / office} to its hubs; there, city = that folder,"
            f' city_host = "{plan.hosts[0]}", city_port = {plan.port}\n'
        )
    return 0


TOOLS: dict[str, Callable[[Sequence[str]], int]] = {"city": city}
