"""The operator's tools: previews, installing a ticket, profiles explained, a printer asked and tried."""

import logging
import os
import tomllib
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from hwlib.printer.document import Cut, Text
from hwlib.printer.paper_gauge import PaperGauge
from hwlib.printer.profile import read_profile
from hwlib.printer.status import Fault, PrinterStatus
from hwlib.printer.template import read_template
from hwlib.sim.printer import PrinterSim
from kiosk_app.__main__ import main
from kiosk_app.core.paper import FIELDS
from kiosk_app.device_memory import read_layout, read_roll, write_layout, write_roll
from kiosk_app.devices import PrinterNews
from kiosk_app.ticket_template import TicketTemplate, findings_of, shipped_templates
from officelib.assets import texts_folder
from officelib.catalogue import Catalogue
from officelib.texts import read_texts
from officelib.ticket_code import read_code

LANGUAGES = ("es", "ca", "en", "fr", "ar")
PROFILES = ("epson/tm-m30iii", "epson/tm-t88v", "generic/80", "generic/58", "star/mc-print3", "custom/kpm300h")


@pytest.mark.parametrize("name", shipped_templates())
@pytest.mark.parametrize("profile", PROFILES)
def test_every_shipped_template_is_right_on_every_kind_of_printer(
    name: str, profile: str, catalogue: Catalogue
) -> None:
    template = read_template(shipped_templates()[name], FIELDS)
    paper = read_texts(texts_folder(Path()), "ticket", LANGUAGES)
    findings = findings_of(template, read_profile(profile), catalogue, paper)
    assert not [str(finding) for finding in findings if finding.level == "error"]


