"""Where the engine stops: the last that is taken, and the first that is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.engines.feel.evaluating import codes, run, shown, value

from commonweal.engines import feel
from commonweal.engines.feel.builtins import registry
from commonweal.engines.feel.scanner import LONGEST_TEXT
from commonweal.engines.feel.types import check_weight


def refused(text: str) -> str:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile_expression(text)
    return caught.value.message


def test_a_text_has_at_most_a_million_characters() -> None:
    assert feel.compile_expression("1" + " " * (LONGEST_TEXT - 1)).evaluate() == 1
    assert refused("1" + " " * LONGEST_TEXT) == "the text is too long"


@pytest.mark.parametrize(
    ("chain", "most", "message"),
    [
        (lambda n: "1" + " + 1" * n, 250, "too many operators in a row"),
        (lambda n: "1" + " = 1" * n, 249, "too many comparisons in a row"),
        (lambda n: "x" + ".a" * n, 249, "too many paths, filters or calls in a row"),
        (lambda n: "-" * n + "1", 100, "too many minus signs in a row"),
        (lambda n: "[" * n + "1" + "]" * n, 99, "the expression is nested too deeply"),
        (lambda n: "(" * n + "1" + ")" * n, 49, "the expression is nested too deeply"),
        (lambda n: "1 instance of " + "list<" * n + "number" + ">" * n, 98, "the type is nested too deeply"),
    ],
)
def test_a_chain_or_a_nest_goes_so_far_and_no_further(chain: object, most: int, message: str) -> None:
    assert callable(chain)
    feel.compile_expression(chain(most))
    assert refused(chain(most + 1)) == message


def test_what_is_closed_again_does_not_count_as_deep() -> None:
    many = ", ".join(["(1)", "[2]", "{a: 3}", "f(4)", "[1..2]"] * 60)
    assert isinstance(value(f"count([{many}])", f=feel.Function("", ("x",), lambda v, e: v[0])), Decimal)
    types = " and ".join(["x instance of list<list<number>>"] * 60)
    feel.compile_expression(types)


def test_a_call_gives_its_depth_back() -> None:
    evaluation = feel.Evaluation(limits=feel.Limits(depth=3))
    text = "{f: function(x) x, r: for i in 1..50 return f(f(i))}.r"

    found = feel.compile_expression(text).evaluate({}, evaluation)

    assert isinstance(found, list)
    assert (len(found), evaluation.depth) == (50, 0)


def test_calls_may_nest_as_deep_as_the_limit() -> None:
    text = "{f: function(n, g) if n = 0 then 0 else g(n - 1, g), r: f(n, f)}.r"
    scope = feel.Scope({"n": feel.NUMBER})

    def deep(n: int) -> feel.Value:
        evaluation = feel.Evaluation(limits=feel.Limits(depth=10))
        return feel.compile_expression(text, scope).evaluate({"n": n}, evaluation)

    assert deep(9) == 0
    with pytest.raises(feel.FeelLimitError, match=r"^calls are nested more than 10 deep$"):
        deep(10)


def test_a_value_has_at_most_a_million_parts() -> None:
    assert check_weight([None] * 999_999) == 1_000_000
    with pytest.raises(feel.FeelLimitError, match=r"^a value has more than 1000000 parts$") as caught:
        check_weight([None] * 1_000_000)
    assert caught.value.budget == "size"
    assert check_weight({"a": [1, 2]}, "x") == 5


def test_the_whole_numbers_of_an_iteration_are_bounded() -> None:
    assert value("for i in a..a return i", a=10**30) == [Decimal(10) ** 30]
    assert codes("for i in a..a return i", a=11 * 10**29) == ["iteration"]
    assert value("for i in a..a return i", a=-(10**30)) == [-(Decimal(10) ** 30)]


def test_a_thousand_warnings_are_kept() -> None:
    assert len(codes("for i in 1..1000 return 1/0")) == 1000
    assert len(codes("for i in 1..1001 return 1/0")) == 1000


@pytest.mark.parametrize(
    ("text", "expected", "warnings"),
    [
        ("2 ** 1E20", "null", ["arithmetic"]),
        ('@"2026-09-15" - 5', "null", ["operand-type"]),
        ('5 - @"P1D"', "null", ["operand-type"]),
        ('"a" - @"P1D"', "null", ["operand-type"]),
        ('@"P1Y" - @"P1D"', "null", ["operand-type"]),
        ('@"P1D" * 2.5', "P2DT12H", []),
        ('2.5 * @"P1D"', "P2DT12H", []),
        ('2 * @"P1Y"', "P2Y", []),
        ('@"P1D" * @"P1D"', "null", ["operand-type"]),
        ('@"P1D" / @"PT12H"', "2", []),
        ('@"P1Y" / @"P1M"', "12", []),
        ('@"P1Y" / @"P1D"', "null", ["operand-type"]),
        ('@"P1Y" / 2', "P6M", []),
        ('"a" / 2', "null", ["operand-type"]),
        ('"a" * 2', "null", ["operand-type"]),
        ('"a" ** 2', "null", ["operand-type"]),
        ("if false then 1 else 2", "2", []),
        ("if null then 1 else 2", "2", []),
        ("if 1 then 1 else 2", "2", ["operand-type"]),
        ('date and time("2026-09-15")', "2026-09-15T00:00:00", []),
        ('date and time("2026-09-15TT10:00:00")', "null", ["conversion"]),
        ('date and time("x10:00:00")', "null", ["conversion"]),
        ('time("10:00:00@Mars/Olympus")', "null", ["conversion"]),
        (f'time("10:00:00@{"a" * 65}")', "null", ["conversion"]),
        ('number("1" + "x")', "null", ["conversion"]),
    ],
)  # fmt: skip
def test_a_value_or_a_warning(text: str, expected: str, warnings: list[str]) -> None:
    found, evaluation = run(text)

    assert feel.value_text(found) == expected
    assert [warning.code for warning in evaluation.warnings] == warnings


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("u + 1", {}, feel.UNKNOWN),
        ("1 - u", {}, feel.UNKNOWN),
        ("u * 2", {}, feel.UNKNOWN),
        ("2 / u", {}, feel.UNKNOWN),
        ("2 ** u", {}, feel.UNKNOWN),
        ("u between 1 and 2", {}, feel.UNKNOWN),
        ("5 between u and 2", {}, False),
        ("1 between 2 and u", {}, False),
        ("u in [1..2]", {}, feel.UNKNOWN),
        ("if u then 1 else 1", {}, Decimal(1)),
        ("if u then 1 else 2", {}, feel.UNKNOWN),
        ("if u then v else v", {"v": feel.UNKNOWN}, feel.UNKNOWN),
    ],
)
def test_unknown_operands_leave_unknown_what_they_decide(
    text: str, names: dict[str, object], expected: feel.Value
) -> None:
    assert value(text, u=feel.UNKNOWN, **names) == expected


def test_a_condition_that_does_not_matter_is_not_missed() -> None:
    scope = feel.Scope({"u": feel.ANY})
    for text, missing in (("if u then 1 else 1", []), ("if u then 1 else 2", ["u"])):
        evaluation = feel.Evaluation()
        feel.compile_expression(text, scope).evaluate({"u": feel.UNKNOWN}, evaluation)
        assert evaluation.missing == missing


# ---- declarations of functions -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "type_", "nullable"),
    [
        ("number", "number", False),
        ("number?", "number", True),
        ("any", "Any", False),
        ("any?", "Any", True),
        ("list", "list<Any>", False),
        ("range", "range<Any>", False),
        ("function?", "function<> -> Any", True),
        ("date and time", "date and time", False),
    ],
)
def test_a_parameter_is_declared_by_the_name_of_its_kind(kind: str, type_: str, nullable: bool) -> None:
    spec = registry._parameter("x", kind)

    assert (spec.name, str(spec.type), spec.nullable) == ("x", type_, nullable)
    assert (spec.quick is None) is (type_ == "Any")


def test_a_function_is_declared_by_its_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "FUNCTIONS", {})

    @registry.builtin("pick", "from: list, count?: number?", feel.NUMBER)
    def first(evaluation: feel.Evaluation, *given: feel.Value) -> feel.Value:
        return None

    @registry.builtin("pick", "items...: any", feel.STRING, sees_unknown=True, is_pure=False)
    def second(evaluation: feel.Evaluation, *given: feel.Value) -> feel.Value:
        return None

    one, other = registry.FUNCTIONS["pick"].signatures
    assert [(p.name, str(p.type), p.nullable) for p in one.parameters] == [
        ("from", "list<Any>", False),
        ("count", "number", True),
    ]
    assert (one.result, one.implementation) == (feel.NUMBER, first)
    assert [(p.name, str(p.type)) for p in other.parameters] == [("items", "Any")]
    assert (other.result, other.implementation) == (feel.STRING, second)
    pick = registry.FUNCTIONS["pick"]
    assert [pick.for_count(count) for count in range(4)] == [None, one, one, other]
    assert (one.sees_unknown, one.is_pure) == (False, True)
    assert (other.sees_unknown, other.is_pure) == (True, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"if": 1}', '{"if": 1}'),
        ('{"a  b": 1}', '{"a  b": 1}'),
        ('{"": 1}', '{"": 1}'),
        ('{"a&b": 1}', '{"a&b": 1}'),
        ("{two words: 1}", "{two words: 1}"),
        ("0.000", "0.000"),
        ("1E-99", "0." + "0" * 98 + "1"),
        ("1E-100", "1E-100"),
        ("1E+3", "1E+3"),
        ("0E+3", "0"),
    ],
)
def test_printing_keeps_what_was_written(text: str, expected: str) -> None:
    printed = feel.unparse(feel.parse(text))

    assert printed == expected
    assert feel.parse(printed) == feel.parse(text)


def test_hints_name_what_was_probably_meant() -> None:
    def hint(text: str) -> str:
        scope = feel.Scope(
            {"income": feel.NUMBER, "rows": feel.ListType(feel.ContextType.of({"amount": feel.NUMBER}))}
        )
        return next(problem.hint for problem in feel.compile_expression(text, scope).problems)

    assert hint("incone + 1") == "did you mean `income`?"
    assert hint("INCOME") == "did you mean `income`?"
    assert hint("rows[amont > 1]") == "did you mean `amount`?"
    assert hint("for item index in [1] return item indx") == "did you mean `item index`?"
    assert hint("sqrtt(4)") == "did you mean `sqrt`?"
    assert hint("xyz") == ""


@pytest.mark.parametrize(
    ("text", "character", "hint"),
    [
        ("a & b", "&", "write `and`"),
        ("a | b", "|", "write `or`"),
        ("a ! b", "!", "write `!=` or `not(…)`"),
        ("a % b", "%", "write `modulo(a, b)`"),
        ("a ^ b", "^", "write `**`"),
        ("f(a; b)", ";", "write `,`"),
        ("\u201ca", "\u201c", 'use straight quotes "'),
        ("a\u201d", "\u201d", 'use straight quotes "'),
        ("a # b", "#", ""),
    ],
)
def test_a_character_of_another_language_gets_a_hint(text: str, character: str, hint: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile_expression(text)

    error = caught.value
    assert (error.message, error.hint) == (f"unexpected character {character!r}", hint)
    assert (error.line, error.column) == (1, text.index(character) + 1)


def test_what_is_not_closed_gets_a_hint() -> None:
    for text, message, hint in (
        ('1 + "a', "a string is not closed", 'end it with "'),
        ("1 + /* a", "a comment is not closed", "end it with */"),
    ):
        with pytest.raises(feel.FeelSyntaxError) as caught:
            feel.compile_expression(text)
        assert (caught.value.message, caught.value.hint, caught.value.column) == (message, hint, 5)


def test_a_text_of_functions_names_them() -> None:
    assert shown("string(function(a) a)") == "function(a)"
    assert repr(value("max")) == "<Function max(list)>"
