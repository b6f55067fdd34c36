"""An invitation to sign can go out again, a bounded number of times."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_signatures"),
    ]

    operations = [
        migrations.AddField(
            model_name="signature",
            name="times_asked",
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
