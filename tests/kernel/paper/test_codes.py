from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from commonweal.kernel.base.references import ALPHABET
from commonweal.kernel.paper.codes import Mark, hash_start, new_code, qr_text, read_code, read_qr

hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
codes = hashes.map(new_code)
places = st.integers(0, 15)


def with_char(code: str, at: int, char: str) -> str:
    plain = list(code.replace("-", ""))
    plain[at] = char
    return "".join(plain)


@given(hashes)
def test_a_code_tells_its_version_and_no_two_copies_are_alike(content_hash: str) -> None:
    one, other = new_code(content_hash), new_code(content_hash)

    assert hash_start(one) == content_hash[:10] == hash_start(other)
    assert one != other
    assert read_code(one) == one


@given(codes, places, st.sampled_from(ALPHABET))
def test_a_wrong_character_is_always_noticed(code: str, at: int, char: str) -> None:
    assume(code.replace("-", "")[at] != char)

    assert read_code(with_char(code, at, char)) is None


@given(codes, places, places)
def test_two_characters_that_changed_places_are_always_noticed(code: str, one: int, other: int) -> None:
    plain = code.replace("-", "")
    assume(plain[one] != plain[other])

    assert read_code(with_char(with_char(code, one, plain[other]), other, plain[one])) is None


@given(codes, places)
def test_a_character_too_few_or_too_many_is_noticed(code: str, at: int) -> None:
    plain = code.replace("-", "")

    assert read_code(plain[:at] + plain[at + 1 :]) is None
    assert read_code(plain[:at] + plain[at] + plain[at:]) is None


@given(codes)
def test_what_a_hand_writes_otherwise_is_forgiven(code: str) -> None:
    assert read_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code


@given(codes, st.integers(1, 999))
def test_a_qr_code_tells_code_and_page(code: str, page: int) -> None:
    assert read_qr(qr_text(code, page)) == Mark(code, page)


@given(st.text(max_size=40))
def test_any_other_qr_code_is_none_of_ours(text: str) -> None:
    assert read_qr(text) is None
    assert read_qr(f"CW/{text}/1") is None or read_code(text)
