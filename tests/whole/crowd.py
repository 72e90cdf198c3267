"""People enough for a load test, and many clients at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import phonenumbers

T = TypeVar("T")


def people(count: int) -> list[str]:
    """Return so many numbers from the range kept for fiction, 555-0100 to 555-0199 of real area codes."""
    areas = (area for area in range(201, 990) if _is_area(area))
    numbers = (f"+1{area}55501{line:02}" for area in areas for line in range(100))
    return [number for number, _ in zip(numbers, range(count), strict=False)]


def _is_area(area: int) -> bool:
    number = phonenumbers.parse(f"+1{area}5550100")
    return phonenumbers.region_code_for_number(number) == "US"


def at_once(clients: int, work: Callable[[T], Any], items: Iterable[T]) -> list[Any]:
    """Do some work on each item, so many at a time, and return the results in order."""
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(work, items))
