"""Bring the few files that we ship of other people's packages into ``static/vendor``.

Needs npm on the machine of whoever raises a version; nobody who runs Commonweal needs it. Each package lands in
``<name>-<version>/`` with its licence, and ``vendor.lock`` says where every file came from and what it hashes to.
``python -m tools.vendor --check`` compares the tree with the lock and needs neither npm nor a network.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "src/commonweal/kernel/base/static/vendor"
FOR_TESTS = ROOT / "tests/journeys/vendor"
LOCK = "vendor.lock"

STYLE_PACKAGE, STYLE_VERSION = "@digdir/designsystemet-css", "1.22.0"
AXE_PACKAGE, AXE_VERSION = "axe-core", "4.14.0"
AXE_FILES = ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt")
FEEL_PACKAGE, FEEL_VERSION = "@bpmn-io/feel-editor", "2.8.0"
DMN_PACKAGE, DMN_VERSION = "dmn-js", "17.10.2"
DMN_STYLES = ("dmn-js-shared.css", "dmn-js-decision-table.css", "dmn-js-decision-table-controls.css")
DMN_FONT = "dmn-font/font/dmn.woff2"
BUNDLER, BUNDLER_VERSION = "esbuild", "0.28.2"
STYLE_PARTS = (
    "base", "button", "link", "heading", "paragraph", "label", "list", "field", "fieldset", "input",
    "validation-message", "error-summary", "tag", "details", "alert", "table",
)  # fmt: skip
THEME_LAYERS = (
    "ds.theme.size-mode", "ds.theme.size", "ds.theme.type-scale", "ds.theme.semantic",
    "ds.theme.typography.primary", "ds.theme.color",
)  # fmt: skip


def main() -> int:
    """Fetch everything anew, or check what lies there."""
    if "--check" in sys.argv:
        wrong = [*problems(SHIPPED), *problems(FOR_TESTS)]
        print("\n".join(wrong) or "vendor.lock: every file is as recorded")
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as scratch:
        style = build_style(pack(STYLE_PACKAGE, STYLE_VERSION, Path(scratch)))
        feel = build_feel_editor(Path(scratch))
        dmn = build_table_modeler(Path(scratch))
        axe = build_axe(pack(AXE_PACKAGE, AXE_VERSION, Path(scratch)))
    for folder, entries in ((SHIPPED, [style, feel, dmn]), (FOR_TESTS, [axe])):
        (folder / LOCK).write_text(json.dumps({"packages": entries}, indent=2) + "\n")
        print(f"wrote {folder / LOCK}")
    return 0


def problems(vendored: Path) -> list[str]:
    """Return what differs between a folder and its lock."""
    wrong = []
    known = {vendored / LOCK}
    for package in json.loads((vendored / LOCK).read_text())["packages"]:
        for name, digest in package["files"].items():
            path = vendored / package["folder"] / name
            known.add(path)
            if not path.is_file():
                wrong.append(f"{path}: missing")
            elif sha256(path.read_bytes()) != digest:
                wrong.append(f"{path}: changed since it was vendored")
    wrong += [
        f"{path}: not in vendor.lock" for path in vendored.rglob("*") if path.is_file() and path not in known
    ]
    return sorted(wrong)


def pack(name: str, version: str, scratch: Path) -> Path:
    """Return the archive that ``npm pack`` brings."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{name}@{version}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    return scratch / done.stdout.strip().splitlines()[-1]


