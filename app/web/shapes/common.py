"""What many shapes share."""

from typing import Annotated

from msgspec import Meta, Struct

from app.core.phone import REGIONS

Number = Annotated[str, Meta(description="A phone number; E.164 is best, any usual spelling will do.",
                             examples=["+14155550123"])]  # fmt: skip
ProgramId = Annotated[str, Meta(description="The id of a program.", examples=["default"])]
Scope = Annotated[
    str,
    Meta(description="`*` for everything that is sent, or the id of a program.", examples=["*"]),
]
Region = Annotated[
    str,
    Meta(
        description="The country of numbers without a country code.",
        extra_json_schema={"enum": sorted(REGIONS)},
    ),
]


class Health(Struct):
    """The state of the service."""

    status: str


class Problem(Struct):
    """What went wrong, after RFC 9457. `code` is stable; no field ever holds a number or a text."""

    type: str
    title: str
    status: int
    detail: str
    code: str
