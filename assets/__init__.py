"""Data that ships with the programs: texts, phrases, sounds, fonts, icons, the demonstration office."""
