"""The variables that AWS tools and awsenv read, what each does, and their masked values.

(`check --vars` starts as fast as Python itself: neither `re` nor what imports it is loaded before a value needs it.)
"""

from __future__ import annotations

from awsenv import environment
from awsenv.environment import masked, settings
from awsenv.result import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENDPOINT", "MEANINGS", "names", "shown"]

_OF_ASSUME = "awsenv's own: what clear restores"
_PROXY = "the proxy for requests to AWS"

#: variable -> what it does, in the order in which they are shown.
MEANINGS = {
    "AWS_ACCESS_KEY_ID": "the access key id; while keys are set, the AWS CLI and most SDKs use no profile",
    "AWS_SECRET_ACCESS_KEY": "the secret of that key",
    "AWS_SESSION_TOKEN": "the session token, without which AWS rejects a session's key",
    "AWS_SECURITY_TOKEN": "the token's old name; botocore reads it before AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION": "the expiration that botocore and the SDK for JavaScript enforce",
    "AWS_SESSION_EXPIRATION": "the expiration, for prompts; no SDK reads it",
    "AWS_CREDENTIALS_EXPIRATION": "the expiration, for prompts; no SDK reads it",
    "AWSUME_EXPIRATION": "the expiration, as awsume writes it; no SDK reads it",
    "AWS_SSO_SESSION_EXPIRATION": "the expiration, as aws-sso-cli writes it; no SDK reads it",
    "AWS_ACCOUNT_ID": "the account that SDKs assume for the credentials",
    "AWS_CREDENTIAL_SCOPE": "the region that the credentials are valid in, for the SDK for JavaScript",
    "AWS_PROFILE": "the active profile",
    "AWS_DEFAULT_PROFILE": "the active profile for boto3 and the AWS CLI 1, even before AWS_PROFILE",
    "AWS_REGION": "the region, for the AWS CLI 2 and most SDKs",
    "AWS_DEFAULT_REGION": "the region, for boto3 and the AWS CLI 1",
    "AWSENV_PROFILE": "awsenv's own: the profile that assume was given",
    "AWSENV_EXPIRATION": "awsenv's own: the expiration of the credentials",
    "AWSENV_KEY": "awsenv's own: the access key with that expiration",
    "AWSENV_REGION": "awsenv's own: the region that assume exported",
    "AWSENV_OPTIONS": "awsenv's own: the options of assume, for refresh",
    "AWSENV_BEFORE": "awsenv's own: the profile and the options before these, for assume -",
    "AWSENV_TWIN": "awsenv's own: what assume --live exported as AWS_PROFILE, for the profile it serves",
    "AWSENV_SERVER": "awsenv's own: the endpoint of the exec --server that started this shell",
    **dict.fromkeys((*environment.PREVIOUS.values(), "AWSENV_PREVIOUS_AWS_CONFIG_FILE"), _OF_ASSUME),
    "AWSUME_PROFILE": "the profile's name for prompts; no SDK reads it",
    "AWS_VAULT": "the profile that aws-vault was given; no SDK reads it",
    "AWS_SSO_PROFILE": "the profile that aws-sso-cli was given; no SDK reads it",
    "AWSU_PROFILE": "the profile that awsu was given; no SDK reads it",
    "AWS_EB_PROFILE": "the active profile for the Elastic Beanstalk CLI",
    "AWS_CONFIG_FILE": "where the config file is, instead of ~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "where the credentials file is, instead of ~/.aws/credentials",
    "AWS_CREDENTIAL_FILE": "a credentials file of EC2's old tools, which botocore still reads",
    "BOTO_CONFIG": "a config file of boto 2, from which botocore still reads keys",
    "AWS_ROLE_ARN": "the role to assume with AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_SESSION_NAME": "the session's name for AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "the web identity token for AWS_ROLE_ARN; used before the keys of a profile",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "where a container gets its credentials, on ECS",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "where a container gets its credentials, on EKS or from awsenv exec --server",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the authorization token sent to that endpoint",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "the file with the authorization token for that endpoint",
    "AWS_EC2_METADATA_DISABLED": "whether SDKs ignore the role of an EC2 instance",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "the endpoint that gives the role of an EC2 instance",
    "AWS_LOGIN_CACHE_DIRECTORY": "where aws login caches its sessions",
    "AWS_ENDPOINT_URL": "the endpoint of all services, instead of AWS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "whether AWS_ENDPOINT_URL and the like are ignored",
    "AWS_STS_REGIONAL_ENDPOINTS": "whether STS is called in the region or at sts.amazonaws.com",
    "AWS_USE_FIPS_ENDPOINT": "whether the FIPS endpoints are used",
    "AWS_USE_DUALSTACK_ENDPOINT": "whether the endpoints with IPv6 are used",
    "AWS_CA_BUNDLE": "the certificate authorities to trust",
    "REQUESTS_CA_BUNDLE": "the same, where AWS_CA_BUNDLE is not set",
    "AWS_SDK_LOAD_CONFIG": "whether old Go SDKs read the config file",
    "AWS_MAX_ATTEMPTS": "how many times a request is tried",
    "AWS_RETRY_MODE": "how requests are retried",
    "AWS_PAGER": "the pager of the AWS CLI",
    "AWS_DEFAULT_OUTPUT": "the output format of the AWS CLI",
    "HTTPS_PROXY": _PROXY,
    "https_proxy": _PROXY,
    "HTTP_PROXY": _PROXY,
    "http_proxy": _PROXY,
    "NO_PROXY": "what is reached without the proxy",
    "no_proxy": "what is reached without the proxy",
    **{name: f"awsenv's setting: {does}" for name, (_, _, does) in settings.TABLE.items()},
    "AWSENV_CONNECT_TIMEOUT": "awsenv's setting: how many seconds to wait for a connection",
    "AWSENV_READ_TIMEOUT": "awsenv's setting: how many seconds to wait for an answer",
    "AWSENV_LOCK_TIMEOUT": "awsenv's setting: how many seconds to wait for another awsenv",
    "AWSENV_LOGIN_TIMEOUT": "awsenv's setting: how many seconds to wait for the browser",
    "AWSENV_PROCESS_TIMEOUT": "awsenv's setting: how many seconds to wait for a credential_process",
    "AWSENV_PROMPT": "awsenv's own: the PROMPT of cmd that clear restores",
    "AWSENV_KEEP_PROMPT": "awsenv's setting: leave the PROMPT of cmd alone",
    "AWSENV_CREDENTIAL_PROCESS": "awsenv's own: set while a credential_process runs awsenv",
    **{name: f"awsenv's setting: {does}" for name, (_, does) in settings.OTHERS.items()},
}

