"""What a review shows: everything exact that will be made, before anything is."""

from guidance.catalogue import Kind
from provisioning.domain import naming, sending_policy
from provisioning.models import CredentialRequest

_SENDING = "provisioning/requests/review.html"


def review_template(prepared: CredentialRequest) -> str:
    """Return the template of the review: of what will be made, or given anew."""
    if prepared.renews_id is not None:
        return "provisioning/resumptions/review.html"
    return "provisioning/requests/console/review.html" if prepared.kind == Kind.CONSOLE else _SENDING


def review_of(prepared: CredentialRequest) -> dict[str, object]:
    """Return what the page of the review shows of `prepared`."""
    account = prepared.account
    arn = naming.user_arn(
        partition=account.partition, account_id=account.account_id, path=prepared.path, name=prepared.user_name
    )
    end = [prepared.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")] if prepared.expires_at else []
    return {
        "prepared": prepared,
        "kind": Kind(prepared.kind),
        "arn": arn,
        "policy_size": sending_policy.size(prepared.policy),
        "policy_limit": sending_policy.SIZE_LIMIT,
        "policy_name": naming.policy_name(Kind(prepared.kind)),
        "name_limit": naming.USER_NAME_LIMIT,
        "marks": [*prepared.from_entries, *prepared.regions, *end],
        "steps": ("Describe", "Review", "Hand over"),
    }
