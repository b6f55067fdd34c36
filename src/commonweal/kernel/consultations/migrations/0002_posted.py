from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="consultation", name="days", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="consultation", name="posted_on", field=models.DateField(blank=True, null=True)
        ),
        migrations.AlterField(
            model_name="consultation", name="until_on", field=models.DateField(blank=True, null=True)
        ),
    ]
