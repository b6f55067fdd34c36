"""The colours of each jurisdiction's theme are legible: the contrasts of WCAG 2.2, computed anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools import theme

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = sorted(path.parent for path in ROOT.glob("jurisdictions/*/theme/theme.yaml"))

# (text, ground, least contrast): 7 is AAA for text, 4.5 AA, 3 what borders and marks need.
PAIRS = [
    ("text-default", "background-default", 7),
    ("text-default", "background-tinted", 7),
    ("text-default", "surface-tinted", 7),
    ("text-default", "surface-hover", 7),
    ("text-subtle", "background-default", 7),
    ("text-subtle", "background-tinted", 4.5),
    ("text-subtle", "surface-tinted", 4.5),
    ("base-contrast-default", "base-default", 7),
    ("base-contrast-default", "base-hover", 7),
    ("border-default", "background-default", 3),
    ("border-strong", "background-tinted", 3),
    ("base-default", "background-default", 3),
]
FURNITURE = [
    ("header-text", "header-background", 7),
    ("header-subtle", "header-background", 7),
    ("header-line", "header-background", 3),
]


def modes(folder):
    """The custom properties of a theme, light and dark."""
    blocks = re.findall(r":root\{\n(.*?)\}", (folder / "tokens.css").read_text(), re.DOTALL)
    return {
        mode: dict(re.findall(r"--(?:ds-color|cw)-([\w-]+):(#\w{6});", block))
        for mode, block in zip(["light", "dark"], blocks, strict=True)
    }


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_tokens_are_those_of_the_theme(folder):
    written = (folder / "tokens.css").read_text()
    assert written == theme.compiled(yaml.safe_load((folder / "theme.yaml").read_text())), (
        "run `python -m tools.theme`"
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_are_legible(folder, mode):
    tokens = modes(folder)[mode]
    found = {
        f"{colour} {text} on {ground}": contrast(tokens[f"{colour}-{text}"], tokens[f"{colour}-{ground}"])
        / least
        for colour in theme.COLOURS
        for text, ground, least in PAIRS
    }
    found |= {
        f"{text} on {ground}": contrast(tokens[text], tokens[ground]) / least
        for text, ground, least in FURNITURE
    }
    assert {pair: share for pair, share in found.items() if share < 1} == {}


@pytest.mark.parametrize("colour", ["#ffe600", "#00ff00", "#1a1aff", "#ffffff", "#000000"])
@pytest.mark.parametrize("ladder", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_any_colour_gives_a_legible_scale(colour, ladder):
    scale = {step: theme.shade(colour, *values) for step, values in ladder.items()}
    weak = {
        (text, ground): contrast(scale[text], scale[ground])
        for text, ground, least in PAIRS
        if contrast(scale[text], scale[ground]) < least
    }
    assert weak == {}
