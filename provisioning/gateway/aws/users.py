"""IAM users, their policies and keys."""

from collections.abc import Callable, Mapping

from provisioning.gateway.aws.calls import PROPAGATION_SECONDS, call, found
from provisioning.gateway.aws.sessions import Clients
from provisioning.gateway.contract import NO_SUCH_ENTITY, GatewayFault, Holdings, IamUser, NewKey, NewUser


class Users:
    """The half of the gateway that makes and deletes."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create_user(self, user: NewUser) -> str:
        """Make the user with path, tags and boundary in the one call; return AWS's request id."""
        reply = call(
            "CreateUser",
            self._clients.iam.create_user,
            UserName=user.name,
            Path=user.path,
            PermissionsBoundary=user.boundary_arn,
            Tags=[{"Key": key, "Value": value} for key, value in user.tags.items()],
        )
        return reply["ResponseMetadata"]["RequestId"]

    def put_policy(self, user_name: str, policy_name: str, document: str) -> str:
        """Put the inline policy; return AWS's request id."""
        reply = call(
            "PutUserPolicy",
            self._clients.iam.put_user_policy,
            again=True,
            unseen_for=PROPAGATION_SECONDS,
            is_missing=self._missing(user_name),
            UserName=user_name,
            PolicyName=policy_name,
            PolicyDocument=document,
        )
        return reply["ResponseMetadata"]["RequestId"]

    def create_key(self, user_name: str, *, is_new: bool = True) -> NewKey:
        """Make an access key; the reply is the only place where its secret ever stands."""
        reply = call(
            "CreateAccessKey",
            self._clients.iam.create_access_key,
            unseen_for=PROPAGATION_SECONDS if is_new else 0.0,
            is_missing=self._missing(user_name),
            UserName=user_name,
        )
        key = reply["AccessKey"]
        return NewKey(key["AccessKeyId"], key["SecretAccessKey"], key["CreateDate"])

    def create_login(self, user_name: str, password: str) -> None:
        """Give the user a password that the first sign-in has to change."""
        call(
            "CreateLoginProfile",
            self._clients.iam.create_login_profile,
            unseen_for=PROPAGATION_SECONDS,
            is_missing=self._missing(user_name),
            UserName=user_name,
            Password=password,
            PasswordResetRequired=True,
        )

    def set_key_status(self, user_name: str, access_key_id: str, *, active: bool) -> None:
        """Make one access key active or inactive."""
        call(
            "UpdateAccessKey",
            self._clients.iam.update_access_key,
            again=True,
            is_missing=self._missing(user_name),
            UserName=user_name,
            AccessKeyId=access_key_id,
            Status="Active" if active else "Inactive",
        )

    def tag_user(self, user_name: str, tags: Mapping[str, str]) -> None:
        """Set these tags of the user."""
        call(
            "TagUser",
            self._clients.iam.tag_user,
            again=True,
            is_missing=self._missing(user_name),
            UserName=user_name,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )

    def delete_key(self, user_name: str, access_key_id: str, *, unseen_for: float = 0.0) -> bool:
        """Delete one access key."""
        return self._delete("DeleteAccessKey", "delete_access_key", user_name, unseen_for, AccessKeyId=access_key_id)

    def delete_policy(self, user_name: str, policy_name: str, *, unseen_for: float = 0.0) -> bool:
        """Delete one inline policy."""
        return self._delete("DeleteUserPolicy", "delete_user_policy", user_name, unseen_for, PolicyName=policy_name)

    def detach_policy(self, user_name: str, arn: str) -> bool:
        """Detach one managed policy."""
        return self._delete("DetachUserPolicy", "detach_user_policy", user_name, PolicyArn=arn)

    def delete_login(self, user_name: str, *, unseen_for: float = 0.0) -> bool:
        """Delete the console password."""
        return self._delete("DeleteLoginProfile", "delete_login_profile", user_name, unseen_for)

    def has_login(self, user_name: str) -> bool:
        """Return whether there is a console password; AWS tells when it was made and no more."""
        return found("GetLoginProfile", self._clients.iam.get_login_profile, UserName=user_name)

    def deactivate_mfa(self, user_name: str, serial: str) -> bool:
        """Take an MFA device off the user."""
        return self._delete("DeactivateMFADevice", "deactivate_mfa_device", user_name, SerialNumber=serial)

    def delete_mfa(self, serial: str) -> bool:
        """Delete a virtual MFA device."""
        return found("DeleteVirtualMFADevice", self._clients.iam.delete_virtual_mfa_device, SerialNumber=serial)

    def delete_user(self, user_name: str, *, unseen_for: float = 0.0) -> bool:
        """Delete the user; its boundary goes with it."""
        return self._delete("DeleteUser", "delete_user", user_name, unseen_for)

    def _delete(self, operation: str, method: str, user_name: str, unseen_for: float = 0.0, **named: str) -> bool:
        function, missing = getattr(self._clients.iam, method), self._missing(user_name)
        return found(operation, function, unseen_for=unseen_for, is_missing=missing, UserName=user_name, **named)

    def _missing(self, user_name: str) -> Callable[[], bool]:
        def missing() -> bool:
            try:
                return self.user(user_name) is None
            except GatewayFault:
                return False

        return missing

    def user(self, user_name: str) -> IamUser | None:
        """Return the user, or None if AWS does not know it (now: it may still be propagating)."""
        try:
            return self.known_user(user_name)
        except GatewayFault as fault:
            if fault.code == NO_SUCH_ENTITY:
                return None
            raise

    def known_user(self, user_name: str) -> IamUser:
        """Return the user; one that AWS does not know is a `GatewayFault` with AWS's code and request id."""
        reply = call("GetUser", self._clients.iam.get_user, again=True, UserName=user_name)
        found_user = reply["User"]
        tags = {tag["Key"]: tag["Value"] for tag in found_user.get("Tags", [])}
        signed_in_at = found_user.get("PasswordLastUsed")
        return IamUser(found_user["UserName"], found_user["Path"], found_user["Arn"], tags, signed_in_at)

    def obstacles(self, user_name: str) -> tuple[str, ...]:
        """Return, in words, the SSH public keys, signing certificates and credentials for other services."""
        iam, name = self._clients.iam, user_name
        keys = call("ListSSHPublicKeys", iam.list_ssh_public_keys, again=True, UserName=name)["SSHPublicKeys"]
        signing = call("ListSigningCertificates", iam.list_signing_certificates, again=True, UserName=name)
        services = call(
            "ListServiceSpecificCredentials", iam.list_service_specific_credentials, again=True, UserName=name
        )
        return (
            *(f"the SSH public key {each['SSHPublicKeyId']}" for each in keys),
            *(f"the signing certificate {each['CertificateId']}" for each in signing["Certificates"]),
            *(
                f"the credential {each['ServiceSpecificCredentialId']} for {each['ServiceName']}"
                for each in services["ServiceSpecificCredentials"]
            ),
        )

    def holdings(self, user_name: str) -> Holdings:
        """Return what hangs on the user: keys, policies, MFA devices, groups."""
        iam, name = self._clients.iam, user_name
        keys = call("ListAccessKeys", iam.list_access_keys, again=True, UserName=name)["AccessKeyMetadata"]
        inline = call("ListUserPolicies", iam.list_user_policies, again=True, UserName=name)["PolicyNames"]
        attached = call("ListAttachedUserPolicies", iam.list_attached_user_policies, again=True, UserName=name)
        devices = call("ListMFADevices", iam.list_mfa_devices, again=True, UserName=name)["MFADevices"]
        groups = call("ListGroupsForUser", iam.list_groups_for_user, again=True, UserName=name)["Groups"]
        return Holdings(
            access_keys=[key["AccessKeyId"] for key in keys],
            inline_policies=inline,
            attached_policies=[policy["PolicyArn"] for policy in attached["AttachedPolicies"]],
            mfa_devices=[device["SerialNumber"] for device in devices],
            groups=[group["GroupName"] for group in groups],
        )
