"""What is shown of an opened credential, region by region: values, the URL form, settings for clients."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from guidance import recipes as client_recipes
from guidance.regions import REGIONS
from provisioning.gateway import smtp
from provisioning.models import Credential, SmtpLogin


@dataclass(frozen=True)
class Slip:
    """One region's login, with its settings filled in."""

    login: SmtpLogin
    region_name: str
    endpoints: tuple[smtp.Endpoint, ...]
    aws_host: str
    user: str
    password: str = field(repr=False)
    url: str = field(repr=False)
    recipes: tuple[client_recipes.Recipe, ...] = field(repr=False)


def slips(user: str, credential: Credential, logins: Iterable[SmtpLogin], passwords: Mapping[str, str]) -> list[Slip]:
    """Return a slip for each region."""
    found = []
    for login in logins:
        filled = client_settings(user, credential, login.region, passwords[login.region])
        found.append(
            Slip(
                login=login,
                region_name=REGIONS[login.region].name,
                endpoints=smtp.endpoints(login.region),
                aws_host=REGIONS[login.region].smtp_host,
                user=user,
                password=filled.password,
                url=client_recipes.url(filled),
                recipes=client_recipes.recipes(filled),
            )
        )
    return found


def client_settings(user: str, credential: Credential, region: str, password: str) -> client_recipes.Settings:
    """Return the settings of one region for the first endpoint that works there."""
    endpoint = smtp.endpoints(region)[0]
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
