"""Our Jinja: it compiles templates to Python that does less, and writes what Jinja's own would.

Jinja prepares for everything that a name may turn out to be. A page has a thousand attributes, texts and calls, and
nearly all of them are entries of dicts, plain text, and macros: these go straight, the others Jinja's way.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple

from django.urls import get_script_prefix, get_urlconf
from django.utils import translation
from jinja2 import Environment, Template, nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame, MacroRef
from jinja2.nodes import EvalContext
from jinja2.runtime import Macro
from jinja2.utils import _PassArg, missing
from markupsafe import (  # type: ignore[attr-defined]  # the part of `escape` that replaces characters
    Markup,
    _escape_inner,
    escape,
)

_NOTHING = object()
_LATER: type[Any] = type(translation.gettext_lazy(""))
"""What ``gettext_lazy`` returns: labels of routes, navigation and enumerations."""

_TEXTS = frozenset({"_", "gettext"})


class Reader(NamedTuple):
    """For whom something is drawn.

    Attributes:
        language: In which it is.
        urlconf: Django's, where it is not the usual one.
        prefix: Before every address.
    """

    language: str | None
    urlconf: str | None
    prefix: str


_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


def reader() -> Reader:
    """Return for whom is drawn: looked up once while a template is, for a page asks a hundred times."""
    return _reader.get() or _found_reader()


def _found_reader() -> Reader:
    return Reader(translation.get_language(), get_urlconf(), get_script_prefix())


@lru_cache(maxsize=8192)
def text_of(message: str, language: str | None) -> Markup:
    """Return a text that is written once and put into a language, escaped; kept, for catalogues do not change while we run."""
    return escape(translation.gettext(message))


@contextmanager
def drawing() -> Iterator[None]:
    """Draw for the reader of now, in the language of now."""
    token = _reader.set(_found_reader())
    try:
        yield
    finally:
        _reader.reset(token)


class _Template(Template):
    """A template that looks up its reader once."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Draw it."""
        with drawing():
            return super().render(*args, **kwargs)


class _Macro(Macro):
    """A macro that looks for nothing which it does not take."""

    def __init__(
        self, environment: Environment, func: Any, name: str, arguments: list[str], *takes: bool
    ) -> None:
        super().__init__(environment, func, name, arguments, *takes)
        self._left_out = (missing,) * len(arguments)
        self._is_plain = self._default_autoescape and not any(takes[:3])

    @pass_eval_context
    def __call__(self, *args: Any, **kwargs: Any) -> str:
        """Call it, with Jinja's ``EvalContext`` before its arguments or without."""
        left_out = self._argument_count - len(args)
        if not self._is_plain or left_out < 0 or (args and type(args[0]) is EvalContext):
            return super().__call__(*args, **kwargs)
        if not kwargs:
            return str.__new__(Markup, self._func(*args, *self._left_out[:left_out]))
        rest = [kwargs.pop(name, missing) for name in self.arguments[len(args) :]]
        if kwargs:
            return super().__call__(*args, **kwargs)  # it says what is wrong
        return str.__new__(Markup, self._func(*args, *rest))


class _CodeGenerator(CodeGenerator):
    """Jinja's compiler, which writes the usual case in place and names :class:`JinjaEnvironment` for the others."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        """Compile a template; its macros are called by their names."""
        self._macros = {macro.name for macro in node.find_all(nodes.Macro)}
        super().visit_Template(node, frame)

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        """Write what makes a macro."""
        self.write("environment.")
        super().macro_def(macro_ref, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """Write ``x.y``: most are entries of dicts, nearly all others attributes."""
        self.write(f"(_x[{node.attr!r}] if (_x := ")
        self.visit(node.node, frame)
        self.write(
            f").__class__ is dict and {node.attr!r} in _x else _y if (_y := getattr(_x, {node.attr!r}, missing)) is not missing "
            f"else environment.getattr(_x, {node.attr!r}))"
        )

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """Write ``is defined`` and ``is none`` in place."""
        if node.name == "none":
            self._write_around("(", node.node, frame, " is None)")
        elif node.name == "defined" and isinstance(node.node, nodes.Getattr):
            self._write_around("environment.has(", node.node.node, frame, f", {node.node.attr!r})")
        else:
            super().visit_Test(node, frame)

    def _write_around(self, before: str, node: nodes.Node, frame: Frame, after: str) -> None:
        self.write(before)
        self.visit(node, frame)
        self.write(after)

    def visit_Call(self, node: nodes.Call, frame: Frame, *, forward_caller: bool = False) -> None:  # type: ignore[override]  # noqa: N802 - Jinja gives it by name
        """Write a call: straight, where what is called wants nothing of the context."""
        is_odd = node.dyn_args is not None or node.dyn_kwargs is not None or forward_caller
        if is_odd or not _is_escaping(frame) or not self._is_called_straight(node.node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _is_called_straight(self, node: nodes.Expr) -> bool:
        if not isinstance(node, nodes.Name):
            return isinstance(node, nodes.Getattr)
        known: Any = self.environment.globals.get(node.name)
        return node.name in self._macros or (known is not None and _PassArg.from_obj(known) is None)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not _is_escaping(frame):
            super()._output_child_pre(node, frame, finalize)
        elif not _is_text(node):
            self.write("(environment.escaped(_x) if (_x := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not _is_escaping(frame):
            super()._output_child_post(node, frame, finalize)
        elif not _is_text(node):
            self.write(").__class__ is str else _x if _x.__class__ is Markup else environment.shown(_x))")


def _is_escaping(frame: Frame) -> bool:
    return frame.eval_ctx.autoescape and not frame.eval_ctx.volatile


def _is_text(node: nodes.Expr) -> bool:
    """Whether something is one of our texts, whose function returns markup."""
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _TEXTS


class JinjaEnvironment(Environment):
    """Jinja's environment, with what the code that we compile asks for."""

    code_generator_class = _CodeGenerator
    template_class = _Template
    Macro = _Macro
    escaped = staticmethod(_escape_inner)

    @staticmethod
    def shown(value: Any) -> str:
        """Return what a template writes, escaped, where it is neither plain text nor markup."""
        if value.__class__ is _LATER:
            kept: Any = value
            return text_of(kept._args[0], reader().language)  # noqa: SLF001 - what `gettext_lazy` was given: the text alone
        return escape(value)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return a template's globals as one mapping: Jinja compares their names at every import of macros."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return ``obj.attribute``, or the entry of that name, or what stands for nothing."""
        found = getattr(obj, attribute, _NOTHING)
        if found is not _NOTHING:
            return found
        return (
            self.undefined(obj=obj, name=attribute) if type(obj) is dict else super().getattr(obj, attribute)
        )

    def has(self, obj: Any, attribute: str) -> bool:
        """Whether ``obj.attribute`` is something."""
        if type(obj) is dict and attribute in obj:
            return not isinstance(obj[attribute], self.undefined)
        return not isinstance(self.getattr(obj, attribute), self.undefined)
