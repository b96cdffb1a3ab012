from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0016_no_handover_without_a_credential"),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="widened_at",
            field=models.DateTimeField(null=True),
        ),
    ]
