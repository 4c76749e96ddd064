"""kiosk-app printers: tickets tried before paper is spent, printers asked what they can do, profiles explained."""

import argparse
import os
import queue
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hwlib.errors import EncodeError, HardwareError
from hwlib.printer.document import Columns, Cut, Document, Feed, Qr, Rule, Text
from hwlib.printer.identify import matching, probe, profile_table
from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.picture import save
from hwlib.printer.plain import plain
from hwlib.printer.profile import Profile, profile_names, profiles_folder, read_profile, resolve
from hwlib.printer.profile_tools import export_upstream, lint_profile, why
from hwlib.printer.template import fill, read_template
from hwlib.printer.transports import open_address
from hwlib.printer.transports.usblp import UsblpTransport
from hwlib.printer.worker import PrinterWorker
from kiosk_app.core.paper import FIELDS
from kiosk_app.ticket_template import findings_of, samples, shipped_templates
from officelib.assets import asset, texts_folder
from officelib.catalogue import Catalogue
from officelib.catalogue_file import read_catalogue
from officelib.errors import KnownError
from officelib.texts import Texts, languages_in, read_texts

PROOFS = {
    "gs_paren_h": "printed (GS ( H)",
    "star_etx": "printed (ESC GS ETX)",
    "full_status": "printed (full status)",
    "gs_r": "processed (GS r)",
    "estimate": "by its time",
    "none": "nothing",
}
TEST_WAIT_S = 60.0


def main(argv: Sequence[str]) -> int:
    """Run a subcommand; returns the exit status: 0 good, 1 something is wrong, 2 the command line."""
    given = _command_line().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        return run(given)
    except (HardwareError, KnownError, OSError) as error:
        print(f"kiosk-app printers: {error}", file=sys.stderr)
        return 1


def _command_line() -> argparse.ArgumentParser:
    line = argparse.ArgumentParser(prog="kiosk-app printers", description=__doc__)
    commands = line.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], told: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=told, description=told)
        one.set_defaults(run=run)
        return one

    command("list", _list, "The profiles, and what each printer can prove.")
    one = command("why", _why, "Where a profile's values come from.")
    one.add_argument("profile")
    one.add_argument("key", nargs="?", default="", help="as image.command; all when left out")
    one = command("lint", _lint, "Whether profiles are right.")
    one.add_argument("profile", nargs="*")
    one = command("probe", _probe, "Ask a printer what it answers. One that knows ESC/POS spends no paper on it.")
    one.add_argument("address", help="as usblp:///dev/usb/lp0; see 'printer' in the configuration")
    one.add_argument("--toml", action="store_true", help="as a part of a profile, with its evidence")
    one.add_argument("--ask-1284", action="store_true", help="ask usblp for the IEEE 1284 id; TM-U220 stumbles over it")
    one = command("test-page", _test_page, "Print a test page and say what the printer proved.")
    one.add_argument("address")
    one.add_argument("--profile", default="generic/80")
    one = command("export-upstream", _export, "A profile as a file for escpos-printer-db.")
    one.add_argument("profile")
    for name, run, told in (
        ("preview", _preview, "A template's tickets as pictures, one a language."),
        ("install", _install, "Check a template and put it where the kiosk reads it; a bad one changes nothing."),
    ):
        one = command(name, run, told)
        one.add_argument("template", help=f"a file, or one of {', '.join(shipped_templates())}")
        one.add_argument("--profile", default="epson/tm-m30iii", help="of the printer; default %(default)s")
        one.add_argument("--catalogue", type=Path, default=asset("demo", "office.toml"), help="the office's")
        if name == "preview":
            one.add_argument("--out", type=Path, default=Path("ticket-preview"), help="folder; default %(default)s")
            one.add_argument("--pdf", action="store_true", help="PDF in true size instead of PNG")
        else:
            one.add_argument("--to", type=Path, required=True, help="the file that 'ticket_template' names")
    return line


def _list(_given: argparse.Namespace) -> int:
    rows = [("profile", "printer", "dots", "proves", "")]
    for profile in _profiles():
        mouth = "" if profile.presenter.kind == "none" else "holds the ticket until it is taken"
        rows.append((profile.id, profile.name, str(profile.media.dots), PROOFS[profile.confirm.method], mouth))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _why(given: argparse.Namespace) -> int:
    lines = why(resolve(given.profile, profiles_folder()), given.key)
    print("\n".join(lines) or f"'{given.key}' is set nowhere in {given.profile}")
    return 0 if lines else 1


def _lint(given: argparse.Namespace) -> int:
    names = given.profile or profile_names()
    problems = [problem for name in names for problem in lint_profile(name, profiles_folder())]
    print("\n".join(problems) or f"{len(names)} profiles are right")
    return 1 if problems else 0


