"""The path of a ticket as a process of its own, to be killed anywhere: python ticket_path.py FOLDER TICKETS.

Paper is a line in a file, written after the commit that owes it. Started again it first ends what was left half done,
as a kiosk does.
"""

import os
import sys
from pathlib import Path

from officelib import events as e
from officelib.clock import Clock
from officelib.journal.device import open_journal


def main() -> int:
    """Take tickets."""
    folder, tickets = Path(sys.argv[1]), int(sys.argv[2])
    journal, aside = open_journal(folder / "journal.db", "k1", Clock("boot"))
    if aside is not None:
        return 3
    if not journal.identity.inc:
        with journal.transaction():
            journal.grant(1, 1)
    paper = os.open(folder / "paper", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for want in journal.open_wants():
        with journal.transaction():
            journal.append(e.Abandon(want, "interrupted"))
    for job in journal.open_print_jobs():
        os.write(paper, job.facts + b" copy\n")
        with journal.transaction():
            journal.mark_print(job.ticket, "ended")
    for _ in range(tickets):
        claim = e.Claim("register", "es")
        with journal.transaction():
            want = journal.append(e.Want(claim))
        with journal.transaction():
            number = journal.next_lane("A")
            journal.append(e.Lane(f"A1-{number:03d}", claim, want))
            journal.queue_print(want, f"A1-{number:03d}".encode())
        with journal.transaction():
            journal.mark_print(want, "sending")
        os.write(paper, f"A1-{number:03d}\n".encode())
        with journal.transaction():
            journal.mark_print(want, "ended")
            journal.append(e.Printed(want, "done", "printed"))
    journal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
