"""The office's authority: numbers, order, calls, and the console that staff use."""
