from django.db import migrations
from django.db.models import OuterRef, Subquery


def know_them(apps, _schema_editor):
    widenings = apps.get_model("provisioning", "GuardrailChange").objects.filter(team=OuterRef("pk"), is_widening=True)
    apps.get_model("provisioning", "Team").objects.update(
        widened_at=Subquery(widenings.order_by("-at").values("at")[:1])
    )


class Migration(migrations.Migration):
    """Whoever widened a guardrail just before this release waits for a second word like everybody after it."""

    dependencies = [("provisioning", "0017_when_a_guardrail_last_became_wider")]

    operations = [migrations.RunPython(know_them, migrations.RunPython.noop)]
