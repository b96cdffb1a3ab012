"""Sealing a secret so that only the browser that holds the key can have it opened."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import urandom
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes, as AES-GCM wants them
_KEY = 32  # bytes; AES would take shorter ones too, such as what is left of a truncated cookie


class WrongKey(Exception):  # noqa: N818 - an answer: this key does not open it
    """The key does not open this seal."""


@dataclass(frozen=True)
class Browser:
    """What the browser of a request shows: its hand-over key (from the cookie, "" if none) and its session."""

    handover_key: str = field(repr=False)
    session_digest: str


def new_key() -> str:
    """Mint a key (256 bits) in the form in which a cookie holds it."""
    return urlsafe_b64encode(AESGCM.generate_key(256)).decode()


def is_key(key: str) -> bool:
    """Return whether `key` can seal at all."""
    try:
        _cipher(key)
    except WrongKey:
        return False
    return True


def seal(key: str, secrets: Mapping[str, str], handover_id: UUID) -> bytes:
    """Return the ciphertext of secrets by name, bound to their hand-over; raise `WrongKey` for no key."""
    nonce = urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, json.dumps(dict(secrets)).encode(), handover_id.bytes)


def unseal(key: str, sealed: bytes, handover_id: UUID) -> dict[str, str]:
    """Return the secrets by name; raise `WrongKey` if `key` does not open them."""
    try:
        text = _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], handover_id.bytes)
    except InvalidTag:
        raise WrongKey from None
    secrets: dict[str, str] = json.loads(text)
    return secrets


def _cipher(key: str) -> AESGCM:
    try:
        raw = urlsafe_b64decode(key)
    except ValueError:  # not base64
        raise WrongKey from None
    if len(raw) != _KEY:
        raise WrongKey
    return AESGCM(raw)
