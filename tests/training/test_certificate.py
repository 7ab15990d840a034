"""Certificate numbers: one each, and mistypings found."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.certificate import certificate_number, read_number
from training.faults import TrainingFault

TEN_BYTES = st.binary(min_size=10, max_size=10)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_the_form_is_fixed():
    assert certificate_number(bytes(10)) == "ESC-0000-0000-0000-0000-01"
    assert re.fullmatch(r"ESC(-[0-9A-HJKMNP-TV-Z]{4}){4}-\d\d", certificate_number(b"\xff" * 10))
    assert len(certificate_number(bytes(range(10)))) <= 32  # as long as the column


@given(TEN_BYTES, TEN_BYTES)
def test_different_bytes_give_different_numbers(one, other):
    assert (certificate_number(one) == certificate_number(other)) is (one == other)


@given(TEN_BYTES, st.data())
def test_a_number_is_read_however_it_is_typed(random_bytes, data):
    number = certificate_number(random_bytes)
    typed = data.draw(st.sampled_from([number, number[4:], number.replace("-", " ")]))
    typed = data.draw(st.sampled_from([typed, typed.lower(), typed.replace("-", "")]))
    typed = typed.replace("0", data.draw(st.sampled_from("0Oo")))
    typed = typed.replace("1", data.draw(st.sampled_from("1IilL")))
    assert read_number(f" {typed}\n") == number


@settings(max_examples=500)
@given(TEN_BYTES, st.data())
def test_one_wrong_character_or_two_swapped_are_found(random_bytes, data):
    number = certificate_number(random_bytes)
    places = [place for place, one in enumerate(number) if one != "-" and place >= 4]
    at = data.draw(st.sampled_from(range(len(places))))
    wrong = data.draw(st.sampled_from(ALPHABET).filter(lambda one: one != number[places[at]]))
    changed = list(number)
    changed[places[at]] = wrong
    assert read_number("".join(changed)) is None
    if at + 1 < len(places):
        swapped = list(number)
        first, second = places[at], places[at + 1]
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert read_number("".join(swapped)) == (number if swapped == list(number) else None)


@pytest.mark.parametrize(
    "typed",
    ["", "ESC", "ESC-0000-0000-0000-0000", "ESC-0000-0000-0000-0000-010", "UUUU" * 5, "é" * 18],
)
def test_what_is_no_number_is_none(typed):
    assert read_number(typed) is None


@given(st.text(max_size=40))
def test_any_text_is_read_or_not_without_fuss(text):
    found = read_number(text)
    assert found is None or read_number(found) == found


@pytest.mark.parametrize("length", [0, 9, 11])
def test_ten_bytes_are_needed(length):
    with pytest.raises(TrainingFault, match="expected 10"):
        certificate_number(bytes(length))
