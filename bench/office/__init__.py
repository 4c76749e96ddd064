"""A whole office on one machine: real processes, real broker, simulated devices."""
