"""What `kiosk-app --check-config` says before a wrong file counts: also what no key alone shows."""

from pathlib import Path

import pytest

from kiosk_app.__main__ import main

KEYS = (
    'journal = "j"\nbridge_socket = "s"\nprinter = "{printer}"\nprinter_profile = "{profile}"\nscanner = "{scanner}"\n'
)
RIGHT = {"printer": "tcp://10.0.0.7:9100", "profile": "epson/tm-m30iii", "scanner": "wedge:///dev/antesala/scanner"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"profile": "epson/none"}, "'kiosk-app printers list' names the profiles"),
        ({"printer": "lpt1"}, "lpt1"),
        ({"scanner": "mouse:///dev/x"}, "Write serial://, wedge://, hidpos:// or camera://"),
    ],
)
def test_a_wrong_address_or_profile_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, str], said: str
) -> None:
    path = tmp_path / "kiosk-app.toml"
    path.write_text(KEYS.format(**RIGHT))
    assert main(["--check-config", "--config", str(path)]) == 0
    path.write_text(KEYS.format(**RIGHT | wrong))
    assert main(["--check-config", "--config", str(path)]) == 2
    assert said in capsys.readouterr().err
