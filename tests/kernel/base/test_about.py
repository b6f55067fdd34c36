"""What the site says about itself, and the foot of every page that leads there."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/about/accessibility/", "/about/privacy/", "/about/imprint/"])
def test_the_foot_of_each_page_leads_to_what_the_site_says_of_itself(client, db, path):
    assert f'<a href="{path}">' in client.get("/gallery").content.decode()

    answer = client.get(path)
    text = answer.content.decode()

    assert answer.status_code == 200
    assert f'<a href="{path}" aria-current="page">' in text
    assert "hello@port-alder.example" in text


@pytest.mark.parametrize("path", ["/law/", "/algorithms/", "/districts/"])
def test_the_foot_of_each_page_leads_to_what_everybody_may_see(client, db, path):
    assert f'<a href="{path}">' in client.get("/gallery").content.decode()
