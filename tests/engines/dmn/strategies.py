"""Hypothesis strategies for models and tables."""

from __future__ import annotations

from hypothesis import strategies as st

from commonweal.engines.dmn import model as m

TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cs", "Cc"]), max_size=20
)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}( [A-Za-z0-9]{1,6})?", fullmatch=True)
TYPES = st.none() | st.sampled_from(["string", "number", "boolean", "date", "tThing"])
CELLS = st.sampled_from(["-", "< 18", ">= 18", '"a"', '"a", "b|c"', "[1..10)", "not(5)", "true", "", "? > 3"])
HREFS = st.sampled_from(["#a", "urn:other#b"])


def variables() -> st.SearchStrategy[m.Variable]:
    return st.builds(m.Variable, name=NAMES, type_ref=TYPES)


def unary_tests() -> st.SearchStrategy[m.UnaryTests]:
    return st.builds(m.UnaryTests, text=CELLS, language=st.none(), id=st.none())


def literals() -> st.SearchStrategy[m.Literal]:
    return st.builds(m.Literal, text=TEXTS, type_ref=TYPES, description=st.none() | TEXTS)


def inputs() -> st.SearchStrategy[m.InputClause]:
    return st.builds(
        m.InputClause,
        label=st.none() | NAMES,
        expression=st.builds(m.Literal, text=NAMES, type_ref=TYPES),
        values=st.none() | st.builds(m.UnaryTests, text=st.just('"a", "b"')),
    )


def outputs() -> st.SearchStrategy[m.OutputClause]:
    return st.builds(
        m.OutputClause,
        name=NAMES,
        label=st.none() | NAMES,
        type_ref=TYPES,
        values=st.none() | st.builds(m.UnaryTests, text=st.just("1, 2")),
        default=st.none() | st.builds(m.Literal, text=st.just("0")),
    )


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[str] = CELLS) -> m.DecisionTable:
    ins = draw(st.lists(inputs(), min_size=1, max_size=3))
    outs = draw(st.lists(outputs(), min_size=1, max_size=2))
    notes = draw(st.lists(NAMES, max_size=2))
    test = st.builds(m.UnaryTests, text=cells)
    rule = st.builds(
        m.Rule,
        tests=st.lists(test, min_size=len(ins), max_size=len(ins)).map(tuple),
        outputs=st.lists(
            st.builds(m.Literal, text=st.sampled_from(["1", '"x"', "a + 1"])),
            min_size=len(outs),
            max_size=len(outs),
        ).map(tuple),
        annotations=st.lists(NAMES, min_size=len(notes), max_size=len(notes)).map(tuple),
    )
    hit, aggregation = draw(
        st.sampled_from(
            [
                ("UNIQUE", None),
                ("FIRST", None),
                ("PRIORITY", None),
                ("COLLECT", "SUM"),
                ("OUTPUT ORDER", None),
            ]
        )
    )
    return m.DecisionTable(
        inputs=tuple(ins),
        outputs=tuple(outs),
        annotations=tuple(notes),
        rules=tuple(draw(st.lists(rule, max_size=4))),
        hit_policy=hit,
        aggregation=aggregation,
        orientation=draw(st.sampled_from(["Rule-as-Row", "Rule-as-Column"])),
    )


