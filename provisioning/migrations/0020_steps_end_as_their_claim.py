from django.db import migrations, models


class Migration(migrations.Migration):
    """Their columns stay, with defaults, for the release before this one; the release after it drops them."""

    dependencies = [
        ("provisioning", "0019_tell_of_issues_in_a_sweep"),
    ]

    operations = [
        migrations.AlterField(
            model_name="step",
            name="outcome",
            field=models.CharField(db_default="begun", default="begun", max_length=16),
        ),
        migrations.AlterField(
            model_name="step",
            name="aws_request_id",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="step", name="a_known_step_outcome"),
                migrations.RemoveField(model_name="step", name="outcome"),
                migrations.RemoveField(model_name="step", name="aws_request_id"),
            ]
        ),
    ]
