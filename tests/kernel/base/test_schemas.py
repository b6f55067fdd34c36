from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commonweal.kernel.base.documents import parse_yaml
from commonweal.kernel.base.schemas import closest, schema_problems


class Bird(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["bird"]
    wings: int


class Fish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["fish"]
    colour: Literal["red", "blue"] = "red"


class Zoo(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    animals: list[Annotated[Bird | Fish, Field(discriminator="kind")]] = []


def _problems(text: str, at: tuple[str | int, ...] = ()) -> list[str]:
    document = parse_yaml(text.encode(), "zoo.yaml")
    value = document.data
    for part in at:
        value = value[part]
    with pytest.raises(ValidationError) as caught:
        Zoo.model_validate(value)
    return [str(problem) for problem in schema_problems(document, caught.value, at=at, schema=Zoo)]


def test_a_misspelt_key_is_answered_with_the_right_one() -> None:
    assert _problems("nmae: A\nname: B\n") == [
        "zoo.yaml:1:7: 'nmae' is not known here. Did you mean 'name'?",
    ]


def test_a_wrong_type_and_a_missing_key_name_line_and_column() -> None:
    assert _problems("animals: 3\n") == [
        "zoo.yaml:1:1: 'name' is missing. Add it.",
        "zoo.yaml:1:10: 'animals' must be a list.",
    ]


def test_problems_within_a_section_stand_at_their_place_in_the_file() -> None:
    text = "zoo:\n  name: A\n  animals:\n    - {kind: fish, colour: rde}\n"

    assert "zoo.yaml:4:28: 'rde' is not a possible value of 'colour'. Did you mean 'red'?" in _problems(
        text, ("zoo",)
    )


def test_a_misspelt_key_inside_a_list_knows_the_keys_of_its_item() -> None:
    assert _problems("name: A\nanimals:\n  - {kind: bird, wigns: 2, wings: 2}\n") == [
        "zoo.yaml:3:25: 'wigns' is not known here. Did you mean 'wings'?",
    ]


def test_closest_lists_the_known_words_when_none_is_near() -> None:
    assert closest("zzz", ["b", "a"]) == "Known: a, b."
    assert closest("zzz", []) == ""
