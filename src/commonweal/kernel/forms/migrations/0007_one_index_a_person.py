from __future__ import annotations

from django.db import migrations, models

from commonweal.kernel.base.indexes import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("forms", "0006_offered"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="sheet",
            name="owner",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=models.PROTECT, related_name="+", to="people.person"
            ),
        ),
    ]
