"""What the keys of a user are, and when they were used."""

from provisioning.gateway.aws.calls import call
from provisioning.gateway.aws.users import Users
from provisioning.gateway.contract import KeyLastUse, UserKey


class Keys(Users):
    """The users, and their keys as AWS knows them."""

    def keys(self, user_name: str) -> tuple[UserKey, ...]:
        """Return the access keys of a user, oldest first."""
        listing = self._clients.iam.list_access_keys
        reply = call("ListAccessKeys", listing, again=True, is_missing=self._missing(user_name), UserName=user_name)
        found = [
            UserKey(key["AccessKeyId"], key["Status"] == "Active", key["CreateDate"])
            for key in reply["AccessKeyMetadata"]
        ]
        return tuple(sorted(found, key=lambda key: key.made_at))

    def key_last_used(self, access_key_id: str) -> KeyLastUse | None:
        """Return the last use of a key; AWS leaves the date out where it knows of none."""
        asking = self._clients.iam.get_access_key_last_used
        used = call("GetAccessKeyLastUsed", asking, again=True, AccessKeyId=access_key_id)["AccessKeyLastUsed"]
        if "LastUsedDate" not in used:
            return None
        return KeyLastUse(used["LastUsedDate"], used["Region"], used["ServiceName"])
