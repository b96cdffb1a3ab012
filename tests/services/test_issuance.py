"""Issuing, against the sandbox."""

import pytest

from provisioning.domain.lifecycle import State
from provisioning.gateway.aws import aws
from provisioning.models import AuditEvent, Handover
from provisioning.services import issuance
from tests.builders import browser

pytestmark = pytest.mark.django_db


def test_three_successful_calls_and_no_more(world, aws_account):
    request = world.reviewed()
    before = len(aws_account.calls)
    issuance.issue(request.pk, by=world.actor("member"), browser=browser(), gateway=aws())
    made = [(call[0], call[1]) for call in aws_account.calls[before:]]
    assert made == [("CreateUser", 200), ("PutUserPolicy", 200), ("CreateAccessKey", 200)]
    assert request.credential.state == State.LIVE
    assert Handover.objects.get(pk=request.pk).sealed
    assert [event.outcome for event in AuditEvent.objects.filter(act="credential:issue")] == ["done", "begun"]
