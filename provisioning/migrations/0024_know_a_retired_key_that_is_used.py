from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0023_find_what_is_to_be_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesskey",
            name="used_since_at",
            field=models.DateTimeField(null=True),
        ),
    ]
