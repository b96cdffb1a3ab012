"""Print what the dashboard's own principal needs in AWS, and the boundary of the users it makes."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from provisioning.domain.arn import policy_arn
from provisioning.domain.own_policy import boundary_policy, own_policy


class Command(BaseCommand):
    """`manage.py own_policy --account 123456789012` prints both policies as JSON."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the account, path, partition and boundary; what is left out comes from the environment."""
        boundary = policy_arn(settings.AWS_BOUNDARY_ARN)
        parser.add_argument("--account", default=boundary.account_id if boundary else "")
        parser.add_argument("--path", default=settings.AWS_ACCOUNT_PATH)
        parser.add_argument("--partition", default=boundary.partition if boundary else "aws")
        parser.add_argument("--boundary-arn", default="")
        parser.add_argument("--only", choices=("own", "boundary"), help="print only this one")

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Print."""
        account, path, partition = options["account"], options["path"], options["partition"]
        arn = options["boundary_arn"] or f"arn:{partition}:iam::{account}:policy/sescreds-boundary"
        parsed = policy_arn(arn)
        if parsed is None or parsed.account_id != account or not (path.startswith("/") and path.endswith("/")):
            raise CommandError(
                "Name an account of 12 digits (--account), a path between slashes (--path) and, if you have one, the "
                "boundary's ARN in that account (--boundary-arn)."
            )
        documents = {
            "own": own_policy(account_id=account, path=path, partition=partition, boundary_arn=arn),
            "boundary": boundary_policy(account_id=account, path=path, partition=partition),
        }
        chosen = options["only"]
        self.stdout.write(json.dumps(documents[chosen] if chosen else documents, indent=2))
