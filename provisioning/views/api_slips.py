"""What is shown of an opened access key: both parts, and settings for what will use it."""

from dataclasses import dataclass, field

from django.conf import settings

from guidance import api_recipes
from provisioning.domain.api_policy import ApiOptions
from provisioning.services.handover import Opened
from provisioning.services.making import SECRET
from provisioning.views.slips import Filled


@dataclass(frozen=True)
class KeySlip:
    """Both parts of the key. Templates log their context when a variable is missing: the secret is in no repr."""

    key_id: str
    secret: str = field(repr=False)


def page_of(opened: Opened, *, region: str, client: str) -> dict[str, object]:
    """Return what the opened hand-over of an access key shows beside the rest, filled in as was asked for."""
    found = client_settings(opened)
    chosen = next((each for each in found if each.region == region), found[0])
    recipes = api_recipes.recipes(chosen)
    recipe = next((recipe for recipe in recipes if recipe.slug == client), recipes[0])
    return {
        "slip": KeySlip(opened.handover.access_key.key_id, opened.secrets[SECRET]),
        "filled": Filled(chosen.region, recipe, recipes),
    }


def client_settings(opened: Opened) -> list[api_recipes.ApiSettings]:
    """Return the settings of each region."""
    credential = opened.handover.credential
    options = ApiOptions.of(credential.options)
    return [
        api_recipes.ApiSettings(
            profile=credential.application,
            region=region,
            key_id=opened.handover.access_key.key_id,
            secret=opened.secrets[SECRET],
            from_address=credential.from_entries[0].replace("*", "test"),
            action=options.ways[0],
            configuration_set=options.configuration_set,
            endpoint=settings.AWS_ENDPOINT_URL,
        )
        for region in credential.regions
    ]
