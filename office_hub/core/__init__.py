"""The hub's decisions: a request and the office as it stands give entries of the log and an answer. Pure."""
