"""The clerk's console: pages, commands and live changes."""
