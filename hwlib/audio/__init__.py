"""Sound: a chime, a voice in a child process that may hang without hurting anybody, and where it all goes."""
