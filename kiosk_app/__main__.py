"""kiosk-app: the screen at the entrance."""

import secrets
import sys
from collections.abc import Sequence

from kiosk_app.config import KioskConfig
from officelib.config import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the kiosk, print its commissioning sheet, `kiosk-app printers ...` or `door`; returns the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["printers"]:
        from kiosk_app.printers import main as printers  # noqa: PLC0415 (the kiosk itself needs none of it)

        return printers(given[1:])
    if given[:1] == ["door"]:
        return _door()
    if "--commission" in given:
        given.remove("--commission")
        return run("kiosk-app", "Checks citizens in and prints their tickets.", KioskConfig, _commission, given)
    return run("kiosk-app", "Checks citizens in and prints their tickets.", KioskConfig, _serve, argv, _check)


def _check(config: KioskConfig) -> None:
    """What no key alone shows: profiles that there are, addresses that mean something."""
    from kiosk_app.devices import printers_of, scanner_of  # noqa: PLC0415 (the kiosk looks by itself)

    printers_of(config)
    scanner_of(config, lambda _: False, lambda _: None)


def _door() -> int:
    """Print a new code for technicians, and the line for the configuration."""
    from kiosk_app.core.door import REF_BYTES, SALT_BYTES, new_door  # noqa: PLC0415 (the kiosk itself needs none of it)

    code, door = new_door(secrets.token_bytes(SALT_BYTES), secrets.token_bytes(REF_BYTES))
    sys.stdout.write(
        f"The technician's code, to type or to print as a QR: {code}\nIn the kiosk's file: door = \"{door}\"\n"
    )
    return 0


def _commission(config: KioskConfig) -> int:
    from kiosk_app.commissioning import sheet  # noqa: PLC0415 (the kiosk itself needs none of it)

    sys.stdout.write(sheet(config))
    return 0


def _serve(config: KioskConfig) -> int:
    from kiosk_app.wiring import serve  # noqa: PLC0415 (--help and --check-config need no Qt)

    return serve(config)


if __name__ == "__main__":
    sys.exit(main())
