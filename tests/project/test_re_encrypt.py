from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as configured
from tests.kernel.cases.conftest import town  # noqa: F401 - likewise
from tests.kernel.consent.conftest import Life, life, marked  # noqa: F401 - the fixture
from tests.kernel.consent.traces import found

from commonweal.kernel.base import keys
from commonweal.kernel.base.encryption import new_key
from commonweal.kernel.ledger.queries import events_of, streams, verify
from commonweal.kernel.people.adapters import MfaAdapter
from commonweal.project.cli.keys import main

pytestmark = pytest.mark.django_db
OLD = configured.COMMONWEAL_KEYS


@pytest.fixture
def secret(life: Life) -> str:  # noqa: F811 - the fixture is meant
    account = life.town.person.account
    assert account is not None
    row = Authenticator.objects.get(user=account)
    row.data = {"secret": MfaAdapter().encrypt("JBSWY3DP")}
    row.save()
    return "JBSWY3DP"


def test_every_value_comes_under_the_new_key_and_the_old_one_may_leave(
    life: Life,  # noqa: F811 - the fixture is meant
    secret: str,
    settings: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "STEP", 2)
    words = {word for word in life.words if "totp" not in word and "release" not in word}
    readable = set(found(words))
    new = new_key()
    settings.COMMONWEAL_KEYS = f"second:{new},{OLD}"

    assert main(["--check"]) == 1
    before = capsys.readouterr().out
    assert "lie under the key 'practice'\n" in before
    assert main([]) == 0
    told = capsys.readouterr().out
    assert "they can leave the ring: practice" in told
    assert "ledger_subjectkey.wrapped" in told

    index = next(part for part in OLD.split(",") if part.startswith("index:"))
    settings.COMMONWEAL_KEYS = f"second:{new},{index}"
    assert set(found(words)) == readable
    assert MfaAdapter().decrypt(Authenticator.objects.get().data["secret"]) == secret
    for name in streams():
        assert verify(name) == []
        assert all(event.payload is not None for event in events_of(name))
    (entry,) = events_of("keys:ring")
    assert entry.payload is not None
    assert entry.payload["key"] == "second"
    assert main([]) == 0  # nothing is left to do, and nothing is recorded
    assert len(events_of("keys:ring")) == 1


def test_what_was_interrupted_is_gone_on_with(life: Life, settings: Any) -> None:  # noqa: F811
    settings.COMMONWEAL_KEYS = f"second:{new_key()},{OLD}"
    values = next(each for each in keys.every() if each.key == "ledger_subjectkey.wrapped")
    total = values.names()["practice"]

    first = values.renew(None, limit=1)
    assert (first.seen, first.changed) == (1, 1)
    assert values.renew(None, limit=1).changed == 0
    rest = sum(done.changed for done in keys.renew(values))
    assert rest == total - 1


@pytest.mark.usefixtures("secret")
def test_a_missing_key_is_named_and_nothing_is_lost(
    life: Life,  # noqa: F811 - the fixture is meant
    settings: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    index = next(part for part in OLD.split(",") if part.startswith("index:"))
    settings.COMMONWEAL_KEYS = f"second:{new_key()},{index}"
    assert main([]) == 1
    assert "its key 'practice' is not in the ring" in capsys.readouterr().out
    settings.COMMONWEAL_KEYS = OLD
    assert main(["--check"]) == 0


def test_every_place_is_named_once() -> None:
    names = [values.key for values in keys.every()]
    assert len(names) == len(set(names)) > 10
    assert {"ledger_subjectkey.wrapped", "mfa_authenticator.data", "people_identifier.value"} <= set(names)
