"""What a review shows: everything exact that will be made, before anything is."""

from guidance.catalogue import Kind
from provisioning.domain import naming, sending_policy
from provisioning.domain.api_policy import ApiOptions
from provisioning.models import Credential, CredentialRequest
from provisioning.services import set_up
from provisioning.services.watching import without_password
from provisioning.views.secret_words import secret_words

_SENDING = "provisioning/requests/review.html"


def review_page(prepared: CredentialRequest) -> tuple[str, dict[str, object]]:
    """Return the template and the context of the review: of what will be made, or of another secret for what is."""
    shown, is_console = review_of(prepared), prepared.kind == Kind.CONSOLE
    if prepared.renews is None:
        return "provisioning/requests/console/review.html" if is_console else _SENDING, shown
    if is_console:
        return "provisioning/resumptions/review.html", shown
    return "provisioning/rotations/review.html", shown | _second_key(prepared, prepared.renews)


def _second_key(prepared: CredentialRequest, credential: Credential) -> dict[str, object]:
    """Return what the review of a rotation shows besides; `credential` is as it is before."""
    added = [region for region in prepared.regions if region not in credential.regions]
    without = without_password(credential, credential.keys.prefetch_related("logins"))
    old = credential.keys.in_use().last()
    return {"credential": credential, "added": added, "without_password": without, "old": old, "marks": added}


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
        "names_account": set_up.known().count() > 1,
        "policy_size": sending_policy.size(prepared.policy),
        "policy_limit": sending_policy.SIZE_LIMIT,
        "policy_name": naming.policy_name(Kind(prepared.kind)),
        "name_limit": naming.USER_NAME_LIMIT,
        "marks": [*prepared.from_entries, *prepared.regions, *end, *_marks(prepared)],
        "words": secret_words(prepared.kind, prepared.regions),
        "steps": ("Describe", "Review", "Hand over"),
    }


def _marks(prepared: CredentialRequest) -> list[str]:
    """Return the pieces of an access key's policy that were chosen."""
    if prepared.kind != Kind.API:
        return []
    options = ApiOptions.of(prepared.options)
    named = [f"configuration-set/{options.configuration_set}"] if options.configuration_set else []
    return [*(f"ses:{way}" for way in options.ways), *options.source_ips, *named]
