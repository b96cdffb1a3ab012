from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0025_find_keys_by_their_age"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="credentialrequest",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", True)), fields=["reviewed_at"], name="reviews_by_age"
            ),
        ),
    ]
