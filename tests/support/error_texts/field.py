# ruff: noqa: RUF001 (tools write dashes that look like others)
"""A second collection, of tools and forms that the other tables lack, made before any pattern was written for them."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["TEXTS"]

GITHUB = "https://github.com/"

BOTOCORE = from_source(
    "botocore", "1", "boto/botocore botocore/",
    [
        ("sso-signed-out", "exceptions.py", "botocore.exceptions.SSOError: An unspecified error happened when resolving AWS credentials or an access token from SSO."),
        ("config-invalid", "exceptions.py", 'botocore.exceptions.InvalidSTSRegionalEndpointsConfigError: STS regional endpoints option global is invalid. Valid options are: "legacy", "regional"'),
        ("config-invalid", "exceptions.py", "botocore.exceptions.InvalidDefaultsMode: Client configured with invalid defaults mode: fast. Valid defaults modes include: legacy, standard, in-region, cross-region, mobile, auto."),
        ("config-invalid", "exceptions.py", "botocore.exceptions.InvalidRetryModeError: Invalid value provided to \"mode\": \"eager\" must be one of: legacy, standard, adaptive"),
        ("config-invalid", "exceptions.py", "botocore.exceptions.InvalidMaxRetryAttemptsError: Value provided to \"max_attempts\": 0 must be an integer greater than or equal to 1."),
        ("config-invalid", "exceptions.py", "botocore.exceptions.InvalidIMDSEndpointModeError: Invalid EC2 Instance Metadata endpoint mode: ipv5 Valid endpoint modes (case-insensitive): ['ipv4', 'ipv6']."),
        ("config-invalid", "configprovider.py", "  File \"/usr/lib/python3/dist-packages/botocore/configprovider.py\", line 614, in provide\n    value = self._conversion_func(value)\nValueError: invalid literal for int() with base 10: 'three'"),
        ("region-invalid", "exceptions.py", "botocore.exceptions.UnknownEndpointError: Unable to construct an endpoint for sts in region global"),
        ("region-invalid", "exceptions.py", "botocore.exceptions.EndpointVariantError: Unable to construct a modeled endpoint with the following variant(s) ['fips', 'dualstack']: "),
        ("unreachable", "https://github.com/eksctl-io/eksctl/issues/8175", "Unable to parse response (no element found: line 1, column 0), invalid XML received. Further retries may succeed:\nb''"),
        ("unreachable", "parsers.py", "botocore.parsers.ResponseParserError: Unable to parse response (syntax error: line 1, column 0), invalid XML received. Further retries may succeed:\nb'<!DOCTYPE html><html><head><title>Access to AWS blocked</title></head></html>'"),
    ],
)  # fmt: skip

CLI = from_source(
    "AWS CLI", "2", GITHUB,
    [
        ("login-signed-out", "aws/aws-cli/issues/10330", "aws: [ERROR]: An error occurred (AccessDeniedException) when calling the CreateOAuth2Token operation: The refresh token has expired."),
        ("login-signed-out", "aws/aws-cli/issues/10613", "An error occurred (ValidationException) when calling the CreateOAuth2Token operation:\nThe provided authorization grant is invalid, expired, revoked, or malformed\n\nerror: INVALID_REQUEST"),
        ("config-invalid", "aws/aws-cli/blob/v2/awscli/customizations/sso/utils.py", "Missing the following required SSO configuration values: sso_start_url, sso_region. To make sure this profile is properly configured to use SSO, please run: aws configure sso"),
        ("no-credentials", "dvassallo/aws-bootstrap/issues/18", "=========== Packaging main.yml ===========\nERROR while running 'aws cloudformation package' command:\n Unable to locate credentials"),
    ],
)  # fmt: skip

JAVASCRIPT = from_source(
    "SDK for JavaScript", "3", "aws/aws-sdk-js-v3 packages/",
    [
        ("config-invalid", "https://github.com/aws/aws-cdk-cli/issues/908", "Unable to determine the default AWS account (TypeError): Cannot read properties of undefined (reading 'sso_region')"),
        ("config-invalid", "https://github.com/2FastLabs/agent-squad/issues/151", "Error processing request: TypeError: Cannot read properties of undefined (reading 'sso_region')\n    at /srv/app/node_modules/@aws-sdk/credential-provider-sso/dist-cjs/index.js:201:36"),
        ("config-invalid", "credential-provider-sso/src/fromSSO.ts", "CredentialsProviderError: Conflicting SSO start_url configurations in profile project1 and sso-session corp"),
        ("config-invalid", "token-providers/src/fromSso.ts", "TokenProviderError: Sso session 'corp' is missing required property 'sso_region'."),
        ("config-invalid", "token-providers/src/fromSso.ts", "TokenProviderError: Profile 'project1' is missing required property 'sso_session'."),
        ("config-invalid", "credential-provider-sso/src/fromSSO.ts", "CredentialsProviderError: Profile project1 is not configured with SSO credentials."),
        ("sso-signed-out", "credential-provider-sso/src/resolveSSOCredentials.ts", "CredentialsProviderError: SSO returns an invalid temporary credential."),
        ("login-signed-out", "credential-provider-login/src/LoginCredentialsFetcher.ts", "CredentialsProviderError: Token validation failed, missing fields: accessToken, refreshToken"),
        ("credential-process", "credential-provider-http/src/fromHttp/requestHelpers.ts", "CredentialsProviderError: Server responded with status: 403"),
        ("credential-process", "https://github.com/awslabs/smithy-typescript", "ProviderError: TimeoutError from instance metadata service"),
        ("credential-process", "credential-provider-process/src/resolveProcessCredentials.ts", "CredentialsProviderError: Command failed: aws-vault exec dev --json\naws-vault: error: exec: Failed to get credentials"),
        ("no-credentials", "https://github.com/serverless/serverless/issues/12620", '✖ AWS credentials missing or invalid. Run "serverless" to set up AWS credentials, or learn more in our docs: http://slss.io/aws-creds-setup. Original error from AWS: Could not load credentials from any providers'),
        ("no-profile", "https://github.com/serverless/serverless/issues/9190", '  Could not locate deployment bucket. Error: AWS profile "dev" doesn\'t seem to be configured'),
        ("no-profile", "https://github.com/serverless/serverless/issues/5098", "Error: Profile devawsaccount does not exist\n    at Object.addProfileCredentials (/usr/local/lib/node_modules/serverless/lib/plugins/aws/provider/awsProvider.js:96:15)"),
        ("partial-credentials", "https://github.com/aws-amplify/amplify-cli/pull/6567", "Error: Profile configuration is invalid for: project1, missing aws_access_key_id"),
    ],
)  # fmt: skip

OTHER_SDKS = from_source(
    "SDK for Kotlin", "1", GITHUB,
    [
        ("no-credentials", "aws/aws-sdk-kotlin/issues/874", "aws.sdk.kotlin.runtime.auth.credentials.CredentialsProviderException: No credentials could be loaded from the chain: CredentialsProviderChain -> EnvironmentCredentialsProvider -> ProfileCredentialsProvider -> StsWebIdentityProvider -> EcsCredentialsProvider -> ImdsCredentialsProvider"),
        ("no-credentials", "aws/aws-sdk-kotlin/issues/1274", "aws.smithy.kotlin.runtime.identity.IdentityProviderException: No identity could be resolved from the chain: CredentialsProviderChain -> SystemPropertyCredentialsProvider -> EnvironmentCredentialsProvider"),
        ("no-credentials", "aws/aws-sdk-kotlin/issues/419", 'Exception in thread "main" java.lang.RuntimeException: Failed to get a valid set of credentials\n\tat software.amazon.awssdk.crt.auth.credentials.CredentialsProvider.onGetCredentialsComplete(CredentialsProvider.java:46)'),
    ],
) + from_source(
    "SDK for Swift", "1", GITHUB,
    [
        ("no-credentials", "awslabs/aws-sdk-swift/issues/623", 'crtError(AwsCommonRuntimeKit.AWSError(errorCode: 6153, errorMessage: Optional("Valid credentials could not be sourced by the IMDS provider")))'),
        ("no-credentials", "aws-samples/amazon-bedrock-client-for-mac/issues/89", "[ ERROR ] Credentials Error: AWS_AUTH_CREDENTIALS_PROVIDER_IMDS_SOURCE_FAILURE: Valid credentials could not be sourced by the IMDS provider (Code: -1)"),
        ("no-credentials", "soto-project/soto/issues/514", "[ERROR] AWS-Client: No credential provider found"),
    ],
) + from_source(
    "SDK for .NET", "3", GITHUB,
    [
        ("sso-signed-out", "aws/aws-sdk-net/issues/3704", "System.ArgumentNullException: Value cannot be null. (Parameter 'Options property cannot be empty: ClientName')\n   at Amazon.Runtime.Credentials.Internal.SSOTokenManager.GenerateNewTokenAsync(SSOTokenManagerGetTokenOptions options)"),
        ("refreshed-but-expired", "aws/aws-sdk-net/issues/800", "Amazon.Runtime.AmazonClientException: The retrieved credentials have already expired: Now = 11/30/2017 11:26:37, Credentials expiration = 11/30/2017 10:40:02"),
    ],
) + from_source(
    "AWS Tools for PowerShell", "4", GITHUB,
    [
        ("sso-signed-out", "aws/aws-tools-for-powershell/issues/208", r"""
            Get-SSOAccountList : Value cannot be null.
            Parameter name: Options property cannot be empty: ClientName
            At line:1 char:1
            + Get-SSOAccountList -ProfileName myprofile -Region "us-east-1"
                + CategoryInfo          : InvalidOperation: (Amazon.PowerShe...countListCmdlet:GetSSOAccountListCmdlet) [Get-SSOAccountList], InvalidOperationException
        """),
    ],
) + from_source(
    "SDK for Ruby", "3", GITHUB,
    [
        ("config-invalid", "aws/aws-sdk-ruby/issues/2894", "/home/ada/gems/aws-sdk-core-3.180.0/lib/aws-sdk-core/shared_config.rb:364:in `sso_credentials_from_profile': sso-session My Profile must be defined in the config file. Referenced by profile project1 (ArgumentError)"),
        ("sso-signed-out", "aws/aws-sdk-ruby/issues/2605", "/home/ada/gems/aws-sdk-core-3.121.3/lib/aws-sdk-core/sso_credentials.rb:93:in `read': No such file or directory @ rb_sysopen - /home/ada/.aws/sso/cache/9a1f2c34e5d6789012345678901234567890abcd.json (Errno::ENOENT)"),
    ],
) + from_source(
    "SDK for PHP", "3", GITHUB,
    [
        ("no-profile", "aws/aws-sdk-php/issues/2848", "PHP Fatal error:  Uncaught Aws\\Exception\\CredentialsException: 'prod_sso' not found in credentials file in /srv/app/vendor/aws/aws-sdk-php/src/Credentials/CredentialProvider.php:826"),
    ],
) + from_source(
    "SDK for Rust", "1", GITHUB,
    [
        ("config-invalid", "cargo-lambda/cargo-lambda/issues/617", """
            Error:   × failed to fetch lambda function
              ├─▶ dispatch failure
              ├─▶ other
              ├─▶ the credentials provider was not properly configured
              ╰─▶ ProfileFile provider could not be built: profile `project1` was not defined: `sso_region` was missing
        """),
    ],
) + from_source(
    "SDK for Go", "1", GITHUB,
    [
        ("config-invalid", "aws/aws-sdk-go/issues/5153", "code: InvalidRequestException, message: RoleName must be supplied in the queryString params, fault: client"),
        ("config-invalid", "turbot/steampipe/issues/3683", "ERROR:  rpc error: code = Unknown desc = operation error Route 53: ListHostedZones, failed to sign request: failed to retrieve credentials: failed to refresh cached credentials, operation error SSO: GetRoleCredentials, https response error StatusCode: 400, RequestID: 18524593-c0ec-4cab-8fd3-ee37ace064a5, InvalidRequestException: RoleName must be supplied in the queryString params"),
        ("config-invalid", "tedsmitt/ecsgo/pull/43", 'panic: profile "xyz" is configured to use SSO but is missing required configuration: sso_region, sso_start_url'),
        ("config-invalid", "jaxxstorm/aws-sso-creds/issues/16", "Error: error retrieving SSO config: no SSO url in profile: admin"),
        ("sso-signed-out", "synfinatic/aws-sso-cli/issues/1220", "FATAL Must run `aws-sso login` before running `aws-sso cache`"),
    ],
)  # fmt: skip

TOOLS = from_source(
    "Pulumi", "6", GITHUB,
    [
        ("unknown-key", "pulumi/pulumi-aws/pull/3310", """
            Diagnostics:
              pulumi:providers:aws (default_6_18_2):
                error: pulumi:providers:aws resource 'default_6_18_2' has a problem: Invalid credentials configured.
                Please see https://www.pulumi.com/docs/intro/cloud-providers/aws/setup/ for more information about providing credentials.
        """),
        ("no-region", "pulumi/pulumi-aws/pull/3310", """
            Diagnostics:
              pulumi:providers:aws (default_6_18_2):
                error: pulumi:providers:aws resource 'default_6_18_2' has a problem: missing region information
                Make sure you have set your AWS region, e.g. `pulumi config set aws:region us-west-2`.
        """),
        ("header-value", "pulumi/pulumi-aws/issues/2986", "    error: rpc error: code = Unknown desc = unable to validate AWS credentials.\n    Details: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 400, RequestID: 0b0a3693-2bcd-4110-ac5c-d82205dbc300, api error IncompleteSignature: '/20231114/us-east-1/sts/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 "),
    ],
) + from_source(
    "Copilot", "1", GITHUB,
    [
        ("no-region", "aws/copilot-cli/issues/1115", "✘ get application copilot-demo: get application copilot-demo: MissingRegion: could not find region configuration"),
    ],
) + from_source(
    "SOPS", "3", GITHUB,
    [
        ("no-credentials", "jkroepke/helm-secrets/issues/432", """
            Group 0: FAILED
              arn:aws:kms:us-west-2:123456789012:alias/example: FAILED
                - | failed to decrypt sops data key with AWS KMS: operation
                  | error KMS: Decrypt, failed to sign request: failed to
                  | retrieve credentials: failed to refresh cached credentials,
                  | no EC2 IMDS role found, operation error ec2imds:
                  | GetMetadata, canceled, context deadline exceeded
        """),
        ("no-credentials", "getsops/sops/issues/614", """
              arn:aws:kms:us-west-2:123456:key/123123123123: FAILED
                - | Error decrypting key: NoCredentialProviders: no valid
                  | providers in chain. Deprecated.
                  | \tFor verbose messaging see
        """),
        ("parameter", "jkroepke/helm-secrets/issues/394", """
            Group 0: FAILED
             arn:aws:kms:ap-south-1:123456789012:key/mrk-1578797fc02549399339e21250393ab7: FAILED
              - | Error decrypting key: WebIdentityErr: failed to retrieve
               | credentials
               | caused by: ValidationError: Request ARN is invalid
               | status code: 400, request id:
               | 6d6288a6-0a91-419a-8280-1b35bf8178b9
        """),
    ],
) + from_source(
    "DuckDB", "1", GITHUB,
    [
        ("no-credentials", "duckdb/duckdb-httpfs/pull/46", """
            HTTP Error:
            HTTP GET error reading 'https://team-data.s3.amazonaws.com/data_0.parquet' in region 'us-east-1' (HTTP 403 Forbidden)

            Authentication Failure - this is usually caused by invalid or missing credentials.
            * No credentials are provided.
            * See https://duckdb.org/docs/stable/extensions/httpfs/s3api.html
        """),
        ("role-denied", "duckdb/duckdb-delta/issues/112", """
            IO Error: Hit DeltaKernel FFI error (from: While trying to read from delta table: 's3a://team-data/v3/'): Hit error: 8 (ObjectStoreError) with message (Error interacting with object store: Generic S3 error: Client error with status 403 Forbidden: <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error>
                <Code>AccessDenied</Code>
                <Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>
              </Error>
            </ErrorResponse>
            )
        """),
    ],
) + from_source(
    "Hadoop S3A", "3", GITHUB,
    [
        ("head-bad-request", "apache/hadoop/pull/4753", "org.apache.hadoop.fs.s3a.AWSBadRequestException: getFileStatus on s3a://landsat-pds/scene_list.gz: com.amazonaws.services.s3.model.AmazonS3Exception: Bad Request (Service: Amazon S3; Status Code: 400; Error Code: 400 Bad Request; Request ID: D2F7W48K28SJYAQ8; Proxy: null):400 Bad Request: Bad Request"),
        ("expired", "apache/polaris/issues/464", "Job aborted due to stage failure: Task 14 in stage 155.0 failed 4 times, most recent failure: Lost task 14.3 in stage 155.0 (TID 20488) (10.51.23.53 executor 7): software.amazon.awssdk.services.s3.model.S3Exception: The provided token has expired. (Service: S3, Status Code: 400, Request ID: C7VGJA131SXAAXK1)"),
        ("unknown-key", "onehouseinc/LakeView/issues/86", "java.util.concurrent.CompletionException: software.amazon.awssdk.services.s3.model.S3Exception: The AWS Access Key Id you provided does not exist in our records. (Service: S3, Status Code: 403, Request ID: V2P472XW9RRYTYR6)"),
    ],
) + from_source(
    "Terraform, git, Rust and IDEs", "", GITHUB,
    [
        ("role-denied", "hashicorp/terraform-provider-aws/issues/472", """
            The role "arn:aws:iam::123456789012:role/trustedrole" cannot be assumed.

              There are a number of possible causes of this - the most common are:
                * The credentials used in order to assume the role are invalid
        """),
        ("no-credentials", "aws-ia/terraform-aws-control_tower_account_factory/issues/148", """
            │ Error: error configuring Terraform AWS Provider: IAM Role (arn:aws:iam::123456789012:role/AWSControlTowerExecution) cannot be assumed.
            │
            │ There are a number of possible causes of this - the most common are:
            │   * The role ARN is not valid
            │
            │ Error: NoCredentialProviders: no valid providers in chain. Deprecated.
            │       For verbose messaging see aws.Config.CredentialsChainVerboseErrors
        """),
        ("sso-signed-out", "aws/aws-toolkit-jetbrains/issues/4223", "software.amazon.awssdk.services.ssooidc.model.AccessDeniedException: Service returned error code AccessDeniedException (Service: SsoOidc, Status Code: 400, Request ID: 29cb54a5-887f-4374-817e-e80d0909efa0)"),
        ("sso-role-denied", "crewjam/saml/issues/379", 'Status code 403\n{"message":"No access","__type":"com.amazonaws.switchboard.portal#ForbiddenException"}'),
        ("credential-process", "hashicorp/terraform-provider-aws/issues/43451", """
            14:46:24  │ Error: No valid credential sources found
            14:46:24  │ Error: failed to refresh cached credentials, process provider error: parse
            14:46:24  │ failed of process output: {
            14:46:24  │   "Expiration": "",
            14:46:24  │   "Version": 1
            14:46:24  │ }
            14:46:24  │ , error: parsing time "" as "2006-01-02T15:04:05Z07:00": cannot parse "" as
            14:46:24  │ "2006"
        """),
        ("unreachable", "hashicorp/terraform-provider-aws/issues/29357", "│ Error: failed to refresh cached credentials, operation error SSO: GetRoleCredentials, https response error StatusCode: 0, RequestID: , request send failed"),
        ("codecommit-refused", "aws/git-remote-codecommit/issues/61", "fatal: unable to access 'codecommit://login-profile@repo/': The requested URL returned error: 403"),
        ("sso-token-corrupt", "awslabs/aws-sdk-rust/issues/438", "Error: failed to construct request: Failed to load credentials from the credentials provider: An error occurred while loading credentials: SSO Token was invalid (expected JSON): Invalid field in response: `expiresAt`. invalid date-time: invalid RFC-3339 date-time: the 'offset hour' component could not be parsed"),
        ("sso-signed-out", "awslabs/aws-sdk-rust/issues/739", '`/home/ada/.aws/sso/cache/e7109c80c9aa657df146180817236f33d6854cc6.json`: No such file or directory (os error 2): No such file or directory (os error 2) (ProviderError(ProviderError { source: IoError { err: Os { code: 2, kind: NotFound, message: "No such file or directory" } } }))'),
        ("sso-signed-out", "aws/aws-toolkit-vscode/issues/3064", "2023-04-13 13:14:09 [ERROR]: API response (oidc.us-east-1.amazonaws.com /token): InvalidGrantException: UnknownError"),
    ],
) + from_source(
    "sign-in, data and AI tools", "", GITHUB,
    [
        ("saml-refused", "dbeaver/cloudbeaver/issues/3112", "software.amazon.awssdk.services.sts.model.InvalidIdentityTokenException: Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: AuthSamlInvalidSamlResponseException; Request ID: 0e8d1248-1b43-4ff5-8a45-2ae4c96a4d27; Proxy: null) (Service: Sts, Status Code: 400)"),
        ("parameter", "mmmorris1975/aws-runas/issues/47", "2020/08/25 13:32:34 FATAL Error getting credentials: InvalidParameter: 1 validation error(s) found.\n- minimum field size of 20, AssumeRoleWithSAMLInput.PrincipalArn."),
        ("no-credentials", "jupyterlab/jupyter-ai/issues/617", "Could not load credentials to authenticate with AWS client. Please check that credentials in the specified profile name are valid. (type=value_error)"),
        ("unknown-key", "minio/minio/issues/19278", "S3Error: The Access Key Id you provided does not exist in our records."),
        ("unknown-key", "minio/minio/issues/4033", "mc: Unable to list folder. The access key ID you provided does not exist in our records."),
        ("unknown-key", "minio/minio/pull/12897", "ErrorResponse(code = InvalidAccessKeyId, message = The Access Key Id you provided does not exist in our records., bucketName = team-data, objectName = null, resource = /team-data, requestId = 1698B239C33F12CC)"),
        ("expired", "nfultz/AWR.Athena/issues/22", "java.sql.SQLException: [Simba][AthenaJDBC](100071) An error has been thrown from the AWS Athena client. The security token included in the request is expired [Execution ID not available]"),
        ("expired", "archiecobbs/s3backer/issues/146", 's3backer: HTTP 400 status response payload:#012<?xml version="1.0" encoding="UTF-8"?>#012<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>'),
        ("unknown-key", "databendlabs/databend/issues/8069", r'<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>ASIAIOSFODNN7EXAMPLE</AWSAccessKeyId></Error>'),
        ("no-credentials", "hashicorp/packer-plugin-amazon/issues/563", r"Error: Datasource.Execute failed: No valid credential sources found\n\n  on packer_template.pkr.hcl line 71:\n  (source code not available)\n\n"),
        ("expired", "miasma-rb/miasma/issues/23", "[17:39:33] ERROR: Miasma::Error::ApiError::RequestError: Forbidden - ExpiredToken: The security token included in the request is expired"),
        ("expired", "aws/graph-explorer/issues/39", '{"code":"AccessDeniedException","requestId":"12a345b6-78cd","detailedMessage":"The security token included in the request is expired"}'),
    ],
)  # fmt: skip

#: Texts that have a meaning.
TEXTS: list[ErrorText] = [*BOTOCORE, *CLI, *JAVASCRIPT, *OTHER_SDKS, *TOOLS]
