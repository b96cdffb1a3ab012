import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import provisioning.domain.lifecycle


class Migration(migrations.Migration):
    """Room for every kind and stage: a release that does not know of these columns leaves them at their defaults."""

    dependencies = [
        ("provisioning", "0013_what_an_amendment_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(max_length=16)),
                ("due_on", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="credential",
            name="a_known_credential_state",
        ),
        migrations.AddField(
            model_name="accesskey",
            name="cut_over_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accesskey",
            name="delete_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accesskey",
            name="retired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="alias",
            field=models.CharField(db_default="", default="", max_length=63),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="console_boundary_arn",
            field=models.CharField(db_default="", default="", max_length=256),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="external_id",
            field=models.CharField(db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="name",
            field=models.CharField(db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="password_policy",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="regions",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="retired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="awsaccount",
            name="role_arn",
            field=models.CharField(db_default="", default="", max_length=256),
        ),
        migrations.AddField(
            model_name="credential",
            name="options",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="asking",
            field=models.CharField(
                db_default="not asked", default=provisioning.domain.lifecycle.Asking["NOT_ASKED"], max_length=16
            ),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="decided_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="decision",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="lapses_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="options",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="reason",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="credentialrequest",
            name="renews",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="provisioning.credential",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="credential",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handovers",
                to="provisioning.credential",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="credential",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="provisioning.credential",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="console_access",
            field=models.CharField(db_default="read", default="read", max_length=8),
        ),
        migrations.AlterField(
            model_name="credential",
            name="state",
            field=models.CharField(
                choices=[
                    ("issuing", "Being issued"),
                    ("live", "Live"),
                    ("suspended", "Suspended"),
                    ("revoking", "Being revoked"),
                    ("revoked", "Revoked"),
                    ("unclaimed", "Unclaimed"),
                    ("expired", "Expired"),
                    ("failed", "Not issued"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="handover",
            name="key",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handover",
                to="provisioning.accesskey",
            ),
        ),
        migrations.AddIndex(
            model_name="accesskey",
            index=models.Index(
                condition=models.Q(("delete_due_at__isnull", False), ("deleted_at__isnull", True)),
                fields=["delete_due_at"],
                name="keys_to_delete",
            ),
        ),
        migrations.AddIndex(
            model_name="credentialrequest",
            index=models.Index(
                condition=models.Q(("asking__in", ("asked", "approved"))),
                fields=["lapses_at"],
                name="requests_that_lapse",
            ),
        ),
        migrations.AddIndex(
            model_name="credentialrequest",
            index=models.Index(
                condition=models.Q(("asked_at__isnull", False)),
                fields=["asking", "-asked_at"],
                name="requests_by_asking",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["issuing", "live", "suspended", "revoking", "revoked", "unclaimed", "expired", "failed"],
                    )
                ),
                name="a_known_credential_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asking__in", ["not asked", "asked", "approved", "declined", "withdrawn", "lapsed"])
                ),
                name="a_known_state_of_asking",
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asking", "approved"), _negated=True),
                    models.Q(("person", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_their_own",
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="credential",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="provisioning.credential"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                fields=("credential", "about", "due_on", "days"), name="one_reminder_for_each_threshold"
            ),
        ),
    ]
