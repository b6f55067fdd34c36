"""Answers are counted by the day of receipt too: that tells who waited at the end of the month before."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("statistics", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="tally",
            name="kind",
            field=models.CharField(
                choices=[
                    ("received", "Applications received"),
                    ("decided", "Applications answered"),
                    ("days", "Days until the answer"),
                    ("timely", "Answered in time"),
                    ("left", "Answered, by day of receipt"),
                    ("open", "Waiting for an answer"),
                ],
                max_length=10,
            ),
        ),
    ]
