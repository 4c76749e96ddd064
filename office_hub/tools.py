"""The operator's tools: mint and import bookings, export the log, hash a PIN."""

import argparse
import csv
import getpass
import secrets
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import qrcode
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from office_hub.bookings import RESULT_SUFFIX, ImportResult, code_of
from office_hub.config import HubConfig
from office_hub.web.clerks import hash_pin
from officelib.booking import REF_BYTES, Booking, read_bookings, short_code
from officelib.catalogue import Catalogue
from officelib.catalogue_file import read_catalogue
from officelib.config import read_config
from officelib.errors import KnownError
from officelib.events import LogBody, LogEntry
from officelib.identity import who_hash
from officelib.ids import EventId
from officelib.journal.database import open_reader

IMPORT_S = 60.0


def mint_booking(argv: Sequence[str]) -> int:
    """Sign bookings and write their QR images; each is registered with the hub through its inbox."""
    line = _parser("mint-booking", "Signs bookings and writes their QR as PNG, named by their short codes.")
    line.add_argument("--from", dest="source", type=Path, help="a CSV or JSON list of bookings to mint codes for")
    line.add_argument("--service", help="one booking: the service's id")
    line.add_argument("--slot", help="one booking: its local time, as 2026-01-07T10:30")
    line.add_argument("--out", type=Path, required=True, help="folder for the images and codes.csv")
    line.add_argument("--no-import", action="store_true", help="do not register the bookings with the hub")
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    catalogue = read_catalogue(config.catalogue)
    bookings = _to_mint(given, catalogue)
    key = booking_key(config.database)
    given.out.mkdir(parents=True, exist_ok=True)
    with (given.out / "codes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["ref", "service", "slot", "short", "code"])
        for booking in bookings:
            code = code_of(booking, catalogue, key)
            write_qr(code, given.out / f"{booking.short}.png")
            slot = catalogue.local(booking.slot_ms).isoformat(timespec="minutes")
            table.writerow([booking.ref, booking.service, slot, booking.short, code])
            sys.stdout.write(f"{booking.short}  {slot}  {booking.service}\n")
    if not given.no_import:
        rows = [
            [b.ref, b.service, catalogue.local(b.slot_ms).isoformat(), str(b.persons), " ".join(b.then), b.who]
            for b in bookings
        ]
        path = config.bookings_inbox / f"minted-{secrets.token_hex(4)}.csv"
        config.bookings_inbox.mkdir(parents=True, exist_ok=True)
        text = "ref,service,slot,persons,then,who\n" + "".join(",".join(row) + "\n" for row in rows)
        _drop(path, text.encode())
    return 0


def write_qr(code: str, path: Path) -> None:
    """A booking's QR as PNG, read back before it counts.

    Raises:
        KnownError: the picture does not read as what was meant.
    """
    picture = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=8, border=4)
    picture.add_data(code)
    picture.make()
    with path.open("wb") as file:
        picture.make_image().save(file)
    with Image.open(path) as image:
        found = zxingcpp.read_barcodes(
            image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
    if [result.text for result in found] != [code]:
        raise KnownError("the QR does not read back", where=str(path), mend="Report this with the booking's fields.")


def booking_key(database: Path) -> Ed25519PrivateKey:
    """The key that this office's bookings are signed with.

    Raises:
        KnownError: the hub has not run yet.
    """
    try:
        connection = open_reader(database)
        row = connection.execute("SELECT v FROM meta WHERE k = 'booking_key'").fetchone()
        connection.close()
    except sqlite3.Error as error:
        raise KnownError(str(error), where=str(database), mend="Start the hub once: it makes its keys.") from error
    if row is None:
        raise KnownError("no key yet", where=str(database), mend="Start the hub once: it makes its keys.")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(row[0]))


