from __future__ import annotations

from typing import Any

import pytest

from commonweal.kernel.forms.types.schema import (
    AddressQuestion,
    BooleanQuestion,
    ChoiceQuestion,
    DateQuestion,
    MoneyQuestion,
    Simple,
    TextQuestion,
)
from commonweal.kernel.paper.areas import Areas

AREAS = Areas(translate=lambda text: text, currency="$")
FEW = ChoiceQuestion.model_validate(
    {
        "key": "kind",
        "type": "choice",
        "label": "Kind",
        "options": [{"key": "a", "label": "Apples"}, {"key": "b", "label": "Beans"}],
    }
)
MANY = ChoiceQuestion.model_validate(
    {
        "key": "many",
        "type": "choices",
        "label": "Many",
        "options": [{"key": f"k{at}", "label": f"Kind {at}"} for at in range(30)],
    }
)
RENTS = BooleanQuestion.model_validate({"key": "rents", "type": "boolean", "label": "Do you rent?"})
BORN = DateQuestion.model_validate({"key": "born_on", "type": "date", "label": "Born"})
PAY = MoneyQuestion.model_validate({"key": "pay", "type": "money", "label": "Pay", "per": "a month"})
NAME = TextQuestion.model_validate({"key": "name", "type": "text", "label": "Name", "max_length": 20})
HOME = AddressQuestion.model_validate({"key": "home", "type": "address", "label": "Home"})
DAY = {"year": "2019", "month": "4", "day": "30"}


@pytest.mark.parametrize(
    ("spec", "value", "markup"),
    [
        (FEW, "b", '#tick(false)~#"A" #h(1.5mm) #tick(true)~#"B"'),
        (RENTS, True, '#tick(true)~#"Yes"#h(2mm) #tick(false)~#"No"'),
        (RENTS, None, '#tick(false)~#"Yes"#h(2mm) #tick(false)~#"No"'),
        (BORN, DAY, '#date(narrow: true, ("Month", "4"), ("Day", "30"), ("Year", "2019"))'),
        (PAY, "12.50", '#within("12.50", "$ a month")'),
        (NAME, None, '#within("", "")'),
        (HOME, {"street": "1 Quay", "unit": "", "city": "Port Alder"}, '#within("1 Quay, Port Alder", "")'),
    ],
    ids=["choice", "yes", "no answer", "day", "money", "blank", "address"],
)
def test_an_answer_in_a_narrow_column(spec: Simple, value: Any, markup: str) -> None:
    assert AREAS.cell(spec, value) == markup


def test_options_beside_a_column_are_named_with_letters_and_with_numbers_where_letters_run_out() -> None:
    assert AREAS.options(FEW) == '#linebreak()#small[#"A: Apples"]#linebreak()#small[#"B: Beans"]'
    assert AREAS.options(MANY).endswith('#small[#"30: Kind 29"]')
    assert AREAS.options(RENTS) == ""


@pytest.mark.parametrize(("limit", "width"), [(20, "45mm"), (60, "95mm"), (61, "100%")])
def test_a_line_is_as_long_as_what_it_may_hold(limit: int, width: str) -> None:
    spec = NAME.model_copy(update={"max_length": limit})

    assert AREAS.area(spec, "x") == f'#field({width}, "x")'
