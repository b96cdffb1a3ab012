"""The pages of a rotation: what they say, offer and refuse, and that the hand-over of a second key is told as one."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from provisioning.models import AuditEvent, Credential, Handover, Team
from provisioning.sandbox.principals import record_use
from provisioning.services import second_keys
from tests.builders import browser
from tests.services.acts import as_approved, retire, rotate, stored
from tests.services.test_guardrails import change
from tests.services.truth import Truth
from tests.web.test_request_form import beside
from tests.web.visits import Visit, heading, signed_in, text, went_stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(world) -> Visit:
    """A credential in one region, its first key stored."""
    made = Visit.issued(world, regions="eu-central-1")
    made.look()
    made.post("confirmation/")
    return made


@pytest.fixture
def here(visit) -> str:
    return f"/credentials/{visit.credential.pk}/"


@pytest.fixture
def second(visit) -> Visit:
    """The second key, handed over and not looked at."""
    made = Visit.rotating(visit.client, visit.credential)
    assert made.post().status_code == 303
    return made


def key_ids(visit):
    return list(visit.credential.keys.order_by("made_at").values_list("key_id", flat=True))


def test_the_first_page_says_what_happens_and_offers_what_is_not_there(visit, here):
    page = text(visit.client.get(f"{here}rotation/"))
    assert "user name changes, too" in page
    assert key_ids(visit)[0] in page
    assert "never, as far as AWS has told" in page
    assert 'value="us-east-1"' in page
    assert 'value="eu-central-1"' not in page


def test_the_review_is_exact_and_its_button_rotates_once(visit, here):
    review = text(visit.client.post(f"{here}rotation/", {"regions": "us-east-1"}))
    assert "Two calls to AWS" in review
    assert "<mark>us-east-1</mark>" in review
    assert visit.credential.keys.count() == 1
    second = Visit.rotating(visit.client, visit.credential)
    assert "One call to AWS" in second.reviewed
    for _ in range(2):
        assert second.post().status_code == 303
    assert visit.credential.keys.count() == 2
    assert "Store weekly-digest now" in text(second.get())
    assert "Unseen, the new key is deleted" in text(visit.client.get("/"))
    assert f'href="{second.address}"' in text(visit.client.get(here))


def test_its_button_needs_a_password_of_late_and_the_browser_of_the_review(world, visit):
    second = Visit.rotating(visit.client, visit.credential)
    went_stale(visit.client)
    assert second.post()["Location"].startswith("/accounts/reauthenticate/")
    other = signed_in(world, "member").post(second.address)
    assert (other.status_code, heading(other)) == (403, "This browser did not make the review")
    assert visit.credential.keys.count() == 1


def test_in_another_browser_its_new_key_is_only_lost(world, visit, second):
    page = text(signed_in(world, "member").get(second.address))
    assert "weekly-digest waits in another browser" in page
    assert "I lost it: delete the new key" in page
    assert "look/" not in page


def test_a_review_that_is_too_old_leads_back_to_the_rotation(visit, here):
    second = Visit.rotating(visit.client, visit.credential)
    second_key = visit.credential.renewals.get()
    second_key.reviewed_at -= timedelta(hours=2)
    second_key.save()
    assert heading(second.get()) == "weekly-digest has not been rotated"
    response = second.post()
    assert response.status_code == 409
    assert f'href="{here}rotation/"' in text(response)


def test_somebody_else_of_the_team_may_rotate_and_gets_the_secret_alone(world, visit, second):
    admin = signed_in(world, "admin")
    second.look()
    second.post("confirmation/")
    visit.client.post(f"{visit_address(visit)}switch-over/")
    visit.client.post(f"{visit_address(visit)}retirement/", {})
    visit.client.post(f"{visit_address(visit)}retirement/", {"now": "1"})
    theirs = Visit.rotating(admin, visit.credential)
    assert theirs.post().status_code == 303
    assert heading(theirs.get()) == "Store weekly-digest now"
    assert theirs.look().status_code == 200
    assert visit.client.get(theirs.address).status_code == 403


def visit_address(visit):
    return f"/credentials/{visit.credential.pk}/"


def test_a_lost_secret_deletes_the_new_key_and_leads_to_the_credential(visit, here, second):
    second.look()
    assert "I lost it: delete the new key" in text(second.get())
    response = second.post("loss/")
    assert response["Location"] == here
    assert "The new key is deleted" in text(visit.client.get(here))
    assert visit.credential.state == "live"
    assert visit.credential.keys.kept().count() == 1


def test_what_nobody_looked_at_says_that_the_old_key_works(visit, second):
    Handover.objects.filter(pk=second.id).update(made_at=timezone.now() - timedelta(minutes=16))
    page = text(second.get())
    assert "the new key is deleted. The old one works as before" in page


def test_where_aws_has_no_room_the_page_names_the_key_that_nobody_here_made(visit, here, aws_account):
    truth = Truth(aws_account)
    second = Visit.rotating(visit.client, visit.credential)
    by_hand = truth.root.create_access_key(UserName=visit.credential.user_name)["AccessKey"]["AccessKeyId"]
    answer = second.post()
    assert answer.status_code == 502
    assert by_hand in text(answer)
    assert second_keys.NOTHING in text(answer)
    assert heading(second.get()) == "weekly-digest was not rotated"
    page = text(visit.client.get(f"{here}rotation/"))
    assert "has two keys already" in page
    assert 'data-state="unknown"' in page
    assert f"--access-key-id {by_hand}" in page


def test_the_page_leads_from_step_to_step(visit, here, second):
    def at():
        page = text(visit.client.get(here))
        return page.partition('aria-current="step">')[2].partition("<")[0]

    old, _ = key_ids(visit)
    assert at() == "Store"
    second.look()
    second.post("confirmation/")
    assert at() == "Switch"
    assert visit.client.post(f"{here}switch-over/").status_code == 303
    assert at() == "Retire"
    assert visit.client.post(f"{here}retirement/", {"key": old}).status_code == 303
    page = text(visit.client.get(here))
    assert f"Reactivate {old}" in page
    assert "A retired key is deleted two weeks after it was retired" in text(visit.client.get(f"{here}rotation/"))
    assert 'data-state="retired"' in page
    assert heading(visit.client.get(f"{here}retirement/?key={old}")) == f"{old} is retired"
    assert visit.client.post(f"{here}reactivation/").status_code == 303
    assert at() == "Retire"
    told = text(visit.client.get(here))
    assert "Retired a key" in told
    assert "Reactivated a retired key" in told


def test_still_in_use_asks_for_a_reason_and_keeps_what_was_typed(visit, here, second, aws_account):
    old, _ = key_ids(visit)
    second.look()
    second.post("confirmation/")
    record_use(aws_account.world, old, "ses-smtp", "eu-central-1")
    page = text(visit.client.get(f"{here}retirement/?key={old}"))
    assert "is still in use" in page
    assert "SMTP, eu-central-1" in page
    response = visit.client.post(f"{here}retirement/", {"key": old, "reason": ""})
    assert response.status_code == 422
    assert "whatever still uses it stops sending" in text(response)
    assert visit.client.post(f"{here}retirement/", {"key": old, "reason": "The host is gone."}).status_code == 303
    assert "The host is gone." in text(visit.client.get(here))


def test_the_auditor_reads_and_is_offered_nothing(world, visit, here, second):
    page = text(signed_in(world, "auditor").get(here))
    assert "Rotation" in page
    assert f'href="{here}rotation/"' not in page


def test_the_list_and_its_file_say_the_age_of_the_oldest_key_in_use(world, visit, here, second):
    Credential.objects.get().keys.filter(key_id=key_ids(visit)[0]).update(made_at=timezone.now() - timedelta(days=95))
    rows = list(csv.DictReader(io.StringIO(text(visit.client.get("/credentials.csv")))))
    assert rows[0]["oldest key (days)"] == "95"
    assert "95 days" in text(visit.client.get("/credentials/"))


APPROVED = "You approved the request for weekly-digest. member@example.com, whose it is, or another administrator can"


def withheld(client, credential, words):
    """Whether both pages say `words` instead of offering what would be refused."""
    here = f"/credentials/{credential.pk}/"
    page, first = text(client.get(here)), text(client.get(f"{here}rotation/"))
    assert words in page
    assert f'href="{here}rotation/"' not in page
    assert words in first
    assert f'action="{here}rotation/"' not in first
    assert credential.keys.get().key_id in first, "which keys there are may be seen"
    return True


def test_who_approved_it_is_told_who_rotates_it_before_they_try(world):
    credential = as_approved(world, by="admin")
    admin, here = signed_in(world, "admin"), f"/credentials/{credential.pk}/"
    assert withheld(admin, credential, APPROVED)
    refused = admin.post(f"{here}rotation/", {})
    assert (refused.status_code, heading(refused)) == (403, "Who approves does not see the secret")
    assert APPROVED in text(refused)
    assert f'href="{here}"' in text(refused)
    for name in ("admin2", "member"):
        assert f'href="{here}rotation/"' in text(signed_in(world, name).get(here))
    assert Visit.rotating(signed_in(world, "admin2"), credential).post().status_code == 303


def test_who_widened_the_limits_is_told_until_when_and_whose_word_it_takes(world, visit):
    admin = signed_in(world, "admin")
    early = Visit.rotating(admin, visit.credential)
    change(world, "admin", live_limit=9)
    assert withheld(admin, visit.credential, "You widened the guardrail of Newsletter. Until")
    for refused in (admin.post(f"{visit_address(visit)}rotation/", {}), early.post()):
        assert refused.status_code in {409, 422}
        assert "only if another administrator agrees, on the page of the team: admin2@example.com." in text(refused)
    assert visit.credential.keys.count() == 1
    assert f'href="{visit_address(visit)}rotation/"' in text(visit.client.get(visit_address(visit)))


def test_no_region_is_offered_where_it_would_be_refused_and_one_posted_all_the_same_is_kept(visit, here):
    Team.objects.filter(slug="newsletter").update(longest_lifetime_days=30)
    page = text(visit.client.get(f"{here}rotation/"))
    assert "It gets no more regions. 90 days is longer than Newsletter may: 30." in page
    assert 'value="us-east-1"' not in page
    response = visit.client.post(f"{here}rotation/", {"regions": "us-east-1"})
    assert response.status_code == 422
    said = beside(text(response), "regions")
    assert "90 days is longer than Newsletter may: 30." in said
    assert "ask an administrator for a new credential" in said
    assert re.search(r'value="us-east-1"[^>]* checked', text(response))
    assert Visit.rotating(visit.client, visit.credential).post().status_code == 303


@pytest.mark.parametrize(("less", "is_offered"), [({"regions": ("eu-central-1",)}, False), (None, True)])
def test_a_region_is_offered_only_if_the_approval_of_the_credential_had_it(world, less, is_offered):
    credential = as_approved(world, less=less)
    Credential.objects.update(regions=["eu-central-1"])
    page = text(signed_in(world, "member").get(f"/credentials/{credential.pk}/rotation/"))
    assert ('value="us-east-1"' in page) is is_offered
    said = "admin2@example.com approved it for digest@example.com in eu-central-1, until"
    assert (said in page) is not is_offered


def test_while_a_secret_waits_to_be_stored_the_form_is_not_offered(world):
    credential = world.issued()
    response = signed_in(world, "member").get(f"/credentials/{credential.pk}/rotation/")
    assert (response.status_code, heading(response)) == (409, "weekly-digest is still being handed over")
    assert "member@example.com has until" in text(response)


# The new key ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def switched_over(visit, here, second):
    """Both keys, old and new: the new one is stored, and everything is said to use it."""
    second.look()
    second.post("confirmation/")
    visit.client.post(f"{here}switch-over/")
    return key_ids(visit)


def row_of(page, key_id):
    """The row of one key in the table of a page."""
    return next(row for row in page.split("<tr")[1:] if f"<code>{key_id}</code>" in row).partition("</tr>")[0]


def test_keys_are_marked_old_and_new_and_the_new_one_is_retired_only_with_a_reason(visit, here, switched_over):
    old, new = switched_over
    for page in (text(visit.client.get(f"{here}rotation/")), text(visit.client.get(here))):
        assert "the old key" in row_of(page, old)
        assert "the new key" in row_of(page, new)
    offered = text(visit.client.get(f"{here}rotation/"))
    assert "Retire the old key" in row_of(offered, old)
    assert "only with a reason: everything is to use it" in row_of(offered, new)
    asked = visit.client.get(f"{here}retirement/?key={new}")
    assert heading(asked) == f"Retire the new key, {new}?"
    assert "Everything was switched to it on" in text(asked)
    assert "Retire it all the same" in text(asked)
    response = visit.client.post(f"{here}retirement/", {"key": new, "reason": ""})
    assert response.status_code == 422
    assert "To retire the new key all the same, say why" in text(response)
    assert visit.credential.keys.in_use().count() == 2
    assert visit.client.post(f"{here}retirement/", {"key": new, "reason": "It leaked."}).status_code == 303
    assert visit.credential.keys.in_use().get().key_id == old
    assert f"<code>{new}</code>, the new key, was retired" in text(visit.client.get(here))


def test_a_region_whose_only_key_is_retired_is_said_to_have_lost_it(world, visit, here):
    ours = browser()
    stored(rotate(visit.credential, "us-east-1", shown_in=ours).pk, shown_in=ours)
    new = visit.credential.keys.last()
    assert "lost its key" not in text(visit.client.get(here))
    assert "The old key has no password in us-east-1" in text(visit.client.get(f"{here}retirement/?key={new.key_id}"))
    retire(visit.credential, new, "It leaked.")
    page = text(visit.client.get(here))
    assert "us-east-1 lost its key: no key that works has a password there" in page
    assert "us-east-1" not in page.partition("What the hand-over proved")[2].partition("Newest first")[0]
    visit.client.post(f"{here}retirement/", {"now": "1"})
    assert "also where no key has a password any more: us-east-1" in text(visit.client.get(f"{here}rotation/"))
    review = text(visit.client.post(f"{here}rotation/"))
    assert "no key has a password any more in us-east-1, and the new one will" in review
    stored(rotate(visit.credential, shown_in=ours).pk, shown_in=ours)
    assert "lost its key" not in text(visit.client.get(here))


# By kind -------------------------------------------------------------------------------------------------------------


def test_an_access_key_gets_regions_for_its_own_reasons(world):
    visit = Visit.issued(world, kind="api", actions=["SendEmail"], regions="eu-central-1")
    visit.look()
    visit.post("confirmation/")
    here = f"/credentials/{visit.credential.pk}/"
    page = text(visit.client.get(f"{here}rotation/"))
    assert "more regions widen what its keys may do" in page
    assert "a password is computed" not in page
    second = Visit.rotating(visit.client, visit.credential, "us-east-1")
    assert "the old key sends there at once, too" in second.reviewed
    assert "has no password there" not in second.reviewed
    second.post()
    second.look()
    assert "The key ID is new, too" in text(second.get())
    second.post("confirmation/")
    assert "key ID and secret, wherever" in text(visit.client.get(here))
    retire(visit.credential, visit.credential.keys.last(), "It leaked.")
    assert "lost its key" not in text(visit.client.get(here)), "the policy is the user's: the old key sends there"


def test_an_smtp_credential_gets_regions_because_of_its_passwords(visit, here):
    assert "a password is computed from the secret of the key" in text(visit.client.get(f"{here}rotation/"))
    assert "the old key has no password there" in Visit.rotating(visit.client, visit.credential, "us-east-1").reviewed


# Two places ----------------------------------------------------------------------------------------------------------


def test_beside_a_key_made_by_hand_there_is_nothing_to_choose(visit, here, aws_account):
    root = Truth(aws_account).root
    by_hand = root.create_access_key(UserName=visit.credential.user_name)["AccessKey"]["AccessKeyId"]
    visit.credential.keys.update(made_at=timezone.now() - timedelta(days=95))
    page = text(visit.client.get(f"{here}rotation/"))
    assert "Nothing to choose here: only one of them was made here" in page
    assert "Once it is deleted there, rotate again" in page
    assert "Choose which of them goes" not in page
    assert "It stays: no other was made here." in row_of(page, key_ids(visit)[0])
    assert "95 days" in row_of(page, key_ids(visit)[0])
    assert "today" in row_of(page, by_hand)


def test_of_two_keys_of_ours_the_owner_chooses(visit, here, switched_over):
    page = text(visit.client.get(f"{here}rotation/"))
    assert "Choose which of them goes" in page
    assert "Nothing to choose" not in page


# A retired key that is used ------------------------------------------------------------------------------------------


@pytest.fixture
def used(visit, here, switched_over, aws_account):
    """The old key: retired, made active in AWS by hand, used, and seen so."""
    old, _ = switched_over
    visit.client.post(f"{here}retirement/", {"key": old})
    Truth(aws_account).root.update_access_key(UserName=visit.credential.user_name, AccessKeyId=old, Status="Active")
    aws_account.clock_offset = 20 * 60
    record_use(aws_account.world, old, "ses-smtp", "eu-central-1")
    assert visit.client.post(f"{here}retirement/", {"key": old, "now": "1"}).status_code == 422
    yield old
    aws_account.clock_offset = 0


def test_a_retired_key_that_is_used_is_told_wherever_it_is_shown(world, visit, here, used):
    page = text(visit.client.get(here))
    assert "A retired key is used" in page
    assert "sends nothing" not in page
    assert "Retired, but used" in row_of(page, used)
    retired = visit.client.get(f"{here}retirement/?key={used}")
    assert heading(retired) == f"{used} is retired, but used"
    assert "It is inactive since" not in text(retired)
    assert "over SMTP in eu-central-1" in text(retired)
    for name in ("member", "admin"):
        at_home = text(signed_in(world, name).get("/"))
        assert "weekly-digest: a retired key is used" in at_home
        assert "Find what uses it. Then let the key work again, or delete it." in at_home
    assert "Find what uses it." not in text(signed_in(world, "auditor").get("/"))
    visit.client.post(f"{here}suspension/")
    assert "weekly-digest: a retired key is used" in text(visit.client.get("/")), "suspending leaves that key active"


def test_a_retired_key_that_is_used_is_deleted_all_the_same_with_a_reason(visit, here, used):
    refused = visit.client.post(f"{here}retirement/", {"key": used, "now": "1"})
    assert "To delete it all the same, say why" in text(refused)
    answer = visit.client.post(f"{here}retirement/", {"key": used, "now": "1", "reason": "Nobody knows it."})
    assert answer.status_code == 303
    assert visit.credential.keys.kept().count() == 1
    assert "A retired key is used" not in text(visit.client.get(here))
    assert "a retired key is used" not in text(visit.client.get("/"))


# Refusals and their words --------------------------------------------------------------------------------------------


def test_with_one_key_the_pages_that_ask_refuse_as_their_buttons_would(visit, here):
    for below, title in (
        ("switch-over/", "weekly-digest has one key that works"),
        ("reactivation/", "weekly-digest has no retired key"),
    ):
        for response in (visit.client.get(f"{here}{below}"), visit.client.post(f"{here}{below}")):
            assert (response.status_code, heading(response)) == (409, title)
    assert AuditEvent.objects.filter(outcome="refused", act="credential:switch").exists()


def test_what_is_refused_for_its_keys_leads_to_the_credential_and_the_hand_over(world, visit, here):
    refused = text(visit.client.get(f"{here}retirement/"))
    assert "has one key that works" in refused
    assert f'href="{here}"' in refused
    second = Visit.rotating(visit.client, visit.credential)
    second.post()
    theirs = text(visit.client.get(f"{here}retirement/"))
    assert "The new key is not stored yet" in theirs
    assert f'href="{second.address}"' in theirs
    admins = text(signed_in(world, "admin").get(f"{here}retirement/"))
    assert f'href="{second.address}"' not in admins
    assert f'href="{here}"' in admins


def test_what_has_no_key_or_none_that_works_is_not_said_to_work_as_before(world, visit, here):
    visit.client.post(f"{here}suspension/")
    page = text(visit.client.get(f"{here}rotation/"))
    assert "weekly-digest is suspended" in page
    assert "works as before" not in page
    login = world.console_login()
    page = text(signed_in(world, "member").get(f"/credentials/{login.pk}/rotation/"))
    assert "has no key" in page
    assert "works as before" not in page


def test_suspending_speaks_of_as_many_keys_as_there_are(visit, here, second):
    assert "Its keys stop working" in text(visit.client.get(here))
    second.post("loss/")
    assert "Its key stops working" in text(visit.client.get(here))
