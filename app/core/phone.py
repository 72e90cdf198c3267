"""Phone numbers of people, and the addresses that text them.

A person is a phone number in E.164. Everything else that can stand at either end of a message (a
short code, a brand name, a messaging service) is a sender, never a person.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from phonenumbers.phonemetadata import PhoneMetadata

from app.core.errors import InvalidNumber

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CHANNEL = re.compile(r"(?i)(whatsapp|rcs|sms|tel|messenger):")
_LOOSE_INTERNATIONAL = re.compile(r"\+?[0-9][0-9\s().\-]{4,24}")
# Mexico dropped the 1 behind its country code in 2019; carriers still deliver both spellings of one
# phone.
_OLD_MEXICAN_MOBILE = re.compile(r"\+521[0-9]{10}")
# Argentina writes a 9 behind its country code when a mobile is called from abroad; texts arrive
# with and without.
_ARGENTINE_MOBILE = re.compile(r"\+549[0-9]{10}")
_TOLL_FREE_NANP = re.compile(r"\+1(800|833|844|855|866|877|888)[0-9]{7}")
_SHORT_CODE = re.compile(r"\+?[0-9]{3,8}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_MAX_WRITTEN = 64

REGIONS: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""The two-letter codes of every country with phone numbers of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """One person's number.

    Attributes:
        e164: the number as it is dialled from anywhere, such as `+14155550123`.
        possible: whether the metadata of phonenumbers knows numbers of this length for the country.
            A message from an impossible number is believed (numbering plans grow); a check of one
            is refused.
    """

    e164: str
    possible: bool = True

    @property
    def key_form(self) -> str:
        """The spelling that is hashed: two spellings of one phone have one key form."""
        e164 = self.e164
        if e164.startswith("+549") and _ARGENTINE_MOBILE.fullmatch(e164):
            return "+54" + e164[4:]
        return e164


class SenderKind(StrEnum):
    """What kind of address of ours a message went through."""

    LONG_CODE = "long_code"
    TOLL_FREE = "toll_free"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"  # a brand name, an RCS agent
    SERVICE = "service"  # a messaging service: a pool of senders


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One of our own addresses."""

    address: str
    kind: SenderKind


def canonical(raw: str, region: str) -> PhoneNumber:
    """Read a phone number as a person or a program writes it.

    Args:
        raw: the number in any usual spelling: E.164, national, with spaces, brackets, an extension,
            full-width or other scripts' digits, a `tel:` or channel prefix.
        region: two-letter region whose national spelling is assumed when there is no country code,
            such as `US`.

    Raises:
        InvalidNumber: it cannot be a phone number. The message does not repeat it.
    """
    if _E164.fullmatch(raw) and _reads_as_itself(raw):
        return PhoneNumber(e164=raw)
    return _parse(raw, region)


def person(raw: str) -> PhoneNumber | None:
    """Read the address a carrier says a message is from: a person's number, or `None` for any other address.

    The carrier delivered the message, so an international number is real whatever the metadata says
    of it.
    """
    bare = split_channel(raw)[1]
    if not (bare.startswith("+") and _LOOSE_INTERNATIONAL.fullmatch(bare)):
        return None
    try:
        return canonical(_digits(bare), "ZZ")
    except InvalidNumber:
        return None


def sender(raw: str) -> Sender:
    """Read one of our own addresses; total, since an address we cannot name is still where a reply went."""
    address = split_channel(raw)[1].strip()
    if _SERVICE_SID.fullmatch(address):
        return Sender(address=address, kind=SenderKind.SERVICE)
    if _TOLL_FREE_NANP.fullmatch(address):
        return Sender(address=address, kind=SenderKind.TOLL_FREE)
    if _E164.fullmatch(address) and len(address) > len("+12345678"):
        return Sender(address=address, kind=SenderKind.LONG_CODE)
    if _SHORT_CODE.fullmatch(address):
        return Sender(address=address.lstrip("+"), kind=SenderKind.SHORT_CODE)
    return Sender(address=address, kind=SenderKind.ALPHANUMERIC)


def is_region(code: str) -> bool:
    """Tell whether this is a two-letter country code with phone numbers of its own, in either case."""
    return code.upper() in REGIONS


def split_channel(raw: str) -> tuple[str, str]:
    """Split `whatsapp:+14155550123` into its channel and the bare address; the channel is `sms` when none stands."""
    match = _CHANNEL.match(raw.strip())
    if match is None:
        return "sms", raw.strip()
    channel = match.group(1).lower()
    return ("sms" if channel == "tel" else channel), raw.strip()[match.end() :].strip()


def _parse(raw: str, region: str) -> PhoneNumber:
    """Read a number the slow way, which decides for every spelling."""
    written = unicodedata.normalize("NFKC", raw[: _MAX_WRITTEN + 1])
    written = split_channel("".join(c for c in written if unicodedata.category(c) != "Cf"))[1]
    if len(written) > _MAX_WRITTEN:
        raise InvalidNumber("too long to be a phone number")
    plain = _digits(written) if _LOOSE_INTERNATIONAL.fullmatch(written) else ""
    if written.startswith("+") and _E164.fullmatch(plain) and not _possible(plain):
        # An international number stays what it is even where the metadata would refuse it.
        return _folded(plain, possible=False)
    try:
        number = phonenumbers.parse(written, region.upper())
    except NumberParseException as fault:
        raise InvalidNumber("not a phone number") from fault
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    if possible and _E164.fullmatch(e164):
        return _folded(e164, possible=True)
    if _OLD_MEXICAN_MOBILE.fullmatch(plain) or (_E164.fullmatch(plain) and _possible(plain)):
        # Spreadsheets drop the plus: digits that are no number at home but are one abroad.
        return _folded(plain, possible=True)
    raise InvalidNumber("not a whole phone number")


def _digits(written: str) -> str:
    return "+" + re.sub(r"[^0-9]", "", written)


def _folded(e164: str, *, possible: bool) -> PhoneNumber:
    if _OLD_MEXICAN_MOBILE.fullmatch(e164):
        return PhoneNumber(e164="+52" + e164[4:])
    return PhoneNumber(e164=e164, possible=possible)


def _possible(e164: str) -> bool:
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return False
    return phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE


def _reads_as_itself(e164: str) -> bool:
    """Tell whether a clean E.164 string needs no parse: it is possible, and no prefix of it would be taken off.

    A full parse costs some 20 µs; this costs two dictionary look-ups and, for some countries, one
    regular expression.
    """
    for digits in (1, 2, 3):
        plan = _plan(e164[1 : 1 + digits])
        if plan is not None:
            lengths, prefix = plan
            national = e164[1 + digits :]
            return len(national) in lengths and (prefix is None or prefix.match(national) is None)
    return False


@cache
def _plan(country_code: str) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """Return the possible national lengths of a country code and the prefix that a parse would take off."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(country_code))
    if country_code.startswith("0") or regions is None:
        return None
    main = regions[0]
    metadata = (
        PhoneMetadata.metadata_for_nongeo_region(int(country_code))
        if main == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY
        else PhoneMetadata.metadata_for_region(main)
    )
    if metadata is None or metadata.general_desc is None:
        return None
    lengths = frozenset(metadata.general_desc.possible_length)
    prefix = metadata.national_prefix_for_parsing
    if country_code == "52":
        # An old `+521` has a possible length of no current plan, and the slow path folds it.
        prefix = f"(?:{prefix})|1" if prefix else "1"
    return lengths, re.compile(prefix) if prefix else None
