"""A no leads on: to pages that whoever was refused may open, and to the one where it can be mended."""

import re

import pytest

from provisioning.domain.permission import not_there
from provisioning.domain.refusals import Refusal
from provisioning.models import Person, Standing
from provisioning.services import administrators
from tests.web.test_teams import CONFIRMATION, GUARDRAIL, hidden, review
from tests.web.visits import Visit, heading, signed_in, text

pytestmark = pytest.mark.django_db


def ways(response) -> list[str]:
    part = text(response).split("What you can do</h2>")[1].split("</ul>")[0]
    return re.findall(r'href="([^"]+)"', part)


def test_somebody_without_a_role_is_led_home_and_to_the_guide(world):
    refused = signed_in(world, "guest").get("/credentials/")
    assert ways(refused) == ["/", "/guide/"]


@pytest.mark.parametrize("name", ["guest", "member", "auditor", "admin"])
def test_every_place_of_the_navigation_opens(world, name):
    client = signed_in(world, name)
    nav = text(client.get("/")).split('<nav class="nav"')[1].split("</ul>")[0]
    places = re.findall(r'href="([^"]+)"', nav)
    assert {"/", "/guide/"} <= set(places)
    assert {place: client.get(place).status_code for place in places} == dict.fromkeys(places, 200)


def test_what_cannot_be_done_now_does_not_lead_to_a_new_credential(world):
    visit = Visit.issued(world)
    visit.client.post(f"/credentials/{visit.credential.pk}/revocation/")
    refused = visit.client.post(f"/credentials/{visit.credential.pk}/suspension/")
    assert (refused.status_code, ways(refused)) == (409, ["/", "/credentials/"])


@pytest.mark.parametrize("why", ["guardrail", "second word"])
def test_a_refused_issue_leads_to_the_same_answers_again(world, why):
    admin = signed_in(world, "admin")
    visit = Visit.reviewing(world, admin)
    if why == "guardrail":
        world.newsletter.from_entries = []
        world.newsletter.save()
    else:
        assert admin.post(GUARDRAIL, hidden(review(admin, live_limit="17"))).status_code == 303
    refused = visit.post()
    assert refused.status_code == 409
    again = f"/credentials/new/?like={visit.id.replace('-', '')}"
    assert ways(refused) == [again]
    assert "weekly-digest" in text(admin.get(again))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("team", "or you are not in it."),
        ("invitation", "or it is gone."),
        ("session", "or it is gone."),
        ("credential", "belongs to a team that you are not in."),
    ],
)
def test_what_is_not_there_says_why_it_may_be_so(what, words):
    assert not_there(what).reason.endswith(words)


def test_who_is_no_administrator_any_more_is_led_home(world):
    by = world.actor("admin")
    Person.objects.filter(pk=by.person_id).update(standing=Standing.NONE)
    with pytest.raises(Refusal, match="no longer an administrator") as caught:
        administrators.hold(by)
    assert [step.url for step in caught.value.next_steps] == ["/"]


def test_ones_own_wider_guardrail_leads_back_to_the_team(world):
    admin = signed_in(world, "admin")
    admin.post(GUARDRAIL, hidden(review(admin, live_limit="17")))
    refused = admin.post(CONFIRMATION, hidden(text(signed_in(world, "admin2").get(CONFIRMATION))))
    assert (heading(refused), ways(refused)) == ("It takes somebody else", ["/teams/newsletter/"])


def test_without_another_team_a_transfer_leads_to_forming_one(world):
    credential = world.issued()
    world.billing.delete()
    page = text(signed_in(world, "admin").get(f"/credentials/{credential.pk}/transfer/"))
    assert 'href="/teams/new/"' in page


def test_an_unsafe_set_up_leads_administrators_to_its_page(world, settings):
    settings.AWS_BOUNDARY_ARN = "nothing"
    refused = signed_in(world, "admin").get("/credentials/new/")
    assert refused.status_code == 503
    assert "README" not in text(refused)
    assert ways(refused)[0] == "/setup/"
    assert ways(signed_in(world, "member").get("/credentials/new/")) == ["/guide/"]


@pytest.mark.parametrize("breached", [1, 2])
def test_each_sentence_of_a_refusal_stands_once(world, breached):
    visit = Visit.reviewing(world, signed_in(world, "admin"))
    world.newsletter.from_entries = []
    if breached == 2:
        world.newsletter.regions = []
    world.newsletter.save()
    why = re.search(r'id="why">.*?</section>', text(visit.post()), re.DOTALL)[0]
    assert why.count("digest@example.com") == 1
    assert ("<li>" in why, "<p>" in why) == (breached == 2, breached == 1)
