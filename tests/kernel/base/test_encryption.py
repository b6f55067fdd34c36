from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from commonweal.kernel.base import encryption
from commonweal.kernel.base.checks import keys_are_readable
from commonweal.kernel.base.encryption import Undecryptable
from commonweal.kernel.base.fields import EncryptedTextField

INDEX = "index:" + encryption.new_key()
OLD = "old:" + encryption.new_key()
NEW = "new:" + encryption.new_key()


class Secret(models.Model):
    value = EncryptedTextField(null=True)

    class Meta:
        app_label = "base"
        db_table = "secret"
        managed = False  # a table of this test alone

    def __str__(self) -> str:
        return f"secret {self.pk}"


@given(st.binary(max_size=300), st.text(max_size=30))
def test_what_was_encrypted_is_decrypted(plain: bytes, context: str) -> None:
    cipher = encryption.encrypt(plain, context=context)

    assert encryption.decrypt(cipher, context=context) == plain
    assert encryption.encrypt(plain, context=context) != cipher


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_changed_byte_does_not_decrypt(plain: bytes, data: st.DataObject) -> None:
    cipher = bytearray(encryption.encrypt(plain, context="a.b"))
    at = data.draw(st.integers(0, len(cipher) - 1))
    cipher[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Undecryptable):
        encryption.decrypt(bytes(cipher), context="a.b")


def test_a_value_moved_to_another_column_does_not_decrypt() -> None:
    cipher = encryption.encrypt(b"x", context="a.b")

    with pytest.raises(Undecryptable):
        encryption.decrypt(cipher, context="a.c")


@pytest.mark.parametrize("cipher", [b"", b"\x01", b"\x02\x01a", b"\x01\x01\xff", b"\x01\x08practicex"])
def test_bytes_of_no_making_of_ours_do_not_decrypt(cipher: bytes) -> None:
    with pytest.raises(Undecryptable):
        encryption.decrypt(cipher, context="a.b")


def test_a_new_key_encrypts_while_the_old_one_still_decrypts(settings: Settings) -> None:
    settings.COMMONWEAL_KEYS = f"{INDEX},{OLD}"
    before = encryption.encrypt(b"x", context="a.b")
    settings.COMMONWEAL_KEYS = f"{NEW}, {OLD}, {INDEX}"
    after = encryption.encrypt(b"x", context="a.b")

    assert encryption.decrypt(before, context="a.b") == encryption.decrypt(after, context="a.b") == b"x"
    assert [encryption.key_name(before), encryption.key_name(after)] == ["old", "new"]
    assert [encryption.is_current(before), encryption.is_current(after)] == [False, True]

    settings.COMMONWEAL_KEYS = f"{INDEX},{NEW}"
    with pytest.raises(Undecryptable):
        encryption.decrypt(before, context="a.b")


def test_blind_index_stays_when_keys_are_replaced_and_differs_by_context(settings: Settings) -> None:
    settings.COMMONWEAL_KEYS = f"{INDEX},{OLD}"
    before = encryption.blind_index("123", context="a.b")
    settings.COMMONWEAL_KEYS = f"{INDEX},{NEW}"

    assert encryption.blind_index("123", context="a.b") == before
    assert encryption.blind_index("123", context="a.c") != before
    assert encryption.blind_index("124", context="a.b") != before


@pytest.mark.parametrize(
    "text",
    [
        "",
        INDEX,
        OLD,
        "plain",
        f"{INDEX},{OLD},{OLD}",
        f"{INDEX},short:{base64.b64encode(b'x' * 16).decode()}",
        f"{INDEX},wrong:!!!",
        f"{INDEX},{'n' * 64}:{encryption.new_key()}",
    ],
    ids=["nothing", "index alone", "no index", "words", "twice", "short", "not base64", "long name"],
)
def test_a_wrong_key_ring_is_refused_and_a_deployment_too(settings: Settings, text: str) -> None:
    settings.COMMONWEAL_KEYS = text

    with pytest.raises(ImproperlyConfigured, match="COMMONWEAL_KEYS"):
        encryption.ring()
    assert [problem.id for problem in keys_are_readable(None)] == ["base.E002"]


def test_keys_are_not_shown() -> None:
    assert str(encryption.ring()) == "KeyRing(current='practice')"
    assert keys_are_readable(None) == []


@pytest.mark.django_db(transaction=True)
def test_encrypted_field_stores_bytes_and_reads_text(
    as_owner: Callable[[], AbstractContextManager[None]],
) -> None:
    with as_owner(), connection.schema_editor() as editor:
        editor.create_model(Secret)
    Secret.objects.create(value="Zoë 123")
    Secret.objects.create(value=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM secret WHERE value IS NOT NULL")
        stored = bytes(cursor.fetchone()[0])

    assert list(Secret.objects.order_by("pk").values_list("value", flat=True)) == ["Zoë 123", None]
    assert encryption.decrypt(stored, context="secret.value").decode() == "Zoë 123"
    assert Secret.objects.filter(value__isnull=True).count() == 1
    with pytest.raises(TypeError, match="blind index"):
        Secret.objects.filter(value="Zoë 123").exists()
    with as_owner(), connection.schema_editor() as editor:
        editor.delete_model(Secret)
