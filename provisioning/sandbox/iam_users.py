"""IAM users as AWS keeps them: names, boundary, tags, inline size, complete deletion."""

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.models import Group, Role, User

from .boundaries import boundary_of, set_boundary
from .clock import ticks
from .errors import AwsError
from .iam_base import IamBase
from .rules import (
    ATTACHED_PER_USER,
    GROUP_POLICY_SIZE,
    GROUPS_PER_USER,
    MANAGED_POLICY_SIZE,
    USER_POLICY_SIZE,
    demand_readable_policy,
    demand_room,
    demand_valid_tags,
)


class Users(IamBase):
    def create_user(self) -> ActionResult:
        params, users = self.call.params, self.world.iam.users
        name, boundary = params["UserName"], params.get("PermissionsBoundary")
        demand_valid_tags(params.get("Tags", []))
        if boundary:
            self._demand_policy(boundary)
        if any(each.lower() == name.lower() for each in users):
            raise AwsError("EntityAlreadyExists", f"User with name {name} already exists.")
        if len(users) >= self.world.settings.quota_users:
            limit = self.world.settings.quota_users
            raise AwsError("LimitExceeded", f"Cannot exceed quota for UsersPerAccount: {limit}")
        result = super().create_user()
        user = users[name]
        user.create_date = self.world.clock.naive()
        user.id = f"AIDA{user.id[:17].upper()}"
        set_boundary(user, boundary)
        self.world.born_users[self.world.account, name] = ticks()
        return result

    def get_user(self) -> ActionResult:
        if self.caller.kind == "Account" and "UserName" not in self.call.params:
            root = {
                "UserId": self.world.account,
                "Arn": self.caller.arn,
                "Path": "/",
                "CreateDate": self.world.clock.naive(),
            }
            return ActionResult({"User": root})
        return ActionResult({"User": self.user()})

    def delete_user(self) -> ActionResult:
        user = self.user()
        groups = self.world.iam.get_groups_for_user(user.name)
        left = {
            "delete login profile": user.password,
            "delete access keys": user.access_keys,
            "delete signing certificate": user.signing_certificates,
            "delete SSH public keys": user.ssh_public_keys,
            "delete MFA device": user.mfa_devices,
            "delete policies": user.policies,
            "detach all policies": user.managed_policies,
            "remove users from group": groups,
        }
        for first, things in left.items():
            if things:
                raise AwsError("DeleteConflict", f"Cannot delete entity, must {first} first.")
        return super().delete_user()

    def put_user_permissions_boundary(self) -> ActionResult:
        boundary = self.call.params["PermissionsBoundary"]
        user = self.user()
        self._demand_policy(boundary)
        set_boundary(user, boundary)
        return EmptyResult()

    def delete_user_permissions_boundary(self) -> ActionResult:
        user = self.user()
        if boundary_of(user) is None:
            raise AwsError("NoSuchEntity", f"The user with name {user.name} does not have a permissions boundary.")
        set_boundary(user, None)
        return EmptyResult()

    def _demand_policy(self, arn: str) -> None:
        if arn not in self.world.iam.managed_policies:
            raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")

    def put_user_policy(self) -> ActionResult:
        user, params = self.user(), self.call.params
        document = params["PolicyDocument"]
        demand_readable_policy(document)
        others = [text for name, text in user.policies.items() if name != params["PolicyName"]]
        message = f"Maximum policy size of {USER_POLICY_SIZE} bytes exceeded for user {user.name}"
        demand_room([*others, document], USER_POLICY_SIZE, message)
        return super().put_user_policy()

    def get_user_policy(self) -> ActionResult:
        self._demand_inline_policy()
        return super().get_user_policy()

    def delete_user_policy(self) -> ActionResult:
        self._demand_inline_policy()
        return super().delete_user_policy()

    def _demand_inline_policy(self) -> None:
        name = self.call.params["PolicyName"]
        if name not in self.user().policies:
            raise AwsError("NoSuchEntity", f"The user policy with name {name} cannot be found.")

    def attach_user_policy(self) -> ActionResult:
        attached = self.user().managed_policies
        if self.call.params["PolicyArn"] not in attached and len(attached) >= ATTACHED_PER_USER:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for PoliciesPerUser: {ATTACHED_PER_USER}")
        return super().attach_user_policy()

    def add_user_to_group(self) -> ActionResult:
        name, wanted = self.user().name, self._group(self.call.params["GroupName"])
        groups = self.world.iam.get_groups_for_user(name)
        if wanted not in groups and len(groups) >= GROUPS_PER_USER:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for GroupsPerUser: {GROUPS_PER_USER}")
        return super().add_user_to_group()

    def tag_user(self) -> ActionResult:
        user = self.user()
        demand_valid_tags(self.call.params["Tags"], [tag["Key"] for tag in user.tags or ()])
        return super().tag_user()

    def put_group_policy(self) -> ActionResult:
        document, name = self.call.params["PolicyDocument"], self.call.params["GroupName"]
        demand_readable_policy(document)
        others = [text for key, text in self._group(name).policies.items() if key != self.call.params["PolicyName"]]
        message = f"Maximum policy size of {GROUP_POLICY_SIZE} bytes exceeded for group {name}"
        demand_room([*others, document], GROUP_POLICY_SIZE, message)
        return super().put_group_policy()

    def delete_group(self) -> ActionResult:
        group = self._group(self.call.params["GroupName"])
        if group.users or group.policies or group.managed_policies:
            first = "remove users from group" if group.users else "delete policies"
            raise AwsError("DeleteConflict", f"Cannot delete entity, must {first} first.")
        return super().delete_group()

    def _group(self, name: str) -> Group:
        if name not in self.world.iam.groups:
            raise AwsError("NoSuchEntity", f"The group with name {name} cannot be found.")
        return self.world.iam.groups[name]

    def create_policy(self) -> ActionResult:
        self._demand_managed_size()
        return super().create_policy()

    def create_policy_version(self) -> ActionResult:
        self._demand_managed_size()
        return super().create_policy_version()

    def _demand_managed_size(self) -> None:
        document = self.call.params["PolicyDocument"]
        demand_readable_policy(document)
        message = f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}"
        demand_room([document], MANAGED_POLICY_SIZE, message)

    def delete_policy(self) -> ActionResult:
        arn = self.call.params["PolicyArn"]
        self._demand_policy(arn)
        iam = self.world.iam
        holders: list[User | Group | Role] = [*iam.users.values(), *iam.groups.values(), *iam.roles.values()]
        if any(arn in each.managed_policies or boundary_of(each) == arn for each in holders):
            raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.")
        return super().delete_policy()
