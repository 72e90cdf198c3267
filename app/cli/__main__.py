"""`python -m app.cli`: the same as `stoplist`."""

from app.cli import main

main()