#: The prefix of the variables that name the endpoint of one service.
ENDPOINT = "AWS_ENDPOINT_URL_"
_SECRET = (*environment.SECRETS, "AWS_CONTAINER_AUTHORIZATION_TOKEN")
_PLACES = ("_FILE", "_URI", "_URL", "_ENDPOINT", "_BUNDLE", "PROXY", "_DIRECTORY", "_CONFIG")

_PREFIXES = ("AWS_", "AWSENV_", "AWSUME_")
#: The variables of awsenv.cmd while it runs.
_OF_CMD = ("AWSENV_CORE", "AWSENV_VERB", "AWSENV_LINE", "AWSENV_RC")

# `redact` leaves a text alone that has neither one of these nor a long run of letters and digits.
_SIGNS = ("secret", "token", "password", "code", "akia", "asia", "eyj", "@")
_RUN = 40


def names(environ: Mapping[str, str]) -> list[str]:
    """List the variables that are set, in the order of the table; unknown ones of AWS or awsenv come last."""
    others = (name for name in sorted(environ) if name.startswith(_PREFIXES) and name not in _OF_CMD)
    return [name for name in dict.fromkeys((*MEANINGS, *others)) if name in environ]


def shown(name: str, value: str) -> str:
    """Return the value as it may be shown. An unknown variable may hold a secret."""
    if not value:
        return "(empty)"
    known = name in MEANINGS or name.startswith(ENDPOINT)
    if name in _SECRET or not known:
        return masked(value)
    if name == "AWS_ACCESS_KEY_ID":
        prefix = value[:4]
        is_usual = len(prefix) == 4 and prefix[0] == "A" and prefix.isascii() and prefix.isalpha() and prefix.isupper()
        return prefix + masked(value) if is_usual else masked(value)
    if not _may_hold_secret(value):
        return printable(value)
    from awsenv.system.redaction import redact, without_password

    if any(word in name.upper() for word in _PLACES):  # a URL may contain a password
        return printable(without_password(value))
    return printable(redact(value, {}))


def _may_hold_secret(value: str) -> bool:
    folded = value.lower()
    if any(sign in folded for sign in _SIGNS):
        return True
    run = 0
    for character in value:
        run = run + 1 if character.isalnum() or character in "/+" else 0
        if run >= _RUN:
            return True
    return False
