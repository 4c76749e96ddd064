"""The large screen in the waiting room: shows and speaks the calls."""
