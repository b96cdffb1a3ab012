"""What is shown of an opened credential, region by region: values, the URL form, settings for clients."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from guidance import recipes as client_recipes
from guidance.regions import REGIONS
from provisioning.gateway import smtp
from provisioning.models import AccessKey, Credential, SmtpLogin
from provisioning.services.handover import Opened


@dataclass(frozen=True)
class Slip:
    """One region's login, with its settings filled in."""

    login: SmtpLogin
    region_name: str
    endpoints: tuple[smtp.Endpoint, ...]
    host_note: str  # the host in AWS, where the environment leads elsewhere
    user: str
    password: str = field(repr=False)
    url: str = field(repr=False)
    recipes: tuple[client_recipes.Recipe, ...] = field(repr=False)


@dataclass(frozen=True)
class Filled:
    """The settings of one client, filled in for one region; `others` are those that could be asked for there."""

    region: str
    recipe: client_recipes.Recipe = field(repr=False)
    others: tuple[client_recipes.Recipe, ...] = field(repr=False)
    url: str = field(repr=False, default="")  # only SMTP has one


def page_of(opened: Opened, *, region: str, client: str) -> dict[str, object]:
    """Return what the opened hand-over of an SMTP credential shows beside the rest, filled in as was asked for."""
    found = slips(opened.handover.access_key, opened.secrets)
    return {"slips": found, "filled": filled_in(found, region=region, client=client)}


def filled_in(found: list[Slip], *, region: str, client: str) -> Filled:
    """Return what was asked for, or the first there is."""
    slip = next((slip for slip in found if slip.login.region == region), found[0])
    recipe = next((recipe for recipe in slip.recipes if recipe.slug == client), slip.recipes[0])
    return Filled(slip.login.region, recipe, slip.recipes, slip.url)


def slips(key: AccessKey, passwords: Mapping[str, str]) -> list[Slip]:
    """Return a slip for each region."""
    found = []
    for login in key.logins.all():
        filled = client_settings(key.key_id, key.credential, login.region, passwords[login.region])
        found.append(
            Slip(
                login=login,
                region_name=REGIONS[login.region].name,
                endpoints=endpoints(login.region),
                host_note=_host_note(login.region, filled.host),
                user=key.key_id,
                password=filled.password,
                url=client_recipes.url(filled),
                recipes=client_recipes.recipes(filled),
            )
        )
    return found


def _host_note(region: str, host: str) -> str:
    in_aws = REGIONS[region].smtp_host
    return "" if host == in_aws else f"In AWS this is {in_aws}."


def endpoints(region: str) -> tuple[smtp.Endpoint, ...]:
    """Return where to sign in; AWS's own where the environment names none: what is shown once must not fail."""
    return smtp.endpoints(region) or smtp.endpoints_in_aws(region)


def client_settings(user: str, credential: Credential, region: str, password: str) -> client_recipes.Settings:
    """Return the settings of one region for the first endpoint that works there."""
    endpoint = endpoints(region)[0]
    return client_recipes.Settings(
        region=region,
        host=endpoint.host,
        port=endpoint.port,
        mode=endpoint.mode,
        user=user,
        password=password,
        from_address=credential.from_entries[0].replace("*", "test"),
        ca_file=settings.SES_SMTP_CA_FILE,
    )
