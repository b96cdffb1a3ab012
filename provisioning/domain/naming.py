"""The names that an act chooses before its first call: IAM user, path, tags, policy.

Limits: IAM user names have 1 to 64 of the characters ``[A-Za-z0-9_+=,.@-]`` and are unique without regard to case.
"""

import re
import unicodedata
from uuid import UUID

from guidance.catalogue import Kind

NAME_PREFIX = "ses-"
POLICY_NAME = "sescreds-send"
CONSOLE_POLICY_NAME = "sescreds-console"
SUSPENDED_POLICY_NAME = "sescreds-suspended"
MANAGED_BY = "sescreds"
ACT_TAG = "sescreds-act"
TEAM_TAG = "sescreds-team"
MAX_TEAM_SLUG = 20
MAX_ACCOUNT_PATH = 128
MAX_APPLICATION = 30
USER_NAME_LIMIT = 64
_APPLICATION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_PATH = re.compile(r"/(?:[A-Za-z0-9_+=,.@-]+/)+")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_TAKEN = frozenset({"new"})  # addresses of their own under /teams/


def team_slug(name: str) -> str:
    """Return the short name that a team's name suggests, or "" if it has no letter or digit that IAM takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_TEAM_SLUG].rstrip("-")


def team_slug_trouble(slug: str) -> str:
    """Return what is wrong with the short name of a team, as a sentence, or "" if nothing is."""
    if len(slug) > MAX_TEAM_SLUG:
        return f"{len(slug)} characters: at most {MAX_TEAM_SLUG}, so that the IAM user name fits."
    if not _SLUG.fullmatch(slug):
        return "Small letters of the English alphabet, digits and hyphens only, with no hyphen at either end."
    if slug in _TAKEN:
        return f"{slug} is a word of this site's own addresses. Choose another."
    return ""


def application_trouble(application: str) -> str:
    """Return what is wrong with the name of an application, as a sentence, or "" if nothing is."""
    if len(application) > MAX_APPLICATION:
        return f"{len(application)} characters: at most {MAX_APPLICATION}, so that the IAM user name fits."
    if not _APPLICATION.fullmatch(application):
        return "Letters of the English alphabet, digits and hyphens only, with no hyphen at either end."
    return ""


def user_name(team_slug: str, application: str, request_id: UUID) -> str:
    """Return the IAM user name: begins with a letter, at most 64 characters, ends with 8 digits of the request's id."""
    return f"{NAME_PREFIX}{team_slug}-{application.lower()}-{request_id.hex[:8]}"


def policy_name(kind: Kind) -> str:
    """Return what the inline policy of a credential of `kind` is called."""
    return CONSOLE_POLICY_NAME if kind is Kind.CONSOLE else POLICY_NAME


def account_path_trouble(path: str) -> str:
    """Return what is wrong with the path below which an account's users lie, as a sentence, or ""."""
    if len(path) > MAX_ACCOUNT_PATH:
        return f"{len(path)} characters: at most {MAX_ACCOUNT_PATH}."
    if not _PATH.fullmatch(path):
        return "A path of its own between slashes, such as /ses-dashboard/."
    return ""


def user_path(account_path: str, team_slug: str) -> str:
    """Return the IAM path of a team's users, such as ``/ses-dashboard/newsletter/``."""
    return f"{account_path.rstrip('/')}/{team_slug}/"


def user_arn(*, partition: str, account_id: str, path: str, name: str) -> str:
    """Return the ARN that IAM will give the user."""
    return f"arn:{partition}:iam::{account_id}:user{path}{name}"


def tags(*, act_id: UUID, team_id: int) -> dict[str, str]:
    """Return the tags of a user that the act makes: ids only, because AWS refuses much of what people type."""
    return {
        "managed-by": MANAGED_BY,
        ACT_TAG: str(act_id),
        TEAM_TAG: str(team_id),
    }
