"""kiosk-app: the screen at the entrance."""

import sys
from collections.abc import Sequence

from kiosk_app.config import KioskConfig
from officelib.config import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the kiosk, print its commissioning sheet, or `kiosk-app printers ...`; returns the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["printers"]:
        from kiosk_app.printers import main as printers  # noqa: PLC0415 (the kiosk itself needs none of it)

        return printers(given[1:])
    if "--commission" in given:
        given.remove("--commission")
        return run("kiosk-app", "Checks citizens in and prints their tickets.", KioskConfig, _commission, given)
    return run("kiosk-app", "Checks citizens in and prints their tickets.", KioskConfig, _serve, argv)


def _commission(config: KioskConfig) -> int:
    from kiosk_app.commissioning import sheet  # noqa: PLC0415 (the kiosk itself needs none of it)

    sys.stdout.write(sheet(config))
    return 0


def _serve(config: KioskConfig) -> int:
    from kiosk_app.wiring import serve  # noqa: PLC0415 (--help and --check-config need no Qt)

    return serve(config)


if __name__ == "__main__":
    sys.exit(main())