def import_bookings(argv: Sequence[str]) -> int:
    """Hand a file of bookings to the running hub and say what it refused."""
    line = _parser("import-bookings", "Hands a CSV or JSON file to the running hub; says each refused line and why.")
    line.add_argument("file", type=Path)
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    try:
        data = given.file.read_bytes()
    except OSError as error:
        raise KnownError(str(error), where=str(given.file), mend="Name a file of bookings.") from error
    path = config.bookings_inbox / f"{given.file.stem}-{secrets.token_hex(4)}{given.file.suffix.lower()}"
    _drop(path, data)
    result_path = path.with_name(path.name + RESULT_SUFFIX)
    deadline = time.monotonic() + IMPORT_S
    while not result_path.exists():
        if time.monotonic() > deadline:
            raise KnownError("no answer", where=str(path), mend="Is the hub running? The file goes in when it is.")
        time.sleep(0.1)
    result = msgspec.json.decode(result_path.read_bytes(), type=ImportResult)
    for wrong in result.refused:
        sys.stdout.write(f"{given.file}, line {wrong.line}: {wrong.reason}\n")
    sys.stdout.write(f"{result.accepted} bookings taken in, {len(result.refused)} lines refused\n")
    return 1 if result.refused else 0


def export_log(argv: Sequence[str]) -> int:
    """The office's log as JSON lines; reads beside a running hub."""
    line = _parser("export-log", "Writes the office's log as one JSON object a line.")
    line.add_argument("--out", type=Path, required=True)
    given = line.parse_args(argv)
    config = read_config(HubConfig, given.config)
    written = 0
    with given.out.open("wb") as file:
        for entry in read_log(config.database):
            file.write(msgspec.json.encode(entry) + b"\n")
            written += 1
    sys.stdout.write(f"{written} entries written to {given.out}\n")
    return 0


def read_log(database: Path) -> list[LogEntry]:
    """The whole log, read-only."""
    connection = open_reader(database)
    rows = connection.execute("SELECT n, ep, at_ms, device, inc, seq, body FROM log ORDER BY n").fetchall()
    connection.close()
    return [
        LogEntry(n, ep, at_ms, msgspec.json.decode(body, type=LogBody), EventId(device, inc, seq) if device else None)
        for n, ep, at_ms, device, inc, seq, body in rows
    ]


def hash_pin_tool(argv: Sequence[str]) -> int:
    """What to write into the clerks' file for a PIN."""
    line = argparse.ArgumentParser(prog="office-hub hash-pin", description="Asks for a PIN; prints its pin_hash.")
    line.parse_args(argv)
    sys.stdout.write(f'pin_hash = "{hash_pin(getpass.getpass("PIN: "))}"\n')
    return 0


def hash_who(argv: Sequence[str]) -> int:
    """What stands in a list of bookings for those who come without the code: a line in, a hash out."""
    line = argparse.ArgumentParser(
        prog="office-hub hash-who", description="Reads document numbers, one a line; writes the hash of each for 'who'."
    )
    line.add_argument("office", help="the office's id in its catalogue")
    given = line.parse_args(argv)
    for value in sys.stdin:
        sys.stdout.write(f"{who_hash(value, given.office)}\n")
    return 0


def _to_mint(given: argparse.Namespace, catalogue: Catalogue) -> list[Booking]:
    if given.source is not None:
        bookings, refused = read_bookings(given.source.read_bytes(), catalogue)
        for wrong in refused:
            sys.stderr.write(f"{given.source}, line {wrong.line}: {wrong.reason}\n")
        return bookings
    if not given.service or not given.slot:
        raise KnownError("nothing to mint", where="the command line", mend="Give --from, or --service and --slot.")
    if given.service not in catalogue.services:
        raise KnownError(
            f"service '{given.service}' is unknown",
            where="--service",
            mend=f"There are: {', '.join(catalogue.services)}.",
        )
    try:
        moment = datetime.fromisoformat(given.slot)
    except ValueError as error:
        raise KnownError(str(error), where="--slot", mend="Write it as 2026-01-07T10:30.") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=catalogue.zone)
    ref = secrets.token_hex(REF_BYTES)
    return [Booking(ref, given.service, int(moment.timestamp() * 1000), short_code(ref))]


def _drop(path: Path, data: bytes) -> None:
    """Into the inbox in one piece: written aside, then moved."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(data)
    shutil.move(aside, path)


def _parser(name: str, purpose: str) -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog=f"office-hub {name}", description=purpose)
    line.add_argument("--config", type=Path, default=Path("/etc/antesala/office-hub.toml"), metavar="FILE")
    return line
