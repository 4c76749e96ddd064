"""An ESC/POS printer that others wrote (emupos) reads our tickets: each template, family of printers and language.

It needs Python 3.13: the project's own where that is new enough, else the one that `make oracle` sets up in build/.
"""

import base64
import importlib.util
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from hwlib.printer.document import Cut, Document, Logo, Qr, Rule, Text
from hwlib.printer.escpos import encode
from hwlib.printer.profile import read_profile
from hwlib.printer.template import fill, read_template
from hwlib.sim.paper import MARGIN_DOTS
from kiosk_app.core.paper import FIELDS
from kiosk_app.ticket_template import samples, shipped_templates
from officelib.assets import texts_folder
from officelib.catalogue import Catalogue
from officelib.texts import read_texts
from tests.hwlib.tickets import decoded

LANGUAGES = ("es", "ca", "en", "fr", "ar")
FAMILIES = {"epson-tm-t20iii": "epson/tm-t20iii", "xprinter-xp80t": "xprinter/xp-80", "rongta-rp326": "rongta/rp326"}
SCRIPT = Path(__file__).parent / "oracle" / "read_tickets.py"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Seen:
    """What the other printer made of some bytes."""

    text: str
    image: Image.Image | None
    unknown: list[str]
    replies: bytes


@pytest.fixture(scope="module")
def oracle() -> str:
    """A Python that has emupos."""
    if importlib.util.find_spec("emupos"):
        return sys.executable
    other = ROOT / "build" / "oracle" / "bin" / "python"
    if not other.exists():
        pytest.skip("no emupos: it needs Python 3.13 (install one, then `make oracle`)")
    return str(other)


def read_by(oracle: str, profile: str, files: list[str]) -> list[Seen]:
    done = subprocess.run([oracle, SCRIPT, profile, *files], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    seen = []
    for line in done.stdout.splitlines():
        told = json.loads(line)
        image = Image.open(io.BytesIO(base64.b64decode(told["png"]))).convert("1") if told["png"] else None
        seen.append(Seen(told["text"], image, told["unknown"], bytes.fromhex(told["replies"])))
    return seen


@pytest.mark.parametrize("family", FAMILIES)
def test_each_template_in_each_language(oracle: str, family: str, tmp_path: Path, catalogue: Catalogue) -> None:
    profile = read_profile(FAMILIES[family])
    paper = read_texts(texts_folder(Path()), "ticket", LANGUAGES)
    wanted, files = [], []
    for name, path in shipped_templates().items():
        template = read_template(path, FIELDS)
        for language, fields in samples(catalogue, paper):
            document = fill(template, fields, language)
            file = tmp_path / f"{name}-{language}.bin"
            file.write_bytes(encode(document, profile))
            files.append(str(file))
            wanted.append((document, fields, language))
    for (document, fields, language), seen in zip(wanted, read_by(oracle, family, files), strict=True):
        assert seen.unknown == [], "every command is one that a stranger knows"
        assert fields["label"] in seen.text.splitlines()
        if language != "ar" and profile.text.code_pages:
            for op in document:
                if isinstance(op, Text):
                    assert op.text.split()[0] in seen.text, "accents are what they were"
        assert seen.image is not None
        codes = zxingcpp.read_barcodes(
            seen.image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
        assert [code.text for code in codes] == [fields["code"]]


def ink(image: Image.Image) -> Image.Image:
    """What is black, without the white around it."""
    box = image.convert("L").point(lambda level: 255 - level).getbbox()
    assert box
    return image.crop(box)


@pytest.mark.parametrize("family", FAMILIES)
def test_our_simulated_printer_agrees_dot_by_dot(oracle: str, family: str, tmp_path: Path) -> None:
    """Pictures of all kinds: there the two owe nothing to their fonts."""
    profile = read_profile(FAMILIES[family])
    Image.frombytes("1", (200, 90), bytes((n * 37 + n // 25) % 256 for n in range(25 * 90))).save(tmp_path / "logo.png")
    documents: list[Document] = [
        (Rule(), Logo(tmp_path / "logo.png", 25), Rule(), Cut()),
        (Text("الخدمات الاجتماعية", size=2), Rule(), Cut()),
        (Rule(), Qr("https://example.org/" + "x" * 60, module_dots=4), Rule(), Cut()),
    ]
    files = []
    for number, document in enumerate(documents):
        (tmp_path / f"{number}.bin").write_bytes(encode(document, profile))
        files.append(str(tmp_path / f"{number}.bin"))
    for document, seen in zip(documents, read_by(oracle, family, files), strict=True):
        (ours,), _, _ = decoded(encode(document, profile), profile)
        assert seen.image is not None
        theirs, mine = ink(seen.image), ink(ours.image.crop((MARGIN_DOTS, MARGIN_DOTS, *ours.image.size)))
        if any(isinstance(op, Qr) for op in document) and profile.qr_native:
            assert abs(theirs.height - mine.height) <= 8, "each makes the code itself, and may choose another mask"
            continue
        assert theirs.size == mine.size
        assert ImageChops.logical_xor(theirs, mine).getextrema() == (0, 0)


def test_both_answer_alike(oracle: str, tmp_path: Path) -> None:
    """DLE EOT 1 to 4 and GS r 1, healthy and without paper; a blocked printer does not answer GS r."""
    questions = b"".join(b"\x10\x04" + bytes((number,)) for number in range(1, 5)) + b"\x1dr1"
    (tmp_path / "q.bin").write_bytes(questions)
    healthy, empty = read_by(oracle, "epson-tm-t20iii", [f"{tmp_path}/q.bin", f"paper-out={tmp_path}/q.bin"])
    from hwlib.sim.printer_model import PrinterModel

    for seen, paper_left_mm in ((healthy, 1e6), (empty, 0.0)):
        model = PrinterModel(lambda *_: None)
        model.hand.paper_left_mm = paper_left_mm
        said = bytearray()
        model.attach(said.extend)
        model.receive(questions)
        import time

        time.sleep(0.1)
        model.stop()
        assert bytes(said) == seen.replies
