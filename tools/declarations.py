"""Writes the declaration language from the schemas that the compiler uses: a page for people, JSON Schemas for editors.

The page is `docs/reference/services.md`, the schemas are `docs/reference/schemas/*.json`.

python -m tools.declarations           writes them
python -m tools.declarations --check   says which are out of date, and fails
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/services.md"
SCHEMAS = PAGE.parent / "schemas"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_HEAD = """\
# The declaration language

<!-- Written by `python -m tools.declarations` from the schemas that the compiler uses; do not edit. -->

A service is a folder below a jurisdiction's `services`, named by its key. `service.yaml` holds what the service is. Each
*section* stands in `service.yaml` under its key, or in a file of its own, `<section>.yaml`, beside it. Translations are in
`locale/<language>.po`, with the text of the main language as message id. `commonweal check` compiles all of it; see the guide
[Write a service](../guides/write-a-service.md).

Editors that know JSON Schema complete keys, explain them and mark mistakes while you type: `docs/reference/schemas/service.json` is for
`service.yaml`, `form.json` for `form.yaml`, and so on. Visual Studio Code with the extension *YAML* finds them by itself in this
repository; elsewhere write `# yaml-language-server: $schema=PATH` into the first line.

Files are UTF-8 text. Refused: links, YAML anchors, the same key twice, more than 2 MB a file, 300 files, 10 MB in all. Conditions,
rules and other expressions are FEEL, the expression language of DMN 1.5.
"""
_SIMPLE = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    type(None): "nothing",
    dict: "`key: value` lines",
    Any: "anything",
}
_NAMED = {"Decimal": "number", "date": "date"}
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def page() -> str:
    """Return the whole page; Django has to be ready, for the sections come from the installed apps."""
    from commonweal.kernel.base.declarations import sections  # noqa: PLC0415 - needs Django
    from commonweal.kernel.catalogue.types import LifeEvents, ServiceInfo  # noqa: PLC0415 - needs Django
    from commonweal.kernel.registers.types import Register  # noqa: PLC0415 - needs Django

    written: set[type[BaseModel]] = set()
    parts = [_HEAD, "## service.yaml\n", *_models(ServiceInfo, written)]
    for section in sorted(sections, key=lambda section: section.order):
        need = "required" if section.is_required else "optional"
        parts += [f"## Section `{section.key}` ({need})\n", *_models(section.schema, written)]
    parts += ["## life-events.yaml\n", *_models(LifeEvents, written)]
    parts += ["## registers/&lt;key&gt;.yaml\n", *_models(Register, written)]
    return "\n".join(parts).rstrip() + "\n"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of every kind of file, by name; Django has to be ready."""
    from commonweal.kernel.base.declarations import sections  # noqa: PLC0415 - needs Django
    from commonweal.kernel.base.jurisdiction import Jurisdiction  # noqa: PLC0415 - needs Django
    from commonweal.kernel.catalogue.types import LifeEvents, ServiceInfo  # noqa: PLC0415 - needs Django
    from commonweal.kernel.decisions.programmes.cases import WorkedCases  # noqa: PLC0415 - needs Django
    from commonweal.kernel.registers.types import Register  # noqa: PLC0415 - needs Django

    written = [one for one in sorted(sections, key=lambda one: one.order) if one.schema.model_fields]
    service = _schema(ServiceInfo)
    found = {"service": service}
    for section in written:
        model: type[BaseModel] = section.schema
        own = found[section.key] = _schema(model)
        part = {key: value for key, value in own.items() if key not in {"$schema", "$defs"}}
        service["properties"][section.key] = part
        service.setdefault("$defs", {}).update(own.get("$defs", {}))
    more: dict[str, type[BaseModel]] = {
        "life-events": LifeEvents,
        "register": Register,
        "jurisdiction": Jurisdiction,
        "law-cases": WorkedCases,
    }
    return found | {name: _schema(model) for name, model in more.items()}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON Schema with our own words at each key."""
    schema = model.model_json_schema(by_alias=True)
    for name, inner in {one.__name__: one for one in _all_models(model)}.items():
        part = schema if inner is model else schema.get("$defs", {}).get(name)
        if part is not None:
            _explain(part, inner)
    return {"$schema": _DIALECT, **schema}


def _all_models(model: type[BaseModel], found: set[type[BaseModel]] | None = None) -> set[type[BaseModel]]:
    found = set() if found is None else found
    if model not in found:
        found.add(model)
        for field in model.model_fields.values():
            for inner in _models_in(field.annotation):
                _all_models(inner, found)
    return found


def _explain(part: dict[str, Any], model: type[BaseModel]) -> None:
    summary, meanings = _documented(model)
    part["description"] = summary
    shapes = [part, *(one for one in part.get("anyOf", ()) if "properties" in one)]
    for name, field in model.model_fields.items():
        for shape in shapes:
            written = shape.get("properties", {}).get(field.alias or name)
            if written is not None and name in meanings:
                written["description"] = meanings[name].replace("\\|", "|")
                written.pop("title", None)


def _models(model: type[BaseModel], written: set[type[BaseModel]]) -> Iterator[str]:
    """Describe a model, then each one it holds that has not been described yet."""
    if model in written:
        return
    written.add(model)
    summary, meanings = _documented(model)
    yield f"### {model.__name__}\n\n{summary}\n"
    yield "| key | what | default | meaning |\n|---|---|---|---|"
    for name, field in model.model_fields.items():
        meaning = meanings.get(name, "")
        yield f"| `{field.alias or name}` | {_shown(field.annotation)} | {_default(field)} | {meaning} |"
    yield ""
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            yield from _models(inner, written)


def _documented(model: type[BaseModel]) -> tuple[str, dict[str, str]]:
    """Return the first paragraph of a class's docstring, and what it and its bases say of each attribute."""
    meanings: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        text = inspect.getdoc(cls) if issubclass(cls, BaseModel) and cls is not BaseModel else None
        block = (text or "").partition("Attributes:\n")[2]
        meanings |= {name: " ".join(said.split()) for name, said in _ATTRIBUTE.findall(block)}
    summary = (inspect.getdoc(model) or "").partition("\n\n")[0]
    escaped = {name: said.replace("``", "`").replace("|", "\\|") for name, said in meanings.items()}
    return " ".join(summary.split()).replace("``", "`"), escaped


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default_factory() if callable(field.default_factory) else field.default  # type: ignore[call-arg]  # ours take nothing
    if value is PydanticUndefined or value in (None, "", (), {}) or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _shown(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        shown = [_shown(one) for one in inner if one is not type(None)]
        return " or ".join(dict.fromkeys(shown))
    if origin in (tuple, list):
        return f"list: {_shown(inner[0])}"
    if origin is dict:
        return f"`key: value` lines: {_shown(inner[1])}"
    if origin is not None:
        return _shown(inner[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _SIMPLE.get(annotation) or _NAMED.get(getattr(annotation, "__name__", ""), "text")


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def main(argv: list[str]) -> int:
    """Write the page, or check it."""
    import django  # noqa: PLC0415 - slow import

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    os.environ.setdefault("COMMONWEAL_DEMO", "1")
    django.setup()
    files = {PAGE: page()}
    for name, schema in schemas().items():
        files[SCHEMAS / f"{name}.json"] = (
            json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        )
    if "--check" in argv:
        old = [path.name for path, text in files.items() if not path.is_file() or path.read_text() != text]
        sys.stdout.writelines(f"{name} is out of date: run `python -m tools.declarations`\n" for name in old)
        return int(bool(old))
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in files.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
