"""The catalogue as linked data: CPSV-AP 3.2 (SEMIC) for other catalogues, schema.org for search engines.

Concepts of the European code lists are named by their addresses and described in the graph itself, so that it can be
checked on its own. Working days have no XSD duration; a limit in working days is said in words only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rdflib import RDF, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF

from commonweal.kernel.base.jurisdiction import Agency, Jurisdiction
from commonweal.kernel.catalogue.enums import Status
from commonweal.kernel.catalogue.queries import Service
from commonweal.kernel.catalogue.types import Channel, Cost, Evidence, LegalReference, LifeEvent, Output

CPSV = Namespace("http://purl.org/vocab/cpsv#")
CV = Namespace("http://data.europa.eu/m8g/")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
AUTHORITY = "http://publications.europa.eu/resource/authority/"
LANGUAGES = {
    "ar": "ARA", "bg": "BUL", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA",
    "et": "EST", "fi": "FIN", "fr": "FRA", "ga": "GLE", "hr": "HRV", "hu": "HUN", "it": "ITA", "lt": "LIT",
    "lv": "LAV", "mt": "MLT", "nb": "NOB", "nl": "NLD", "pl": "POL", "pt": "POR", "ro": "RON", "ru": "RUS",
    "sk": "SLK", "sl": "SLV", "so": "SOM", "sv": "SWE", "tr": "TUR", "uk": "UKR", "vi": "VIE", "zh": "ZHO",
}  # fmt: skip
"""Codes of the Publications Office's list of languages; another language stands without an address of that list."""


def catalogue_graph(
    services: Sequence[Service], events: Sequence[LifeEvent], here: Jurisdiction, site: str
) -> Graph:
    """Return services as CPSV-AP.

    Args:
        services: Those to describe, all languages included.
        events: The jurisdiction's life events.
        here: The jurisdiction, for its agencies and its own description.
        site: Address of the portal, with a slash at its end; every resource is named below it.
    """
    return _Describer(here, site).catalogue(services, events)


