from __future__ import annotations

from django.db import migrations, models

from commonweal.kernel.base.indexes import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0003_to_look_at"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="award",
            name="person",
            field=models.ForeignKey(
                db_index=False, on_delete=models.PROTECT, related_name="+", to="people.person"
            ),
        ),
    ]