@pytest.mark.parametrize("name", shipped_templates())
def test_previews_are_pictures_that_a_scanner_reads(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["printers", "preview", name, "--out", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.glob("*.png")) == [f"{name}-{one}.png" for one in sorted(LANGUAGES)]
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as image:
            (code,) = zxingcpp.read_barcodes(
                image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
            )
        assert read_code(code.text).label.endswith("2-042")
        assert "2-042" in path.with_suffix(".txt").read_text()
    assert main(["printers", "preview", name, "--out", str(tmp_path), "--pdf"]) == 0
    assert (tmp_path / f"{name}-es.pdf").read_bytes().startswith(b"%PDF")


def test_a_bad_template_is_refused_and_the_old_one_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed = tmp_path / "ticket.toml"
    assert main(["printers", "install", "compact", "--to", str(installed)]) == 0
    before = installed.read_bytes()
    for bad in ("schema = 1", 'schema = 1\nname = "x"\n[[line]]\ntext = "no number"'):
        (tmp_path / "bad.toml").write_text(bad)
        assert main(["printers", "install", str(tmp_path / "bad.toml"), "--to", str(installed)]) == 1
        assert installed.read_bytes() == before
    said = capsys.readouterr()
    assert "the field 'label' is missing" in said.out
    assert "stays as it is" in said.err
    assert "bad.toml" in said.err


def test_a_logo_goes_with_its_template(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    Image.new("1", (300, 80), 0).save(tmp_path / "mine" / "logo.png")
    text = shipped_templates()["standard"].read_text()
    office = '[[line]]\ntext = "{office}"'
    logo = '[[line]]\nlogo = "logo.png"\nwidth_mm = 30\n\n'
    mine, installed = tmp_path / "mine" / "t.toml", tmp_path / "etc" / "t.toml"
    mine.write_text(text.replace(office, logo + office, 1))
    installed.parent.mkdir()
    assert main(["printers", "install", str(mine), "--to", str(installed)]) == 0
    assert (tmp_path / "etc" / "logo.png").exists()


def test_the_kiosk_takes_a_changed_template_and_keeps_the_good_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "ticket.toml"
    template = TicketTemplate(file, read_profile("generic/80"))
    fields = dict.fromkeys(FIELDS, "x") | {"copy": ""}
    standard = template.document(fields, "es")
    assert len(standard) > 10, "no file yet: the standard ticket"
    assert "ticket.toml" in caplog.text
    file.write_text('schema = 1\nname = "short"\n[[line]]\ntext = "{label}"\n')
    assert template.document(fields, "es") == (Text("x"), Cut())
    caplog.clear()
    file.write_text("schema = 1\nname = ")
    os.utime(file, ns=(5, 5))
    for _ in range(3):
        assert template.document(fields, "es") == (Text("x"), Cut())
    assert caplog.text.count("the ticket before stays") == 1, "told once, where the operator looks"
    file.unlink()
    assert template.document(fields, "es") == (Text("x"), Cut())


def test_profiles_are_listed_explained_and_given_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["printers", "list"]) == 0
    assert "epson/tm-m30iii" in capsys.readouterr().out
    assert main(["printers", "why", "epson/tm-t88v", "media.dots"]) == 0
    assert "from escpos-printer-db: TM-T88V" in capsys.readouterr().out
    assert main(["printers", "why", "epson/tm-t88v", "nonsense"]) == 1
    assert main(["printers", "lint"]) == 0
    assert "profiles are right" in capsys.readouterr().out
    assert main(["printers", "export-upstream", "generic/80"]) == 0
    assert capsys.readouterr().out.startswith("---\n80:")
    assert main(["printers", "why", "no/such"]) == 1
    assert "no/such" in capsys.readouterr().err


def test_a_printer_is_asked_and_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sim = PrinterSim(tmp_path, mm_s=2_000)
    sim.start()
    address = f"tcp://127.0.0.1:{sim.port}"
    assert main(["printers", "probe", address]) == 0
    told = capsys.readouterr().out
    assert "ANTESALA TM-m30III" in told
    assert "GS ( H                    answers" in told
    assert main(["printers", "probe", address, "--toml"]) == 0
    table = tomllib.loads(capsys.readouterr().out)
    assert table["confirm"]["method"] == "gs_paren_h"
    assert table["match"]["gs_i"] == ["ANTESALA", "TM-m30III"]
    assert set(table["evidence"]) == {"confirm", "match", "status", "nv"}
    assert main(["printers", "test-page", address, "--profile", "epson/tm-m30iii"]) == 0
    assert capsys.readouterr().out.startswith("done, clean")
    assert any("A042" in line for line in sim.tickets[0])
    sim.hand.cover_closed = False
    assert main(["printers", "test-page", address, "--profile", "epson/tm-m30iii"]) == 1
    assert "not_started, none cover_open" in capsys.readouterr().out
    sim.stop()
    assert main(["printers", "probe", address]) == 1
    assert "kiosk-app printers: printer 127.0.0.1" in capsys.readouterr().err


def test_what_is_remembered_of_devices(tmp_path: Path) -> None:
    roll, layout = tmp_path / "r.json", tmp_path / "l"
    assert read_roll(roll, 80_000) == PaperGauge(80_000)
    write_roll(roll, PaperGauge(80_000, used_mm=500.0, tickets=5, doubted_since_s=3.0))
    assert read_roll(roll, 60_000) == PaperGauge(60_000, used_mm=500.0, tickets=5)
    roll.write_text("{")
    assert read_roll(roll, 80_000) == PaperGauge(80_000)
    write_roll(tmp_path / "no" / "r.json", PaperGauge())
    assert read_layout(layout) == ""
    write_layout(layout, "fr")
    assert read_layout(layout) == "fr"
    write_layout(tmp_path / "no" / "l", "fr")


def test_the_operator_is_told_once_and_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    news = PrinterNews(1)
    blocked = PrinterStatus("blocked", Fault.PAPER_OUT)
    for status in (PrinterStatus("opening"), PrinterStatus("ready"), PrinterStatus("ready"), blocked, blocked):
        news.tell(status, None)
    news.tell(PrinterStatus("ready", paper_low=True), 27)
    assert [record.message for record in caplog.records] == [
        "printer 1: ready",
        "printer 1: blocked, paper_out: put in a new roll",
        "printer 1: ready, paper is low; about 27 tickets are left on the roll",
    ]
