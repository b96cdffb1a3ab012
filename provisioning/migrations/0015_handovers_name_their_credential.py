from django.db import migrations
from django.db.models import OuterRef, Subquery


def name_the_credential(apps, _schema_editor):
    handovers = apps.get_model("provisioning", "Handover").objects.filter(credential=None)
    keys = apps.get_model("provisioning", "AccessKey").objects.filter(pk=OuterRef("key"))
    handovers.update(credential=Subquery(keys.values("credential")[:1]))


class Migration(migrations.Migration):
    """Until now a hand-over knew its credential by its key alone; the hand-over of a password has none."""

    dependencies = [("provisioning", "0014_kinds_requests_rotation_and_accounts")]

    operations = [migrations.RunPython(name_the_credential, migrations.RunPython.noop)]
