"""CPSV-AP 3.2: the city's catalogue against the SHACL shapes of the standard; ends with `cpsv: passed/total`.

    ./cw conformance cpsv [--suite DIR]

Counted are resources of the graph whose class has a shape. The shapes are read from `--suite`, or from `cpsv-ap` in the folder of
suites; they are not in the repository.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from uuid import UUID

from rdflib import RDF, SH, Graph

SITE = "https://port-alder.example/"


def suite_folder(given: str | None) -> Path | None:
    """Return the folder with the shapes, or None where there is none."""
    if given:
        return Path(given)
    suites = os.environ.get("COMMONWEAL_SUITES")
    folder = Path(suites) / "cpsv-ap" if suites else None
    return folder if folder is not None and folder.is_dir() else None


def catalogue() -> Graph:
    """Return the city's catalogue, compiled from its folders."""
    from commonweal.kernel.base.jurisdiction import load, root
    from commonweal.kernel.catalogue.enums import Status
    from commonweal.kernel.catalogue.queries import Service, compile_service, life_events
    from commonweal.kernel.catalogue.rdf import catalogue_graph

    services = []
    for home in sorted((root() / "services").glob("*/service.yaml")):
        compiled, _ = compile_service(root(), f"services/{home.parent.name}")
        assert compiled is not None, home
        info = compiled.info
        services.append(
            Service(info.key, UUID(int=0), 1, Status.LIVE, info.name, info.summary, info, compiled)
        )
    return catalogue_graph(services, life_events(), load(root()), SITE)


def check(graph: Graph, shapes: Graph) -> tuple[int, int, str]:
    """Return how many resources conform, how many were looked at, and what is wrong with the rest."""
    from pyshacl import validate

    classes = set(shapes.objects(None, SH.targetClass))
    looked_at = {node for node, _, kind in graph.triples((None, RDF.type, None)) if kind in classes}
    _, results, text = validate(graph, shacl_graph=shapes, inference="none", advanced=False)
    wrong = {
        node
        for result in results.subjects(SH.resultSeverity, SH.Violation)
        for node in results.objects(result, SH.focusNode)
    }
    return len(looked_at - wrong), len(looked_at), text


def main(arguments: list[str]) -> int:
    """Check the catalogue."""
    parser = argparse.ArgumentParser(prog="cw conformance cpsv")
    parser.add_argument("--suite")
    folder = suite_folder(parser.parse_args(arguments).suite)
    if folder is None:
        sys.stdout.write("cpsv: SKIPPED, no shapes: give --suite DIR or set COMMONWEAL_SUITES\n")
        return 0
    passed, total, text = check(catalogue(), Graph().parse(folder / "shacl/cpsv-ap-SHACL.ttl"))
    if passed < total:
        sys.stdout.write(f"{text}\n")
    sys.stdout.write(f"cpsv: {passed}/{total}\n")
    return int(passed < total or not total)


if __name__ == "__main__":
    os.environ.setdefault("COMMONWEAL_SECRET_KEY", "reading-only")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonweal.project.settings")
    import django

    django.setup()
    sys.exit(main(sys.argv[1:]))
