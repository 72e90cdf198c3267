"""What goes over the wire: requests, answers, errors, pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

USUAL_PAGE = 50
LARGEST_PAGE = 1000

# Status: Twilio's code for it and its words.
_OF_STATUS = {
    401: (20003, "Authenticate"),
    404: (20404, "The requested resource was not found"),
    405: (20004, "Method not allowed"),
    429: (20429, "Too Many Requests"),
    500: (20500, "Internal Server Error"),
    503: (20503, "Service Unavailable"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came in; `ids` are the parts of its path that a route names."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, list[str]]
    ids: Mapping[str, str] = field(default_factory=dict)

    def given(self, name: str) -> str | None:
        """Return a parameter of the body, `None` where there is none."""
        values = self.form.get(name)
        return values[-1] if values else None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: Mapping[str, Any]


def error(status: int, code: int | None = None, message: str | None = None) -> Reply:
    """Return an error in the shape of the 2010 API and of the products that our programs use."""
    usual = _OF_STATUS.get(status, (20000 + status, f"HTTP {status}"))
    code = code or usual[0]
    body = {
        "code": code,
        "message": message or usual[1],
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return Reply(status, body)


def rfc2822(moment: datetime | None) -> str | None:
    """Write a time as the 2010 API does."""
    return format_datetime(moment) if moment else None


def iso8601(moment: datetime) -> str:
    """Write a time as the products with a `/v1` do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def list_of_2010(
    request: Request, key: str, items: Sequence[Any], render: Callable[[Any], Mapping[str, Any]]
) -> Reply:
    """Return one page of a list as the 2010 API does: the next one is named by its path."""
    page = _page(request, items)
    body = {
        key: [render(item) for item in page.items],
        "page": page.number,
        "page_size": page.size,
        "start": page.start,
        "end": max(page.start + len(page.items) - 1, 0),
        "uri": page.address(page.number, page.token),
        "first_page_uri": page.address(0),
        "previous_page_uri": None,
        "next_page_uri": page.next_address,
    }
    return Reply(200, body)


def list_of_product(
    request: Request,
    key: str,
    items: Sequence[Any],
    render: Callable[[Any], Mapping[str, Any]],
    *,
    host: str,
) -> Reply:
    """Return one page of a list as a product does: the next one is named by its whole URL at Twilio's own host."""
    page = _page(request, items)
    meta = {
        "key": key,
        "page": page.number,
        "page_size": page.size,
        "url": host + page.address(page.number, page.token),
        "first_page_url": host + page.address(0),
        "previous_page_url": None,
        "next_page_url": page.next_address and host + page.next_address,
    }
    return Reply(200, {"meta": meta, key: [render(item) for item in page.items]})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One page of a list.

    Attributes:
        token: names the last item of the page before, so that what is added at the front of the
            list meanwhile moves nothing.
    """

    items: Sequence[Any]
    number: int
    size: int
    start: int
    token: str | None
    more: bool
    request: Request

    def address(self, number: int, token: str | None = None) -> str:
        """Return the path and query of a page."""
        kept = {k: v for k, v in self.request.query.items() if k not in {"Page", "PageToken"}}
        place = {"PageSize": str(self.size), "Page": str(number)}
        named = {"PageToken": token} if token else {}
        return f"{self.request.path}?{urlencode({**kept, **place, **named})}"

    @property
    def next_address(self) -> str | None:
        """The path and query of the page behind this one."""
        return self.address(self.number + 1, f"PA{self.items[-1].sid}") if self.more else None


def _page(request: Request, items: Sequence[Any]) -> _Page:
    size = min(int(request.query.get("PageSize") or USUAL_PAGE), LARGEST_PAGE)
    token = request.query.get("PageToken")
    sids = [f"PA{item.sid}" for item in items]
    start = sids.index(token) + 1 if token in sids else 0
    return _Page(
        items=items[start : start + size],
        number=int(request.query.get("Page") or 0),
        size=size,
        start=start,
        token=token,
        more=start + size < len(items),
        request=request,
    )
