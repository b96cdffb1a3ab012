"""Where Amazon SES answers: every region with its API host, its SMTP host where there is one, and the SMTP ports.

AWS publishes the SMTP list only as a page, and botocore carries none, so the list here is put together from several
sources. A region whose SMTP endpoint nobody attests is taken for API only: a host that does not exist helps nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Smtp(StrEnum):
    """Whether a region has an SMTP endpoint, as far as is known."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """How TLS begins on a port. TLS is never optional."""

    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Port:
    """One SMTP port and the way TLS begins on it (SES developer guide, "Connecting to an SMTP endpoint")."""

    number: int
    mode: Mode
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why we believe what a group of regions says about SMTP."""

    slug: str
    smtp: Smtp
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Region:
    """One AWS region in which SES answers."""

    id: str
    name: str
    evidence: Evidence
    api_fips: bool = False
    smtp_fips: bool = False

    @property
    def smtp(self) -> Smtp:
        return self.evidence.smtp

    @property
    def has_smtp(self) -> bool:
        """True only where an SMTP endpoint is attested; unknown counts as no."""
        return self.smtp is Smtp.YES

    @property
    def partition(self) -> str:
        """The part of AWS that it is in: accounts, roles and ARNs of one know nothing of another (botocore)."""
        apart = {"us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}
        return next((name for start, name in apart.items() if self.id.startswith(start)), "aws")

    @property
    def domain(self) -> str:
        """The domain of the region's partition."""
        return "amazonaws.eu" if self.partition == "aws-eusc" else "amazonaws.com"

    @property
    def api_host(self) -> str:
        return f"email.{self.id}.{self.domain}"

    @property
    def api_fips_host(self) -> str:
        """The FIPS host of the API, or an empty text where botocore names none."""
        return f"email-fips.{self.id}.{self.domain}" if self.api_fips else ""

    @property
    def smtp_host(self) -> str:
        """The SMTP host, or an empty text where none is attested."""
        return f"email-smtp.{self.id}.{self.domain}" if self.has_smtp else ""

    @property
    def no_smtp(self) -> str:
        """Why there are no SMTP credentials for it, as a clause; an empty text where there are."""
        return {
            Smtp.YES: "",
            Smtp.NO: f"SES has no SMTP endpoint in {self.id}, only the API",
            Smtp.UNKNOWN: f"SMTP is not attested in {self.id}, so it counts as API only",
        }[self.smtp]

    @property
    def smtp_fips_host(self) -> str:
        """The FIPS host of SMTP, or an empty text where no source names one."""
        return f"email-smtp-fips.{self.id}.{self.domain}" if self.smtp_fips else ""


PORTS: Final = (
    Port(587, Mode.STARTTLS, "The usual choice."),
    Port(465, Mode.TLS, "The usual choice for software that wants TLS from the first byte."),
    Port(2587, Mode.STARTTLS, "For networks that block 587."),
    Port(2465, Mode.TLS, "For networks that block 465."),
    Port(25, Mode.STARTTLS, "Throttled from EC2 and blocked by many providers: take another."),
)
DEFAULT_PORT: Final = PORTS[0]
SMTP_HOST: Final = "email-smtp.<region>.amazonaws.com"

LISTED: Final = Evidence(
    "listed", Smtp.YES, "API and SMTP", "Named in AWS's sample script and in several independent client libraries."
)
SAMPLE: Final = Evidence(
    "sample",
    Smtp.YES,
    "API and SMTP, on fewer sources",
    "Named in AWS's sample script of today; notes from 2022 to 2024 still left it out. Look the host up before use.",
)
REFUSED: Final = Evidence(
    "refused", Smtp.NO, "API only", "AWS's notes or people who tried say that the SMTP host does not exist."
)
SILENT: Final = Evidence(
    "silent",
    Smtp.UNKNOWN,
    "API; SMTP not known",
    "No source says whether SMTP exists here, so this guide treats the region as API only.",
)
NEW: Final = Evidence(
    "new",
    Smtp.UNKNOWN,
    "API, known to the AWS SDK only",
    "botocore 1.44 names an SES endpoint, AWS's endpoint page did not yet. SMTP not known: treated as API only.",
)

_ALL: Final = (
    Region("us-east-1", "US East (N. Virginia)", LISTED, api_fips=True, smtp_fips=True),
    Region("us-east-2", "US East (Ohio)", LISTED, api_fips=True, smtp_fips=True),
    Region("us-west-1", "US West (N. California)", LISTED, api_fips=True),
    Region("us-west-2", "US West (Oregon)", LISTED, api_fips=True, smtp_fips=True),
    Region("ca-central-1", "Canada (Central)", LISTED, api_fips=True),
    Region("sa-east-1", "South America (São Paulo)", LISTED),
    Region("eu-central-1", "Europe (Frankfurt)", LISTED),
    Region("eu-west-1", "Europe (Ireland)", LISTED),
    Region("eu-west-2", "Europe (London)", LISTED),
    Region("eu-west-3", "Europe (Paris)", LISTED),
    Region("eu-north-1", "Europe (Stockholm)", LISTED),
    Region("ap-south-1", "Asia Pacific (Mumbai)", LISTED),
    Region("ap-southeast-1", "Asia Pacific (Singapore)", LISTED),
    Region("ap-southeast-2", "Asia Pacific (Sydney)", LISTED),
    Region("ap-northeast-1", "Asia Pacific (Tokyo)", LISTED),
    Region("ap-northeast-2", "Asia Pacific (Seoul)", LISTED),
    Region("ap-northeast-3", "Asia Pacific (Osaka)", LISTED),
    Region("us-gov-east-1", "AWS GovCloud (US-East)", LISTED, api_fips=True),
    Region("us-gov-west-1", "AWS GovCloud (US-West)", LISTED, api_fips=True, smtp_fips=True),
    Region("eu-south-1", "Europe (Milan)", SAMPLE),
    Region("af-south-1", "Africa (Cape Town)", REFUSED),
    Region("ap-south-2", "Asia Pacific (Hyderabad)", REFUSED),
    Region("ap-southeast-3", "Asia Pacific (Jakarta)", REFUSED),
    Region("ap-southeast-5", "Asia Pacific (Malaysia)", REFUSED),
    Region("eu-central-2", "Europe (Zurich)", REFUSED),
    Region("il-central-1", "Israel (Tel Aviv)", REFUSED),
    Region("me-south-1", "Middle East (Bahrain)", REFUSED),
    Region("ca-west-1", "Canada West (Calgary)", SILENT),
    Region("eusc-de-east-1", "AWS European Sovereign Cloud (Germany)", SILENT),
    Region("me-central-1", "Middle East (UAE)", SILENT),
    Region("ap-east-2", "Asia Pacific (Taipei)", NEW),
    Region("ap-southeast-4", "Asia Pacific (Melbourne)", NEW),
    Region("ap-southeast-6", "Asia Pacific (New Zealand)", NEW),
    Region("ap-southeast-7", "Asia Pacific (Thailand)", NEW),
    Region("eu-south-2", "Europe (Spain)", NEW),
    Region("mx-central-1", "Mexico (Central)", NEW),
)
REGIONS: Final[Mapping[str, Region]] = MappingProxyType({region.id: region for region in _ALL})
WELL_KNOWN: Final = tuple(REGIONS[name] for name in ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2"))
EVIDENCE: Final = (LISTED, SAMPLE, REFUSED, SILENT, NEW)


def region(region_id: str) -> Region:
    """Return the region with this id. Raises KeyError for an id that SES does not know."""
    return REGIONS[region_id]


def smtp_regions() -> tuple[Region, ...]:
    """Every region with an attested SMTP endpoint, best attested first."""
    return tuple(place for place in _ALL if place.has_smtp)


def by_evidence() -> tuple[tuple[Evidence, tuple[Region, ...]], ...]:
    """Every region, grouped by what is known about its SMTP endpoint."""
    return tuple((evidence, tuple(place for place in _ALL if place.evidence is evidence)) for evidence in EVIDENCE)
