"""Random syntax trees, for the properties of printing and evaluating."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from commonweal.engines.feel import syntax as s
from commonweal.engines.feel.types import NUMBER, STRING

NAMES = ("x", "Monthly income", "a-b", "list of x", "profit and loss")

names = st.sampled_from(NAMES).map(s.Name)
literals = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**6, places=2).map(
        s.NumberLiteral
    ),
    st.integers(0, 6000).map(lambda exponent: s.NumberLiteral(Decimal(f"1E+{exponent}"))),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6).map(s.StringLiteral),
    st.booleans().map(s.BooleanLiteral),
    st.just(s.NullLiteral()),
    st.sampled_from(["2026-09-15", "10:00:00Z", "P1D", "P2Y"]).map(s.AtLiteral),
    names,
)
keys = st.sampled_from(["k", "two words", "c+d", "if", ""])
operators = st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">="])
types = st.sampled_from([s.TypeName("number", NUMBER), s.TypeName("string", STRING)])


def _grown(inner: st.SearchStrategy[s.Node]) -> st.SearchStrategy[s.Node]:
    pairs = st.lists(inner, min_size=2, max_size=3).map(tuple)
    iteration = st.builds(s.Iteration, st.sampled_from(["i", "j k"]), inner, st.one_of(st.none(), inner))
    iterations = st.lists(iteration, min_size=1, max_size=2).map(tuple)
    tests = st.lists(
        st.one_of(inner, st.builds(s.ComparisonTest, st.sampled_from(["<", ">=", "!="]), inner)),
        min_size=2,
        max_size=2,
    ).map(tuple)
    closed = st.booleans()
    return st.one_of(
        st.builds(s.Binary, operators, inner, inner),
        st.builds(s.Negation, inner),
        pairs.filter(lambda nodes: not any(isinstance(node, s.Conjunction) for node in nodes)).map(
            s.Conjunction
        ),
        pairs.filter(lambda nodes: not any(isinstance(node, s.Disjunction) for node in nodes)).map(
            s.Disjunction
        ),
        st.builds(s.Between, inner, inner, inner),
        st.builds(s.In, inner, tests),
        st.builds(s.InstanceOf, inner, types),
        st.builds(s.RangeLiteral, inner, inner, closed, closed),
        st.lists(inner, max_size=3).map(lambda nodes: s.ListLiteral(tuple(nodes))),
        st.lists(st.tuples(keys, inner), max_size=3).map(lambda entries: s.ContextLiteral(tuple(entries))),
        st.builds(
            s.FunctionLiteral,
            st.just((s.Parameter("p q"), s.Parameter("r", s.TypeName("number", NUMBER)))),
            st.none(),
            inner,
        ),
        st.builds(s.Invocation, names, st.lists(inner, max_size=2).map(tuple)),
        st.builds(s.Invocation, names, st.tuples(inner), st.just(("p q",))),
        st.builds(s.Filter, inner, inner),
        st.builds(s.Path, inner, st.sampled_from(["k", "two words"])),
        st.builds(s.For, iterations, inner),
        st.builds(s.Quantified, st.sampled_from(["some", "every"]), iterations, inner),
        st.builds(s.If, inner, inner, inner),
    )


nodes = st.recursive(literals, _grown, max_leaves=12)
