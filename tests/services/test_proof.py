"""The proof of a login: a key that propagates, one that never works, an endpoint that does not answer."""

import time
from datetime import timedelta

import pytest

from provisioning.domain.lifecycle import Login
from provisioning.models import SmtpLogin
from provisioning.services import verification
from tests.builders import Clock, browser
from tests.services.acts import issue

pytestmark = pytest.mark.django_db


def verify(credential, shown_in, clock):
    verification.verify(
        credential.request_id, by=credential.owner.as_actor(is_fresh=True), browser=shown_in, clock=clock
    )
    return set(SmtpLogin.objects.values_list("state", flat=True))


def test_a_key_that_propagates_is_verified_with_its_time(world, aws_account):
    ours, clock = browser(), Clock()
    aws_account.settings.key_delay = 600.0
    credential = issue(world.reviewed(), shown_in=ours, clock=clock)
    assert verify(credential, ours, clock) == {Login.PROPAGATING}
    clock.now += timedelta(seconds=25)
    aws_account.settings.key_delay = 0.0
    assert verify(credential, ours, clock) == {Login.VERIFIED}
    assert SmtpLogin.objects.first().usable_after_seconds == 25


def test_a_key_that_never_works_is_stuck_after_a_minute_and_may_still_recover(world, aws_account):
    ours, clock = browser(), Clock()
    aws_account.settings.key_delay = 600.0
    credential = issue(world.reviewed(), shown_in=ours, clock=clock)
    verify(credential, ours, clock)
    clock.now += timedelta(seconds=61)
    assert verify(credential, ours, clock) == {Login.STUCK}
    aws_account.settings.key_delay = 0.0
    clock.now += timedelta(seconds=5)
    assert verify(credential, ours, clock) == {Login.VERIFIED}


def test_an_endpoint_that_does_not_answer_is_an_outcome_of_its_own(world, aws_account, settings):
    ours, clock = browser(), Clock()
    credential = issue(world.reviewed(), shown_in=ours, clock=clock)
    settings.SES_SMTP_ENDPOINTS = "eu-central-1=127.0.0.1:9/starttls,us-east-1=127.0.0.1:9/starttls"
    began = time.monotonic()
    assert verify(credential, ours, clock) == {Login.UNREACHABLE}
    assert time.monotonic() - began < 8
