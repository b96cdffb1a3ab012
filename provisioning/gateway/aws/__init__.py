"""The only package that talks to AWS: replies become plain records, errors our words."""

from functools import lru_cache

from django.conf import settings

from provisioning.domain.arn import policy_arn
from provisioning.gateway.aws.keys import Keys
from provisioning.gateway.aws.reads import Reads
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import Aws


class BotoAws(Keys, Reads):
    """AWS through boto3."""


@lru_cache(maxsize=1)
def aws() -> Aws:
    """Return this process's gateway to AWS; its clients are made on first use and are safe between threads."""
    boundary = policy_arn(settings.AWS_BOUNDARY_ARN)
    return BotoAws(Clients(boundary.partition if boundary else "aws"))
