"""Screens: from millimetres and degrees to pixels."""
