"""A law that is being written lies beside a service, and counts in its rehearsals."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authoring", "0003_drafts_of_law"),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="beside",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="authoring.draft",
            ),
        ),
        migrations.AddField(
            model_name="rehearsal",
            name="law",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="authoring.draft",
            ),
        ),
    ]
