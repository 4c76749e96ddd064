"""A bank that the tool wrote says every call, without another voice."""

from pathlib import Path

import pytest

from display_app.bank_tool import bank, pieces
from display_app.core.phrases import sentence
from hwlib.audio.engines import bank_name, pieces_of
from officelib.assets import asset
from officelib.board import Call
from officelib.catalogue import LEGIBLE_SERIES
from officelib.errors import KnownError
from officelib.texts import read_texts

LANGUAGES = ("es", "ca", "en", "fr", "ar")
PHRASES = read_texts(asset("i18n"), "speech", LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_call_lacks_a_piece(language: str) -> None:
    written = {bank_name(piece, language) for piece in pieces(PHRASES, language, 999, ["1", "C12"])}
    for series in LEGIBLE_SERIES:
        for label in (f"{series}042", f"{series}999", f"{series}2-007"):
            for again in (False, True):
                call = Call("1", "t", (label,), "C12", 0, language, recall=not again)
                text = sentence(call, PHRASES, language, language, again=again)[0]
                assert {bank_name(piece, language) for piece in pieces_of(text)} <= written, text


def test_what_is_recorded_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = tmp_path / "es" / "mesa.wav"
    recorded.parent.mkdir()
    recorded.write_bytes(b"a voice")
    assert bank([str(tmp_path), "--language", "es", "--numbers", "3", "--counters", "1"]) == 0
    assert recorded.read_bytes() == b"a voice"
    assert (tmp_path / "es" / "turno-hache.wav").exists()
    assert "new" in capsys.readouterr().out
    with pytest.raises(KnownError, match="no language 'xx'"):
        bank([str(tmp_path), "--language", "xx"])
