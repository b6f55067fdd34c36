from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS
from tests.factories.people import AT
from tests.kernel.catalogue.conftest import Write

from commonweal.kernel.base.declarations import sections
from commonweal.kernel.base.types import Actor
from commonweal.kernel.catalogue.actions import publish_folder, set_status
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.rdf import ADMS, CPSV, CV

pytestmark = pytest.mark.django_db
BY = Actor.system("publish")
SITE = "http://testserver/"
CARD = URIRef(f"{SITE}services/library-card/")


@pytest.fixture(autouse=True)
def _published(home: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    settings.COMMONWEAL_JURISDICTION = str(home)
    monkeypatch.setattr(sections, "_items", {})
    write("service.yaml", old="working_days: 0", new="calendar_days: 5")
    write("service.yaml", old="languages: [en]", new="languages: [en, es]\nlife_events: [moving-home]")
    write("locale/es.po", 'msgid "Library card"\nmsgstr "Carné de biblioteca"\n')
    publish_folder("library-card", by=BY, at=AT)


def _graph(client: Client) -> Graph:
    answer = client.get("/catalogue.ttl")
    assert answer["Content-Type"] == "text/turtle; charset=utf-8"
    return Graph().parse(data=answer.content, format="turtle")


def test_a_service_is_described_in_the_terms_of_cpsv_ap(client: Client) -> None:
    graph = _graph(client)

    assert (CARD, RDF.type, CPSV.PublicService) in graph
    assert set(graph.objects(CARD, DCTERMS.title)) == {
        Literal("Library card", lang="en"),
        Literal("Carné de biblioteca", lang="es"),
    }
    assert graph.value(CARD, CV.processingTime) == Literal("P5D", datatype=XSD.duration)
    assert graph.value(CARD, CV.hasCompetentAuthority) == URIRef(f"{SITE}agencies/human-services")
    assert graph.value(graph.value(CARD, CV.hasCost), CV.hasValue) == Literal(0.0)
    assert graph.value(CARD, CV.isGroupedBy) == URIRef(f"{SITE}life-events/moving-home")
    assert graph.value(CARD, ADMS.status) == URIRef("http://purl.org/adms/status/Completed")


def test_what_is_not_translated_is_not_said_twice(client: Client) -> None:
    assert [text.language for text in _graph(client).objects(CARD, DCTERMS.description)] == ["en"]


def test_json_ld_says_the_same(client: Client) -> None:
    answer = client.get("/catalogue.jsonld")

    assert answer["Content-Type"] == "application/ld+json; charset=utf-8"
    assert Graph().parse(data=answer.content, format="json-ld").isomorphic(_graph(client))


def test_search_engines_find_the_service(client: Client) -> None:
    page = client.get("/services/library-card/").content.decode()
    about = json.loads(client.get("/services/library-card/about.jsonld").content)

    assert (
        '<link rel="alternate" type="application/ld+json" href="/services/library-card/about.jsonld">' in page
    )
    assert (about["@type"], about["name"], about["url"]) == (
        "GovernmentService",
        "Library card",
        f"{SITE}services/library-card/",
    )
    assert about["serviceOperator"]["name"] == "Department of Human Services"


def test_a_closed_service_leaves_the_catalogue(client: Client) -> None:
    from commonweal.kernel.catalogue.queries import live_version

    set_status(live_version("library-card").pk, Status.CLOSED, by=BY, at=AT)

    assert (CARD, RDF.type, CPSV.PublicService) not in _graph(client)
    assert client.get("/services/library-card/about.jsonld").status_code == 404
