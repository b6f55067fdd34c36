from __future__ import annotations

from django.db import migrations, models

from commonweal.kernel.base.indexes import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("mailbox", "0003_about_no_service"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="message",
            name="recipient",
            field=models.ForeignKey(
                db_index=False, on_delete=models.PROTECT, related_name="+", to="people.person"
            ),
        ),
        WithoutOwnIndex(
            model_name="thread",
            name="recipient",
            field=models.ForeignKey(
                db_index=False, on_delete=models.PROTECT, related_name="+", to="people.person"
            ),
        ),
    ]
