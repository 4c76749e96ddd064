"""Tickets: how fast they become bytes, beside python-escpos in the same run, and when the first byte goes out."""

import itertools
import queue
import random
import tempfile
from pathlib import Path

from PIL import Image

from bench.figures import Figure, figure, timed
from hwlib.printer.document import Cut, Document, Feed, Logo, Qr, Rule, Text
from hwlib.printer.escpos import encode, logos_of
from hwlib.printer.jobs import Job, PrintResult
from hwlib.printer.profile import read_profile
from hwlib.printer.raster import logo_key, raster_commands
from hwlib.printer.template import fill, read_template
from hwlib.printer.transports import open_address
from hwlib.printer.worker import PrinterWorker
from hwlib.sim.printer import PrinterSim
from kiosk_app.core.paper import FIELDS
from kiosk_app.ticket_template import shipped_templates

LOGO_DOTS = (512, 200)
RUNS = 300
CODE = "AM5KRXTQ2LVGZB7N" * 11
"""As long as a ticket's signed code."""


def measure_printing() -> list[Figure]:
    """The software's own part of a ticket; ratios are python-escpos' time by ours."""
    with tempfile.TemporaryDirectory() as folder:
        logo = Path(folder) / "logo.png"
        image = Image.frombytes("1", LOGO_DOTS, random.Random(1).randbytes(LOGO_DOTS[0] // 8 * LOGO_DOTS[1]))  # noqa: S311
        image.save(logo)
        return [*_beside_python_escpos(logo, image), _template(), _first_byte(Path(folder))]


def _beside_python_escpos(logo: Path, image: Image.Image) -> list[Figure]:
    profile = read_profile("epson/tm-t88v")
    number = itertools.count(1)
    width_mm = profile.mm_of(LOGO_DOTS[0])

    def words() -> Document:
        """All that changes from ticket to ticket changes: number, time, code."""
        n = next(number)
        return (
            Text(f"A{n:03d}", size=7, bold=True),
            Text("Empadronamiento", size=2, bold=True),
            *(Text(line) for line in LINES),
            Text(f"07/01/2026 {n // 60 % 24:02d}:{n % 60:02d}"),
            Qr(f"QT1{n:03d}{CODE}"),
            Cut(),
        )

    def cached() -> bytes:
        return encode((Logo(logo, width_mm), *words()), profile)

    def fresh_raster() -> bytes:
        return raster_commands(image, profile) + encode(words(), profile)

    keys = frozenset(logo_key(one.image) for one in logos_of((Logo(logo, width_mm),), profile))

    def in_memory() -> bytes:
        return encode((Logo(logo, width_mm), *words()), profile, keys)

    def theirs() -> bytes:
        return _python_escpos(image, next(number))

    cached(), fresh_raster(), in_memory(), theirs()
    told = {"ours": timed(RUNS, cached), "fresh": timed(RUNS, fresh_raster), "theirs": timed(RUNS, theirs)}
    ours, fresh = (
        figure("encode a ticket", told["ours"], 1.0, "p50"),
        figure("the same, logo packed anew", told["fresh"], 1.0, "p50"),
    )
    other = figure("the same ticket by python-escpos 3.1", told["theirs"], float("inf"), "p50")
    sizes = (
        ("logo as dots", len(cached())),
        ("logo in its memory", len(in_memory())),
        ("by python-escpos", len(theirs())),
    )
    return [
        ours,
        fresh,
        other,
        _ratio("python-escpos' time by ours, parts cached (goal 100)", other.p50 / ours.p50),
        _ratio("python-escpos' time by ours, logo packed anew (goal 10)", other.p50 / fresh.p50),
        *(Figure(f"bytes of the ticket, {name}", size, size, 1, float("inf"), "p50") for name, size in sizes),
    ]


def _template() -> Figure:
    """From a citizen's fields to bytes, by the standard template."""
    profile, template = read_profile("epson/tm-m30iii"), read_template(shipped_templates()["standard"], FIELDS)
    number = itertools.count(1)

    def one() -> bytes:
        n = next(number)
        fields = dict.fromkeys(FIELDS, "Espere en la sala.") | {
            "copy": "",
            "label": f"A{n:03d}",
            "code": f"QT1{n:03d}{CODE}",
        }
        return encode(fill(template, fields, "es"), profile)

    one()
    return figure("template to bytes", timed(RUNS, one), 1.0, "p50")


def _first_byte(folder: Path) -> Figure:
    """From the order to the printer's first byte: status asked, noted, sent."""
    sim = PrinterSim(folder / "tickets", mm_s=100_000.0)
    sim.start()
    results: queue.Queue[PrintResult] = queue.Queue()
    starts: list[float] = []
    profile = read_profile("epson/tm-m30iii")
    worker = PrinterWorker(
        open_address(f"tcp://127.0.0.1:{sim.port}"), profile, on_start=lambda _: None, on_end=results.put
    )
    worker.start()
    document: Document = (Feed(10), Rule(), Text("A042", size=7), Cut())
    for number in range(40):
        began_ms = mono_ms()
        worker.submit(Job(str(number), document, 30))
        results.get(timeout=30)
        starts.append(sim.first_byte_mono_ms[-1] - began_ms)
    worker.stop()
    sim.stop()
    return figure("order to the printer's first byte", starts[5:], 10.0, "p50")


def mono_ms() -> float:
    """The clock that the simulated printer shares."""
    import time  # noqa: PLC0415

    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1_000_000


LINES = ("3 personas delante", "Espera: unos 12 minutos", "Espere en la sala de espera, a la derecha.")


def _python_escpos(image: Image.Image, n: int) -> bytes:
    """The same ticket as python-escpos' own documentation would have it."""
    from escpos.printer import Dummy  # noqa: PLC0415

    printer = Dummy(profile="TM-T88V")
    printer.hw("INIT")
    printer.image(image, impl="bitImageRaster")
    printer.set(align="center", bold=True, custom_size=True, width=7, height=7, normal_textsize=False)
    printer.text(f"A{n:03d}\n")
    printer.set(align="center", bold=True, custom_size=True, width=2, height=2, normal_textsize=False)
    printer.text("Empadronamiento\n")
    printer.set(align="center", normal_textsize=True)
    for line in (*LINES, f"07/01/2026 {n // 60 % 24:02d}:{n % 60:02d}"):
        printer.text(line + "\n")
    printer.qr(f"QT1{n:03d}{CODE}", native=True, size=5)
    printer.cut()
    output: bytes = printer.output
    return output


def _ratio(name: str, value: float) -> Figure:
    return Figure(name, value, value, 1, float("inf"), "p50")