def build_style(archive: Path) -> dict[str, object]:
    """Write one style sheet of the parts in use, and return its entry of the lock."""
    with tarfile.open(archive) as tar:
        files = {member.name: member for member in tar if member.isfile()}

        def read(name: str) -> str:
            stream = tar.extractfile(files[f"package/{name}"])
            assert stream is not None
            return stream.read().decode()

        theme, licence = read("dist/theme/designsystemet.css"), read("LICENSE")
        layers = dict(top_layers(theme))
        parts = {part: read(f"dist/src/{part}.css") for part in STYLE_PARTS}
    folder = SHIPPED / f"designsystemet-css-{STYLE_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    sheet = [
        f"/*! {STYLE_PACKAGE} {STYLE_VERSION} | MIT | assembled by tools.vendor */",
        "@layer ds.theme, ds.base, ds.components;",
        *[layers[name] for name in THEME_LAYERS],
        "@layer ds.base{" + parts.pop("base") + "}",
        *["@layer ds.components{" + text + "}" for text in parts.values()],
    ]
    (folder / "designsystemet.css").write_text("\n".join(sheet) + "\n")
    (folder / "LICENSE").write_text(licence)
    return {
        "name": STYLE_PACKAGE,
        "version": STYLE_VERSION,
        "licence": "MIT",
        "source": f"npm pack {STYLE_PACKAGE}@{STYLE_VERSION}",
        "source_sha256": sha256(archive.read_bytes()),
        "parts": list(STYLE_PARTS),
        "theme_layers": list(THEME_LAYERS),
        "folder": folder.name,
        "files": {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())},
    }


TABLE_MODELER = """\
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import Editor from "dmn-js-decision-table/lib/Editor";
import { is } from "dmn-js-shared/lib/util/ModelUtil";

export class TableModeler extends EditingManager {
  _getViewProviders() {
    const opens = (element) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:DecisionTable");
    return [{ id: "decisionTable", constructor: Editor, opens }];
  }
  _getInitialView(views) {
    return views[0];
  }
}
"""
"""Of dmn-js, the editor of decision tables alone; drawings and boxed expressions weigh as much again."""


def build_table_modeler(scratch: Path) -> dict[str, object]:
    """Bundle dmn-js's editor of decision tables with its styles and signs, and return its entry of the lock.

    One line of style-mod is changed: styles are adopted by the document too, since our policy forbids inline ones. The code
    that shows the watermark of bpmn.io is as it came, as its licence asks.
    """
    home = scratch / "dmn-js"
    home.mkdir()
    (home / "package.json").write_text("{}")
    wanted = [f"{DMN_PACKAGE}@{DMN_VERSION}", f"{BUNDLER}@{BUNDLER_VERSION}"]
    subprocess.run(["npm", "install", "--silent", "--save-exact", *wanted], cwd=home, check=True)
    modules = home / "node_modules"
    style_mod = modules / "style-mod/src/style-mod.js"
    before = style_mod.read_text()
    after = before.replace("!root.head && root.adoptedStyleSheets", "root.adoptedStyleSheets")
    assert after != before, "style-mod has changed: look how it mounts styles now"
    style_mod.write_text(after)
    (home / "entry.js").write_text(TABLE_MODELER)
    folder = SHIPPED / f"dmn-js-{DMN_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--bundle", "--minify", "--format=esm", "--legal-comments=none"]
    output = f"--outfile={folder / 'dmn-tables.js'}"
    bundler = modules / BUNDLER / "bin" / BUNDLER
    subprocess.run([str(bundler), "entry.js", *options, output, "--log-level=warning"], cwd=home, check=True)
    assets = modules / DMN_PACKAGE / "dist/assets"
    signs = (assets / "dmn-font/css/dmn.css").read_text()
    signs = re.sub(r"@font-face\s*{[^}]*}", "", signs)
    face = "@font-face { font-family: dmn; src: url(dmn.woff2) format('woff2'); }\n"
    sheets = [face, signs, *((assets / name).read_text() for name in DMN_STYLES)]
    (folder / "dmn-tables.css").write_text("\n".join(sheets))
    (folder / "dmn.woff2").write_bytes((assets / DMN_FONT).read_bytes())
    parts = bundled_parts(home, folder)
    return {
        "name": DMN_PACKAGE,
        "version": DMN_VERSION,
        "licence": "bpmn.io (MIT with a watermark), and those of its parts",
        "source": f"npm install {DMN_PACKAGE}@{DMN_VERSION}, bundled by {BUNDLER} {BUNDLER_VERSION}",
        "parts": {
            name: {"version": part["version"], "licence": part["license"], "integrity": part["integrity"]}
            for name, part in parts.items()
        },
        "folder": folder.name,
        "files": {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())},
    }


