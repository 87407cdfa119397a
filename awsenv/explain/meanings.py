"""The errors that `awsenv explain` knows: by which codes and texts each is recognised, what it means, what fixes it.

The codes are those of the services, which every AWS CLI and SDK shows, and the names of botocore's exceptions; the
texts those of the services, of botocore and, where they say the same in other words, of the other SDKs and
of Terraform.
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MEANINGS", "Meaning"]


@dataclass(frozen=True)
class Meaning:
    """One error.

    Attributes:
        id: stable, for scripts.
        means: what it means, one or two sentences without the last full stop.
        fix: the command to use if no finding says more; {profile}, {renew} and {login} are filled in; may be empty.
        remediation: what to do, or what to do before that command, in prose; may be empty.
        codes: the codes that it comes with; if several share a code, the texts tell which it is.
        texts: regular expressions in which a blank matches any white space; the group `profile` finds the name of a
            profile, the group `key` the name of a cache file.
        narrow: whether the codes alone do not identify it.
        of_role: whether it concerns only a profile that assumes a role or needs an MFA code: never the default one,
            unless it is named.
    """

    id: str
    means: str
    fix: str = ""
    remediation: str = ""
    codes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    narrow: bool = False
    of_role: bool = False

    @property
    def patterns(self) -> list[re.Pattern[str]]:
        """The texts, ready to search for."""
        return [re.compile(text.replace(" ", r"\s+"), re.IGNORECASE | re.MULTILINE) for text in self.texts]


_PROFILE = r"(?P<profile>[^)\n\"']*)"

#: The more specific of two that match the same text comes first.
MEANINGS = (
    # --- expired sessions, and the clock ---
    Meaning(
        "clock",
        "the request was signed at a time too far from AWS's own: 5 minutes for some services, 15 for others",
        "awsenv doctor",
        codes=("RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException"),
        texts=(
            r"Signature expired: \S+ is now earlier than \S+(?: \(\S+ - \d+ min\.\))?",
            r"Signature not yet current: \S+ is still later than \S+(?: \(\S+ \+ \d+ min\.\))?",
            r"The difference between the request time and the current time is too large",
            r"\bRequestTimeTooSkewed\b",
        ),
        narrow=True,
    ),
    Meaning(
        "web-identity-expired",
        "the web identity token, which is exchanged for credentials, has expired; the program that wrote its file has "
        "to write a new one (in EKS the kubelet, in CI the job itself)",
        "awsenv doctor {profile}",
        codes=("ExpiredTokenException",),
        texts=(
            r"Token expired: current date/time \d+ must be before the expiration date/time ?\d*",
            r"\bExpiredTokenException\W+when calling the AssumeRoleWithWebIdentity",
            r"Token must be unexpired",
        ),
        narrow=True,
    ),
    Meaning(
        "presigned-url-expired",
        "this link to S3 has expired, or the session that signed it: a link is valid only as long as its session",
        remediation="sign a new link, with credentials that are valid as long as it has to be",
        codes=("AccessDenied",),
        texts=(r"\bAccessDenied\b.{0,60}\bRequest has expired",),
        narrow=True,
    ),
    Meaning(
        "refreshed-but-expired",
        "botocore did not call AWS: AWS_CREDENTIAL_EXPIRATION or a credential_process says that the credentials have "
        "expired",
        "awsenv doctor {profile}",
        texts=(r"Credentials were refreshed, but the refreshed credentials are still expired",),
    ),
    Meaning(
        "expiration-unreadable",
        "botocore did not call AWS: AWS_CREDENTIAL_EXPIRATION, a credential_process or a cache entry has an "
        "expiration that it cannot read, or without a time zone",
        "awsenv doctor {profile}",
        codes=("ParserError",),
        texts=(
            r"can't (?:subtract|compare) offset-naive and offset-aware datetimes",
            r"Unknown string format",
            r"String does not contain a date",
        ),
    ),
    Meaning(
        "expired",
        "the session of these credentials has expired, and AWS rejects them; only new ones help",
        "{renew}",
        codes=("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"),
        texts=(r"The security token included in the request is expired", r"The provided token has expired"),
    ),
    Meaning(
        "request-expired",
        "EC2 reports this for an expired session, and also for a request that arrived too late by its clock",
        "{renew}",
        codes=("RequestExpired",),
        texts=(r"Request has expired",),
    ),
    # --- credentials that AWS does not know ---
    Meaning(
        "unknown-key",
        "AWS does not know this access key, or not with this token: it is deleted or inactive, belongs to a session "
        "and came without its token or with another one, belongs to another partition or server, or is mistyped",
        "{renew}",
        codes=("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken"),
        texts=(
            r"The security token included in the request is invalid",
            r"The AWS Access Key Id you provided does not exist in our records",
            r"The provided token is malformed or otherwise invalid",
        ),
    ),
    Meaning(
        "auth-failure",
        "EC2 reports this for an unknown access key, for a token of another key, and for a clock that is more than "
        "5 minutes off",
        "{renew}",
        codes=("AuthFailure",),
        texts=(r"AWS was not able to validate the provided access credentials",),
    ),
    Meaning(
        "wrong-secret",
        "AWS knows the access key id, but the request was not signed with its secret access key: the secret is "
        "mistyped, cut off or another key's, or the request was changed on its way",
        "{renew}",
        codes=("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"),
        texts=(r"The request signature we calculated does not match the signature you provided",),
    ),
    Meaning(
        "no-signature",
        "the request was sent without credentials",
        "awsenv assume {profile}",
        codes=("MissingAuthenticationToken", "MissingAuthenticationTokenException", "AccessKeyIdMissing"),
        texts=(r"Request is missing Authentication Token",),
    ),
    Meaning(
        "header-value",
        "a key, a token or a region has a line break or another character that a request cannot contain",
        "{renew}",
        texts=(r"Invalid header value", r"not a legal header value"),
    ),
    # --- denied, and why ---
    Meaning(
        "mfa-code",
        "the MFA code is wrong, or was used before: each is valid once, for 30 seconds",
        "awsenv assume {profile}",
        "wait for the next code",
        codes=("AccessDenied",),
        texts=(r"MultiFactorAuthentication failed with invalid MFA one time pass code",),
        narrow=True,
        of_role=True,
    ),
    Meaning(
        "mfa-serial",
        "the MFA device does not exist, or belongs to another user",
        "aws iam list-mfa-devices",
        "check mfa_serial of profile {profile}",
        codes=("AccessDenied",),
        texts=(r"MultiFactorAuthentication failed, unable to validate MFA code",),
        narrow=True,
        of_role=True,
    ),
    Meaning(
        "mfa-missing",
        "the role requires an MFA code, and none was sent: the profile names no device, or the program did not prompt "
        "for a code",
        "awsenv assume {profile}",
        codes=("AccessDenied",),
        texts=(r"MultiFactorAuthentication failed, must provide both MFA serial number",),
        narrow=True,
        of_role=True,
    ),
    Meaning(
        "root-cannot-assume",
        "the root user of an account cannot assume roles",
        remediation="sign in as an IAM user or through IAM Identity Center, and assume the role from there",
        codes=("AccessDenied",),
        texts=(r"Roles may not be assumed by root accounts",),
        narrow=True,
    ),
    Meaning(
        "session-from-session",
        "GetSessionToken and GetFederationToken need the long-term access key of a user, not session credentials",
        "awsenv clear",
        codes=("AccessDenied",),
        texts=(r"Cannot call Get(?:SessionToken|FederationToken) with session credentials",),
        narrow=True,
    ),
    Meaning(
        "tags-denied",
        "session tags and a source identity have to be allowed twice: in a policy of the caller and in the role's "
        "trust policy",
        remediation="allow it in both, or omit the tags or the source identity",
        codes=("AccessDenied",),
        texts=(r"not authorized to perform:? sts:(?:TagSession|SetSourceIdentity)",),
        narrow=True,
    ),
    Meaning(
        "role-denied",
        "STS does not let the caller assume this role, and never says why: the role's trust policy (caller, external "
        "id, MFA), the caller's own policies, one of the organisation, or no role of this name",
        "awsenv doctor {profile}",
        codes=("AccessDenied",),
        texts=(
            r"not authorized to perform:? sts:AssumeRole\w*",
            r"\(AccessDenied\) when calling the AssumeRole operation",
        ),
        narrow=True,
    ),
    Meaning(
        "session-revoked",
        "the credentials are valid, and a policy denies this action: for a role it may be AWSRevokeOlderSessions, "
        "which revokes all earlier sessions",
        "awsenv assume {profile} --refresh",
        codes=("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        texts=(r"with an explicit deny",),
        narrow=True,
    ),
    Meaning(
        "sso-role-denied",
        "IAM Identity Center does not give you this permission set in this account",
        remediation="request access to it, or check sso_account_id and sso_role_name of profile {profile}",
        codes=("ForbiddenException",),
        texts=(r"\(ForbiddenException\) when calling the GetRoleCredentials operation",),
    ),
    Meaning(
        "denied",
        "the credentials are valid: AWS knows the identity, and does not allow it this action",
        "awsenv whoami",
        codes=("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"),
        texts=(r"is not authorized to perform", r"You are not authorized to perform this operation"),
    ),
    # --- requests that STS rejects ---
    Meaning(
        "duration-role",
        "the role allows no session of that length: its MaxSessionDuration, an hour unless raised, is shorter",
        "awsenv assume {profile} --duration max",
        codes=("ValidationError",),
        texts=(r"DurationSeconds exceeds the MaxSessionDuration set for this role",),
        narrow=True,
        of_role=True,
    ),
    Meaning(
        "duration-chained",
        "a role assumed with another role's session is valid for at most an hour, whatever its MaxSessionDuration",
        "awsenv assume {profile} --duration 1h",
        codes=("ValidationError",),
        texts=(r"exceeds the 1 hour session limit for roles assumed by role chaining",),
        narrow=True,
        of_role=True,
    ),
    Meaning(
        "duration-short",
        "no session is shorter than 15 minutes",
        "awsenv assume {profile} --duration 15m",
        codes=("ParamValidationError",),
        texts=(
            r"Invalid value for parameter DurationSeconds",
            r"'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        narrow=True,
        of_role=True,
    ),
    Meaning(
        "region-disabled",
        "STS is not activated in this region for the account",
        "awsenv assume {profile} --region us-east-1",
        codes=("RegionDisabledException",),
        texts=(r"STS is not activated in this region for account",),
    ),
    Meaning(
        "web-identity-refused",
        "AWS rejects the web identity token: it is not signed by the provider that the role trusts, is for another "
        "audience or subject, or is not a token",
        "awsenv doctor {profile}",
        codes=(
            "InvalidIdentityToken",
            "InvalidIdentityTokenException",
            "IDPRejectedClaim",
            "IDPRejectedClaimException",
        ),
    ),
    Meaning(
        "identity-provider-silent",
        "AWS could not reach the identity provider; this is temporary",
        remediation="try again",
        codes=("IDPCommunicationError", "IDPCommunicationErrorException"),
    ),
    Meaning(
        "throttled",
        "too many requests in a short time; the credentials have nothing to do with it",
        remediation="wait a moment and try again",
        codes=("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"),
        texts=(r"Rate exceeded",),
    ),
    # --- the cache: the CLI prints the KeyError's text alone ---
    Meaning(
        "cache-corrupt",
        "a cache entry of the AWS CLI is empty or cut off: a session in ~/.aws/cli/cache, or a sign-in in "
        "~/.aws/sso/cache. The CLI prints nothing but its name, or the name of what is missing",
        "awsenv cache clear --corrupt",
        texts=(
            r"^(?:.*(?:\[ERROR\]|\w+Error): )?'(?:(?P<key>(?-i:[0-9a-f]{40}))|<40 hex>|Credentials|AccessKeyId|"
            r"SecretAccessKey|SessionToken|Expiration)'$",
            r"list indices must be integers or slices, not str",
        ),
    ),
    Meaning(
        "sso-token-corrupt",
        "the file in ~/.aws/sso/cache with the sign-in to IAM Identity Center is incomplete; signing in rewrites it",
        "{login}",
        texts=(r"^(?:.*(?:\[ERROR\]|\w+Error): )?'(?-i:accessToken|expiresAt)'$",),
    ),
    Meaning(
        "cache-unusable",
        "the AWS CLI cannot write its session cache, and so uses no session",
        "awsenv doctor",
        texts=(r"\[Errno \d+\] [^\n]*\.aws/cli/cache", r"^\[Errno (?:13|20)\] (?:Permission denied|Not a directory)$"),
    ),
    # --- profiles and settings ---
    Meaning(
        "empty-profile",
        "AWS_PROFILE or AWS_DEFAULT_PROFILE is set, and empty: every AWS tool then looks for a profile without a name",
        "awsenv clear",
        codes=("ProfileNotFound",),
        texts=(r"The config profile \(\) could not be found",),
        narrow=True,
    ),
    Meaning(
        "no-profile",
        "there is no profile of this name in the AWS config and credentials files",
        "awsenv list",
        codes=("ProfileNotFound", "SharedConfigProfileNotExistError"),
        texts=(
            rf"The config profile (?:\({_PROFILE}\) )?could not be found",
            r"failed to get shared config profile,? (?P<profile>[^\s,)]+)",
            r"Could not resolve credentials using profile: \[(?P<profile>[^\]\n]*)\]",
        ),
    ),
    Meaning(
        "source-profile",
        "the profile assumes a role with the credentials of another profile, which does not exist or has none",
        "awsenv doctor {profile}",
        codes=("InvalidConfigError",),
        texts=(
            rf'The source_profile (?:"[^"\n]*" )?referenced in the profile (?:"{_PROFILE}" )?does not exist',
            rf'The source profile (?:"{_PROFILE}" )?must have credentials',
        ),
        narrow=True,
    ),
    Meaning(
        "source-profile-loop",
        "the source profiles of the profile form a loop, so there are no credentials to start from",
        "awsenv doctor {profile}",
        codes=("InfiniteLoopConfigError",),
        texts=(r"Infinite loop in credential configuration detected",),
    ),
    Meaning(
        "partial-credentials",
        "part of the credentials is missing, so none are used",
        "awsenv doctor {profile}",
        codes=("PartialCredentialsError",),
        texts=(r"Partial credentials found in",),
    ),
    Meaning(
        "config-unreadable",
        "a line of the config or credentials file cannot be read, so the whole file is rejected",
        "awsenv doctor",
        codes=("ConfigParseError",),
        texts=(r"Unable to parse config file", r"SharedConfigLoadError"),
    ),
    Meaning(
        "config-invalid",
        "a setting of the profile is invalid",
        "awsenv doctor {profile}",
        codes=("InvalidConfigError", "ConfigNotFound", "UnknownCredentialError"),
        texts=(
            rf'The profile "{_PROFILE}" (?:contains both|is configured to use SSO but is missing)',
            r"The specified config file (?:\([^)\n]*\) )?could not be found",
            r"The credential source (?:\"[^\"\n]*\" )?referenced in profile",
            r"the services configuration does not exist",
        ),
    ),
    Meaning(
        "no-region",
        "no region is set, so the endpoint is unknown",
        "awsenv assume {profile} --region us-east-1",
        codes=("NoRegionError", "MissingRegion"),
        texts=(r"You must specify a region", r"Region is missing", r"Invalid AWS Region:\s*$"),
    ),
    Meaning(
        "region-invalid",
        "the region is empty or misspelled, or the endpoint is not a URL: there is no such server",
        "awsenv doctor {profile}",
        codes=("InvalidRegionError", "UnknownRegionError", "InvalidEndpointConfigurationError"),
        texts=(r"Provided region_name '[^'\n]*' doesn't match a supported format", r"\bInvalid endpoint\b"),
    ),
    Meaning(
        "parameter",
        "a setting has a value that STS rejects: RoleArn, RoleSessionName, ExternalId, MFA device or code",
        "awsenv doctor {profile}",
        codes=("ParamValidationError", "ValidationError", "MalformedPolicyDocument", "PackedPolicyTooLarge"),
        texts=(r"Parameter validation failed", r"Invalid length for parameter \w+"),
    ),
    # --- where credentials come from ---
    Meaning(
        "sso-signed-out",
        "you are signed out of IAM Identity Center: the sign-in has expired or was never made. The exported "
        "credentials are not affected",
        "{login}",
        codes=(
            "SSOTokenLoadError",
            "UnauthorizedSSOTokenError",
            "TokenRetrievalError",
            "UnauthorizedException",
            "SSOProviderInvalidToken",
            "InvalidGrantException",
        ),
        texts=(
            r"Error loading SSO Token",
            r"Token for \S+ does not exist",
            r"Token has expired and refresh failed",
            r"The SSO session (?:associated with this profile|token associated with profile=\S+) has expired",
            r"The SSO session token associated with profile=(?P<profile>\S+) was not found or is invalid",
            r"Session token not found or invalid",
            r"refresh cached SSO token failed",
        ),
    ),
    Meaning(
        "login-signed-out",
        "the sign-in of `aws login` has expired or cannot be read; its credentials are valid for 15 minutes, and "
        "renewed only while the sign-in is valid",
        "aws login --profile {profile}",
        codes=(
            "LoginTokenLoadError",
            "LoginRefreshRequired",
            "LoginInsufficientPermissions",
            "LoginError",
            "LoginAuthorizationCodeError",
        ),
        texts=(r"Error loading login session token", r"Please reauthenticate using 'aws login'"),
    ),
    Meaning(
        "login-needs-crt",
        "the installed botocore cannot use a profile of `aws login`: it needs the package awscrt",
        'pip install "botocore[crt]"',
        codes=("MissingDependencyException",),
        texts=(r"Using the login credential provider requires",),
    ),
    Meaning(
        "credential-process",
        "the source of the credentials, a credential_process, the file of a web identity, a container or an EC2 "
        "instance, did not return any",
        "awsenv doctor {profile}",
        codes=("CredentialRetrievalError", "MetadataRetrievalError"),
        texts=(
            r"Error when retrieving credentials from",
            r"Error retrieving metadata",
            r"Unsupported host",
            r"Auth token value is not a legal header value",
            r"No closing quotation",
            r"(?:\[Errno 2\] |^)No such file or directory",
            r"Expecting value: line 1 column 1 \(char 0\)",
        ),
    ),
    Meaning(
        "no-credentials",
        "there are no credentials: none are exported, and the active profile has none",
        "awsenv assume {profile}",
        codes=("NoCredentialsError", "NoCredentialProviders"),
        texts=(
            r"Unable to locate credentials",
            r"Could not load credentials from any providers",
            r"No valid credential sources found",
            r"no EC2 IMDS role found",
            r"Unable to load credentials from any",
        ),
    ),
    # --- the network ---
    Meaning(
        "unreachable",
        "the server was not reached, so AWS has not seen the credentials",
        "awsenv doctor",
        codes=(
            "EndpointConnectionError",
            "ConnectTimeoutError",
            "ReadTimeoutError",
            "ProxyConnectionError",
            "SSLError",
            "ConnectionClosedError",
        ),
        texts=(
            r"Could not connect to the endpoint URL",
            r"Connect timeout on endpoint URL",
            r"Read timeout on endpoint URL",
            r"Failed to connect to proxy URL",
            r"SSL validation failed for",
            r"Connection was closed before we received a valid response",
            r"dial tcp: lookup \S+",
        ),
    ),
)
