"""The four programs at their command line, and the operator's tools beside a running hub."""

import csv
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from bench.office.clerk import ClerkClient
from bench.office.stage import CLERKS, Options, Stage, wait_for
from office_hub.__main__ import main as hub_main
from officelib.assets import asset

PROGRAMS = {
    "kiosk-app": "kiosk_app",
    "display-app": "display_app",
    "mqtt-bridge": "mqtt_bridge",
    "office-hub": "office_hub",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_explains_itself(program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main = importlib.import_module(f"{PROGRAMS[program]}.__main__").main
    for flag, expected in (("--help", "Keys of the configuration"), ("--version", f"{program} 0.1.0")):
        with pytest.raises(SystemExit) as ended:
            main([flag])
        assert ended.value.code == 0
        assert expected in capsys.readouterr().out
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("jurnal = 'x'\n")
    assert main(["--config", str(wrong), "--check-config"]) == 2
    assert "unknown key 'jurnal'" in capsys.readouterr().err


def test_the_console_scripts_are_installed() -> None:
    for program in PROGRAMS:
        done = subprocess.run(
            [str(Path(sys.executable).parent / program), "--version"], capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == f"{program} 0.1.0", done.stderr


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    one = Stage(tmp_path_factory.mktemp("out"), asset("demo", "office.toml"), Options())
    one.start("broker")
    one.start("hub")
    one.wait_for_hub()
    yield one
    one.stop()


def test_every_configuration_of_the_stage_is_right(stage: Stage) -> None:
    for program, names in {
        "office-hub": ("hub",),
        "kiosk-app": ("kiosk",),
        "display-app": ("display",),
        "mqtt-bridge": ("kiosk-bridge", "display-bridge"),
    }.items():
        main = importlib.import_module(f"{PROGRAMS[program]}.__main__").main
        for name in names:
            assert main(["--config", str(stage.run / f"{name}.toml"), "--check-config"]) == 0


def test_minted_bookings_read_back_and_are_known_to_the_hub(stage: Stage, tmp_path: Path) -> None:
    config = ["--config", str(stage.run / "hub.toml")]
    slot = ["--service", "taxes", "--slot", "2026-01-07T10:30"]
    assert hub_main(["mint-booking", *config, *slot, "--out", str(tmp_path)]) == 0
    with (tmp_path / "codes.csv").open() as file:
        (row,) = csv.DictReader(file)
    with Image.open(tmp_path / f"{row['short']}.png") as image:
        assert [
            code.text
            for code in zxingcpp.read_barcodes(
                image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
            )
        ] == [row["code"]]
    wait_for(lambda: list(stage.hub_config.bookings_inbox.glob("minted-*.result")), "the booking to go in", 10)


def test_an_import_says_what_it_refused(stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list.csv"
    path.write_text("ref,service,slot\n" + "ab" * 10 + ",taxes,2026-01-07T10:30\nbad,taxes,2026-01-07T10:30\n")
    assert hub_main(["import-bookings", "--config", str(stage.run / "hub.toml"), str(path)]) == 1
    told = capsys.readouterr().out
    assert "line 3: ref 'bad' is not 20 hex digits" in told
    assert "1 bookings taken in, 1 lines refused" in told


def test_the_log_is_exported_beside_a_running_hub(stage: Stage, tmp_path: Path) -> None:
    out = tmp_path / "log.jsonl"
    assert hub_main(["export-log", "--config", str(stage.run / "hub.toml"), "--out", str(out)]) == 0
    assert '"day.opened"' in out.read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["mint-booking", "--out", "x"], "Give --from, or --service and --slot"),
        (["mint-booking", "--service", "massage", "--slot", "2026-01-07T10:30", "--out", "x"], "There are: register"),
        (["mint-booking", "--service", "taxes", "--slot", "soon", "--out", "x"], "Write it as 2026-01-07T10:30"),
        (["import-bookings", "none.csv"], "Name a file of bookings"),
    ],
)
def test_a_tool_used_wrongly_says_how(
    stage: Stage, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hub_main([*words, "--config", str(stage.run / "hub.toml")]) == 2
    assert told in capsys.readouterr().err


def test_a_changed_catalogue_takes_effect_without_a_restart_and_a_wrong_one_does_not(stage: Stage) -> None:
    log = stage.out / "logs" / "hub.log"
    catalogue = stage.run / "office.toml"
    good = catalogue.read_text()
    catalogue.write_text(good.replace('series = "A"', 'series = "B"'))
    wait_for(lambda: "easily misread" in log.read_text(), "the hub to refuse it", 10)
    catalogue.write_text(good.replace("Empadronamiento", "Padrón"))
    clerk = ClerkClient(stage.console, "ana", CLERKS["ana"][1], "c1")
    clerk.sign_in()
    wait_for(lambda: "Padrón" in str(clerk.view()["services"]), "the new name", 10)
