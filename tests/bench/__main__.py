"""Measure one hot path against its bare floor: `python -m tests.bench NAME [--help]`."""

import importlib
import sys
from collections.abc import Sequence

from tests.bench.race import RunFailed

# Map name: the module whose `main(arguments)` measures it; imported only when it is asked for.
_BENCHES = {
    "check": "tests.bench.check",
    "webhook": "tests.bench.webhook",
    "gate": "tests.bench.gate",
    "classify": "tests.bench.classify",
    "import": "tests.bench.import_list",
    "scrub": "tests.bench.scrub",
}


def main(arguments: Sequence[str]) -> int:
    """Run the bench of that name and return the exit code."""
    if not arguments or arguments[0] not in _BENCHES:
        print(f"usage: python -m tests.bench {{{','.join(_BENCHES)}}} [--help]", file=sys.stderr)
        return 2
    name = _BENCHES[arguments[0]]
    try:
        bench = importlib.import_module(name)
    except ModuleNotFoundError as fault:
        if fault.name != name:
            raise
        print(f"the bench {arguments[0]} is not written yet: there is no {name}", file=sys.stderr)
        return 2
    try:
        bench.main(arguments[1:])
    except RunFailed as fault:
        print(f"stopped: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
