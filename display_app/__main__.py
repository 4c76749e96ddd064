"""display-app: the large screen in the waiting room."""

import sys
from collections.abc import Sequence

from display_app.bank_tool import bank
from display_app.config import DisplayConfig
from display_app.screens import setup_of
from officelib.config import guarded, run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the display, or a tool named first; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] == "bank":
        return guarded("display-app", bank, words[1:])
    return run(
        "display-app",
        "Shows and speaks the calls of an office. Tools: display-app bank --help",
        DisplayConfig,
        _serve,
        words,
        setup_of,
    )


def _serve(config: DisplayConfig) -> int:
    from display_app.wiring import serve  # noqa: PLC0415 (--help and --check-config need no Qt)

    return serve(config)


if __name__ == "__main__":
    sys.exit(main())