class _Describer:
    """Puts services into one graph."""

    def __init__(self, here: Jurisdiction, site: str) -> None:
        self.here, self.site, self.graph = here, site, Graph()
        for prefix, space in (("cpsv", CPSV), ("cv", CV), ("eli", ELI), ("adms", ADMS)):
            self.graph.bind(prefix, space)

    def catalogue(self, services: Sequence[Service], events: Sequence[LifeEvent]) -> Graph:
        whole = self._node("catalogue", DCAT.Dataset)
        publisher = self._node("publisher", FOAF.Agent, identifier=self.here.key)
        self._say(publisher, DCTERMS.title, {self.here.languages[0]: self.here.name})
        self._say(whole, DCTERMS.title, {self.here.languages[0]: f"Services of {self.here.name}"})
        self._say(
            whole,
            DCTERMS.description,
            {self.here.languages[0]: "What the government offers, and how to get it."},
        )
        self.graph.add((whole, DCTERMS.publisher, publisher))
        for event in events:
            node = self._node(f"life-events/{event.key}", CV.LifeEvent, CV.Event, identifier=event.key)
            self._say(node, DCTERMS.title, {self.here.languages[0]: event.name})
            self._say(node, DCTERMS.description, {self.here.languages[0]: event.summary})
        for service in services:
            node = self._service(service)
            self.graph.add((node, DCTERMS.isPartOf, whole))
            self.graph.add((whole, DCTERMS.hasPart, node))
        return self.graph

    def _service(self, service: Service) -> URIRef:
        info, node = service.info, self._iri(f"services/{service.key}/")
        texts = _Texts(service)
        self._typed(node, CPSV.PublicService, identifier=service.key)
        self._say(node, DCTERMS.title, texts.of(info.name))
        self._say(node, DCTERMS.description, texts.of(info.description))
        for word in info.keywords:
            self._say(node, DCAT.keyword, texts.of(word))
        for language in info.languages:
            self.graph.add((node, DCTERMS.language, self._language(language)))
        self.graph.add((node, ADMS.status, self._status(service.status)))
        if info.processing.calendar_days is not None:
            days = Literal(f"P{info.processing.calendar_days}D", datatype=XSD.duration)
            self.graph.add((node, CV.processingTime, days))
        agency = next(agency for agency in self.here.agencies if agency.key == info.agency)
        self.graph.add((node, CV.hasCompetentAuthority, self._agency(agency)))
        self.graph.add((node, DCTERMS.spatial, self._area()))
        self.graph.add((node, CV.contactPoint, self._contact(service, agency)))
        for key in info.life_events:
            self.graph.add((node, CV.isGroupedBy, self._iri(f"life-events/{key}")))
        key = service.key
        parts: tuple[tuple[URIRef, Callable[[Any, _Texts, str], URIRef], str, tuple[Any, ...]], ...] = (
            (CV.hasChannel, self._channel, f"{key}/channels", info.channels),
            (CV.hasCost, self._cost, f"{key}/costs", info.cost),
            (CPSV.hasInput, self._evidence, f"{key}/evidence", info.evidence),
            (CPSV.produces, self._output, f"{key}/outputs", info.output),
            (CV.hasLegalResource, self._law, f"{key}/law", info.legal_basis),
        )
        for relation, describe, path, things in parts:
            for at, thing in enumerate(things, start=1):
                self.graph.add((node, relation, describe(thing, texts, f"{path}/{at}")))
        return node

    def _status(self, status: Status) -> URIRef:
        if status is Status.LIVE:
            return self._concept(URIRef("http://purl.org/adms/status/Completed"), "Completed")
        return self._concept(self._iri(f"concepts/status/{status}"), str(status))

    def _channel(self, channel: Channel, texts: _Texts, path: str) -> URIRef:
        node = self._node(f"services/{path}", CV.Channel, identifier=path)
        self._say(node, DCTERMS.description, texts.of(channel.details))
        kind = self._concept(self._iri(f"concepts/channel/{channel.kind}"), channel.kind)
        self.graph.add((node, DCTERMS.type, kind))
        return node

    def _cost(self, cost: Cost, texts: _Texts, path: str) -> URIRef:
        node = self._node(f"services/{path}", CV.Cost, identifier=path)
        self._say(node, DCTERMS.description, texts.of(cost.description))
        if cost.amount is not None:
            currency = self._concept(URIRef(f"{AUTHORITY}currency/{self.here.currency}"), self.here.currency)
            self.graph.add((node, CV.hasValue, Literal(float(cost.amount), datatype=XSD.double)))
            self.graph.add((node, CV.currency, currency))
        return node

    def _evidence(self, evidence: Evidence, texts: _Texts, path: str) -> URIRef:
        node = self._node(f"services/{path}", CV.Evidence, identifier=path)
        self._say(node, DCTERMS.title, texts.of(evidence.name))
        self._say(node, DCTERMS.description, texts.of(evidence.description))
        return node

    def _output(self, output: Output, texts: _Texts, path: str) -> URIRef:
        node = self._node(f"services/{path}", CV.Output, identifier=path)
        self._say(node, DCTERMS.title, texts.of(output.name))
        self._say(node, DCTERMS.description, texts.of(output.description))
        return node

    def _law(self, law: LegalReference, texts: _Texts, path: str) -> URIRef:
        node = URIRef(law.url) if law.url else self._iri(f"services/{path}")
        self._typed(node, ELI.LegalResource, identifier=law.citation)
        self._say(node, DCTERMS.title, texts.of(law.title))
        return node

    def _agency(self, agency: Agency) -> URIRef:
        node = self._node(f"agencies/{agency.key}", CV.PublicOrganisation, identifier=agency.key)
        self._say(node, SKOS.prefLabel, {self.here.languages[0]: agency.name})
        self.graph.add((node, DCTERMS.spatial, self._area()))
        return node

    def _contact(self, service: Service, agency: Agency) -> URIRef:
        node = self._node(f"services/{service.key}/contact", CV.ContactPoint)
        self.graph.add((node, CV.email, Literal(service.info.contact.email or agency.email)))
        self.graph.add((node, CV.telephone, Literal(service.info.contact.phone or agency.phone)))
        return node

    def _area(self) -> URIRef:
        return self._node("area", DCTERMS.Location)

    def _language(self, language: str) -> URIRef:
        code = LANGUAGES.get(language.partition("-")[0])
        node = URIRef(f"{AUTHORITY}language/{code}") if code else self._iri(f"concepts/language/{language}")
        return self._typed(node, DCTERMS.LinguisticSystem)

    def _concept(self, node: URIRef, label: str) -> URIRef:
        self._typed(node, SKOS.Concept)
        self._say(node, SKOS.prefLabel, {"en": label})
        return node

    def _say(self, node: URIRef, relation: URIRef, texts: Mapping[str, str]) -> None:
        for language, text in texts.items():
            if text:
                self.graph.add((node, relation, Literal(text.strip(), lang=language)))

    def _iri(self, path: str) -> URIRef:
        return URIRef(f"{self.site}{path}")

    def _node(self, path: str, *kinds: URIRef, identifier: str = "") -> URIRef:
        return self._typed(self._iri(path), *kinds, identifier=identifier)

    def _typed(self, node: URIRef, *kinds: URIRef, identifier: str = "") -> URIRef:
        for kind in kinds:
            self.graph.add((node, RDF.type, kind))
        if identifier:
            self.graph.add((node, DCTERMS.identifier, Literal(identifier)))
        return node


class _Texts:
    """A service's texts in each of its languages."""

    def __init__(self, service: Service) -> None:
        self.say = {language: service.compiled.translator(language) for language in service.info.languages}

    def of(self, text: str) -> dict[str, str]:
        main = next(iter(self.say))
        return {
            language: say(text) for language, say in self.say.items() if language == main or say(text) != text
        }


def schema_org(service: Service, agency: Agency, address: str) -> dict[str, Any]:
    """Return a service as schema.org's GovernmentService, for JSON-LD."""
    info = service.info
    return {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "@id": address,
        "name": service.name,
        "description": service.summary,
        "url": address,
        "serviceOperator": {"@type": "GovernmentOrganization", "name": agency.name, "email": agency.email},
        "audience": {"@type": "Audience", "audienceType": service.compiled.translator("")(info.audience)},
        "availableLanguage": list(info.languages),
        "availableChannel": [{"@type": "ServiceChannel", "name": channel.kind} for channel in info.channels],
        "serviceOutput": [{"@type": "Thing", "name": output.name} for output in info.output],
        "termsOfService": [law.citation for law in info.legal_basis],
    }
