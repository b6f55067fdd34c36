from __future__ import annotations

from django.db import migrations, models

from commonweal.kernel.base.indexes import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_api_token"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="fact",
            name="person",
            field=models.ForeignKey(
                db_index=False, on_delete=models.CASCADE, related_name="facts", to="people.person"
            ),
        ),
    ]
