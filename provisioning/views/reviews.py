"""What a review shows: everything exact that will be made, before anything is."""

from guidance.catalogue import Kind
from provisioning.domain import naming, sending_policy
from provisioning.models import AwsAccount, Credential, CredentialRequest


def review_of_second_key(prepared: CredentialRequest, credential: Credential) -> dict[str, object]:
    """Return what the review of a rotation shows; `credential` is as it is before."""
    added = [region for region in prepared.regions if region not in credential.regions]
    old = credential.keys.in_use().last()
    return {**review_of(prepared), "credential": credential, "added": added, "old": old, "marks": added}


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
        "names_account": AwsAccount.objects.count() > 1,
        "policy_size": sending_policy.size(prepared.policy),
        "policy_limit": sending_policy.SIZE_LIMIT,
        "policy_name": naming.POLICY_NAME,
        "name_limit": naming.USER_NAME_LIMIT,
        "marks": [*prepared.from_entries, *prepared.regions, *end],
        "steps": ("Describe", "Review", "Hand over"),
    }
