"""Last use, from the account's credential report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.domain.refusals import Refusal
from provisioning.domain.roles import system
from provisioning.gateway import smtp
from provisioning.gateway.aws import aws
from provisioning.models import AwsAccount, Credential
from provisioning.services import set_up, usage
from tests.builders import browser

pytestmark = pytest.mark.django_db
SWEEP = system("usage")


def sign_in(world, credential, shown_in):
    from provisioning.services import handover

    opened = handover.look(credential.request_id, by=world.actor("member"), browser=shown_in, now=timezone.now())
    login = smtp.SmtpLogin(opened.handover.key.key_id, opened.secrets["us-east-1"])
    assert smtp.sign_in(smtp.endpoints("us-east-1")[0], login).code == 235


def test_a_used_credential_shows_when_and_where(world, gateway):
    ours = browser()
    used, unused = world.issued(shown_in=ours), world.issued(application="never-used")
    sign_in(world, used, ours)
    assert usage.read(set_up.account(), by=SWEEP, gateway=gateway) == 1
    used.refresh_from_db()
    unused.refresh_from_db()
    assert used.last_used_region == "us-east-1"
    assert used.last_used_at is not None
    assert unused.last_used_at is None
    assert AwsAccount.objects.get().uses_read_at is not None


def test_an_older_report_changes_nothing(world, gateway):
    ours = browser()
    credential = world.issued(shown_in=ours)
    sign_in(world, credential, ours)
    usage.read(set_up.account(), by=SWEEP, gateway=gateway)
    later = Credential.objects.get(pk=credential.pk).last_used_at + timedelta(days=1)
    Credential.objects.filter(pk=credential.pk).update(last_used_at=later)
    assert usage.read(set_up.account(), by=SWEEP, gateway=gateway) == 0
    assert Credential.objects.get(pk=credential.pk).last_used_at == later


def test_only_the_sweep_reads_it(world):
    with pytest.raises(Refusal):
        usage.read(set_up.account(), by=world.actor("admin"), gateway=aws())


def test_a_console_login_shows_when_somebody_signed_in(world, aws_account, gateway):
    credential = world.console_login()
    assert usage.read(set_up.account(), by=SWEEP, gateway=gateway) == 0
    # Nobody can sign in to the pretend console, so its user is told that somebody did.
    at = timezone.now().replace(microsecond=0, tzinfo=None)
    aws_account.world.iam.users[credential.user_name].password_last_used = at
    aws_account.world.reports.clear()
    assert usage.read(set_up.account(), by=SWEEP, gateway=gateway) == 1
    credential.refresh_from_db()
    assert credential.last_used_at.replace(tzinfo=None) == at
    assert credential.last_used_region == ""
