import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the data that it rests on, so that PostgreSQL takes both in turn."""

    dependencies = [("provisioning", "0015_handovers_name_their_credential")]

    operations = [
        migrations.AlterField(
            model_name="handover",
            name="credential",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handovers",
                to="provisioning.credential",
            ),
        ),
    ]
