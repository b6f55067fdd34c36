"""Import contracts of our own, beside those that import-linter brings."""

from __future__ import annotations

from typing import Any

import grimp
from importlinter.application import output
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck


class PublicDoors(Contract):
    """From another app, import only its public modules.

    An app is a direct child of one of ``floors``. The first name below it must be one of ``doors``,
    and no name below may begin with an underscore. Apps in ``open_apps`` show every module without
    an underscore. Type hints (`if TYPE_CHECKING:`) may name anything; the project, which is no app,
    knows every module.
    """

    type_name = "public_doors"
    # import-linter fills these fields with the values themselves.
    floors: Any = fields.SetField(subfield=fields.StringField())
    doors: Any = fields.SetField(subfield=fields.StringField())
    open_apps: Any = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - import-linter's
        """Look at every import between two apps."""
        root = min(self.floors).partition(".")[0]
        seen = grimp.build_graph(root, exclude_type_checking_imports=True)
        wrong = []
        for importer in sorted(seen.modules):
            for imported in sorted(seen.find_modules_directly_imported_by(importer)):
                if self._app(importer) not in {None, self._app(imported)} and not self._is_public(imported):
                    wrong += seen.get_import_details(importer=importer, imported=imported)
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each wrong import with its line."""
        for found in check.metadata["wrong"]:
            output.print_error(
                f"{found['importer']} -> {found['imported']} (l.{found['line_number']})", bold=False
            )
            output.print(f"    {found['line_contents']}")

    def _app(self, module: str) -> str | None:
        """The app that a module belongs to; nothing for what lies outside the floors."""
        floor = next((floor for floor in self.floors if module.startswith(f"{floor}.")), None)
        return floor and f"{floor}.{module.removeprefix(f'{floor}.').partition('.')[0]}"

    def _is_public(self, module: str) -> bool:
        app = self._app(module)
        if app is None:
            return True
        inside = module.removeprefix(app).strip(".").split(".")
        if any(name.startswith("_") for name in inside):
            return False
        return inside[0] in self.doors or app in (self.open_apps or ())
