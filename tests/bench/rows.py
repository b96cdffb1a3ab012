"""Many rows at once, as if people had issued for years. Events are like real ones but for their chain of hashes."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import connection
from django.utils import timezone

from guidance.catalogue import Kind
from provisioning.domain import naming
from provisioning.domain.lifecycle import Login, State
from provisioning.models import (
    AccessKey,
    AuditEvent,
    AwsAccount,
    Credential,
    CredentialRequest,
    Person,
    SmtpLogin,
    Team,
)

REGIONS = ["eu-central-1", "us-east-1"]
CREDENTIALS = 10_000
LONG, SHORTER = 1_000_000, 200_000  # events
PATIENCE = 20.0  # seconds that a long history may take to write
BATCH = 50_000
NEEDLE = "needle"  # the subject of one event of all
STATES = (State.LIVE, State.LIVE, State.LIVE, State.REVOKED, State.UNCLAIMED, State.FAILED)
ACTS = ("credential:issue", "credential:issue", "handover:look", "handover:verify", "credential:revoke")
TABLE = "provisioning_auditevent"
COLUMNS = (
    "sequence", "text", "hash", "at", "act", "outcome", "actor_name", "actor_role", "person_id", "team_id", "subject",
    "credential_id", "request_id",
)  # fmt: skip
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


def request_id(sequence: int) -> str:
    return sha256(str(sequence // 2).encode()).hexdigest()[:32]


class Filling:
    """Fills the database up to a number of rows."""

    def __init__(self, team: Team, other: Team, owner: Person) -> None:
        self.team, self.other, self.owner = team, other, owner
        self.account = AwsAccount.objects.get()

    def credentials(self, upto: int) -> None:
        """Make credentials of one team until there are `upto`."""
        now = timezone.now()
        made = [self._credential(number, now) for number in range(Credential.objects.count(), upto)]
        CredentialRequest.objects.bulk_create([request for request, _ in made], batch_size=500)
        found = Credential.objects.bulk_create([credential for _, credential in made], batch_size=500)
        keys = AccessKey.objects.bulk_create(
            [AccessKey(credential=each, key_id=f"AKIA{each.user_name[-16:]}", made_at=now) for each in found],
            batch_size=500,
        )
        SmtpLogin.objects.bulk_create(
            [SmtpLogin(key=key, region=region, state=Login.VERIFIED) for key in keys for region in REGIONS],
            batch_size=500,
        )

    def _credential(self, number: int, now: datetime) -> tuple[CredentialRequest, Credential]:
        shared = {
            "team": self.team,
            "account": self.account,
            "kind": Kind.SMTP,
            "application": f"weekly-digest-{number}",
            "purpose": "Sends the weekly digest.",
            "regions": REGIONS,
            "from_entries": ["digest@example.com"],
            "user_name": f"ses-newsletter-weekly-digest-{number:016d}",
            "path": naming.user_path(self.account.path, self.team.slug),
            "expires_at": now + timedelta(days=80 - number % 90),
        }
        request = CredentialRequest(
            **shared, person=self.owner, boundary_arn=self.account.boundary_arn, tags={}, policy="{}", reviewed_at=now
        )
        state = STATES[number % len(STATES)]
        return request, Credential(
            **shared, request=request, owner=self.owner, state=state, created_at=now, policy_hash="0" * 64
        )

    def events(self, upto: int) -> None:
        """Write events until there are `upto`."""
        last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        quoted = ", ".join(f'"{column}"' for column in COLUMNS)
        holes = ", ".join("?" for _ in COLUMNS)
        connection.ensure_connection()
        connection.connection.executemany(
            f"INSERT INTO {TABLE} ({quoted}) VALUES ({holes})", self._events(last + 1, upto)
        )
        connection.connection.commit()

    def _events(self, first: int, last: int) -> Iterator[tuple[object, ...]]:
        hole = "0" * 64
        for sequence in range(first, last + 1):
            number, one_of_all = sequence % CREDENTIALS + 1, sequence == LONG // 20
            act = ACTS[sequence % len(ACTS)]
            outcome = "unknown" if one_of_all else "done" if sequence % 2 else "begun"
            subject = NEEDLE if one_of_all else f"application-{number}"
            team = self.team if sequence % 3 else self.other
            at, request = (BEGAN + timedelta(seconds=50 * sequence)).strftime("%Y-%m-%d %H:%M:%S"), request_id(sequence)
            text = (
                f'{{"act":"{act}","actor":{{"name":"{self.owner.email}","person":{self.owner.pk},"role":"member"}},'
                f'"at":"{at}","credential":{number},"detail":{{"account":"123456789012","boundary":"{hole}",'
                f'"from":["digest@example.com"],"kind":"smtp","path":"/ses-dashboard/newsletter/","policy":"{hole}",'
                f'"regions":["eu-central-1","us-east-1"],"user":"ses-newsletter-{subject}-00000000"}},'
                f'"outcome":"{outcome}","previous":"{hole}","request":"{request}","schema":1,'
                f'"sequence":{sequence},"subject":"{subject}","team":{{"id":{team.pk},"name":"{team.name}"}}}}'
            )
            yield (
                sequence, text, hole, at, act, outcome, self.owner.email, "member", self.owner.pk, team.pk, subject,
                number, request,
            )  # fmt: skip

    def long_history(self) -> int:
        """Write a million events, or fewer where that takes too long; return how many there are."""
        began = time.monotonic()
        with connection.cursor() as cursor:  # only for filling: nothing is lost if the machine stops
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA journal_mode=OFF")
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type = 'index' AND sql IS NOT NULL",
                [TABLE],
            )
            indexes = cursor.fetchall()
            for name, _ in indexes:
                cursor.execute(f'DROP INDEX "{name}"')
            written = self._many_events(began)
            for _, sql in indexes:
                cursor.execute(sql)
            cursor.execute("PRAGMA journal_mode=WAL")
        return written

    def _many_events(self, began: float) -> int:
        for upto in range(BATCH, LONG + 1, BATCH):
            self.events(upto)
            used = time.monotonic() - began
            if upto >= SHORTER and used * LONG / upto > PATIENCE:
                return upto
        return LONG
