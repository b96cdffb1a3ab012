"""Issuing, against the sandbox."""

import pytest

from provisioning.domain.lifecycle import State
from provisioning.models import AuditEvent, Handover

pytestmark = pytest.mark.django_db


def test_three_successful_calls_and_no_more(world, aws_account):
    request = world.reviewed()
    aws_account.calls.clear()
    from provisioning.gateway.aws import aws
    from provisioning.services import issuance
    from tests.builders import browser

    issuance.issue(request.pk, by=world.actor("member"), browser=browser(), gateway=aws())
    assert [call[0] for call in aws_account.calls] == ["CreateUser", "PutUserPolicy", "CreateAccessKey"]
    assert request.credential.state == State.LIVE
    assert Handover.objects.get(pk=request.pk).sealed
    assert [event.outcome for event in AuditEvent.objects.filter(act="credential:issue")] == ["done", "begun"]
