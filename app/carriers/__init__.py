"""Carriers: what arrives on the wire in, what it says out. Pure over bytes; one file per carrier, all of one shape."""
