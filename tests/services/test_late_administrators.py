"""Whoever ceased to be an administrator a moment ago, in a request that was under way, changes nothing any more."""

import pytest
from django.utils import timezone

from provisioning.domain.refusals import Reason, Refusal
from provisioning.domain.widening import fingerprint
from provisioning.models import AuditEvent, GuardrailChange, Person, Standing
from provisioning.services import guardrails, memberships, teams
from tests.services.test_guardrails import change
from tests.services.test_teams import REPORTS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ending", [{"standing": Standing.NONE}, {"is_active": False}])
def test_who_was_an_administrator_a_moment_ago_changes_nothing(world, ending):
    change(world, live_limit=500)
    seen, late, now = [GuardrailChange.objects.get().pk], world.actor("admin2"), timezone.now()
    Person.objects.filter(pk=late.person_id).update(**ending)
    before, member = type(world.newsletter).objects.get(slug="newsletter").guardrail, world.people["member"]
    for act in (
        lambda: guardrails.change("newsletter", REPORTS, as_it_was=fingerprint(before), by=late, now=now),
        lambda: guardrails.confirm("newsletter", seen, by=late, now=now),
        lambda: memberships.add("newsletter", "guest@example.com", by=late, now=now),
        lambda: memberships.remove("newsletter", member.pk, by=late, now=now),
        lambda: teams.form("reports", REPORTS, by=late, now=now),
        lambda: teams.rename("newsletter", "Another", by=late, now=now),
    ):
        with pytest.raises(Refusal, match="no longer an administrator") as caught:
            act()
        assert caught.value.why is Reason.NOT_PERMITTED
        assert AuditEvent.objects.first().outcome == "refused"
    assert not AuditEvent.objects.filter(actor_name=late.name, outcome="done").exists()
