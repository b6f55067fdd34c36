"""The section `form` of a service."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from commonweal.kernel.base.declarations import Compilation, Section, Source, sections
from commonweal.kernel.base.types import Actor
from commonweal.kernel.files.registry import FileAccess, access
from commonweal.kernel.forms.compiler.form import compile_form
from commonweal.kernel.forms.queries import feel_facts, may_read_files
from commonweal.kernel.forms.types.compiled import CompiledForm
from commonweal.kernel.forms.types.schema import Form


@access.register
class SheetFiles(FileAccess):
    """Files of a form in progress: for whoever fills it in."""

    key: ClassVar[str] = "sheet"

    def may_read(self, actor: Actor, stream: str, subject: UUID | None) -> bool:
        """Whether the sheet is the actor's."""
        return may_read_files(actor, stream)


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
