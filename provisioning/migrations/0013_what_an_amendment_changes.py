from django.db import migrations, models


class Migration(migrations.Migration):
    """A claim remembers what it changes: a release that does not know of it leaves it empty."""

    dependencies = [("provisioning", "0004_people_teams_and_their_life")]

    operations = [
        migrations.AddField(model_name="claim", name="change", field=models.JSONField(null=True)),
    ]
