"""display-app: the large screen in the waiting room."""

import sys
from collections.abc import Sequence

from display_app.config import DisplayConfig
from display_app.screens import setup_of
from officelib.config import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the display; returns the exit status."""
    return run("display-app", "Shows and speaks the calls of an office.", DisplayConfig, _serve, argv, setup_of)


def _serve(config: DisplayConfig) -> int:
    from display_app.wiring import serve  # noqa: PLC0415 (--help and --check-config need no Qt)

    return serve(config)


if __name__ == "__main__":
    sys.exit(main())
