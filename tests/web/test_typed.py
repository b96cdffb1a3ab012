"""What was typed is shown again after the password had to be given once more; opening the page does nothing."""

import re
from uuid import uuid4

import pytest

from provisioning.domain import permission
from provisioning.domain.roles import Act
from provisioning.models import AuditEvent
from provisioning.sandbox.principals import record_use
from tests.builders import open_team
from tests.services.acts import switched
from tests.web.test_teams import GUARDRAIL, LIMITS, NEW, TEAM
from tests.web.visits import signed_in, text, went_stale

pytestmark = pytest.mark.django_db
AGAIN = "/accounts/reauthenticate/"
ONCE = "o" * 24
STOP = str(uuid4())
BOTH = r"a@example\.com\s+b@example\.com\s*</textarea>"


@pytest.mark.parametrize(
    ("where", "fields", "shown"),
    [
        (
            "/people/invitations/",
            {"email": "new@example.com", "standing": "auditor", "once": ONCE},
            ['value="new@example.com"', 'value="auditor"[^>]*checked', f'value="{ONCE}"'],
        ),
        (
            GUARDRAIL,
            LIMITS | {"regions": ["eu-west-1"], "from_addresses": "*@other.example"},
            ['value="eu-west-1"[^>]*checked', r"\*@other.example"],
        ),
        (f"{TEAM}members/", {"email": "guest@example.com"}, ['value="guest@example.com"']),
        ("/people/{guest}/standing/", {"standing": "auditor"}, ['value="auditor"[^>]*checked']),
        (
            "/stops/new/?from=elsewhere",
            {"team": "newsletter", "reason": "It was misused.", "stop": STOP},
            ["Stop everything of Newsletter", ">\\s*It was misused.", f'value="{STOP}"'],
        ),
        ("/credentials/{credential}/transfer/", {"team": "successor"}, ['value="successor"[^>]*selected']),
        ("/teams/new/", NEW, ['value="Weekly reports"']),
        ("/credentials/{credential}/from-addresses/", {"from_addresses": "a@example.com\nb@example.com"}, [BOTH]),
        ("/credentials/{credential}/extension/", {"lifetime_days": "17"}, ['value="17"']),
        ("/credentials/{credential}/rotation/", {"regions": ["us-east-1"]}, ['value="us-east-1"[^>]*checked']),
    ],
)
def test_what_was_typed_is_there_again_once(world, monkeypatch, where, fields, shown):
    # Forming a team may need a fresh sign-in or not: its form keeps what was typed either way.
    needed = permission.NEEDS_FRESH_SIGN_IN | {Act.TEAM_FORM}
    monkeypatch.setattr(permission, "NEEDS_FRESH_SIGN_IN", needed)
    open_team()
    where = where.format(guest=world.people["guest"].pk, credential=world.stored(regions=("eu-central-1",)).pk)
    admin = signed_in(world, "admin")
    went_stale(admin)
    asked = admin.post(where, fields)
    assert asked.status_code == 303
    assert asked["Location"].startswith(AGAIN)
    assert "csrfmiddlewaretoken" not in str(admin.session["typed"])
    before = AuditEvent.objects.count()
    back = admin.post(asked["Location"], {"password": "sandbox-only"})
    assert back["Location"] == where
    page = admin.get(where)
    assert page.status_code == 200
    for words in shown:
        assert re.search(words, text(page)), words
    assert AuditEvent.objects.count() == before, "a GET does nothing"
    assert "typed" not in admin.session


def test_why_a_key_is_retired_all_the_same_is_there_again(world, aws_account):
    credential = world.stored()
    switched(credential)
    old = credential.keys.first()
    record_use(aws_account.world, old.key_id, "ses-smtp", "eu-central-1")
    admin = signed_in(world, "admin")
    went_stale(admin)
    where = f"/credentials/{credential.pk}/retirement/"
    asked = admin.post(where, {"key": old.key_id, "reason": "It is a stray host."})
    admin.post(asked["Location"], {"password": "sandbox-only"})
    page = text(admin.get(where))
    assert f'name="key" value="{old.key_id}"' in page
    assert re.search(r"It is a stray host\.\s*</textarea>", page)


def test_what_is_posted_elsewhere_is_not_kept(world):
    credential = world.issued()
    admin = signed_in(world, "admin")
    went_stale(admin)
    assert admin.post(f"/credentials/{credential.pk}/revocation/", {"word": "x"})["Location"].startswith(AGAIN)
    assert "typed" not in admin.session
