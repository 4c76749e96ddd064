"""Opens a hub's database as this release does: python open_hub.py FILE."""

import sys
from pathlib import Path

from officelib.journal.office_log import open_office_log

if __name__ == "__main__":
    open_office_log(Path(sys.argv[1])).close()
