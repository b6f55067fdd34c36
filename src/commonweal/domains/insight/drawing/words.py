"""What groups, measures and amounts are called."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonweal.kernel.base.jurisdiction import current
from commonweal.kernel.places.queries import areas

TABLES = {
    "decile": gettext_lazy("Tenth of the people by income"),
    "household_type": gettext_lazy("Household"),
    "district": gettext_lazy("District"),
}

TITLES = {
    "decile": gettext_lazy("By income"),
    "household_type": gettext_lazy("By household"),
    "district": gettext_lazy("By district"),
}

HOUSEHOLD_TYPES = {
    "single": gettext_lazy("One adult under 65"),
    "single_older": gettext_lazy("One person of 65 or older"),
    "couple": gettext_lazy("Couple without children"),
    "couple_older": gettext_lazy("Couple, the first 65 or older"),
    "couple_children": gettext_lazy("Couple with children"),
    "one_parent": gettext_lazy("One parent with children"),
    "generations": gettext_lazy("Three generations"),
    "sharing": gettext_lazy("Adults who share a home"),
}

PLACES = {
    "port-alder": gettext_lazy("Port Alder, synthetic"),
    "state": gettext_lazy("A state of 8 million people, synthetic"),
}

ROWS = {
    "household": gettext_lazy("Households"),
    "tax_unit": gettext_lazy("Tax returns"),
    "school_household": gettext_lazy("Households with pupils"),
    "wic_applicant": gettext_lazy("Applicants"),
    "ssi_household": gettext_lazy("Households"),
}
"""What the rows of a population are, by unit."""

ROW_IS = {
    "household": gettext_lazy("One that lives together as the programme counts it."),
    "tax_unit": gettext_lazy(
        "One return, with everybody who is on it. Whoever lives together may file several."
    ),
    "school_household": gettext_lazy("People of one home with at least one pupil of 5 to 17 years."),
    "wic_applicant": gettext_lazy(
        "A child under five, or a woman who is pregnant or has had a baby. The income is that of the home."
    ),
    "ssi_household": gettext_lazy(
        "People of one home; the first who is 65 or older or disabled claims, alone or with husband or wife."
    ),
}

RECEIVING = {
    "household": gettext_lazy("Households that receive"),
    "tax_unit": gettext_lazy("Tax returns with a refund"),
    "school_household": gettext_lazy("Households with free or reduced-price meals"),
    "wic_applicant": gettext_lazy("Applicants who are eligible"),
    "ssi_household": gettext_lazy("Households that receive"),
}
"""Which of them count as receiving."""


def changes(much_minor: int) -> dict[str, str]:
    """Return what the groups of those who gain and lose are called."""
    much = {"amount": money(much_minor, is_whole=True)}
    return {
        "gaining_much": _("Gains more than %(amount)s") % much,
        "gaining": _("Gains up to %(amount)s") % much,
        "unchanged": _("No change"),
        "losing": _("Loses up to %(amount)s") % much,
        "losing_much": _("Loses more than %(amount)s") % much,
    }


def winners(much_minor: int) -> dict[str, str]:
    """Return the columns of the table of those who gain and lose."""
    of_these = _("Of these by more than %(amount)s") % {"amount": money(much_minor, is_whole=True)}
    return {
        "gaining_all": _("Gains"),
        "gaining_much": of_these,
        "unchanged": _("No change"),
        "losing_all": _("Loses"),
        "losing_much": of_these,
    }


MARGINS = {
    "gains": gettext_lazy("More comes in beside it"),
    "none": gettext_lazy("Nothing"),
    "to_10": gettext_lazy("Up to 10 %"),
    "to_20": gettext_lazy("10 to 20 %"),
    "to_30": gettext_lazy("20 to 30 %"),
    "to_40": gettext_lazy("30 to 40 %"),
    "to_50": gettext_lazy("40 to 50 %"),
    "to_100": gettext_lazy("50 to 100 %"),
    "more": gettext_lazy("More than 100 %"),
}

HIDDEN = gettext_lazy("hidden")


def group_name(table: str, key: str) -> str:
    """Return what a group is called."""
    if table == "decile":
        number = int(key)
        if number == 1:
            return _("1 (lowest)")
        return _("10 (highest)") if number == 10 else key
    if not key:
        return _("not stated")
    known: Mapping[str, object] = HOUSEHOLD_TYPES if table == "household_type" else _districts()
    return str(known.get(key, key))


def _districts() -> dict[str, str]:
    found = dict(_state_districts())
    found |= {area.key: area.name for area in areas()}
    return found


def _state_districts() -> Mapping[str, str]:
    return {key: str(name) for key, name in STATE_DISTRICTS.items()}


STATE_DISTRICTS = {
    "north-sound": gettext_lazy("North Sound"),
    "central-sound": gettext_lazy("Central Sound"),
    "south-sound": gettext_lazy("South Sound"),
    "peninsula": gettext_lazy("Peninsula"),
    "southwest": gettext_lazy("South-west"),
    "central": gettext_lazy("Central valleys"),
    "northeast": gettext_lazy("North-east"),
    "southeast": gettext_lazy("South-east"),
}


def money(minor: float | None, *, is_change: bool = False, is_whole: bool = False) -> str:
    """Write cents as an amount.

    Args:
        minor: Cents; None is hidden.
        is_change: With its sign.
        is_whole: Without cents.
    """
    if minor is None:
        return str(HIDDEN)
    amount = Decimal(round(minor)).scaleb(-2)
    currency = current().currency
    text = (
        format_currency(abs(amount), currency, _whole_format(), _locale(), currency_digits=False)
        if is_whole
        else format_currency(abs(amount), currency, locale=_locale())
    )
    return _signed(text, amount, is_change=is_change)


def _whole_format() -> str:
    return "¤#,##0" if _locale().startswith("en") else "#,##0 ¤"


def _signed(text: str, amount: Decimal, *, is_change: bool) -> str:
    if amount < 0:
        return left_to_right(f"−{text}")  # noqa: RUF001 - the sign that people read
    return left_to_right(f"+{text}") if is_change and amount > 0 else text


def left_to_right(text: str) -> str:
    """Keep a signed number or a citation in its order on a page that is read from right to left."""
    return f"\u2066{text}\u2069" if translation.get_language_bidi() else text


def amount_band(low_minor: int | None, high_minor: int | None) -> str:
    """Return what a step of amounts is called; None is open."""
    if low_minor is None:
        return _("up to %(high)s") % {"high": money(high_minor, is_whole=True)}
    low = money(low_minor, is_whole=True)
    if high_minor is None:
        return _("above %(low)s") % {"low": low}
    return _("%(low)s to %(high)s") % {"low": low, "high": money(high_minor, is_whole=True)}


def number(value: float | None, *, is_change: bool = False) -> str:
    """Write a count; None is hidden."""
    if value is None:
        return str(HIDDEN)
    return _signed(
        str(format_decimal(abs(value), locale=_locale())), Decimal(str(value)), is_change=is_change
    )


def share(value: float | None) -> str:
    """Write a share as percent with one digit; None is hidden."""
    return str(HIDDEN) if value is None else str(format_percent(value, "0.0 %", locale=_locale()))


def points(value: float | None) -> str:
    """Write the difference of two shares in percentage points; None is hidden."""
    if value is None:
        return str(HIDDEN)
    text = format_decimal(abs(value) * 100, "0.0", locale=_locale())
    return _("%(number)s points") % {
        "number": _signed(str(text), Decimal(str(round(value, 6))), is_change=True)
    }


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en").split("@")[0]
