"""Numbers of people, and the addresses that text them."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core import phone
from app.core.errors import InvalidNumber
from app.core.phone import PhoneNumber, SenderKind, canonical, person, sender, split_channel
from tests.cast import ALICE, LONG_CODE, SHORT_CODE, TOLL_FREE

COUNTRY_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@pytest.mark.parametrize(
    "written",
    [
        "+12015550123",
        "+1 (201) 555-0123",
        "201-555-0123",
        "1.201.555.0123",
        "201 555 0123 ext. 7",
        "tel:+1-201-555-0123",
        "whatsapp:+12015550123",
        "２０１５５５０１２３",  # full-width digits
        "٢٠١٥٥٥٠١٢٣",  # Arabic-Indic digits
        "\u202a+12015550123\u202c",  # as copied from a contact card
        "12015550123",
    ],
)
def test_usual_spellings_name_one_person(written: str) -> None:
    """Spaces, brackets, extensions, prefixes and other scripts' digits are understood."""
    assert canonical(written, "US") == PhoneNumber(e164=ALICE)


def test_digits_that_lost_their_plus_are_read_as_international() -> None:
    """A spreadsheet drops the plus; a number that is none at home but is one abroad is that one."""
    assert canonical("442079460123", "US").e164 == "+442079460123"


@pytest.mark.parametrize(
    "written", ["", "+", "hello", "12345", "5550123", "+12345", "+0123456789", "9" * 80, "²"]
)
def test_what_names_nobody_is_refused_without_being_repeated(written: str) -> None:
    """The error does not quote what was given."""
    with pytest.raises(InvalidNumber) as caught:
        canonical(written, "US")

    assert not written or written not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [("+5215555550123", "+525555550123"), ("+5491155550123", "+541155550123")],
)
def test_two_spellings_of_one_phone_have_one_key_form(one: str, other: str) -> None:
    """Mexico's old 1 and Argentina's 9 make no second person."""
    assert canonical(one, "US").key_form == canonical(other, "US").key_form


def test_an_impossible_number_is_still_a_person_when_a_carrier_delivers_it() -> None:
    """Numbering plans grow: a message from a range nobody knows yet is from somebody."""
    new_range = "+999123456789"

    author = person(new_range)

    assert author == PhoneNumber(e164=new_range, possible=False)
    assert canonical(new_range, "US") == author


@pytest.mark.parametrize(
    "address", [SHORT_CODE, "STOPLIST", "MG" + "0" * 32, "rcs:agent", "", "+12"]
)
def test_what_is_no_number_is_never_a_person(address: str) -> None:
    """Short codes, brand names and service SIDs are senders."""
    assert person(address) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (LONG_CODE, SenderKind.LONG_CODE),
        (TOLL_FREE, SenderKind.TOLL_FREE),
        (SHORT_CODE, SenderKind.SHORT_CODE),
        ("MG" + "0f" * 16, SenderKind.SERVICE),
        ("STOPLIST", SenderKind.ALPHANUMERIC),
        (f"whatsapp:{LONG_CODE}", SenderKind.LONG_CODE),
    ],
)
def test_each_kind_of_sender_is_told_apart(address: str, kind: SenderKind) -> None:
    """What answers a STOP depends on the kind of sender."""
    assert sender(address).kind is kind


def test_the_channel_is_kept_apart_from_the_address() -> None:
    """`whatsapp:` and `rcs:` are channels; without a prefix it is SMS."""
    assert split_channel(f"whatsapp:{ALICE}") == ("whatsapp", ALICE)
    assert split_channel(f"RCS:{ALICE}") == ("rcs", ALICE)
    assert split_channel(f" {ALICE} ") == ("sms", ALICE)


@given(
    code=st.sampled_from(COUNTRY_CODES),
    national=st.text(alphabet="0123456789", min_size=4, max_size=13),
)
@example(code=52, national="15555550123")
@example(code=54, national="91155550123")
@example(code=44, national="02079460123")
@example(code=387, national="005550123")
def test_the_fast_path_answers_as_the_slow_one(code: int, national: str) -> None:
    """A clean E.164 string is read without a parse, to the same number, in every region."""
    written = f"+{code}{national}"

    assert _read(written) == _read_slowly(written)


@given(
    code=st.sampled_from(COUNTRY_CODES),
    national=st.text(alphabet="0123456789", min_size=4, max_size=13),
)
def test_a_stop_and_a_check_of_one_number_meet(code: int, national: str) -> None:
    """Whatever a carrier calls a person, a sender who writes the same finds the same key."""
    written = f"+{code}{national}"
    author, asked = person(written), _read(written)

    assert author == asked


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_regions_example_takes_the_same_way_by_both_paths(region: str) -> None:
    """The example numbers of the metadata, mobile and fixed, of every region."""
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    for kind in kinds:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

        assert _read(written) == _read_slowly(written)


@given(st.text(max_size=100))
def test_any_text_is_a_number_or_is_refused(written: str) -> None:
    """Nothing else is ever raised."""
    _read(written)
    person(written)
    sender(written)


def _read(written: str) -> PhoneNumber | None:
    try:
        return canonical(written, "US")
    except InvalidNumber:
        return None


def _read_slowly(written: str) -> PhoneNumber | None:
    try:
        return phone._parse(written, "US")
    except InvalidNumber:
        return None
