"""Write ``tokens.css`` of a jurisdiction from the few choices in its ``theme.yaml``.

    python -m tools.theme jurisdictions/port-alder/theme

Each colour named there becomes a scale of sixteen steps, light and dark. A step keeps the colour's hue and is set
to a fixed relative luminance, so the contrast between any two steps is the same for every colour: whatever a city
chooses, its text stays legible. ``tests/kernel/base/test_theme.py`` computes the contrasts anew.

Source: WCAG 2.2 (relative luminance, contrast ratio); OKLCH, Björn Ottosson, "A perceptual color space" (2020);
names of the steps from Designsystemet.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import yaml

# Relative luminance and share of the colour's chroma, step by step.
LIGHT = {
    "background-default": (1.0, 0.0),
    "background-tinted": (0.915, 0.14),
    "surface-default": (1.0, 0.0),
    "surface-tinted": (0.84, 0.24),
    "surface-hover": (0.75, 0.34),
    "surface-active": (0.65, 0.44),
    "border-subtle": (0.62, 0.40),
    "border-default": (0.165, 1.0),
    "border-strong": (0.088, 1.0),
    "text-subtle": (0.084, 1.0),
    "text-default": (0.016, 0.75),
    "base-default": (0.075, 1.0),
    "base-hover": (0.045, 1.0),
    "base-active": (0.026, 1.0),
    "base-contrast-subtle": (0.80, 0.25),
    "base-contrast-default": (1.0, 0.0),
}
DARK = {
    "background-default": (0.0085, 0.30),
    "background-tinted": (0.0135, 0.32),
    "surface-default": (0.018, 0.34),
    "surface-tinted": (0.026, 0.40),
    "surface-hover": (0.037, 0.45),
    "surface-active": (0.055, 0.50),
    "border-subtle": (0.08, 0.45),
    "border-default": (0.24, 0.75),
    "border-strong": (0.43, 0.75),
    "text-subtle": (0.46, 0.70),
    "text-default": (0.84, 0.15),
    "base-default": (0.40, 0.80),
    "base-hover": (0.50, 0.70),
    "base-active": (0.62, 0.55),
    "base-contrast-subtle": (0.011, 0.30),
    "base-contrast-default": (0.004, 0.20),
}
FURNITURE = {  # name: (colour, light step, dark step) of the page's furniture
    "header-background": ("accent", (0.026, 1.0), (0.0105, 0.70)),
    "header-text": ("accent", (1.0, 0.0), (0.84, 0.15)),
    "header-subtle": ("accent", (0.66, 0.35), (0.55, 0.40)),
    "header-line": ("brand1", (0.30, 1.0), (0.30, 0.90)),
    "mark-field": ("accent", (0.84, 0.24), (0.70, 0.30)),
}
COLOURS = ("accent", "neutral", "brand1", "info", "success", "warning", "danger")


def main() -> int:
    """Write the tokens of the folder named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python -m tools.theme FOLDER   (the folder that holds theme.yaml)", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    (folder / "tokens.css").write_text(compiled(yaml.safe_load((folder / "theme.yaml").read_text())))
    print(f"wrote {folder / 'tokens.css'}")
    return 0


def compiled(theme: dict[str, object]) -> str:
    """Return the style sheet of a theme."""
    colours = theme["colours"]
    assert isinstance(colours, dict)
    light, dark = _mode(colours, LIGHT, 1), _mode(colours, DARK, 2)
    fixed = [
        f"--ds-font-family:{theme['font']}",
        f"--cw-font-heading:{theme['heading_font']}",
        f"--ds-border-radius-base:{theme['radius']}",
        f"--cw-edge:{theme.get('edge', 'none')}",
        "--ds-font-weight-medium:600",
        *[f"--ds-heading-{size}-font-weight:700" for size in ("2xl", "xl", "lg", "md", "sm", "xs", "2xs")],
    ]
    return (
        "/* Written by tools.theme from theme.yaml: change that file, then run it again. */\n"
        f":root{{color-scheme:light dark;\n{_lines(fixed)}}}\n"
        f":root{{\n{_lines(light)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{\n{_lines(dark)}}}}}\n"
    )


def _lines(declarations: list[str]) -> str:
    return "".join(f"{declaration};\n" for declaration in declarations)


def _mode(colours: dict[str, str], ladder: dict[str, tuple[float, float]], column: int) -> list[str]:
    found = [
        f"--ds-color-{name}-{step}:{shade(colours[name], *values)}"
        for name in COLOURS
        for step, values in ladder.items()
    ]
    for name, (colour, *modes) in FURNITURE.items():
        found.append(f"--cw-{name}:{shade(colours[colour], *modes[column - 1])}")
    inner, outer = ("background-default", "text-default")
    found.append(f"--ds-color-focus-inner:{shade(colours['neutral'], *ladder[inner])}")
    found.append(f"--ds-color-focus-outer:{shade(colours['neutral'], *ladder[outer])}")
    found.append(f"--ds-link-color-visited:{shade('#6b3fa0', *ladder['text-subtle'])}")
    return found


def shade(colour: str, luminance: float, chroma_share: float) -> str:
    """Return the colour of the same hue whose relative luminance is as asked, as near as the gamut allows."""
    _, chroma, hue = _oklch(colour)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if _luminance(_in_gamut(middle, chroma * chroma_share, hue)) < luminance:
            low = middle
        else:
            high = middle
    channels = (round(255 * _gamma(value)) for value in _in_gamut(high, chroma * chroma_share, hue))
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _in_gamut(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Return linear RGB, with as much of the chroma as the screen can show."""
    low, high = 0.0, chroma
    if all(-1e-6 <= value <= 1 + 1e-6 for value in _linear(lightness, chroma, hue)):
        low = chroma
    else:
        for _ in range(24):
            middle = (low + high) / 2
            if all(-1e-6 <= value <= 1 + 1e-6 for value in _linear(lightness, middle, hue)):
                low = middle
            else:
                high = middle
    red, green, blue = (min(1.0, max(0.0, value)) for value in _linear(lightness, low, hue))
    return red, green, blue


def _luminance(rgb: tuple[float, float, float]) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _oklch(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_degamma(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _degamma(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _gamma(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


if __name__ == "__main__":
    sys.exit(main())
