"""What a new service begins with: a small folder that compiles, for its author to change."""

from __future__ import annotations

import json

_SERVICE = """\
# What the service is. Change every line that is not true of it.
key: {key}
name: {name}
summary: {summary}
description: {summary}
agency: {agency}
audience: Everybody who lives here.
legal_basis:
  - citation: Name the article of law
    title: Say what the article is about
channels:
  - kind: online
cost:
  - amount: 0
    description: It is free.
output:
  - name: {name}
processing:
  description: You get an answer at once.
  working_days: 0
languages: [{language}]
purpose:
  description: We use your answers only for this service.
  legal_basis: Name the article of law
  kept_for: One year after our answer.

# What happens, from the application to the answer.
stages:
  team: {team}
  answer_within: {{working_days: 10}}
  retention: {{years: 1, legal_basis: Name the article of law}}
  steps:
    - {{key: apply, kind: form, label: You apply}}
    - {{key: letter, kind: letter, label: You get a letter, options: {{letter: answer}}}}
    - {{key: done, kind: close, label: Done}}
"""

_FORM = """\
# The questions, one topic a page.
pages:
  - key: reach
    title: How we reach you
    questions:
      - key: email
        type: email
        label: E-mail address
        short: your e-mail address
        autocomplete: email
        prefill: email
"""

_LETTER = """\
---
subject: {name}
summary: We have got your application.
---
Dear {{{{ recipient.name }}}},

we have got your application. Your reference is {{{{ case.reference }}}}.
"""


def new_service(
    *, key: str, name: str, summary: str, agency: str, language: str, team: str
) -> dict[str, str]:
    """Return the files of a new service, which asks for an e-mail address and answers with a letter.

    Args:
        key: Of the service.
        name: As residents know it.
        summary: One or two sentences.
        agency: Key of the agency answerable.
        language: The main language.
        team: Key of the team that works on it.
    """
    said = {"name": json.dumps(name, ensure_ascii=False), "summary": json.dumps(summary, ensure_ascii=False)}
    return {
        "service.yaml": _SERVICE.format(key=key, agency=agency, language=language, team=team, **said),
        "form.yaml": _FORM,
        "letters/answer.md": _LETTER.format(name=said["name"]),
    }
