"""The codes with which AWS rejects a request, by meaning: the same fault has a different code in each protocol.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, and those of EC2, S3 and the JSON protocols.
"""

from __future__ import annotations

__all__ = ["EXPIRED", "SIGNATURE", "UNKNOWN_KEY", "times_of_signature"]

#: The session has expired.
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")

#: AWS does not know the access key, or the session token does not belong to it.
UNKNOWN_KEY = (
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "AuthFailure",
)

#: The secret key is wrong, the request was changed in transit, or the clock is off.
SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature")


def times_of_signature(message: str) -> tuple[int | None, int | None]:
    """Return when a rejected request was signed, by this machine's clock, and when it arrived, by AWS's.

    Returns:
        Epoch seconds; None for a time that the message lacks. The longest message has both: "Signature expired: SIGNED
        is now earlier than LIMIT (ARRIVED - 15 min.)".
    """
    import re

    from awsenv.aws import expiry

    time = r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z"
    matches = (
        re.search(rf"Signature (?:expired|not yet current): {time}", message),
        re.search(rf"\({time} [-+] \d+ min\.\)", message),
    )
    signed, arrived = (match and expiry.parse("{}-{}-{}T{}:{}:{}Z".format(*match.groups())) for match in matches)
    return signed, arrived
