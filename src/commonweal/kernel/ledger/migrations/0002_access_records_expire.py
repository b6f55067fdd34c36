from __future__ import annotations

from django.db import migrations

from commonweal.kernel.base.append_only import DeletableAfter


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        DeletableAfter("ledger_accessrecord", column="at", years=10),
    ]
