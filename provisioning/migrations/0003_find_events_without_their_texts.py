"""A page of the history is found in indexes that hold what filters read: without the long texts of the events."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0002_history_refuses_changes"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="auditevent",
            name="events_of_a_team",
        ),
        migrations.RemoveIndex(
            model_name="auditevent",
            name="events_of_a_credential",
        ),
        migrations.RemoveIndex(
            model_name="auditevent",
            name="events_of_an_act",
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=[
                    "-sequence",
                    "team_id",
                    "act",
                    "outcome",
                    "credential_id",
                    "subject",
                    "actor_name",
                    "request_id",
                ],
                name="events_to_filter",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=[
                    "team_id",
                    "-sequence",
                    "act",
                    "outcome",
                    "credential_id",
                    "subject",
                    "actor_name",
                    "request_id",
                ],
                name="events_of_a_team_to_filter",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["credential_id", "-sequence", "team_id"], name="events_of_a_credential"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["act", "-sequence", "team_id", "outcome"], name="events_of_an_act"),
        ),
    ]