def boxed() -> st.SearchStrategy[m.Boxed]:
    def deeper(inner: st.SearchStrategy[m.Boxed]) -> st.SearchStrategy[m.Boxed]:
        child = st.builds(m.Child, value=inner)
        some = st.builds(
            m.Quantified,
            quantifier=st.sampled_from(["some", "every"]),
            variable=NAMES,
            source=child,
            satisfies=child,
        )
        row = st.builds(m.BoxedList, items=st.lists(inner, max_size=2).map(tuple))
        entry = st.builds(m.ContextEntry, variable=st.none() | variables(), value=inner)
        binding = st.builds(m.Binding, parameter=variables(), value=st.none() | inner)
        return st.one_of(
            st.builds(m.Context, entries=st.lists(entry, max_size=3).map(tuple), type_ref=TYPES),
            st.builds(m.BoxedList, items=st.lists(inner, max_size=3).map(tuple)),
            st.builds(m.Relation, columns=st.lists(variables(), max_size=2).map(tuple), rows=st.tuples(row)),
            st.builds(m.FunctionDefinition, parameters=st.tuples(variables()), body=inner),
            st.builds(m.FunctionDefinition, body=inner, kind=st.just("Java")),
            st.builds(m.Invocation, function=inner, bindings=st.lists(binding, max_size=2).map(tuple)),
            st.builds(m.Conditional, condition=child, then=child, otherwise=child),
            st.builds(m.Filter, source=child, match=child),
            st.builds(m.For, variable=NAMES, source=child, result=child),
            some,
        )

    return st.recursive(literals() | tables(), deeper, max_leaves=5)


def requirements(*kinds: str) -> st.SearchStrategy[tuple[m.Requirement, ...]]:
    one = st.builds(m.Requirement, kind=st.sampled_from(kinds), href=HREFS)
    return st.lists(one, max_size=2).map(tuple)


def item_definitions() -> st.SearchStrategy[m.ItemDefinition]:
    leaf = st.builds(
        m.ItemDefinition,
        name=NAMES,
        type_ref=st.sampled_from(["string", "number"]),
        allowed_values=st.none() | st.builds(m.UnaryTests, text=st.just('"a","b"')),
        type_constraint=st.none() | st.builds(m.UnaryTests, text=st.just("? > 1")),
        is_collection=st.booleans(),
    )
    structure = st.builds(
        m.ItemDefinition,
        name=NAMES,
        components=st.lists(leaf, min_size=1, max_size=3).map(tuple),
        label=TEXTS,
    )
    function = st.builds(
        m.ItemDefinition,
        name=NAMES,
        function=st.builds(m.FunctionItem, parameters=st.tuples(variables()), output_type_ref=TYPES),
    )
    return leaf | structure | function


def elements() -> st.SearchStrategy[m.DrgElement]:
    authority = requirements("requiredAuthority")
    return st.one_of(
        st.builds(m.InputData, name=NAMES, variable=st.none() | variables()),
        st.builds(
            m.Decision,
            name=NAMES,
            question=st.none() | TEXTS,
            allowed_answers=st.none() | TEXTS,
            variable=st.none() | variables(),
            information=requirements("requiredDecision", "requiredInput"),
            knowledge=requirements("requiredKnowledge"),
            authority=authority,
            references=st.just((("decisionMaker", "#x"),)) | st.just(()),
            expression=st.none() | boxed(),
        ),
        st.builds(
            m.KnowledgeModel,
            name=NAMES,
            variable=variables(),
            logic=st.none()
            | st.builds(m.FunctionDefinition, parameters=st.tuples(variables()), body=literals()),
            knowledge=requirements("requiredKnowledge"),
        ),
        st.builds(
            m.DecisionService,
            name=NAMES,
            output_decisions=st.tuples(HREFS),
            input_data=st.lists(HREFS).map(tuple),
        ),
        st.builds(
            m.KnowledgeSource,
            name=NAMES,
            authority=authority,
            source_type=st.none() | TEXTS,
            location=st.none() | TEXTS,
        ),
    )


def models() -> st.SearchStrategy[m.Model]:
    item = st.builds(
        m.Import, name=NAMES | st.just(""), namespace=TEXTS, import_type=st.just(m.DMN_NAMESPACE)
    )
    return st.builds(
        m.Model,
        name=NAMES,
        namespace=TEXTS,
        description=st.none() | TEXTS,
        foreign=st.just((("{urn:vendor}colour", "blue"),)) | st.just(()),
        extension=st.none(),
        imports=st.lists(item, max_size=2).map(tuple),
        item_definitions=st.lists(item_definitions(), max_size=3).map(tuple),
        elements=st.lists(elements(), max_size=4).map(tuple),
    )
