"""The operator's tools for the broker at which the offices of a city meet."""

import argparse
import secrets
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from mqtt_bridge import messages, topics
from mqtt_bridge.broker import (
    CITY_AUTHORITY,
    CITY_KEYS,
    CITY_USER,
    OFFICES,
    PLAN,
    PORT,
    CityPlan,
    hub_files,
    read_plan,
    write_city,
)
from mqtt_bridge.client import BrokerAddress, Connection, Session
from officelib.catalogue import Id, Notice
from officelib.catalogue_file import notice_problems
from officelib.errors import KnownError
from officelib.files import write_private

NOTICES = "notices.json"
SAY_S = 15.0


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


def city_notice(argv: Sequence[str]) -> int:
    """Say something to everybody in every office; or take it back."""
    line = argparse.ArgumentParser(
        prog="office-hub city-notice",
        description="Shows a message on the kiosks of every office. Without --id and --remove: all of them once more.",
    )
    line.add_argument("folder", type=Path, help="what 'office-hub city' wrote")
    line.add_argument("--id", default="", help="its name: small letters, digits and hyphens")
    line.add_argument("--until", default="", help="local time of the offices when it goes away, as 2026-01-07T18:00")
    line.add_argument("--since", default="", help="local time when it comes; now when left out")
    line.add_argument("--text", action="append", default=[], metavar="LANGUAGE=TEXT", help="repeat it")
    line.add_argument("--urgent", action="store_true", help="takes the lobbies' screens, and is spoken")
    line.add_argument("--remove", action="append", default=[], metavar="ID", help="a message that goes away now")
    given = line.parse_args(argv)
    plan = read_plan(given.folder, CityPlan)
    if plan is None:
        raise KnownError("no city's broker was written there", where=str(given.folder), mend="Run 'office-hub city'.")
    said = _said(given.folder)
    now = datetime.now()  # noqa: DTZ005 (local, as people write it)
    notices = [one for one in said.notices if one.end > now and one.id not in (given.id, *given.remove)]
    if given.id:
        notices.append(_notice_of(given))
    # hubs take what is newer: a clock that was once ahead must not make the city dumb
    message = messages.CityNotices(at_ms=max(time.time_ns() // 1_000_000, said.at_ms + 1), notices=tuple(notices))
    _say(given.folder, plan, message)
    write_private(given.folder / NOTICES, messages.encode(message).decode())
    sys.stdout.write(f"{len(notices)} message(s) to everybody: {', '.join(one.id for one in notices) or 'none'}\n")
    return 0


def _notice_of(given: argparse.Namespace) -> Notice:
    pairs = [text.partition("=") for text in given.text]
    since = given.since or datetime.now().isoformat(timespec="seconds")  # noqa: DTZ005 (local, as people write it)
    try:
        written = {
            "id": given.id,
            "text": {language: text for language, _, text in pairs},
            "end": datetime.fromisoformat(given.until),
            "start": datetime.fromisoformat(since),
            "urgent": given.urgent,
        }
        notice = msgspec.convert(written, Notice)
        problem = "; ".join(notice_problems(notice))
    except ValueError as error:
        problem = str(error)
    if problem:
        raise KnownError(problem, where="the command line", mend="Correct that; nothing was said.")
    return notice


def _said(folder: Path) -> messages.CityNotices:
    """What the city said last.

    Raises:
        KnownError: the file cannot be read.
    """
    path = folder / NOTICES
    try:
        return messages.decode(path.read_bytes(), messages.CityNotices)
    except FileNotFoundError:
        return messages.CityNotices(at_ms=0, notices=())
    except (OSError, ValueError) as error:
        raise KnownError(str(error), where=str(path), mend="Put it back from a backup, or remove it.") from error


def _say(folder: Path, plan: CityPlan, message: messages.CityNotices) -> None:
    """Publish, and hear it back from the broker.

    Raises:
        KnownError: the broker has not taken it.
    """
    came, payload = threading.Event(), messages.encode(message)
    link = Connection(
        (BrokerAddress(plan.hosts[0], plan.port, CITY_USER, hub_files(folder / CITY_KEYS)),),
        lambda: Session(f"{CITY_USER}{secrets.token_hex(4)}", (topics.city_notices(),)),
        on_up=lambda: link.publish(topics.city_notices(), payload, retain=True),
        on_down=lambda _: None,
        on_message=lambda _, heard: came.set() if heard == payload else None,
    )
    link.start()
    said = came.wait(SAY_S)
    link.stop()
    if not said:
        where = f"{plan.hosts[0]}, port {plan.port}"
        raise KnownError("the city's broker has not taken it", where=where, mend="Start it, and say it again.")


TOOLS: dict[str, Callable[[Sequence[str]], int]] = {"city": city, "city-notice": city_notice}
