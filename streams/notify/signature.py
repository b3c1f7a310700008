"""Signed JSON for systems of others, as the Standard Webhooks specification has it.

Headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`: `v1,` and the base64 of
HMAC-SHA256 over `id.timestamp.body`. The id is the idempotency key, the same when sent again.
"""

import base64
import binascii
import hmac

_PREFIX = "whsec_"


def headers(message_id: str, secret: str | None, at_s: int, body: bytes) -> dict[str, str]:
    """The headers of one message; without a secret it bears no signature."""
    made = {
        "idempotency-key": message_id,
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
    }
    if secret:
        made["webhook-signature"] = f"v1,{signature(secret, message_id, at_s, body)}"
    return made


def signature(secret: str, message_id: str, at_s: int, body: bytes) -> str:
    """Base64 of the HMAC; a secret `whsec_…` is the base64 of its key, any other the key itself."""
    said = f"{message_id}.{at_s}.".encode() + body
    return base64.b64encode(hmac.digest(_key(secret), said, "sha256")).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass  # a secret that only looks like one
    return secret.encode()