def bundled_parts(home: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Write the licences of all that a bundle is made of, and return what npm says of each."""
    lock = json.loads((home / "package-lock.json").read_text())["packages"]
    parts = {
        name.removeprefix("node_modules/"): known
        for name, known in sorted(lock.items())
        if name.startswith("node_modules/") and BUNDLER not in name
    }
    texts = []
    for name, part in parts.items():
        licences = sorted((home / "node_modules" / name).glob("LICEN[CS]E*"))
        licence = part.get("license", "")
        said = licences[0].read_text() if licences else f"{licence}\n"
        texts.append(f"{name} {part['version']} ({licence})\n\n{said}")
        part.setdefault("license", licence)
    (folder / "LICENSE").write_text("\n\n".join(texts))
    return parts


def build_feel_editor(scratch: Path) -> dict[str, object]:
    """Bundle the editor of FEEL with what it is made of into one module, and return its entry of the lock."""
    home = scratch / "feel-editor"
    home.mkdir()
    (home / "package.json").write_text("{}")
    wanted = [f"{FEEL_PACKAGE}@{FEEL_VERSION}", f"{BUNDLER}@{BUNDLER_VERSION}"]
    subprocess.run(["npm", "install", "--silent", "--save-exact", *wanted], cwd=home, check=True)
    (home / "entry.js").write_text(f'export {{ default as FeelEditor }} from "{FEEL_PACKAGE}";\n')
    folder = SHIPPED / f"feel-editor-{FEEL_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--bundle", "--minify", "--format=esm", "--legal-comments=none"]
    output = f"--outfile={folder / 'feel-editor.js'}"
    bundler = home / "node_modules" / BUNDLER / "bin" / BUNDLER
    subprocess.run([str(bundler), "entry.js", *options, output, "--log-level=warning"], cwd=home, check=True)
    parts = bundled_parts(home, folder)
    return {
        "name": FEEL_PACKAGE,
        "version": FEEL_VERSION,
        "licence": "MIT",
        "source": f"npm install {' '.join(wanted)}",
        "source_integrity": parts[FEEL_PACKAGE]["integrity"],
        "bundled": {name: known["version"] for name, known in parts.items()},
        "folder": folder.name,
        "files": {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())},
    }


def build_axe(archive: Path) -> dict[str, object]:
    """Write the accessibility checker that the journeys inject, and return its entry of the lock."""
    folder = FOR_TESTS / f"{AXE_PACKAGE}-{AXE_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in AXE_FILES:
            stream = tar.extractfile(f"package/{name}")
            assert stream is not None
            (folder / name).write_bytes(stream.read())
    return {
        "name": AXE_PACKAGE,
        "version": AXE_VERSION,
        "licence": "MPL-2.0",
        "source": f"npm pack {AXE_PACKAGE}@{AXE_VERSION}",
        "source_sha256": sha256(archive.read_bytes()),
        "folder": folder.name,
        "files": {path.name: sha256(path.read_bytes()) for path in sorted(folder.iterdir())},
    }


def top_layers(sheet: str) -> list[tuple[str, str]]:
    """Return name and text of each outermost ``@layer`` block."""
    found = []
    at = 0
    while match := re.compile(r"@layer ([\w.-]+)\{").search(sheet, at):
        depth, at = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(sheet[at], 0)
            at += 1
        found.append((match.group(1), sheet[match.start() : at]))
    return found


def sha256(content: bytes) -> str:
    """Return the hexadecimal digest of a file."""
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
