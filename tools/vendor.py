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
        axe = build_axe(pack(AXE_PACKAGE, AXE_VERSION, Path(scratch)))
    for folder, entries in ((SHIPPED, [style, feel]), (FOR_TESTS, [axe])):
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
    lock = json.loads((home / "package-lock.json").read_text())["packages"]
    parts = {
        name.removeprefix("node_modules/"): known
        for name, known in sorted(lock.items())
        if name.startswith("node_modules/") and BUNDLER not in name
    }
    texts = []
    for name in parts:
        licences = sorted((home / "node_modules" / name).glob("LICEN[CS]E*"))
        said = licences[0].read_text() if licences else f"{parts[name]['license']}\n"
        texts.append(f"{name} {parts[name]['version']} ({parts[name]['license']})\n\n{said}")
    (folder / "LICENSE").write_text("\n\n".join(texts))
    return {
        "name": FEEL_PACKAGE,
        "version": FEEL_VERSION,
        "licence": "MIT",
        "source": f"npm install {' '.join(wanted)}",
        "source_integrity": lock[f"node_modules/{FEEL_PACKAGE}"]["integrity"],
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
