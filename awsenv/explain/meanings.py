"""The errors that `awsenv explain` knows: by which codes and texts each is recognised, what it means, what fixes it.

The codes are those of the services, which every AWS CLI and SDK shows, and the names of botocore's exceptions; the
texts those of the services, of botocore, of the other SDKs and of the tools that use them, as tests/support/error_texts
has them with their sources.
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
            profile, the group `key` the name of a cache file. What they leave open is bounded, or a long line would
            take minutes.
        common: texts that other programs print, too: they count only beside botocore or the AWS CLI, or if a line
            starts with them, as the CLI prints them.
        wrappers: texts that say only that something failed: they count if no meaning before this one is found.
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
    common: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()
    narrow: bool = False
    of_role: bool = False

    @staticmethod
    def patterns(texts: tuple[str, ...]) -> list[re.Pattern[str]]:
        """Texts, ready to search for."""
        return [re.compile(text.replace(" ", r"\s+"), re.IGNORECASE | re.MULTILINE) for text in texts]


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
            r"Signature expired: \S{1,200} is now earlier than \S{1,200}(?: \(\S{1,200} - \d+ min\.\))?",
            r"Signature not yet current: \S{1,200} is still later than \S{1,200}(?: \(\S{1,200} \+ \d+ min\.\))?",
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
            r"The token included in the request is expired: current date/time \S{1,200}",
            r"Token too old: \d+",
        ),
        narrow=True,
    ),
    Meaning(
        "saml-expired",
        "the SAML response of the identity provider is too old: it can be used for 5 minutes at most, by AWS's clock "
        "and the provider's",
        remediation="sign in at the identity provider again",
        codes=("ExpiredTokenException",),
        texts=(r"Token must be redeemed within \d+ minutes?", r"\bExpiredTokenException: Response has expired"),
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
        texts=(
            r"Credentials were refreshed, but the refreshed credentials are still expired",
            r"credential_process returned expired credentials",
        ),
    ),
    Meaning(
        "expiration-unreadable",
        "botocore did not call AWS: AWS_CREDENTIAL_EXPIRATION, a credential_process or a cache entry has an "
        "expiration that it cannot read, or without a time zone",
        "awsenv doctor {profile}",
        common=(
            r"can't (?:subtract|compare) offset-naive and offset-aware datetimes",
            r"Unknown string format",
            r"String does not contain a date",
            r"year \d+ is out of range",
        ),
    ),
    Meaning(
        "expired",
        "the session of these credentials has expired, and AWS rejects them; only new ones help",
        "{renew}",
        codes=("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"),
        texts=(
            r"The security token included in the request is expired",
            r"The provided token has expired",
            # AWS's own pages in Japanese, Korean, Chinese, German, Spanish, French, Italian and Portuguese
            r"セキュリティトークン(?:が失効して|の有効期限が切れて)います",
            r"보안 토큰이 만료되었습니다",
            r"(?:安全令牌已过期|安全(?:權杖|字符)已過期)",
            r"Sicherheitstoken ist abgelaufen",
            r"token de seguridad incluido en la solicitud ha (?:caducado|vencido|expirado)",
            r"jeton de sécurité inclus dans la (?:demande|requête) a expiré",
            r"token di sicurezza incluso nella richiesta è scaduto",
            r"token de segurança incluído na solicitação expirou",
        ),
    ),
    Meaning(
        "request-expired",
        "EC2 reports this for an expired session, and also for a request that arrived too late by its clock",
        "{renew}",
        codes=("RequestExpired",),
        texts=(r"Request has expired",),
    ),
    Meaning(
        "head-bad-request",
        "S3 answers a HEAD request without a body, so the reason is lost: with 400 Bad Request it is mostly a session "
        "that has expired, or a bucket in another region",
        remediation="repeat it in a way that has an answer: aws s3 ls s3://BUCKET",
        texts=(r"when calling the Head\w+ operation: Bad Request",),
    ),
    # --- credentials that AWS does not know ---
    Meaning(
        "token-not-passed",
        "the container got the access key without its session token",
        remediation="pass AWS_SESSION_TOKEN to the container, too, from a shell in which it is set",
        codes=("InvalidClientTokenId", "UnrecognizedClientException"),
        texts=(r"\"?AWS_SESSION_TOKEN\"? variable is not set\. Defaulting to a blank string",),
        narrow=True,
    ),
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
            r"セキュリティトークンが無効です(?![^\n]{0,200}ExpiredToken)",
            r"\binvalid credentials\(host=",
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
        "signature-region",
        "the request was signed for another region than that of the server it was sent to; the secret is right",
        "awsenv doctor",
        "set the region of the bucket or service",
        codes=("SignatureDoesNotMatch", "InvalidSignatureException", "AuthorizationHeaderMalformed"),
        texts=(
            r"Credential should be scoped to a valid region",
            r"the region '[^'\n]{0,200}' is wrong; expecting '[^'\n]{0,200}'",
            r"The bucket region is not '[^'\n]{0,200}', it is correctly",
        ),
        narrow=True,
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
        texts=(r"Request is missing Authentication Token", r"User: anonymous is not authorized to perform"),
    ),
    Meaning(
        "header-value",
        "a key, a token or a region has a line break or another character that a request cannot contain",
        "{renew}",
        codes=("IncompleteSignature", "AuthorizationHeaderMalformed"),
        texts=(
            r"Invalid header value",
            r"not a legal header value",
            r"not a valid key=value pair \(missing equal-sign\) in Authorization header",
            r"the Credential is mal-formed",
        ),
        narrow=True,
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
        texts=(
            r"MultiFactorAuthentication failed, must provide both MFA serial number",
            r"MFA token required",
            r"requires multi-factor authentication, but no MFA code callback was provided",
            r"assume role with MFA enabled, but",
        ),
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
            r"could not be used to assume '",
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
        "account-mismatch",
        "the credentials are valid, but belong to another AWS account than the one that is needed",
        "awsenv list",
        texts=(r"but the current credentials are for \d+", r"AWS account ID not allowed"),
    ),
    Meaning(
        "head-forbidden",
        "S3 answers a HEAD request without a body, so the reason is lost: with 403 Forbidden it is a missing "
        "permission, credentials that S3 rejects, or an object that does not exist in a bucket that may not be listed",
        remediation="repeat it in a way that has an answer: aws s3 ls s3://BUCKET",
        texts=(
            r"when calling the Head\w+ operation: Forbidden",
            r"operation error S3: Head\w+, https response error StatusCode: 403",
            r"Service returned error code 403: Forbidden",
            r"\bForbidden: Forbidden status code: 403",
        ),
    ),
    Meaning(
        "cluster-unauthorized",
        "the Kubernetes cluster rejects the identity: the IAM role or user has no access entry in it, or its session "
        "has expired",
        "awsenv whoami",
        "compare the access entries of the cluster (aws eks list-access-entries --cluster-name NAME) with the identity",
        texts=(
            r"You must be logged in to the server",
            r"the server has asked for the client to provide credentials",
            r"Error: Unauthorized with \S{0,200}kubernetes_",
        ),
    ),
    Meaning(
        "codecommit-refused",
        "CodeCommit rejects the password that git sent: the credentials have expired or belong to another account, or "
        "git's keychain still has an old password",
        "{renew}",
        "remove the entry of git-codecommit from git's keychain, if it has one",
        texts=(r"git-codecommit\S{0,200} The requested URL returned error: 403",),
    ),
    Meaning(
        "ecr-login",
        "docker is not signed in to this ECR registry, or its sign-in has expired after 12 hours; new AWS credentials "
        "alone do not renew it",
        remediation="sign in again: aws ecr get-login-password --region REGION | docker login --username AWS "
        "--password-stdin REGISTRY",
        texts=(
            r"Your authorization token has expired",
            r"no basic auth credentials",
            r"\becr\b[^\n]{0,200}credentials not found in native keychain",
            r"pull access denied for \S{1,200}\.dkr\.ecr\.",
        ),
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
        "saml-refused",
        "AWS rejects the SAML response of the identity provider: it is not signed by the provider that the role trusts",
        remediation="update the metadata of the SAML provider in IAM, if its certificate has changed",
        codes=("InvalidIdentityToken",),
        texts=(r"Response signature invalid",),
        narrow=True,
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
        ),
        common=(r"list indices must be integers or slices, not str",),
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
        texts=(
            r"\[Errno \d+\] [^\n]{0,200}\.aws/cli/cache",
            r"^\[Errno (?:13|20)\] (?:Permission denied|Not a directory)$",
        ),
    ),
    Meaning(
        "cli-mixed-versions",
        "the AWS CLI reads the endpoint data of another version of botocore; the credentials are not the cause",
        remediation="reinstall or upgrade the AWS CLI",
        texts=(r"^(?:.*(?:\[ERROR\]|\w+Error): )?'credentialScope'$",),
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
        "source-profile",
        "the profile assumes a role with the credentials of another profile, which does not exist or has none",
        "awsenv doctor {profile}",
        codes=("InvalidConfigError", "SharedConfigProfileNotExistError"),
        texts=(
            rf'The source_profile (?:"[^"\n]*" )?referenced in the profile (?:"{_PROFILE}" )?does not exist',
            rf'The source profile (?:"{_PROFILE}" )?must have credentials',
            r"source_profile \S{1,200} using profile (?P<profile>\S{1,200}) does not exist",
            r"source_profile is not set using profile (?P<profile>\S{1,200})",
            r"The source profile of '(?P<profile>[^'\n]{0,200})' was configured to be '[^'\n]{0,200}', but",
            r"Profile (?P<profile>\S{1,200}) has a role_arn and source_profile but the source_profile does not have",
            r"failed to load assume role \S{1,200} of profile",
        ),
        narrow=True,
    ),
    Meaning(
        "no-profile",
        "there is no profile of this name in the AWS config and credentials files",
        "awsenv list",
        codes=(
            "ProfileNotFound",
            "SharedConfigProfileNotExistError",
            "SharedConfigProfileNotExistsError",
            "NoSuchProfileError",
        ),
        texts=(
            rf"The config profile (?:\({_PROFILE}\) )?could not be found",
            r"failed to get shared config profile,? (?P<profile>[^\s,)]{1,200})",
            r"Could not resolve credentials using profile: \[(?P<profile>[^\]\n]*)\]",
            r"NotExistsError: failed to get profile, (?P<profile>\S{1,200})",
            r"SharedCredsLoad: failed to get profile",
            r"No AWS profile named '(?P<profile>[^'\n]{0,200})'",
            r"Failure: Profile (?P<profile>\S{1,200}) not found",
            r"ProviderError: Profile (?P<profile>\S{1,200}) was not found",
            r"Profile '?(?P<profile>[^'\s]{1,200})'? could not be found in shared credentials file",
            r"'(?P<profile>[^'\n]{0,200})' not found in credentials file",
            r"profile `(?P<profile>[^`\n]{0,200})` was not defined",
            r'Unable to find the "(?P<profile>[^"\n]{0,200})" profile in CredentialProfileStoreChain',
            r"The following profile was not found: (?P<profile>[^.\n]{0,200})\.",
        ),
    ),
    Meaning(
        "source-profile-loop",
        "the source profiles of the profile form a loop, so there are no credentials to start from",
        "awsenv doctor {profile}",
        codes=("InfiniteLoopConfigError",),
        texts=(
            r"Infinite loop in credential configuration detected",
            r"Circular relationship detected with profiles",
            r"Detected a cycle attempting to resolve credentials for profile (?P<profile>[^\s.]{1,200})",
            r"profile formed an infinite loop",
            r"Circular source_profile reference found",
        ),
    ),
    Meaning(
        "partial-credentials",
        "part of the credentials is missing, so none are used",
        "awsenv doctor {profile}",
        codes=("PartialCredentialsError",),
        texts=(
            r"Partial credentials found in",
            r"partial credentials found for profile (?P<profile>\S{1,200})",
            r"did not contain aws_(?:access_key_id|secret_access_key)",
            r"a non-empty Access Key \(AKID\) must be provided",
            r"if one access key is specified, both keys need to be specified",
            r"environment variable AWS_SESSION_TOKEN is expected to be set",
            r"AWS session token was expected but wasn't provided",
        ),
    ),
    Meaning(
        "config-unreadable",
        "a line of the config or credentials file cannot be read, so the whole file is rejected",
        "awsenv doctor",
        codes=("ConfigParseError",),
        texts=(
            r"Unable to parse config file",
            r"SharedConfigLoadError",
            r"failed to load shared config file",
            r"Invalid credentials file: \S{1,200}",
        ),
    ),
    Meaning(
        "config-invalid",
        "a setting of the profile is invalid",
        "awsenv doctor {profile}",
        codes=("InvalidConfigError", "ConfigNotFound", "UnknownCredentialError"),
        texts=(
            rf'(?:The )?profile "{_PROFILE}" (?:contains both|is configured to use SSO but is missing)',
            r"The specified config file (?:\([^)\n]{0,200}\) )?could not be found",
            r"The credential source (?:\"[^\"\n]{0,200}\" )?referenced in profile",
            r"the services configuration does not exist",
            r"The specified sso-session does not exist",
            r"configured to assume role with web identity but has no role ARN",
            r"profile has both source_profile and credential_source",
            r"Profile property '\w+' was not configured for '(?P<profile>[^'\n]{0,200})'",
            r"Profile (?P<profile>\S{1,200}) does not have valid SSO credentials",
            r"Profile is configured with invalid SSO credentials",
            r"Sso session '[^'\n]{0,200}' could not be found",
            r"Unsupported credential source in profile (?P<profile>[^\s.]{1,200})",
            r"only one credential type may be specified per profile",
            r"failed to find SSO session section",
            r"(?:missing|invalid) credential source in `(?P<profile>[^`\n]{0,200})`",
        ),
    ),
    Meaning(
        "no-region",
        "no region is set, so the endpoint is unknown",
        "awsenv assume {profile} --region us-east-1",
        codes=("NoRegionError", "MissingRegion"),
        texts=(
            r"You must specify a region",
            r"Region is missing",
            r"Invalid AWS Region:\s*$",
            r"Unable to (?:find a|load) region (?:via|from)",
            r"Missing region in config",
            r"could not find region configuration",
            r"an AWS region is required, but was not found",
            r"Invalid Configuration: Missing Region",
            r"No RegionEndpoint or ServiceURL configured",
            r'A "region" configuration value is required',
            r"missing region; use :region option",
            r"No region specified or obtained from persisted/shell defaults",
            r"Unable to resolve a region",
            r"The following profile does not have an AWS Region: (?P<profile>[^.\n]{0,200})\.",
            r"requires a region and none was found",
        ),
    ),
    Meaning(
        "region-invalid",
        "the region is empty or misspelled, or the endpoint is not a URL: there is no such server",
        "awsenv doctor {profile}",
        codes=("InvalidRegionError", "UnknownRegionError", "InvalidEndpointConfigurationError"),
        texts=(
            r"Provided region_name '[^'\n]{0,200}' doesn't match a supported format",
            r"\bInvalid endpoint\b",
            r"Invalid region in config",
            r"Region not accepted: region=",
            r"The following AWS Region is not available for use with AWS CodeCommit",
        ),
    ),
    Meaning(
        "parameter",
        "a setting has a value that STS rejects: RoleArn, RoleSessionName, ExternalId, MFA device or code",
        "awsenv doctor {profile}",
        codes=("ParamValidationError", "ValidationError", "MalformedPolicyDocument", "PackedPolicyTooLarge"),
        texts=(
            r"Parameter validation failed",
            r"Invalid length for parameter \w+",
            r"\b(?:ValidationError|MalformedPolicyDocument|PackedPolicyTooLarge)\) when calling the "
            r"(?:AssumeRole\w*|GetSessionToken|GetFederationToken) operation",
            r"\b(?:ParamValidationError|PackedPolicyTooLarge)\b",
        ),
        narrow=True,  # ValidationError is the code of CloudFormation, and an exception of many programs
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
            "InvalidSSOToken",
        ),
        texts=(
            r"Error loading SSO Token",
            r"Token for \S{1,200} (?:does not exist|is invalid)",
            r"Token has expired and refresh failed",
            r"The SSO session associated with this profile (?:has expired|is invalid)",
            r"The SSO session token associated with profile=(?P<profile>\S{1,200}) has expired",
            r"the SSO session has expired or is invalid",
            r"The SSO session token associated with profile=(?P<profile>\S{1,200}) was not found or is invalid",
            r"Session token not found or invalid",
            r"refresh cached SSO token failed",
            r"failed to read cached SSO token file",
            r"Unable to load SSO token",
            r"No valid SSO Token could be found",
            r"Token is invalid and failed to refresh",
            r"Cached Token is already expired at",
            r"(?:log in (?:with|using)|Try running) \"?aws sso login",
            r"run 'aws sso login' with the corresponding profile",
            r"Login required\. Use `aws-sso-util",
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
        texts=(
            r"Error loading login session token",
            r"Please reauthenticate using 'aws login'",
            r"please re-authenticate using `?aws login",
            r"Your session has expired\. Please reauthenticate",
        ),
    ),
    Meaning(
        "login-needs-crt",
        "the installed botocore cannot use a profile of `aws login`: it needs the package awscrt",
        'pip install "botocore[crt]"',
        codes=("MissingDependencyException",),
        texts=(r"Using the login credential provider requires",),
    ),
    Meaning(
        "sdk-part-missing",
        "the program lacks the part of its SDK that this kind of profile needs, such as SSO or STS",
        remediation="add that package to the program, or run it with exported credentials: "
        "awsenv exec {profile} -- COMMAND",
        texts=(
            r"AWSSDK\.\w+ could not be found or loaded",
            r"the '\w+' service module must be on the class path",
            r"This behavior requires following cargo feature\(s\) enabled",
        ),
    ),
    Meaning(
        "exec-plugin-failed",
        "kubectl runs a command for its token, such as aws eks get-token, and that command failed",
        remediation="run aws eks get-token --cluster-name NAME and explain what it prints",
        wrappers=(r"getting credentials: exec: (?:executable \S{1,200} failed with exit code|exit status) \d+",),
    ),
    Meaning(
        "credential-process",
        "the source of the credentials, a credential_process, the file of a web identity, a container or an EC2 "
        "instance, did not return any",
        "awsenv doctor {profile}",
        codes=("CredentialRetrievalError", "MetadataRetrievalError", "InvalidProcessCredentialsPayload"),
        texts=(
            r"Unsupported host",
            r"Auth token value is not a legal header value",
            r"credential_process (?:returned (?:error|invalid)|does not return)",
            r"did not include credential process",
            r"error in credential_process",
            r"missing (?:AccessKeyId|SecretAccessKey) in process output",
        ),
        common=(
            r"No closing quotation",
            r"(?:\[Errno 2\] |^)No such file or directory",
            r"Expecting value: line 1 column 1 \(char 0\)",
        ),
        wrappers=(r"Error when retrieving credentials from", r"Error retrieving metadata"),
    ),
    Meaning(
        "no-credentials",
        "there are no credentials: none are exported, and the active profile has none",
        "awsenv assume {profile}",
        codes=("NoCredentialsError", "NoCredentialProviders"),
        texts=(
            r"Unable to locate credentials",
            r"no EC2 (?:IMDS|instance) role found",
            # Java, Hadoop
            r"Unable to load (?:AWS )?credentials from (?:any|environment variables|system settings|service endpoint)",
            r"No AWS credentials in the Hadoop configuration",
            r"Profile file contained no credentials for profile '(?P<profile>[^'\n]{0,200})'",
            # JavaScript
            r"Missing credentials in config",
            r"Could not load credentials from \w+",
            r"EC2 Metadata \w+ request returned error",
            r"Credentials not set for profile (?P<profile>\S{1,200})",
            r"\bCredential is missing",
            r"Unable to connect to instance metadata service",
            r"`credentials` not provided and no credentialDefaultProvider",
            r"Resolved credential object is not valid",
            r"Unable to find environment variable credentials",
            # Go, Rust
            r"AWS_ACCESS_KEY_ID or AWS_ACCESS_KEY not found in environment",
            r"static credentials are empty",
            r"no valid providers in chain",
            r"profile `(?P<profile>[^`\n]{0,200})` did not contain credential information",
            r"the credential provider was not enabled",
            r"no providers in chain provided credentials",
            r"Couldn't find AWS credentials in environment",
            # .NET, PHP, Ruby, PowerShell
            r"Unable to get IAM security credentials from EC2 Instance Metadata Service",
            r"Failed to resolve AWS credentials",
            r"Error retrieving credentials from the instance profile metadata (?:server|service)",
            r"Unexpected instance profile response code",
            r"No credentials present in INI profile '(?P<profile>[^'\n]{0,200})'",
            r"Cannot read credentials from \S{1,200}",
            r"unable to sign request without credentials set",
            r"missing credentials, provide credentials with one of the following options",
            r"No credentials specified or obtained from persisted/shell defaults",
            # CDK, SAM, Serverless, Pulumi, git, s3fs
            r"Need to perform AWS calls for account [^\n,]{0,200}, but no credentials",
            r"Unable to resolve AWS account to use",
            r"AWS credentials could not be obtained from standard locations",
            r"Unable to resolve credentials for the AWS SDK for Python",
            r"AWS Credentials are required\. Please configure your credentials",
            r"Layers require credentials to download the layers",
            r"AWS provider credentials not found",
            r"unable to (?:discover|validate) AWS AccessKeyID and/or SecretAccessKey",
            r"The following profile does not have credentials configured: (?P<profile>[^.\n]{0,200})\.",
            r"could not (?:determine how to )?establish security credentials",
        ),
        wrappers=(r"No valid credential sources (?:for [^\n]{0,200} )?found", r"No AWS Credentials provided by"),
    ),
    # --- the network ---
    Meaning(
        "certificate-time",
        "the TLS certificate of the server is not valid at the time that this machine's clock shows; mostly the "
        "clock is wrong",
        "awsenv doctor",
        codes=("SSLError",),
        texts=(
            r"certificate has expired or is not yet valid",
            r"certificate is not yet valid",
            r"certificate verify failed: certificate has expired",
            r"\bCERT_(?:NOT_YET_VALID|HAS_EXPIRED)\b",
            r"PKIX path validation failed:[^\n]{0,200}validity check failed",
        ),
        narrow=True,
    ),
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
            r"dial tcp: lookup \S{0,200}(?:amazonaws|awsapps|\.aws)\S{0,200}",
            r"getaddrinfo \w+ \S{0,200}(?:amazonaws|awsapps|\.aws)\S{0,200}",
            r"Received an UnknownHostException when attempting to interact with a service",
            r"Inaccessible host: ",
            r"Encountered a `SocketError` while attempting to connect to",
            r"HttpTimeoutError \{ kind",
            # something on the way answers with a certificate of its own
            r"x509: certificate (?:signed by unknown authority|is valid for [^\n]{0,200}, not)",
            r"self[- ]signed certificate in certificate chain",
            r"unable to get local issuer certificate",
            r"PKIX path building failed",
        ),
    ),
)
