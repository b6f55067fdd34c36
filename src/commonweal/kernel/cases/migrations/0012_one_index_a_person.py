from __future__ import annotations

from django.db import migrations, models

from commonweal.kernel.base.indexes import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_nights"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="case",
            name="applicant",
            field=models.ForeignKey(
                db_index=False, on_delete=models.PROTECT, related_name="+", to="people.person"
            ),
        ),
    ]
