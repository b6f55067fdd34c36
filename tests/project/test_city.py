from __future__ import annotations

from datetime import timedelta

import pytest

from commonweal.kernel.base.encryption import parse_ring
from commonweal.project.demo.city import OPENS_AT, City, fingerprint


@pytest.fixture
def city(tmp_path):
    code, jurisdiction = tmp_path / "code", tmp_path / "jurisdiction"
    code.mkdir()
    jurisdiction.mkdir()
    (code / "a.py").write_text("a = 1\n")
    (jurisdiction / "jurisdiction.yaml").write_text("key: x\n")
    return City(tmp_path / "var" / "demo", code, jurisdiction)


def build(city, size="40"):
    city.environment()
    city.database.write_text("rows")
    city.complete(size)


def test_a_new_city_is_not_built(city):
    assert not city.is_built()
    assert not city.is_current("40")


def test_a_built_city_stays_current_until_code_or_declarations_change(city):
    build(city)
    assert city.is_current("40")
    assert not city.is_current("2000")
    (city.code / "look.css").write_text("p { color: red }")
    assert city.is_current("40")
    (city.jurisdiction / "jurisdiction.yaml").write_text("key: y\n")
    assert city.is_built()
    assert not city.is_current("40")


def test_a_file_that_moves_changes_the_fingerprint(city):
    before = fingerprint([city.code])
    (city.code / "a.py").rename(city.code / "b.py")
    assert fingerprint([city.code]) != before


def test_razing_takes_rows_and_mails_but_not_secrets(city):
    build(city)
    kept = city.environment()["COMMONWEAL_SECRET_KEY"]
    city.mails.mkdir()
    (city.mails / "1.eml").write_text("Hello")
    city.note_time(OPENS_AT + timedelta(hours=1))
    city.raze()
    assert not city.is_built()
    assert list(city.mails.iterdir()) == []
    assert city.opens_at() == OPENS_AT
    assert city.environment()["COMMONWEAL_SECRET_KEY"] == kept


def test_secrets_are_made_once_readable_by_the_owner_only(city, tmp_path):
    first, again = city.environment(), city.environment()
    names = ("COMMONWEAL_SECRET_KEY", "COMMONWEAL_KEYS")
    assert [first[name] for name in names] == [again[name] for name in names]
    assert parse_ring(first["COMMONWEAL_KEYS"]).current == "practice"
    assert (city.home / "secret").stat().st_mode & 0o777 == 0o600
    other = City(tmp_path / "other", city.code, city.jurisdiction)
    assert other.environment()["COMMONWEAL_SECRET_KEY"] != first["COMMONWEAL_SECRET_KEY"]


def test_clocks_go_on_where_they_stopped(city):
    city.environment()
    city.note_time(OPENS_AT + timedelta(minutes=10))
    assert OPENS_AT + timedelta(minutes=10) <= city.opens_at() <= OPENS_AT + timedelta(minutes=10, seconds=1)
    (city.home / "elapsed").write_text("rubbish")
    assert city.opens_at() == OPENS_AT
