"""The office on a bench: the demonstration, and the figures that are measured on it."""
