"""Permissions boundaries of users, which moto does not keep; its way of writing replies finds them by their name."""

from moto.iam.models import Group, Role, User

_ATTRIBUTE = "permissions_boundary"


def boundary_of(entity: User | Group | Role) -> str | None:
    """The ARN of the boundary policy, or None; groups cannot have one."""
    boundary = getattr(entity, _ATTRIBUTE, None)
    return str(boundary["PermissionsBoundaryArn"]) if boundary else None


def set_boundary(user: User, arn: str | None) -> None:
    """Give the user this boundary, or none."""
    # The model calls the type PermissionsBoundaryPolicy; replies of AWS were seen with "Policy".
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None
    setattr(user, _ATTRIBUTE, shown)
