from __future__ import annotations

import pytest

from tools import reference

CODE = '''
class CommonwealError(Exception):
    """The root."""

    code: ClassVar[str] = "error"
    status = 500
    message = _("It broke.")
'''


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "SOURCE", tmp_path)

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write("commonweal/kernel/base/errors.py", CODE)
    return write


def test_an_error_inherits_what_it_does_not_state(source):
    source(
        "commonweal/kernel/cases/errors.py",
        'class Closed(Late):\n    """Shut | done."""\n    code = "closed"',
    )
    source(
        "commonweal/kernel/cases/more.py",
        'class Late(base.CommonwealError):\n    code = "late"\n    status = 409',
    )
    found = {values["code"]: (item.room, values["status"]) for item, values in reference.errors()}
    assert found == {
        "error": ("kernel.base", "500"),
        "late": ("kernel.cases", "409"),
        "closed": ("kernel.cases", "409"),
    }
    assert "| `closed` | 409 | `kernel.cases` | Shut \\| done. | It broke. |" in reference.errors_page()


def test_a_class_that_is_no_error_of_ours_is_left_out(source):
    source("commonweal/engines/feel/errors.py", 'class Odd(ValueError):\n    code = "odd"')
    assert [item.name for item, _ in reference.errors()] == ["CommonwealError"]


@pytest.mark.parametrize("body", ['code = "error"', "status = 404"])
def test_two_errors_cannot_share_a_code(source, body):
    source("commonweal/kernel/cases/errors.py", f"class Other(CommonwealError):\n    {body}")
    with pytest.raises(ValueError, match="share 'error'"):
        reference.errors()


def test_a_page_out_of_date_is_told(source, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "ERRORS_PAGE", tmp_path / "docs/errors.md")
    assert reference.main(["--check"]) == 1
    assert "docs/errors.md is out of date" in capsys.readouterr().out
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
