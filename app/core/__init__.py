"""The pure floor: values and rules alone.

Nothing here reads a clock, an environment variable, a file that is not package data, a database or
a socket, and nothing here logs. What a function needs to know of the world (`now`, a setting) is
one of its arguments.
"""
