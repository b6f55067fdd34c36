"""What was typed when a session ended is kept for an hour."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import commonweal.kernel.base.fields


class Migration(migrations.Migration):
    dependencies = [
        ("forms", "0004_received_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Unsent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=commonweal.kernel.base.fields.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("place", models.CharField(max_length=300)),
                ("revision", models.PositiveIntegerField()),
                ("typed", commonweal.kernel.base.fields.EncryptedJSONField(default=dict)),
                ("secret_hash", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="forms.sheet"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="forms_unsent_expiry")],
            },
        ),
    ]
