from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0023_find_what_is_to_be_taken_back"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="credentialrequest",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", True)), fields=["reviewed_at"], name="reviews_by_age"
            ),
        ),
    ]