def _probe(given: argparse.Namespace) -> int:
    transport, device_id, usb = open_address(given.address), "", given.address.partition("usb://")[2].partition("/")[0]
    if given.ask_1284 and isinstance(transport, UsblpTransport):
        transport.open()
        device_id = transport.device_id()
        transport.close()
    found = probe(transport, read_profile("generic/80"), usb=usb, device_id=device_id)
    if found.fault and not found.silent:
        print(f"the printer is not well ({found.fault}): mend it first, then ask", file=sys.stderr)
        return 1
    if given.toml:
        print(profile_table(found, time.strftime("%Y-%m-%d")), end="")
        return 1 if found.silent else 0
    print(f"maker and model: {' '.join(found.identity.gs_i).strip() or 'it does not say'}")
    for question, answered in found.answers.items():
        print(f"{question:26}{'answers' if answered else 'silent'}")
    if found.silent:
        print("It says nothing at all: see its cable; 'generic/one-way' prints without any proof.")
    fitting = matching(found.identity, _profiles())
    print("fits:", ", ".join(profile.id for profile in fitting) or "no profile by name; generic/80 is safe")
    return 0


def _test_page(given: argparse.Namespace) -> int:
    profile = read_profile(given.profile)
    results: queue.Queue[PrintResult] = queue.Queue()
    worker = PrinterWorker(
        open_address(given.address, profile.serial), profile, on_start=lambda _: None, on_end=results.put
    )
    worker.start()
    worker.submit(Job("test", test_page(profile), TEST_WAIT_S))
    try:
        result = results.get(timeout=TEST_WAIT_S)
    except queue.Empty:
        print(f"the page did not end in {TEST_WAIT_S:g} s; see 'kiosk-app printers probe'", file=sys.stderr)
        return 1
    finally:
        worker.stop()
    print(f"{result.outcome}, {result.level} {result.fault}".rstrip())
    print(f"{result.accepted_bytes} of {result.total_bytes} bytes, {result.length_mm:g} mm, {result.elapsed_ms} ms")
    return 0 if result.outcome == "done" else 1


def test_page(profile: Profile) -> Document:
    """What a technician looks at: widths, sizes, letters, a code."""
    ruler = "".join(str(column % 10) for column in range(1, profile.text.columns + 1))
    sizes = tuple(Text(f"{size} A042", size=size, fit=True) for size in (1, 2, 4, 7))
    letters = tuple(Text(texts.get("your_number")) for texts in _paper().values())
    return (
        Feed(10),
        Text(profile.name, bold=True),
        Columns(profile.id, f"{profile.media.dots} dots"),
        Rule(),
        Text(ruler, align="left"),
        *sizes,
        *letters,
        Qr("https://example.org/antesala-test-page"),
        Cut(),
    )


def _export(given: argparse.Namespace) -> int:
    print(export_upstream(given.profile, profiles_folder()), end="")
    return 0


def _preview(given: argparse.Namespace) -> int:
    profile, catalogue, paper = read_profile(given.profile), _catalogue(given.catalogue), _paper()
    file = shipped_templates().get(given.template, Path(given.template))
    template = read_template(file, FIELDS)
    findings = findings_of(template, profile, catalogue, paper)
    for finding in findings:
        print(finding)
    given.out.mkdir(parents=True, exist_ok=True)
    ending = "pdf" if given.pdf else "png"
    for language, fields in samples(catalogue, paper, copies=0):
        picture = given.out / f"{file.stem}-{language}.{ending}"
        document = fill(template, fields, language)
        try:
            save(document, profile, picture)
        except EncodeError as error:
            print(f"in '{language}': {error}")
            continue
        picture.with_suffix(".txt").write_text(plain(document, profile), encoding="utf-8")
        print(picture)
    return 1 if any(finding.level == "error" for finding in findings) else 0


def _install(given: argparse.Namespace) -> int:
    profile, catalogue = read_profile(given.profile), _catalogue(given.catalogue)
    file = shipped_templates().get(given.template, Path(given.template))
    template = read_template(file, FIELDS)
    findings = findings_of(template, profile, catalogue, _paper())
    for finding in findings:
        print(finding)
    if any(finding.level == "error" for finding in findings):
        print(f"not installed: {given.to} stays as it is", file=sys.stderr)
        return 1
    for name in sorted({line.logo for line in template.lines if line.logo}):
        target = given.to.parent / name
        if (file.parent / name).resolve() != target.resolve():
            target.parent.mkdir(parents=True, exist_ok=True)
            _put(file.parent / name, target)
    _put(file, given.to)
    print(f"{given.to}: the next ticket is printed by it")
    return 0


def _put(source: Path, target: Path) -> None:
    """Copy in one piece, and onto the disk: neither a ticket meanwhile nor a power cut meets half a file."""
    aside = target.with_name(f".{target.name}.part")
    with aside.open("wb") as copy:
        copy.write(source.read_bytes())
        copy.flush()
        os.fsync(copy.fileno())
    aside.replace(target)


def _profiles() -> Iterator[Profile]:
    return (read_profile(name) for name in profile_names() if not name.startswith("family/"))


def _catalogue(file: Path) -> Catalogue:
    return read_catalogue(file)


def _paper() -> dict[str, Texts]:
    folder = texts_folder(Path())
    return read_texts(folder, "ticket", languages_in(folder, "ticket"))
