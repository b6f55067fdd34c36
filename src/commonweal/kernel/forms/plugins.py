"""The section `form` of a service."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.forms.compiler.form import compile_form
from commonweal.kernel.forms.queries import feel_facts
from commonweal.kernel.forms.types.compiled import CompiledForm
from commonweal.kernel.forms.types.schema import Form


@sections.register
class FormSection(Section):
    """Pages and questions, in ``form.yaml``."""

    key: ClassVar[str] = "form"
    schema: ClassVar[type[BaseModel]] = Form
    order: ClassVar[int] = 10

    def compile(self, source: Source | None, compilation: Compilation) -> CompiledForm | None:
        """Return the compiled form, or None for a service that asks nothing; its questions become names for FEEL."""
        form = compile_form(source, compilation) if source is not None else None
        if form is not None:
            compilation.names |= form.scope.names
            form = replace(form, reader=feel_facts)
        return form
