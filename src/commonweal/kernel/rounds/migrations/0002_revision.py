"""Rounds count how often they were worked out, so that an officer approves exactly what they saw."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="round",
            name="revision",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
