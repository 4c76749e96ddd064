"""A whole office simulated: the product's own code on simulated clocks, networks, disks and people."""
