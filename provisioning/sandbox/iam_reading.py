"""Reading IAM: pages as AWS cuts them, the account's details and summary, and the policy simulator."""

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.models import ManagedPolicy

from .actions import Demand
from .authorization import Holder
from .enforcement import outcome_of
from .errors import AwsError
from .iam_base import IamBase
from .pages import page
from .principals import Caller, holder_of_group, holder_of_role, holder_of_user


class Reading(IamBase):
    def list_users(self) -> ActionResult:
        prefix = self.call.params.get("PathPrefix") or "/"
        users = self.world.iam.users.values()
        seen = [
            (user.name, user)
            for user in users
            if user.path.startswith(prefix) and self.world.user_is_visible(user.name)
        ]
        shown, more = page(seen, self.call.params)
        return ActionResult({"Users": shown, **more})

    def get_account_authorization_details(self) -> ActionResult:
        wanted = self.call.params.get("Filter") or ["User", "Role", "Group", "LocalManagedPolicy"]
        iam = self.world.iam
        users = {name: user for name, user in iam.users.items() if self.world.user_is_visible(name)}
        # The order of kinds in AWS's pages is not documented; here they follow one another.
        kinds: dict[str, tuple[str, dict[str, Any]]] = {
            "User": ("UserDetailList", users),
            "Group": ("GroupDetailList", iam.groups),
            "Role": ("RoleDetailList", iam.roles),
            "LocalManagedPolicy": ("Policies", iam.managed_policies),
        }
        items = [
            (f"{rank}/{name}", (kinds[kind][0], entity))
            for rank, kind in enumerate(kinds)
            if kind in wanted
            for name, entity in kinds[kind][1].items()
        ]
        shown, more = page(items, self.call.params)
        shown = [(field, _policy_detail(each) if field == "Policies" else each) for field, each in shown]
        lists: dict[str, list[Any]] = {field: [] for field, _ in kinds.values()}
        for field, entity in shown:
            lists[field].append(entity)
        return ActionResult({**lists, **more})

    def get_account_summary(self) -> ActionResult:
        summary = dict(self.world.iam.get_account_summary().summary_map)
        summary |= {
            "UsersQuota": self.world.settings.quota_users,
            "AccountAccessKeysPresent": 1,
            "AccountMFAEnabled": 0,
            "AccountPasswordPresent": 1,
        }
        return ActionResult({"SummaryMap": summary})

    def list_service_specific_credentials(self) -> ActionResult:
        self.user()
        return ActionResult({"ServiceSpecificCredentials": []})  # none can be made here

    def simulate_principal_policy(self) -> ActionResult:
        params = self.call.params
        for unknown in ("PolicyInputList", "PermissionsBoundaryPolicyInputList", "ResourcePolicy"):
            if params.get(unknown):
                raise AwsError("SandboxCannotAnswer", f"The sandbox's simulator does not take {unknown}.")
        holder = self._holder(params["PolicySourceArn"])
        # AWS fills in no condition key: what is not among the entries is missing (unsure for aws:CurrentTime).
        context = {each["ContextKeyName"]: tuple(each["ContextKeyValues"]) for each in params.get("ContextEntries", [])}
        pairs = [(action, arn) for action in params["ActionNames"] for arn in params.get("ResourceArns") or ["*"]]
        shown, more = page(
            [(f"{index:06}", self._simulated(holder, *pair, context)) for index, pair in enumerate(pairs)], params
        )
        return ActionResult({"EvaluationResults": shown, **more})

    def _holder(self, arn: str) -> Holder:
        iam = self.world.iam
        for user in iam.users.values():
            if user.arn == arn:
                return holder_of_user(self.world, user)
        for role in iam.roles.values():
            if role.arn == arn:
                return holder_of_role(self.world, role)
        for group in iam.groups.values():
            if group.arn == arn:
                return holder_of_group(group)
        raise AwsError("NoSuchEntity", f"The entity with ARN {arn} cannot be found.")

    def _simulated(self, holder: Holder, action: str, arn: str, context: dict[str, tuple[str, ...]]) -> dict[str, Any]:
        caller = Caller("", "User", "", "", "", "", "", holder)
        outcome = outcome_of(caller, Demand(action, arn), context)
        assert outcome is not None
        given = {key.lower() for key in context}
        policies = (*holder.policies, *((holder.boundary,) if holder.boundary else ()))
        result: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": arn,
            "EvalDecision": str(outcome.decision),
            "MatchedStatements": [],
            "MissingContextValues": sorted({key for each in policies for key in each.condition_keys()} - given),
        }
        if holder.boundary:
            allowed = bool(outcome.boundary_allows)
            result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
        return result


def _policy_detail(policy: ManagedPolicy) -> dict[str, Any]:
    """A managed policy as the details show it; moto leaves its name out."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "IsAttachable": policy.is_attachable,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": policy.policy_version_list,
    }
