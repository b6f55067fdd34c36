"""When a question is to be answered, in the words of somebody who reads the form on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from commonweal.engines.feel import Expression
from commonweal.engines.feel.syntax import (
    Binary,
    BooleanLiteral,
    Conjunction,
    Disjunction,
    In,
    Invocation,
    Name,
    Node,
    NullLiteral,
    NumberLiteral,
    StringLiteral,
    walk,
)
from commonweal.kernel.forms.types.schema import AnyQuestion, ChoiceQuestion

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands on paper.

    Attributes:
        number: Under which it stands, for example ``4`` or ``2b``.
        spec: As declared.
    """

    number: str
    spec: AnyQuestion


@dataclass(frozen=True, slots=True)
class Teller:
    """Says conditions in plain words.

    Attributes:
        asked: The questions that a condition may name, by key.
        translate: Puts the declaration's texts into the reader's language.
        write_number: Writes a number as the reader's language does.
    """

    asked: Mapping[str, Asked]
    translate: Translate
    write_number: Callable[[Decimal], str]

    def only_if(self, *conditions: Expression | None) -> str:
        """Return one or two sentences that say when to answer; empty where it is always.

        What cannot be said in words is not guessed: the sentence then names the questions on which it depends.
        """
        told: list[str] = []
        unsure: list[str] = []
        for part in self._parts(conditions):
            said = self._said(part)
            if said is None:
                unsure += self._numbers(part)
            elif said:
                told.append(said)
        return " ".join(filter(None, (self._sentence(told), self._doubt(unsure, is_all=not told))))

    def _parts(self, conditions: tuple[Expression | None, ...]) -> Iterator[Node]:
        for condition in conditions:
            if condition is not None:
                node = condition.node
                yield from node.operands if isinstance(node, Conjunction) else (node,)

    def _sentence(self, told: list[str]) -> str:
        if not told:
            return ""
        both = _(" and ").join(dict.fromkeys(told))
        return _("Answer this only if %(condition)s.") % {"condition": both}

    def _doubt(self, unsure: list[str], *, is_all: bool) -> str:
        numbers = ", ".join(dict.fromkeys(unsure))
        if not numbers:
            return ""
        text = (
            _("Whether you have to answer this depends on what you wrote under these questions: %(numbers)s.")
            if is_all
            else _("It also depends on what you wrote under these questions: %(numbers)s.")
        )
        return " ".join((text % {"numbers": numbers}, _("If you are not sure, answer it.")))

    def _numbers(self, node: Node) -> list[str]:
        names = (each.name for each in walk(node) if isinstance(each, Name))
        return [self.asked[name].number for name in names if name in self.asked]

    def _said(self, node: Node) -> str | None:
        """Return a condition as a clause; empty where it needs no words, None where there are none."""
        if isinstance(node, Disjunction):
            return self._either(node)
        if isinstance(node, Conjunction):
            said = [self._said(each) for each in node.operands]
            return None if None in said else _(" and ").join(filter(None, said))
        if isinstance(node, Name):
            return self._yes_no(node, is_yes=True)
        if isinstance(node, Invocation):
            return self._called(node)
        if isinstance(node, In):
            return self._among(node)
        return self._compared(node) if isinstance(node, Binary) else None

    def _either(self, node: Disjunction) -> str | None:
        keys, chosen = set(), []
        for each in node.operands:
            if not (isinstance(each, Binary) and each.operator == "=" and isinstance(each.left, Name)):
                break
            keys.add(each.left.name)
            chosen.append(each.right)
        else:
            if len(keys) == 1 and all(isinstance(each, StringLiteral) for each in chosen):
                return self._answered(keys.pop(), chosen)
        said = [self._said(each) for each in node.operands]
        return None if None in said else _(" or ").join(dict.fromkeys(filter(None, said)))

    def _yes_no(self, node: Node, *, is_yes: bool) -> str | None:
        found = self.asked.get(node.name) if isinstance(node, Name) else None
        if found is None or found.spec.type != "boolean":
            return None
        return self._clause(found, _("“%(answer)s”") % {"answer": _("Yes") if is_yes else _("No")})

    def _called(self, node: Invocation) -> str | None:
        name = node.function.name if isinstance(node.function, Name) else ""
        if name == "not" and len(node.arguments) == 1:
            return self._yes_no(node.arguments[0], is_yes=False)
        if name == "list contains" and len(node.arguments) == 2 and isinstance(node.arguments[0], Name):
            found = self.asked.get(node.arguments[0].name)
            chosen = self._labels(found, [node.arguments[1]])
            text = _("you chose %(answer)s under question %(number)s")
            return text % {"answer": chosen, "number": found.number} if found and chosen else None
        return None

    def _among(self, node: In) -> str | None:
        return self._answered(node.value.name, list(node.tests)) if isinstance(node.value, Name) else None

    def _answered(self, key: str, chosen: list[Node]) -> str | None:
        found = self.asked.get(key)
        labels = self._labels(found, chosen)
        return self._clause(found, labels) if found and labels else None

    def _clause(self, found: Asked, answer: str) -> str:
        return _("you answered %(answer)s to question %(number)s") % {
            "answer": answer,
            "number": found.number,
        }

    def _labels(self, found: Asked | None, chosen: list[Node]) -> str:
        """Return options as they stand on paper, with “or” between; empty where one of them is not known."""
        spec = found.spec if found else None
        if not isinstance(spec, ChoiceQuestion):
            return ""
        labels = {option.key: self.translate(option.label) for option in spec.options}
        keys = [each.value if isinstance(each, StringLiteral) else "" for each in chosen]
        if not all(key in labels for key in keys):
            return ""
        return _(" or ").join(_("“%(answer)s”") % {"answer": labels[key]} for key in keys)

    def _compared(self, node: Binary) -> str | None:
        left, right, operator = node.left, node.right, node.operator
        if isinstance(left, Invocation) and isinstance(left.function, Name) and left.function.name == "count":
            is_none = operator == "=" and isinstance(right, NumberLiteral) and not right.value
            return self._blank(left.arguments[0]) if is_none else None
        if not isinstance(left, Name) or left.name not in self.asked:
            return None
        if isinstance(right, NullLiteral):
            return "" if operator == "!=" else self._blank(left)
        if isinstance(right, BooleanLiteral):
            return self._yes_no(left, is_yes=right.value is (operator == "="))
        if isinstance(right, NumberLiteral):
            return self._measured(self.asked[left.name], operator, right.value)
        if operator == "=":
            return self._answered(left.name, [right])
        labels = self._labels(self.asked[left.name], [right])
        text = _("your answer to question %(number)s is not %(answer)s")
        return text % {"answer": labels, "number": self.asked[left.name].number} if labels else None

    def _blank(self, node: Node) -> str | None:
        found = self.asked.get(node.name) if isinstance(node, Name) else None
        return _("you left question %(number)s blank") % {"number": found.number} if found else None

    def _measured(self, found: Asked, operator: str, bound: Decimal) -> str | None:
        texts = {
            "=": _("what you wrote under question %(number)s is %(bound)s"),
            "!=": _("what you wrote under question %(number)s is not %(bound)s"),
            ">": _("what you wrote under question %(number)s is more than %(bound)s"),
            ">=": _("what you wrote under question %(number)s is %(bound)s or more"),
            "<": _("what you wrote under question %(number)s is less than %(bound)s"),
            "<=": _("what you wrote under question %(number)s is %(bound)s or less"),
        }
        return texts[operator] % {"number": found.number, "bound": self.write_number(bound)}
