"""Print what the dashboard's own principal needs in AWS, and the boundaries of the users it makes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from provisioning.domain.arn import policy_arn
from provisioning.domain.own_policy import boundary_policy, console_boundary_policy, own_policy
from provisioning.domain.policy_texts import BOUNDARY, CONSOLE, OWN, Form, text_of
from provisioning.models import AwsAccount
from provisioning.services import posture


class Command(BaseCommand):
    """`manage.py own_policy --account 123456789012` prints all three policies."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the account, path, partition and boundary; what is left out comes from the environment."""
        boundary = policy_arn(settings.AWS_BOUNDARY_ARN)
        parser.add_argument("--account", default=boundary.account_id if boundary else "")
        parser.add_argument("--path", default=settings.AWS_ACCOUNT_PATH)
        parser.add_argument("--partition", default=boundary.partition if boundary else "aws")
        parser.add_argument("--boundary-arn", default="")
        parser.add_argument("--console-boundary-arn", default=settings.AWS_CONSOLE_BOUNDARY_ARN)
        parser.add_argument("--principal-arn", default="", help="the user or role that may ask AWS about itself")
        parser.add_argument("--role-arn", action="append", default=[], help="a role beside those in the books")
        parser.add_argument("--only", choices=(OWN, BOUNDARY, CONSOLE), help="print only this one")
        parser.add_argument("--format", choices=[form.value for form in Form], default=Form.JSON.value)

    def handle(self, *_: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Print."""
        account, path, partition = options["account"], options["path"], options["partition"]
        named = f"arn:{partition}:iam::{account}:policy/sescreds"
        arns = {
            BOUNDARY: options["boundary_arn"] or f"{named}-boundary",
            CONSOLE: options["console_boundary_arn"] or f"{named}-console-boundary",
        }
        places = [parsed.account_id if (parsed := policy_arn(arn)) else "" for arn in arns.values()]
        if set(places) != {account} or not (path.startswith("/") and path.endswith("/")):
            raise CommandError(
                "Name an account of 12 digits (--account), a path between slashes (--path) and, if you have them, the "
                "boundaries' ARNs in that account (--boundary-arn, --console-boundary-arn)."
            )
        where = {"account_id": account, "path": path, "partition": partition}
        documents = {
            OWN: own_policy(
                boundary_arn=arns[BOUNDARY],
                console_boundary_arn=arns[CONSOLE],
                principal_arn=options["principal_arn"],
                role_arns=sorted({*options["role_arn"], *self._known_roles(account)}),
                **where,
            ),
            BOUNDARY: boundary_policy(**where),
            CONSOLE: console_boundary_policy(**where),
        }
        wanted = {which: text for which, text in documents.items() if options["only"] in (None, which)}
        self.stdout.write(text_of(Form(options["format"]), wanted, arns))

    def _known_roles(self, account_id: str) -> list[str]:
        """Return the roles of the books that lead on from this account; before there are books, none."""
        try:
            account = AwsAccount.objects.filter(account_id=account_id).first()
            return posture.roles_from(account) if account else []
        except DatabaseError:
            words = "The database could not be read: of the roles into other accounts, only those typed are named."
            self.stderr.write(words)
            return []
