"""Printers: what a ticket says, its bytes, and proof that it was printed."""
