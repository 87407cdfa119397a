"""botocore, boto3 and the AWS CLI."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["TEXTS"]

# The pages that list the errors of the services.
STS_ERRORS = "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"
ASSUME_ROLE = "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html"
S3_ERRORS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
EC2_ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
ACCESS_DENIED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
SSO_ERRORS = "https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html"

BOTOCORE = from_source(
    "botocore", "1", "boto/botocore botocore/",
    [
        ("no-credentials", "exceptions.py", "botocore.exceptions.NoCredentialsError: Unable to locate credentials"),
        ("no-credentials", "https://github.com/boto/boto3/issues/2412", '''
            Traceback (most recent call last):
              File "/srv/app/upload.py", line 12, in <module>
                s3.list_buckets()
              File "/srv/app/venv/lib/python3.7/site-packages/botocore/client.py", line 667, in _make_request
                return self._endpoint.make_request(operation_model, request_dict)
              File "/srv/app/venv/lib/python3.7/site-packages/botocore/auth.py", line 357, in add_auth
                raise NoCredentialsError
            botocore.exceptions.NoCredentialsError: Unable to locate credentials
        '''),
        ("partial-credentials", "exceptions.py", "botocore.exceptions.PartialCredentialsError: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY"),
        ("partial-credentials", "exceptions.py", "botocore.exceptions.PartialCredentialsError: Partial credentials found in shared-credentials-file, missing: aws_secret_access_key"),
        ("partial-credentials", "credentials.py", "botocore.exceptions.PartialCredentialsError: Partial credentials found in assume-role, missing: source_profile or credential_source"),
        ("no-profile", "exceptions.py", "botocore.exceptions.ProfileNotFound: The config profile (project1) could not be found"),
        ("no-profile", "session.py", '''
            Traceback (most recent call last):
              File "/srv/app/report.py", line 4, in <module>
                session = boto3.Session(profile_name="projct1")
              File "/usr/lib/python3/dist-packages/botocore/session.py", line 387, in get_scoped_config
                raise ProfileNotFound(profile=profile_name)
            botocore.exceptions.ProfileNotFound: The config profile (projct1) could not be found
        '''),
        ("empty-profile", "exceptions.py", "botocore.exceptions.ProfileNotFound: The config profile () could not be found"),
        ("config-unreadable", "exceptions.py", "botocore.exceptions.ConfigParseError: Unable to parse config file: /home/ada/.aws/config"),
        ("config-invalid", "exceptions.py", "botocore.exceptions.ConfigNotFound: The specified config file (/home/ada/.aws/config) could not be found."),
        ("source-profile", "credentials.py", 'botocore.exceptions.InvalidConfigError: The source_profile "base" referenced in the profile "project1" does not exist.'),
        ("config-invalid", "credentials.py", 'botocore.exceptions.InvalidConfigError: The profile "project1" contains both source_profile and credential_source.'),
        ("config-invalid", "credentials.py", 'botocore.exceptions.InvalidConfigError: The profile "project1" is configured to use SSO but is missing required configuration: sso_region, sso_start_url'),
        ("config-invalid", "credentials.py", 'botocore.exceptions.InvalidConfigError: The specified sso-session does not exist: "corp"'),
        ("config-invalid", "credentials.py", "botocore.exceptions.InvalidConfigError: The provided profile or the current environment is configured to assume role with web identity but has no role ARN configured. Ensure that the profile has the role_arnconfiguration set or the AWS_ROLE_ARN env var is set."),
        ("source-profile-loop", "exceptions.py", "botocore.exceptions.InfiniteLoopConfigError: Infinite loop in credential configuration detected. Attempting to load from profile project1 which has already been visited. Visited profiles: ['project1', 'base']"),
        ("credential-process", "credentials.py", "botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from custom-process: /bin/sh: 1: vault-helper: not found"),
        ("credential-process", "credentials.py", "botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from custom-process: Unsupported version '2' for credential process provider, supported versions: 1"),
        ("credential-process", "credentials.py", "botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from custom-process: Missing required key in response: 'AccessKeyId'"),
        ("credential-process", "credentials.py", "botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from iam-role: Credential refresh failed, response did not contain: access_key, secret_key, token, expiry_time"),
        ("credential-process", "utils.py", 'botocore.exceptions.MetadataRetrievalError: Error retrieving metadata: Received error when attempting to retrieve container metadata: Connect timeout on endpoint URL: "http://169.254.170.2/v2/credentials/example"'),
        ("credential-process", "utils.py", "ValueError: Unsupported host 'credentials.example.com'.  Can only retrieve metadata from a loopback address or one of these hosts: 169.254.170.2, 169.254.170.23, fd00:ec2::23, localhost"),
        ("web-identity-expired", "https://github.com/boto/botocore/issues/3117", "botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from container-role: Error retrieving metadata: Received non 200 response 400 from container metadata: [12a345b6-78cd-401e-8a23-45ba67890cde]: (ExpiredTokenException): The token included in the request is expired: current date/time 2024-02-10T08:38:55.284028Z must be before the expiration date/time 2024-02-09T10:47:44Z., fault: client"),
        ("refreshed-but-expired", "credentials.py", "RuntimeError: Credentials were refreshed, but the refreshed credentials are still expired."),
        ("expiration-unreadable", "credentials.py", '''
            Traceback (most recent call last):
              File "/usr/lib/python3/dist-packages/botocore/credentials.py", line 547, in _seconds_remaining
                delta = self._expiry_time - self._time_fetcher()
            TypeError: can't subtract offset-naive and offset-aware datetimes
        '''),
        ("expiration-unreadable", "credentials.py", "TypeError: can't subtract offset-naive and offset-aware datetimes"),
        ("mfa-missing", "exceptions.py", "botocore.exceptions.RefreshWithMFAUnsupportedError: Cannot refresh credentials: MFA token required."),
        ("sso-signed-out", "exceptions.py", "botocore.exceptions.UnauthorizedSSOTokenError: The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("sso-signed-out", "utils.py", "botocore.exceptions.SSOTokenLoadError: Error loading SSO Token: Token for https://example.awsapps.com/start does not exist"),
        ("sso-signed-out", "utils.py", "botocore.exceptions.SSOTokenLoadError: Error loading SSO Token: Token for corp does not exist"),
        ("sso-signed-out", "utils.py", "botocore.exceptions.SSOTokenLoadError: Error loading SSO Token: Token for https://example.awsapps.com/start is invalid"),
        ("sso-signed-out", "tokens.py", "botocore.exceptions.TokenRetrievalError: Error when retrieving token from sso: Token has expired and refresh failed"),
        ("sso-signed-out", "tokens.py", '''
            Traceback (most recent call last):
              File "/usr/lib/python3/dist-packages/botocore/tokens.py", line 337, in load_token
                return self._refresher()
            botocore.exceptions.TokenRetrievalError: Error when retrieving token from sso: Token has expired and refresh failed

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "/srv/app/main.py", line 30, in <module>
                main()
              File "/srv/app/main.py", line 21, in main
                raise SystemExit(1) from error
            SystemExit: 1
        '''),
        ("login-signed-out", "exceptions.py", "botocore.exceptions.LoginRefreshRequired: Your session has expired or credentials have changed. Please reauthenticate using 'aws login'."),
        ("login-signed-out", "exceptions.py", "botocore.exceptions.LoginTokenLoadError: Error loading login session token: Unable to load a existing login session for session arn:aws:iam::123456789012:user/ada. Please reauthenticate with 'aws login'."),
        ("login-signed-out", "exceptions.py", "botocore.exceptions.LoginInsufficientPermissions: Unable to create or refresh login credentials due to insufficient permissions. You may be missing permission for the 'signin:CreateOAuth2Token' action."),
        ("login-needs-crt", "credentials.py", 'botocore.exceptions.MissingDependencyException: Missing Dependency: Using the login credential provider requires an additional dependency. You will need to pip install "botocore[crt]" before proceeding.'),
        ("no-region", "exceptions.py", "botocore.exceptions.NoRegionError: You must specify a region."),
        ("region-invalid", "exceptions.py", "botocore.exceptions.InvalidRegionError: Provided region_name 'eu_west_1' doesn't match a supported format."),
        ("region-invalid", "endpoint.py", "ValueError: Invalid endpoint: https://sts..amazonaws.com"),
        ("unreachable", "exceptions.py", 'botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: "https://sts.eu-west-9.amazonaws.com/"'),
        ("unreachable", "exceptions.py", 'botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://sts.eu-west-1.amazonaws.com/"'),
        ("unreachable", "exceptions.py", 'botocore.exceptions.ReadTimeoutError: Read timeout on endpoint URL: "https://sts.eu-west-1.amazonaws.com/"'),
        ("unreachable", "exceptions.py", 'botocore.exceptions.ProxyConnectionError: Failed to connect to proxy URL: "http://proxy.example.com:3128"'),
        ("unreachable", "exceptions.py", 'botocore.exceptions.ConnectionClosedError: Connection was closed before we received a valid response from endpoint URL: "https://s3.eu-west-1.amazonaws.com/bucket/key".'),
        ("header-value", "httpsession.py", r"ValueError: Invalid header value b'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\n/20261126/eu-west-1/sts/aws4_request'"),
        ("cache-corrupt", "utils.py", '''
            Traceback (most recent call last):
              File "/usr/lib/python3/dist-packages/botocore/credentials.py", line 715, in _get_cached_credentials
                creds = response['Credentials']
            KeyError: 'Credentials'
        '''),
        # errors of the services
        ("expired", STS_ERRORS, "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired"),
        ("expired", "https://github.com/aws-samples/aws-iot-twinmaker-samples/issues/147", "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the CreateRole operation: The security token included in the request is expired"),
        ("expired", STS_ERRORS, "botocore.errorfactory.ExpiredTokenException: An error occurred (ExpiredTokenException) when calling the ListTables operation: The security token included in the request is expired"),
        ("expired", STS_ERRORS, '''
            Traceback (most recent call last):
              File "/var/task/handler.py", line 8, in handler
                table.scan()
              File "/opt/python/botocore/client.py", line 1009, in _make_api_call
                raise error_class(parsed_response, operation_name)
            botocore.exceptions.ClientError: An error occurred (ExpiredTokenException) when calling the Scan operation: The security token included in the request is expired
        '''),
        ("expired", "https://github.com/cloud-custodian/cloud-custodian/issues/9216", "region:us-east-1 error:An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired"),
        ("request-expired", EC2_ERRORS, "botocore.exceptions.ClientError: An error occurred (RequestExpired) when calling the DescribeInstances operation: Request has expired."),
        ("unknown-key", STS_ERRORS, "botocore.exceptions.ClientError: An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid"),
        ("unknown-key", STS_ERRORS, "botocore.exceptions.ClientError: An error occurred (UnrecognizedClientException) when calling the ListTables operation: The security token included in the request is invalid."),
        ("unknown-key", S3_ERRORS, "botocore.exceptions.ClientError: An error occurred (InvalidToken) when calling the ListBuckets operation: The provided token is malformed or otherwise invalid."),
        ("role-denied", ASSUME_ROLE, "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/project1"),
        ("mfa-code", ASSUME_ROLE, "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code."),
        ("clock", "https://github.com/aws/aws-cli/issues/6358", "botocore.exceptions.ClientError: An error occurred (RequestTimeTooSkewed) when calling the ListObjectsV2 operation: The difference between the request time and the current time is too large."),
        ("clock", STS_ERRORS, "botocore.exceptions.ClientError: An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired: 20261126T101500Z is now earlier than 20261126T102000Z (20261126T103500Z - 15 min.)"),
        ("signature-region", STS_ERRORS, "botocore.exceptions.ClientError: An error occurred (SignatureDoesNotMatch) when calling the ListUsers operation: Credential should be scoped to a valid region, not 'eu-west-1'. "),
        ("head-forbidden", "https://github.com/treeverse/dvc/issues/6433", "unexpected error - Forbidden: An error occurred (403) when calling the HeadObject operation: Forbidden"),
        ("head-bad-request", "https://github.com/boto/botocore/issues/1400", "botocore.exceptions.ClientError: An error occurred (400) when calling the HeadObject operation: Bad Request"),
    ],
)  # fmt: skip

CLI_1 = from_source(
    "AWS CLI", "1", "aws/aws-cli awscli/",
    [
        ("no-credentials", "clidriver.py", 'Unable to locate credentials. You can configure credentials by running "aws configure".'),
        ("no-region", "clidriver.py", 'You must specify a region. You can also configure your region by running "aws configure".'),
        ("no-profile", "clidriver.py", "The config profile (project1) could not be found"),
        ("no-credentials", "https://github.com/aws/aws-toolkit-azure-devops/issues/36", '''
            2017-11-06T19:22:31.1203715Z ##[section]Starting: AWS Tools for Windows PowerShell Script
            2017-11-06T19:22:40.7789313Z Unable to locate credentials. You can configure credentials by running "aws configure".
            2017-11-06T19:22:41.0133074Z ##[error]Script exited with code 255
        '''),
        ("expired", S3_ERRORS, '''

            An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.
        '''),
        ("expired", S3_ERRORS, "upload failed: ./site/index.html to s3://www.example.com/index.html An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired."),
        ("expired", S3_ERRORS, "fatal error: An error occurred (ExpiredToken) when calling the ListObjectsV2 operation: The provided token has expired."),
        ("head-bad-request", S3_ERRORS, "fatal error: An error occurred (400) when calling the HeadObject operation: Bad Request"),
        ("head-forbidden", S3_ERRORS, "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden"),
        ("clock", "https://github.com/aws/aws-cli/issues/6358", "fatal error: An error occurred (RequestTimeTooSkewed) when calling the ListObjectsV2 operation: The difference between the request time and the current time is too large."),
        ("unreachable", "https://github.com/aws/aws-cli/issues/4279", "SSL validation failed for https://sts.us-east-1.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1051)"),
        ("cache-unusable", "customizations/assumerole.py", "[Errno 13] Permission denied: '/home/ada/.aws/cli/cache/3f5a1c8e9b7d2046a1c3e5f7091b2d4f6a8c0e1d.json'"),
        ("duration-role", ASSUME_ROLE, "An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        ("duration-chained", ASSUME_ROLE, "An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."),
        ("session-from-session", STS_ERRORS, "An error occurred (AccessDenied) when calling the GetSessionToken operation: Cannot call GetSessionToken with session credentials"),
        ("root-cannot-assume", ASSUME_ROLE, "An error occurred (AccessDenied) when calling the AssumeRole operation: Roles may not be assumed by root accounts."),
    ],
)  # fmt: skip

CLI_2 = from_source(
    "AWS CLI", "2", "aws/aws-cli awscli/",
    [
        ("no-credentials", "errorhandler.py", 'aws: [ERROR]: Unable to locate credentials. You can configure credentials by running "aws configure".'),
        ("no-credentials", "errorhandler.py", 'Unable to locate credentials. You can configure credentials by running "aws login".'),
        ("no-credentials", "errorhandler.py", 'aws: [ERROR]: An error occurred (NoCredentials): Unable to locate credentials. You can configure credentials by running "aws login".'),
        ("no-region", "errorhandler.py", 'aws: [ERROR]: You must specify a region. You can also configure your region by running "aws configure".'),
        ("no-profile", "errorhandler.py", "aws: [ERROR]: The config profile (project1) could not be found"),
        ("expired", S3_ERRORS, '''

            aws: [ERROR]: An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired
        '''),
        ("expired", "https://github.com/aws/aws-cli/issues/5971", "An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired"),
        ("unknown-key", ASSUME_ROLE, "An error occurred (InvalidClientTokenId) when calling the AssumeRole operation: The security token included in the request is invalid."),
        ("unknown-key", S3_ERRORS, "An error occurred (InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records."),
        ("wrong-secret", S3_ERRORS, "An error occurred (SignatureDoesNotMatch) when calling the ListBuckets operation: The request signature we calculated does not match the signature you provided. Check your key and signing method."),
        ("auth-failure", EC2_ERRORS, "An error occurred (AuthFailure) when calling the DescribeInstances operation: AWS was not able to validate the provided access credentials"),
        ("sso-signed-out", "https://github.com/61418/aws-sso-util/issues/83", "Error when retrieving token from sso: Token has expired and refresh failed"),
        ("sso-signed-out", "https://github.com/aws/aws-cli/issues/7340", "An error occurred (UnauthorizedException) when calling the GetRoleCredentials operation: Session token not found or invalid"),
        ("sso-signed-out", "errorhandler.py", "The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("sso-signed-out", "errorhandler.py", "Error loading SSO Token: Token for https://example.awsapps.com/start does not exist"),
        ("sso-signed-out", "https://github.com/aws/aws-cli/issues/8561", "An error occurred (InvalidGrantException) when calling the CreateToken operation: "),
        ("sso-role-denied", SSO_ERRORS, "An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access"),
        ("login-signed-out", "errorhandler.py", "aws: [ERROR]: Your session has expired or credentials have changed. Please reauthenticate using 'aws login'."),
        ("credential-process", "errorhandler.py", '''

            Error when retrieving credentials from custom-process: aws-vault: error: exec: Failed to get credentials for project1
        '''),
        ("unreachable", "https://github.com/aws/aws-cli/issues/7552", "SSL validation failed for https://s3.us-west-2.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1129)"),
        ("unreachable", "https://github.com/aws/aws-cli/issues/6326", "SSL validation failed for https://sts.us-east-1.amazonaws.com/ [Errno 2] No such file or directory"),
        ("unreachable", "errorhandler.py", '''

            Could not connect to the endpoint URL: "https://sts.eu-west1.amazonaws.com/"
        '''),
        ("mfa-code", ACCESS_DENIED, '''
            Enter MFA code for arn:aws:iam::123456789012:mfa/ada:

            An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.
        '''),
        ("role-denied", ASSUME_ROLE, "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:sts::123456789012:assumed-role/dev/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Prod-Role"),
        ("session-revoked", ACCESS_DENIED, "An error occurred (AccessDenied) when calling the ListBuckets operation: User: arn:aws:sts::123456789012:assumed-role/project1/ada is not authorized to perform: s3:ListAllMyBuckets with an explicit deny in an identity-based policy"),
        ("denied", EC2_ERRORS, "An error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action"),
        ("tags-denied", ACCESS_DENIED, "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:TagSession on resource: arn:aws:iam::123456789012:role/project1"),
        ("cache-corrupt", "errorhandler.py", "aws: [ERROR]: 'Credentials'"),
        ("duration-short", ASSUME_ROLE, "An error occurred (ValidationError) when calling the AssumeRole operation: 1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"),
        ("mfa-serial", ASSUME_ROLE, "An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."),
        ("parameter", ASSUME_ROLE, "An error occurred (PackedPolicyTooLarge) when calling the AssumeRole operation: Packed policy consumes 134% of allotted space, please use smaller policy."),
        ("identity-provider-silent", ASSUME_ROLE, "An error occurred (IDPCommunicationError) when calling the AssumeRoleWithWebIdentity operation: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"),
        ("sso-token-corrupt", "errorhandler.py", "aws: [ERROR]: 'accessToken'"),
        ("throttled", SSO_ERRORS, "An error occurred (TooManyRequestsException) when calling the GetRoleCredentials operation (reached max retries: 2): HTTP 429 Unknown Code"),
        ("region-disabled", ASSUME_ROLE, "An error occurred (RegionDisabledException) when calling the AssumeRole operation: STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console."),
        ("partial-credentials", S3_ERRORS, "An error occurred (AuthorizationHeaderMalformed) when calling the ListBuckets operation: The authorization header is malformed; a non-empty Access Key (AKID) must be provided in the credential."),
    ],
)  # fmt: skip

TEXTS: list[ErrorText] = [*BOTOCORE, *CLI_1, *CLI_2]
