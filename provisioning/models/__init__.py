"""What the product remembers, one file a record."""

from provisioning.models.access_key import AccessKey
from provisioning.models.audit_event import AuditEvent, RefusalTally
from provisioning.models.aws_account import AwsAccount, RegionReading
from provisioning.models.claim import Claim
from provisioning.models.credential import Credential
from provisioning.models.credential_request import CredentialRequest
from provisioning.models.guardrail_change import GuardrailChange
from provisioning.models.handover import Handover
from provisioning.models.invitation import Invitation
from provisioning.models.notice import Notice
from provisioning.models.person import Person, Standing
from provisioning.models.reminder import Reminder
from provisioning.models.smtp_login import SmtpLogin
from provisioning.models.step import Step
from provisioning.models.stop import Stop, Stopped
from provisioning.models.sweep_run import SweepRun
from provisioning.models.team import Membership, Team

__all__ = [
    "AccessKey",
    "AuditEvent",
    "AwsAccount",
    "Claim",
    "Credential",
    "CredentialRequest",
    "GuardrailChange",
    "Handover",
    "Invitation",
    "Membership",
    "Notice",
    "Person",
    "RefusalTally",
    "RegionReading",
    "Reminder",
    "SmtpLogin",
    "Standing",
    "Step",
    "Stop",
    "Stopped",
    "SweepRun",
    "Team",
]
