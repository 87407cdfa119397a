"""The SDKs for Java, JavaScript, Go, Rust, .NET, PHP, Ruby and C++, and the AWS Tools for PowerShell."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["TEXTS"]

JAVA_1 = from_source(
    "SDK for Java", "1", "aws/aws-sdk-java aws-java-sdk-core/src/main/java/com/amazonaws/",
    [
        ("no-credentials", "https://github.com/aws/aws-sdk-java/issues/1933", '''
            com.amazonaws.SdkClientException: Unable to load AWS credentials from any provider in the chain
            \tat com.amazonaws.auth.AWSCredentialsProviderChain.getCredentials(AWSCredentialsProviderChain.java:131) ~[aws-java-sdk-core-1.11.125.jar:na]
            \tat com.amazonaws.http.AmazonHttpClient$RequestExecutor.getCredentialsFromContext(AmazonHttpClient.java:1119) ~[aws-java-sdk-core-1.11.125.jar:na]
            \tat com.amazonaws.http.AmazonHttpClient.execute(AmazonHttpClient.java:513) ~[aws-java-sdk-core-1.11.125.jar:na]
        '''),
        ("no-credentials", "https://github.com/amazon-archives/amazon-kinesis-connectors/issues/42", '''
                 [java] Exception in thread "main" com.amazonaws.AmazonClientException: Unable to load AWS credentials from any provider in the chain
                 [java] \tat com.amazonaws.auth.AWSCredentialsProviderChain.getCredentials(AWSCredentialsProviderChain.java:117)
                 [java] \tat com.amazonaws.services.kinesis.AmazonKinesisClient.invoke(AmazonKinesisClient.java:2486)
        '''),
        ("no-credentials", "https://github.com/yegor256/rultor/issues/322", "Sep 17 05:47:29 ci.example.com app: [ERROR] worker-15 com.jcabi.dynamo.QueryValve: #fetch(us-east-1): thrown com.amazonaws.AmazonClientException(Unable to load AWS credentials from any provider in the chain) out of com.amazonaws.auth.AWSCredentialsProviderChain#getCredentials[77] in 4s"),
        ("no-credentials", "https://github.com/awslabs/amazon-kinesis-client-net/pull/185", "Caused by: com.amazonaws.SdkClientException: Unable to load AWS credentials from any provider in the chain: [com.amazonaws.auth.DefaultAWSCredentialsProviderChain@7f0eff0d: Unable to load AWS credentials from any provider in the chain: [EnvironmentVariableCredentialsProvider: Unable to load AWS credentials from environment variables (AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_KEY (or AWS_SECRET_ACCESS_KEY))"),
        ("no-credentials", "https://github.com/zalando-stups/fullstop/issues/26", "2015-04-13 13:57:07.210 ERROR 12 --- [pool-1-thread-1] .a.s.c.p.AWSCloudTrailProcessingExecutor : Executor failed to process a task. Unable to load AWS credentials from any provider in the chain"),
        ("no-credentials", "auth/EnvironmentVariableCredentialsProvider.java", "com.amazonaws.SdkClientException: Unable to load AWS credentials from environment variables (AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_KEY (or AWS_SECRET_ACCESS_KEY))"),
        ("no-credentials", "https://github.com/apache/hadoop/pull/4539", '''
            Caused by: org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: No AWS Credentials provided by TemporaryAWSCredentialsProvider SimpleAWSCredentialsProvider EnvironmentVariableCredentialsProvider IAMInstanceCredentialsProvider : com.amazonaws.SdkClientException: Unable to load AWS credentials from environment variables (AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_KEY (or AWS_SECRET_ACCESS_KEY))
            \tat org.apache.hadoop.fs.s3a.AWSCredentialProviderList.getCredentials(AWSCredentialProviderList.java:216)
            \tat com.amazonaws.http.AmazonHttpClient$RequestExecutor.getCredentialsFromContext(AmazonHttpClient.java:1266)
        '''),
        ("no-credentials", "https://github.com/kubeflow/spark-operator/issues/2491", "Caused by: org.apache.hadoop.fs.s3a.auth.NoAwsCredentialsException: SimpleAWSCredentialsProvider: No AWS credentials in the Hadoop configuration"),
        ("no-profile", "auth/profile/internal/BasicProfileConfigLoader.java", '''
            java.lang.IllegalArgumentException: No AWS profile named 'project1'
            \tat com.amazonaws.auth.profile.ProfilesConfigFile.getCredentials(ProfilesConfigFile.java:170)
        '''),
        ("no-region", "client/builder/AwsClientBuilder.java", "com.amazonaws.SdkClientException: Unable to find a region via the region provider chain. Must provide an explicit region in the builder or setup environment to supply a region."),
        ("expired", "https://github.com/ibi-group/datatools-ui/issues/10", '''
            com.amazonaws.services.s3.model.AmazonS3Exception: The provided token has expired. (Service: Amazon S3; Status Code: 400; Error Code: ExpiredToken; Request ID: C043EEA5A00B5DF8)
                    at com.amazonaws.http.AmazonHttpClient.handleErrorResponse(AmazonHttpClient.java:1389) ~[app.jar:na]
                    at com.amazonaws.http.AmazonHttpClient.executeOneRequest(AmazonHttpClient.java:902) ~[app.jar:na]
                    at com.amazonaws.services.s3.AmazonS3Client.putObject(AmazonS3Client.java:1354) ~[app.jar:na]
        '''),
        ("expired", "https://repost.aws/ko/knowledge-center/ec2-expired-token", "com.amazonaws.AmazonServiceException: The security token included in the request is expired (Service: AmazonSQS; Status Code: 403; Error Code: ExpiredToken; Request ID: 12a345b6-78cd-901e-fg23-45hi67890jkl)"),
        ("unknown-key", "https://github.com/apache/hadoop/pull/4705", "java.nio.file.AccessDeniedException: : request session credentials: com.amazonaws.services.securitytoken.model.AWSSecurityTokenServiceException: The security token included in the request is invalid. (Service: AWSSecurityTokenService; Status Code: 403; Error Code: InvalidClientTokenId; Request ID: 04bfbc37-dfb3-4984-b8f7-8785dd3fe172; Proxy: null):InvalidClientTokenId"),
        ("role-denied", "https://github.com/kubeflow/spark-operator/issues/1129", "Caused by: org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: No AWS Credentials provided by WebIdentityTokenCredentialsProvider : com.amazonaws.services.securitytoken.model.AWSSecurityTokenServiceException: Not authorized to perform sts:AssumeRoleWithWebIdentity (Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied; Request ID: ID; Proxy: null)"),
        ("signature-region", "https://github.com/aws/aws-sdk-java/issues/1097", "com.amazonaws.services.simpleemail.model.AmazonSimpleEmailServiceException: Credential should be scoped to a valid region, not 'us-west-1'.  (Service: AmazonSimpleEmailService; Status Code: 403; Error Code: SignatureDoesNotMatch; Request ID: 12a345b6-78cd-901e-fa23-45ba67890cde)"),
    ],
)  # fmt: skip

JAVA_2 = from_source(
    "SDK for Java", "2", "aws/aws-sdk-java-v2 core/",
    [
        ("no-credentials", "https://github.com/aws/aws-msk-iam-auth/issues/195", "software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(credentialsProviders=[SystemPropertyCredentialsProvider(), EnvironmentVariableCredentialsProvider(), WebIdentityTokenCredentialsProvider(), ProfileCredentialsProvider(profileName=default, profileFile=ProfileFile(sections=[])), ContainerCredentialsProvider(), InstanceProfileCredentialsProvider()]) : [SystemPropertyCredentialsProvider(): Unable to load credentials from system settings. Access key must be specified either via environment variable (AWS_ACCESS_KEY_ID) or system property (aws.accessKeyId)., ProfileCredentialsProvider(profileName=default, profileFile=ProfileFile(sections=[])): Profile file contained no credentials for profile 'default': ProfileFile(sections=[])]"),
        ("no-credentials", "https://github.com/apache/gravitino/issues/10897", '''
            Caused by: io.trino.filesystem.TrinoFileSystemException: Failed to list location: s3://warehouse/catalog_1/metadata
            \tat io.trino.filesystem.s3.S3FileSystem.listObjects(S3FileSystem.java:270)
            \t... 19 more
            Caused by: software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(credentialsProviders=[SystemPropertyCredentialsProvider(), EnvironmentVariableCredentialsProvider()])
        '''),
        ("no-credentials", "https://github.com/awslabs/amazon-kinesis-client/issues/637", '''
            software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from service endpoint.
            \tat software.amazon.awssdk.core.exception.SdkClientException$BuilderImpl.build(SdkClientException.java:97)
            \tat software.amazon.awssdk.auth.credentials.HttpCredentialsProvider.refreshCredentials(HttpCredentialsProvider.java:110)
        '''),
        ("no-credentials", "https://github.com/delta-io/delta/issues/6045", '''
            [error] Caused by: org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: No AWS Credentials provided by TemporaryAWSCredentialsProvider SimpleAWSCredentialsProvider : software.amazon.awssdk.core.exception.SdkClientException: Unable to load credentials from system settings. Access key must be specified either via environment variable (AWS_ACCESS_KEY_ID) or system property (aws.accessKeyId).
            [error]     at org.apache.hadoop.fs.s3a.AWSCredentialProviderList.resolveCredentials(AWSCredentialProviderList.java:214)
        '''),
        ("no-credentials", "auth/src/main/java/software/amazon/awssdk/auth/credentials/ProfileCredentialsProvider.java", "software.amazon.awssdk.core.exception.SdkClientException: Profile file contained no credentials for profile 'project1': ProfileFile(sections=[profiles], profiles=[Profile(name=default, properties=[region])])"),
        ("expired", "https://github.com/aws/aws-sdk-java-v2/issues/1649", "Caused by: software.amazon.awssdk.services.sts.model.StsException: The security token included in the request is expired (Service: Sts, Status Code: 403, Request ID: 69d599e0-7b94-4cf4-a564-fc698225471f)"),
        ("expired", "https://github.com/aws/aws-sdk-java-v2/issues/1649", '''
            java.util.concurrent.CompletionException: software.amazon.awssdk.services.sts.model.ExpiredTokenException: The security token included in the request is expired (Service: Sts, Status Code: 403, Request ID: 69d599e0-7b94-4cf4-a564-fc698225471f)
            \tat software.amazon.awssdk.utils.CompletableFutureUtils.errorAsCompletionException(CompletableFutureUtils.java:65)
            \tat java.base/java.lang.Thread.run(Thread.java:833)
        '''),
        ("sso-signed-out", "https://github.com/aws/aws-sdk-java-v2/pull/2118", "software.amazon.awssdk.services.sso.auth.ExpiredTokenException: The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("sso-signed-out", "https://github.com/aws/aws-sdk-java-v2/issues/4830", '''
            Exception in thread "main" software.amazon.awssdk.core.exception.SdkClientException: Unable to load SSO token
            \tat software.amazon.awssdk.core.exception.SdkClientException$BuilderImpl.build(SdkClientException.java:111)
            \tat software.amazon.awssdk.services.ssooidc.SsoOidcTokenProvider.lambda$getDefaultSsoTokenRetriever$3(SsoOidcTokenProvider.java:221)
        '''),
        ("sdk-part-missing", "auth/src/main/java/software/amazon/awssdk/auth/credentials/internal/WebIdentityCredentialsUtils.java", "java.lang.IllegalStateException: To use web identity tokens, the 'sts' service module must be on the class path."),
        ("sdk-part-missing", "auth/src/main/java/software/amazon/awssdk/auth/credentials/internal/ProfileCredentialsUtils.java", "java.lang.IllegalStateException: To use assumed roles in the 'project1' profile, the 'sts' service module must be on the class path."),
        ("sdk-part-missing", "auth/src/main/java/software/amazon/awssdk/auth/token/internal/ProfileTokenProviderLoader.java", "java.lang.IllegalStateException: To use SSO OIDC related properties in the 'project1' profile, the 'ssooidc' service module must be on the class path."),
        ("source-profile", "auth/src/main/java/software/amazon/awssdk/auth/credentials/internal/ProfileCredentialsUtils.java", "java.lang.IllegalStateException: The source profile of 'project1' was configured to be 'base', but that source profile has no credentials configured."),
        ("source-profile-loop", "auth/src/main/java/software/amazon/awssdk/auth/credentials/internal/ProfileCredentialsUtils.java", "java.lang.IllegalStateException: Invalid profile file: Circular relationship detected with profiles [project1, base]."),
        ("config-invalid", "auth/src/main/java/software/amazon/awssdk/auth/credentials/internal/ProfileCredentialsUtils.java", "java.lang.IllegalStateException: Invalid profile file: profile has both source_profile and credential_source."),
        ("config-invalid", "auth/src/main/java/software/amazon/awssdk/auth/credentials/internal/ProfileCredentialsUtils.java", "java.lang.IllegalArgumentException: Profile property 'sso_role_name' was not configured for 'project1'."),
        ("no-region", "regions/src/main/java/software/amazon/awssdk/regions/providers/AwsRegionProviderChain.java", '''
            Failed to instantiate [software.amazon.awssdk.services.secretsmanager.SecretsManagerClient]: Factory method 'secretsManagerClient' threw exception with message: Unable to load region from any of the providers in the chain software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain@1e295f7f: [software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider@713497cd: Unable to load region from system settings. Region must be specified either via environment variable (AWS_REGION) or  system property (aws.region)., software.amazon.awssdk.regions.providers.AwsProfileRegionProvider@63318b56: No region provided in profile: default]
        '''),
        ("signature-region", "https://github.com/aws/aws-sdk-java-v2/issues/988", "software.amazon.awssdk.services.iam.model.IamException: Credential should be scoped to a valid region, not 'aws-global'.  (Service: Iam, Status Code: 403, Request ID: 12a345b6-78cd-901e-fa23-45ba67890cde)"),
        ("head-forbidden", "https://github.com/aws/aws-sdk-kotlin/issues/1640", "aws.sdk.kotlin.services.s3.model.S3Exception: Service returned error code 403: Forbidden, Error type: Unknown, Protocol response: HTTP 403 Forbidden, Request ID: 77Z6MWJM9PHWGK0D, Extended request ID: EXAMPLEHOSTID="),
    ],
)  # fmt: skip

JAVASCRIPT_2 = from_source(
    "SDK for JavaScript", "2", "aws/aws-sdk-js lib/",
    [
        ("no-credentials", "https://github.com/aws/aws-sdk-js/issues/3665", '''
            CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1
                at credError (/srv/app/node_modules/aws-sdk/lib/config.js:400:40)
                at Config.getCredentials (/srv/app/node_modules/aws-sdk/lib/config.js:441:14)
                at Request.VALIDATE_CREDENTIALS (/srv/app/node_modules/aws-sdk/lib/event_listeners.js:112:28)
        '''),
        ("no-credentials", "https://github.com/aws/aws-sdk-js/issues/1483", r'''
            CredentialsError: CredentialsError: Missing credentials in config
                at ClientRequest.<anonymous> (C:\Dev\app\node_modules\aws-sdk\lib\http\node.js:83:34)
                at ClientRequest.emit (events.js:185:7)
        '''),
        ("no-credentials", "https://github.com/aws/aws-sdk-js/issues/3665", r'{"level":"error","message":"Error while uploading on S3","error":{"name":"CredentialsError","message":"Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1","stack":"CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1\n    at ClientRequest.<anonymous> (/app/node_modules/aws-sdk/lib/http/node.js:86:34)"},"timestamp":"2021-04-26T10:02:15.703Z"}'),
        ("no-credentials", "https://github.com/BeerMoneyDev/nest-aws-sdk/issues/18", "UnhandledPromiseRejectionWarning: CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1"),
        ("no-credentials", "config.js", "CredentialsError: Could not load credentials from EnvironmentCredentials"),
        ("no-credentials", "config.js", "CredentialsError: Could not load credentials from any providers"),
        ("no-credentials", "metadata_service.js", "Error: EC2 Metadata roleName request returned error"),
        ("no-credentials", "credentials/shared_ini_file_credentials.js", "SharedIniFileCredentialsProviderFailure: Credentials not set for profile project1"),
        ("no-profile", "credentials/shared_ini_file_credentials.js", "SharedIniFileCredentialsProviderFailure: Profile projct1 not found"),
        ("source-profile", "credentials/shared_ini_file_credentials.js", "SharedIniFileCredentialsProviderFailure: source_profile base using profile project1 does not exist"),
        ("source-profile", "credentials/shared_ini_file_credentials.js", "SharedIniFileCredentialsProviderFailure: source_profile is not set using profile project1"),
        ("credential-process", "credentials/process_credentials.js", "ProcessCredentialsProviderFailure: credential_process returned error"),
        ("credential-process", "credentials/process_credentials.js", "ProcessCredentialsProviderFailure: Profile project1 did not include credential process"),
        ("no-region", "event_listeners.js", '''
            ConfigError: Missing region in config
                at Request.VALIDATE_REGION (/srv/app/node_modules/aws-sdk/lib/event_listeners.js:128:45)
                at Request.callListeners (/srv/app/node_modules/aws-sdk/lib/sequential_executor.js:106:20)
        '''),
        ("region-invalid", "event_listeners.js", "ConfigError: Invalid region in config"),
        ("sso-signed-out", "credentials/sso_credentials.js", "SSOCredentialsProviderFailure: Cached credentials not found under project1 profile. Please make sure you log in with aws sso login first"),
        ("sso-signed-out", "token/sso_token_provider.js", 'SSOTokenProviderFailure: Cached token not found. Please log in using "aws sso login"'),
        ("sso-signed-out", "token/sso_token_provider.js", 'SSOTokenProviderFailure: SSO Token refresh failed. Please log in using "aws sso login"'),
        ("sso-signed-out", "credentials/sso_credentials.js", "SSOCredentialsProviderFailure: Cached credentials are missing required properties. Try running aws sso login."),
        ("config-invalid", "credentials/sso_credentials.js", 'SSOCredentialsProviderFailure: Profile project1 does not have valid SSO credentials. Required parameters "sso_account_id", "sso_region", "sso_role_name", "sso_start_url". Reference: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html'),
        ("unreachable", "event_listeners.js", "UnknownEndpoint: Inaccessible host: `sts.eu-west1.amazonaws.com' at port `undefined'. This service may not be available in the `eu-west1' region."),
        ("expired", "https://github.com/aws/aws-sdk-js/issues/2219", '''
            {
              message: 'The provided token has expired.',
              code: 'ExpiredToken',
              region: null,
              time: 2018-08-22T23:34:20.523Z,
              requestId: 'F041E533A52C538C',
              statusCode: 400,
              retryable: true }
        '''),
        ("unknown-key", "https://github.com/aws/aws-sdk-js/issues/4140", "(node:9134) UnhandledPromiseRejectionWarning: InvalidToken: The provided token is malformed or otherwise invalid."),
        ("denied", "https://github.com/external-secrets/kubernetes-external-secrets/issues/419", r'{"level":50,"time":"2020-07-03T10:49:49.545Z","pid":18,"message":"User: arn:aws:sts::123456789012:assumed-role/node/i-0example is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:db","code":"AccessDeniedException","statusCode":400,"retryable":false,"stack":"AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/node/i-0example is not authorized to perform: secretsmanager:GetSecretValue\n    at Request.extractError (/app/node_modules/aws-sdk/lib/protocol/json.js:51:27)"}'),
        ("clock", "https://github.com/aws/aws-sdk-js/issues/527", "InvalidSignatureException: Signature expired: 20150307T194740Z is now earlier than 20150309T203545Z (20150309T204045Z - 5 min.)"),
        ("duration-role", "https://github.com/prolane/samltoawsstskeys/issues/17", '''
            Error: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.
                at constructor.s (aws-sdk-2.7.5.min.js:35)
                at constructor.callListeners (aws-sdk-2.7.5.min.js:36)
        '''),
    ],
)  # fmt: skip

JAVASCRIPT_3 = from_source(
    "SDK for JavaScript", "3", "aws/aws-sdk-js-v3 packages/",
    [
        ("no-credentials", "https://github.com/aws/aws-sdk-js-v3/issues/4989", "CredentialsProviderError: Could not load credentials from any providers"),
        ("no-credentials", "credential-provider-node/src/defaultProvider.ts", '''
            /srv/app/node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js:143
                  throw new import_property_provider.CredentialsProviderError("Could not load credentials from any providers", {
                        ^

            CredentialsProviderError: Could not load credentials from any providers
                at /srv/app/node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js:143:13
                at async SignatureV4.signRequest (/srv/app/node_modules/@smithy/signature-v4/dist-cjs/index.js:312:25) {
              tryNextLink: false
            }

            Node.js v20.11.1
        '''),
        ("no-credentials", "https://github.com/aws/aws-sdk-js-v3/issues/4062", '''
            Error: Credential is missing
                at SignatureV4.credentialProvider (runtimeConfig.browser.js:16)
                at SignatureV4.signRequest (SignatureV4.js:165)
        '''),
        ("no-credentials", "https://github.com/aws/aws-sdk-js-v3/issues/2137", "ProviderError: Unable to connect to instance metadata service"),
        ("no-credentials", "core/src/submodules/httpAuthSchemes/aws_sdk/resolveAwsSdkSigV4Config.ts", "Error: @aws-sdk/core::resolveAwsSdkSigV4Config - `credentials` not provided and no credentialDefaultProvider was configured."),
        ("no-credentials", "core/src/submodules/httpAuthSchemes/aws_sdk/AwsSdkSigV4Signer.ts", "Error: Resolved credential object is not valid"),
        ("no-credentials", "credential-provider-env/src/fromEnv.ts", "CredentialsProviderError: Unable to find environment variable credentials."),
        ("no-profile", "credential-provider-ini/src/resolveProfileData.ts", "CredentialsProviderError: Could not resolve credentials using profile: [project1] in configuration/credentials file(s)."),
        ("no-profile", "credential-provider-process/src/resolveProcessCredentials.ts", "CredentialsProviderError: Profile project1 could not be found in shared credentials file."),
        ("no-profile", "credential-provider-sso/src/fromSSO.ts", "CredentialsProviderError: Profile project1 was not found."),
        ("no-profile", "token-providers/src/fromSso.ts", "TokenProviderError: Profile 'project1' could not be found in shared credentials file."),
        ("config-invalid", "token-providers/src/fromSso.ts", "TokenProviderError: Sso session 'corp' could not be found in shared credentials file."),
        ("config-invalid", "credential-provider-sso/src/validateSsoProfile.ts", 'CredentialsProviderError: Profile is configured with invalid SSO credentials. Required parameters "sso_account_id", "sso_region", "sso_role_name", "sso_start_url". Got region, sso_start_url'),
        ("sso-signed-out", "https://github.com/aws/aws-sdk/issues/531", "CredentialsProviderError: The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("sso-signed-out", "https://github.com/aws/aws-sdk-js-v3/issues/5724", '''
            TokenProviderError: Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.
                at validateTokenExpiry (/srv/app/node_modules/@aws-sdk/token-providers/dist-cjs/index.js:141:11)
                at fromSso (/srv/app/node_modules/@aws-sdk/token-providers/dist-cjs/index.js:222:5) {
              tryNextLink: false
            }
        '''),
        ("sso-signed-out", "token-providers/src/fromSso.ts", "TokenProviderError: The SSO session token associated with profile=project1 was not found or is invalid. To refresh this SSO session run 'aws sso login' with the corresponding profile."),
        ("sso-signed-out", "credential-provider-sso/src/resolveSSOCredentials.ts", "CredentialsProviderError: The SSO session associated with this profile is invalid. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("sso-signed-out", "token-providers/src/validateTokenKey.ts", "TokenProviderError: Value not present for 'refreshToken' in SSO Token. Cannot refresh. To refresh this SSO session run 'aws sso login' with the corresponding profile."),
        ("login-signed-out", "credential-provider-login/src/LoginCredentialsFetcher.ts", "CredentialsProviderError: Failed to load a token for session arn:aws:iam::123456789012:user/ada, please re-authenticate using aws login"),
        ("login-signed-out", "credential-provider-login/src/LoginCredentialsFetcher.ts", "CredentialsProviderError: Your session has expired. Please reauthenticate."),
        ("mfa-missing", "credential-provider-ini/src/resolveAssumeRoleCredentials.ts", "CredentialsProviderError: Profile project1 requires multi-factor authentication, but no MFA code callback was provided."),
        ("source-profile-loop", "credential-provider-ini/src/resolveAssumeRoleCredentials.ts", "CredentialsProviderError: Detected a cycle attempting to resolve credentials for profile project1. Profiles visited: project1, base"),
        ("config-invalid", "credential-provider-ini/src/resolveCredentialSource.ts", "CredentialsProviderError: Unsupported credential source in profile project1. Got Env, expected EcsContainer or Ec2InstanceMetadata or Environment."),
        ("no-region", "config-resolver/src/regionConfig/config.ts", '''
            Error: Region is missing
                at default (/srv/app/node_modules/@smithy/config-resolver/dist-cjs/index.js:117:11)
                at /srv/app/node_modules/@smithy/node-config-provider/dist-cjs/index.js:90:104
        '''),
        ("region-invalid", "config-resolver/src/regionConfig/checkRegion.ts", 'Error: Region not accepted: region="eu west 1" is not a valid hostname component.'),
        ("credential-process", "credential-provider-process/src/getValidatedProcessCredentials.ts", "Error: Profile project1 credential_process returned invalid credentials."),
        ("refreshed-but-expired", "credential-provider-process/src/getValidatedProcessCredentials.ts", "Error: Profile project1 credential_process returned expired credentials."),
        ("expired", "https://github.com/payloadcms/payload/issues/8404", '''
            [12:56:11] ERROR (payload): Error getting file from cloud storage
                err: {
                  "type": "S3ServiceException",
                  "message": "The provided token has expired.",
                  "stack":
                      ExpiredToken: The provided token has expired.
                          at throwDefaultError (/home/node/app/node_modules/@smithy/smithy-client/dist-cjs/index.js:838:20)
                          at de_CommandError (/home/node/app/node_modules/@aws-sdk/client-s3/dist-cjs/index.js:4756:14)
        '''),
        ("expired", "https://github.com/aws/aws-sdk-js-v3/issues/3052", "ExpiredTokenException: The security token included in the request is expired    at deserializeAws_json1_0UpdateItemCommandError (/app/node_modules/@aws-sdk/client-dynamodb/dist-cjs/protocols/Aws_json1_0.js:4014:41)    at processTicksAndRejections (internal/process/task_queues.js:95:5)"),
        ("signature-region", "https://github.com/aws/aws-sdk-js-v3/issues/5576", '''
            InvalidSignatureException: Credential should be scoped to a valid region.
                at throwDefaultError (/var/task/node_modules/@smithy/smithy-client/dist-cjs/default-error-handler.js:8:22)
                at de_PutKeyCommandError (/var/task/node_modules/@aws-sdk/client-cloudfront-keyvaluestore/dist-cjs/protocols/Aws_restJson1.js:369:20) {
              '$fault': 'client',
              '$metadata': { httpStatusCode: 403, attempts: 1, totalRetryDelay: 0 }
            }
        '''),
    ],
)  # fmt: skip

GO_1 = from_source(
    "SDK for Go", "1", "aws/aws-sdk-go aws/",
    [
        ("no-credentials", "credentials/chain_provider.go", '''
            NoCredentialProviders: no valid providers in chain. Deprecated.
            \tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors
        '''),
        ("no-credentials", "https://github.com/kahing/goofys/issues/322", "s3.ERROR code=NoCredentialProviders msg=no valid providers in chain. Deprecated.#012#011For verbose messaging see aws.Config.CredentialsChainVerboseErrors, err=<nil>"),
        ("no-credentials", "credentials/env_provider.go", "EnvAccessKeyNotFound: AWS_ACCESS_KEY_ID or AWS_ACCESS_KEY not found in environment"),
        ("no-credentials", "credentials/static_provider.go", "EmptyStaticCreds: static credentials are empty"),
        ("no-credentials", "credentials/ec2rolecreds/ec2_role_provider.go", '''
            EC2RoleRequestError: no EC2 instance role found
            caused by: RequestError: send request failed
            caused by: Get "http://169.254.169.254/latest/meta-data/iam/security-credentials/": dial tcp 169.254.169.254:80: connect: no route to host
        '''),
        ("no-profile", "credentials/shared_credentials_provider.go", "SharedCredsLoad: failed to get profile"),
        ("no-profile", "session/shared_config.go", "SharedConfigProfileNotExistsError: failed to get profile, project1"),
        ("config-unreadable", "session/shared_config.go", '''
            SharedConfigLoadError: failed to load config file, /home/ada/.aws/config
            caused by: INIParseError: invalid state with ASTKind {completed_stmt {0 NONE 0 []} false []} and TokenType {literal line}
        '''),
        ("partial-credentials", "credentials/shared_credentials_provider.go", "SharedCredsSecret: shared credentials project1 in /home/ada/.aws/credentials did not contain aws_secret_access_key"),
        ("mfa-missing", "session/session.go", "AssumeRoleTokenProviderNotSetError: assume role with MFA enabled, but AssumeRoleTokenProvider session option not set."),
        ("no-region", "errors.go", "MissingRegion: could not find region configuration"),
        ("sso-signed-out", "credentials/ssocreds/provider.go", '''
            SSOProviderInvalidToken: the SSO session has expired or is invalid
            caused by: open /home/ada/.aws/sso/cache/3f5a1c8e9b7d2046a1c3e5f7091b2d4f6a8c0e1d.json: no such file or directory
        '''),
        ("sso-signed-out", "https://github.com/gruntwork-io/terragrunt/issues/2604", 'ERRO[0001] Error finding AWS credentials (did you set the AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY environment variables?): SSOProviderInvalidToken: the SSO session has expired or is invalid'),
        ("credential-process", "credentials/processcreds/provider.go", "ProcessProviderExecutionError: error in credential_process: exit status 1"),
        ("expired", "https://github.com/awslabs/ssosync/issues/187", r'WARN[0000] Problem performing test query against Identity Store  error="ExpiredTokenException: The security token included in the request is expired\n\tstatus code: 400, request id: 12a345b6-78cd-901e-fa23-45ba67890cde"'),
        ("expired", "https://github.com/hashicorp/terraform/issues/17180", '''
            ExpiredToken: The provided token has expired.
            \tstatus code: 400, request id: 593F2112F64A6BEC, host id: EXAMPLEHOSTID=
        '''),
        ("expired", "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html", '''
            panic: ExpiredToken: The security token included in the request is expired
            \tstatus code: 403, request id: 12a345b6-78cd-901e-fa23-45ba67890cde

            goroutine 1 [running]:
            main.main()
            \t/home/ada/src/app/main.go:23 +0x1d4
            exit status 2
        '''),
        ("clock", "https://github.com/aws/aws-sdk-go/issues/859", '''
            InvalidSignatureException: Signature expired: 20160928T135747Z is now earlier than 20160928T140052Z (20160928T140552Z - 5 min.)
                    status code: 403,
        '''),
        ("web-identity-refused", "https://github.com/aws-samples/aws-secret-sidecar-injector/issues/30", '''
            WebIdentityErr: failed to retrieve credentials
            caused by: InvalidIdentityToken: No OpenIDConnect provider found in your account for https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE
            \tstatus code: 400, request id: 12a345b6-78cd-901e-fa23-45ba67890cde
        '''),
    ],
)  # fmt: skip

GO_2 = from_source(
    "SDK for Go", "2", "aws/aws-sdk-go-v2 ",
    [
        ("no-credentials", "credentials/ec2rolecreds/provider.go", 'operation error STS: GetCallerIdentity, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, canceled, context deadline exceeded'),
        ("no-credentials", "https://github.com/GoogleCloudPlatform/anthos-samples/issues/401", 'failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, request send failed, Get "http://169.254.169.254/latest/meta-data/iam/security-credentials/": dial tcp 169.254.169.254:80: i/o timeout'),
        ("no-credentials", "aws/credentials.go", "failed to sign request: failed to retrieve credentials: failed to refresh cached credentials, static credentials are empty"),
        ("no-credentials", "feature/ec2/imds/internal/config/resolvers.go", 'get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, access disabled to EC2 IMDS via client option, or "AWS_EC2_METADATA_DISABLED" environment variable'),
        ("no-profile", "config/shared_config.go", "failed to get shared config profile, project1"),
        ("no-profile", "config/shared_config.go", '''
            2026/11/26 10:15:00 unable to load SDK config, failed to get shared config profile, projct1
            exit status 1
        '''),
        ("config-unreadable", "config/shared_config.go", "failed to load shared config file, /home/ada/.aws/config, invalid state with ASTKind {completed_stmt {0 NONE 0 []} false []} and TokenType {literal line}"),
        ("source-profile", "config/shared_config.go", "failed to load assume role arn:aws:iam::123456789012:role/project1, of profile base, failed to get shared config profile, base"),
        ("partial-credentials", "config/shared_config.go", "partial credentials found for profile project1"),
        ("mfa-missing", "config/resolve_credentials.go", "assume role with MFA enabled, but AssumeRoleTokenProvider session option not set."),
        ("config-invalid", "config/shared_config.go", 'profile "project1" is configured to use SSO but is missing required configuration: sso_region, sso_start_url'),
        ("config-invalid", "config/shared_config.go", "only one credential type may be specified per profile: source profile, credential source, credential process, web identity token, or sso"),
        ("config-invalid", "config/shared_config.go", "failed to find SSO session section, corp"),
        ("no-region", "aws/errors.go", "an AWS region is required, but was not found"),
        ("no-region", "service/sts/endpoints.go", "operation error STS: GetCallerIdentity, failed to resolve service endpoint, endpoint rule error, Invalid Configuration: Missing Region"),
        ("sso-signed-out", "https://github.com/cloudquery/cq-provider-aws/issues/897", "failed to retrieve credentials for account . AWS Error: failed to refresh cached credentials, the SSO session has expired or is invalid: access token is expired, detected aws env variables: AWS_PROFILE"),
        ("sso-signed-out", "credentials/ssocreds/sso_credentials_provider.go", "get identity: get credentials: failed to refresh cached credentials, the SSO session has expired or is invalid: open /home/ada/.aws/sso/cache/3f5a1c8e9b7d2046a1c3e5f7091b2d4f6a8c0e1d.json: no such file or directory"),
        ("sso-signed-out", "https://github.com/turbot/steampipe-plugin-github/issues/469", '''
            Error: aws_production: operation error STS: GetCallerIdentity, get identity: get credentials: failed to refresh cached credentials,
            refresh cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken,
            https response error StatusCode: 400, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, InvalidGrantException:  (SQLSTATE HV000)
        '''),
        ("sso-signed-out", "credentials/ssocreds/sso_token_provider.go", "get identity: get credentials: failed to refresh cached credentials, refresh cached SSO token failed, cached SSO token is expired, or not present, and cannot be refreshed"),
        ("sso-signed-out", "credentials/ssocreds/sso_cached_token.go", "get identity: get credentials: failed to refresh cached credentials, failed to read cached SSO token file, open /home/ada/.aws/sso/cache/3f5a1c8e9b7d2046a1c3e5f7091b2d4f6a8c0e1d.json: no such file or directory"),
        ("credential-process", "credentials/processcreds/provider.go", "get credentials: failed to refresh cached credentials, process provider error: error in credential_process: exit status 1"),
        ("credential-process", "credentials/processcreds/provider.go", "process provider error: missing AccessKeyId in process output"),
        ("expired", "https://github.com/cloudquery/cq-provider-aws/pull/1171", "operation error Lambda: ListProvisionedConcurrencyConfigs, https response error StatusCode: 403, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, api error ExpiredTokenException: The security token included in the request is expired"),
        ("signature-region", "https://github.com/fsouza/s3-upload-proxy/issues/241", "api error InvalidSignatureException: Credential should be scoped to a valid region, not ''. "),
        ("head-forbidden", "https://github.com/patrickchugh/terravision/issues/105", "operation error S3: HeadObject, https response error StatusCode: 403, RequestID: PJ504JFXJXCCR8N5, HostID: EXAMPLEHOSTID=, api error Forbidden: Forbidden"),
    ],
)  # fmt: skip

RUST = from_source(
    "SDK for Rust", "1", "smithy-lang/smithy-rs aws/rust-runtime/aws-config/src/",
    [
        ("no-credentials", "profile/credentials.rs", "the credential provider was not enabled: profile `default` did not contain credential information (CredentialsNotLoaded(CredentialsNotLoaded { source: ProfileDidNotContainCredentials { profile: \"default\" } }))"),
        ("no-credentials", "https://github.com/awslabs/aws-sdk-rust/issues/1313", 'Error: DispatchFailure(DispatchFailure { source: ConnectorError { kind: Other(None), source: CredentialsNotLoaded(CredentialsNotLoaded { source: Some("no providers in chain provided credentials") }), connection: Unknown } })'),
        ("no-credentials", "meta/credentials/chain.rs", '''
            Error: dispatch failure

            Caused by:
                0: other
                1: the credential provider was not enabled
                2: no providers in chain provided credentials
        '''),
        ("no-credentials", "https://github.com/awslabs/aws-sdk-rust/issues/988", '''
            2023-12-02T17:19:00.336922Z DEBUG aws_config::meta::credentials::chain: provider in chain did not provide credentials, provider: Profile, context: the credential provider was not enabled: profile `default` did not contain credential information (CredentialsNotLoaded(CredentialsNotLoaded { source: ProfileDidNotContainCredentials { profile: "default" } }))
                at /home/ada/.cargo/registry/src/index.crates.io-6f17d22bba15001f/aws-config-0.57.2/src/meta/credentials/chain.rs:89
        '''),
        ("no-credentials", "https://github.com/rusoto/rusoto/issues/1484", "Couldn't find AWS credentials in environment, credentials file, or IAM role."),
        ("no-profile", "profile/credentials.rs", "profile `base` was not defined: could not find source profile base referenced from project1"),
        ("source-profile-loop", "profile/credentials.rs", 'profile formed an infinite loop. first we loaded ["project1", "base"], then attempted to reload project1'),
        ("config-invalid", "profile/credentials.rs", "missing credential source in `project1`: profile must contain `source_profile` or `credential_source` but neither were defined"),
        ("config-invalid", "profile/credentials.rs", "invalid credential source in `project1`: profile contained both source_profile and credential_source. Only one or the other can be defined"),
        ("sdk-part-missing", "profile/credentials.rs", "This behavior requires following cargo feature(s) enabled: sso. "),
        ("sso-signed-out", "sso/token.rs", '''
            Error: dispatch failure: other: an error occurred while loading credentials

            Caused by:
                0: service error
                1: UnauthorizedException: Session token not found or invalid
        '''),
        ("unreachable", "https://github.com/awslabs/aws-sdk-rust/issues/1313", 'source: Some(DispatchFailure(DispatchFailure { source: ConnectorError { kind: Other(None), source: ProviderError(ProviderError { source: Unexpected(Unexpected { source: hyper_util::client::legacy::Error(Connect, HttpTimeoutError { kind: "HTTP connect", duration: 1s }) }) }), connection: Unknown } }))'),
        ("web-identity-expired", "https://github.com/parseablehq/parseable/issues/604", r'''
            [2024-01-08T15:22:05Z WARN  parseable] failed to sync local data with object store. UnhandledError(Error { retries: 0, message: "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>ExpiredTokenException</Code>\n    <Message>Token expired: current date/time 1704727025 must be before the expiration date/time 1704574064</Message>\n  </Error>\n</ErrorResponse>" })
        '''),
        ("expired", "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", 'Error: unhandled error (ExpiredToken): Error { code: "ExpiredToken", message: "The provided token has expired.", aws_request_id: "PJ504JFXJXCCR8N5" }'),
    ],
)  # fmt: skip

DOTNET = from_source(
    "SDK for .NET", "3", "aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/",
    [
        ("no-credentials", "https://github.com/aws/aws-sdk-net/issues/1609", '''
            Amazon.Runtime.AmazonServiceException: Unable to get IAM security credentials from EC2 Instance Metadata Service.
               at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.FetchCredentials()
               at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.GetCredentialsAsync()
               at Amazon.Runtime.Internal.CredentialsRetriever.InvokeAsync[T](IExecutionContext executionContext)
        '''),
        ("no-credentials", "https://github.com/aws/aws-sdk-net/issues/2455", "One or more errors occurred. ---> Amazon.Runtime.AmazonServiceException: Unable to get IAM security credentials from EC2 Instance Metadata Service. at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.FetchCredentials() at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.GetCredentials()"),
        ("no-credentials", "Credentials/DefaultAWSCredentialsIdentityResolver.cs", '''
            Unhandled exception. Amazon.Runtime.AmazonClientException: Failed to resolve AWS credentials. The credential providers used to search for credentials returned the following errors:

            Exception 1 of 3: Unable to find the "default" profile.
            Exception 2 of 3: The environment variables AWS_ACCESS_KEY_ID/AWS_SECRET_ACCESS_KEY/AWS_SESSION_TOKEN were not set with AWS credentials.
        '''),
        ("no-region", "ClientConfig.cs", "Amazon.Runtime.AmazonClientException: No RegionEndpoint or ServiceURL configured"),
        ("no-region", "ClientConfig.cs", '''
            Unhandled exception. Amazon.Runtime.AmazonClientException: No RegionEndpoint or ServiceURL configured
               at Amazon.Runtime.ClientConfig.Validate()
               at Amazon.S3.AmazonS3Config.Validate()
        '''),
        ("no-profile", "https://github.com/aws/aws-sdk-net/issues/3119", 'Unable to find the "project1" profile in CredentialProfileStoreChain.'),
        ("sso-signed-out", "Credentials/Internal/SSOTokenManager.cs", "Amazon.Runtime.AmazonClientException: No valid SSO Token could be found."),
        ("sdk-part-missing", "https://github.com/emgarten/Sleet/issues/168", "[System.InvalidOperationException] Assembly AWSSDK.SSOOIDC could not be found or loaded. This assembly must be available at runtime to use Amazon.Runtime.SSOAWSCredentials, AWSSDK.Core, Version=3.3.0.0, Culture=neutral, PublicKeyToken=885c28607f98e604."),
        ("sdk-part-missing", "https://github.com/aws/aws-lambda-dotnet/issues/864", "System.InvalidOperationException: 'Assembly AWSSDK.SecurityToken could not be found or loaded. This assembly must be available at runtime to use Amazon.Runtime.AssumeRoleAWSCredentials.'"),
        ("sdk-part-missing", "https://github.com/aws/aws-sdk-net/issues/2482", "InvalidOperationException: AWSSDK.SecurityToken could not be found or loaded. This assembly must be available at runtime to use Amazon.Runtime.AssumeRoleAWSCredentials."),
        ("expired", "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html", '''
            Amazon.SecurityToken.AmazonSecurityTokenServiceException: The security token included in the request is expired
             ---> Amazon.Runtime.Internal.HttpErrorResponseException: Exception of type 'Amazon.Runtime.Internal.HttpErrorResponseException' was thrown.
               at Amazon.Runtime.HttpWebRequestMessage.GetResponseAsync(CancellationToken cancellationToken)
        '''),
        ("unknown-key", "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html", "Amazon.DynamoDBv2.AmazonDynamoDBException: The security token included in the request is invalid."),
    ],
)  # fmt: skip

PHP = from_source(
    "SDK for PHP", "3", "aws/aws-sdk-php src/",
    [
        ("no-credentials", "https://github.com/aws/aws-sdk-php/issues/866", "PHP Fatal error:  Uncaught exception 'Aws\\Exception\\CredentialsException' with message 'Error retrieving credentials from the instance profile metadata server. (cURL error 7: Failed to connect to 169.254.169.254 port 80: Connection refused (see http://curl.haxx.se/libcurl/c/libcurl-errors.html))' in vendor/aws/aws-sdk-php/src/Credentials/InstanceProfileProvider.php:79"),
        ("no-credentials", "https://github.com/aws/aws-sdk-php/issues/1308", r'''
            [2017-06-16 12:17:00] local.ERROR: Aws\Exception\CredentialsException: Error retrieving credentials from the instance profile metadata server.

            (cURL error 7: Failed to connect to 169.254.169.254 port 80: No route to host (see http://curl.haxx.se/libcurl/c/libcurl-errors.html)) in /var/www/html/vendor/aws/aws-sdk-php/src/Credentials/InstanceProfileProvider.php:79
        '''),
        ("no-credentials", "https://github.com/aws/aws-sdk-php/issues/2068", "Error retrieving credentials from the instance profile metadata server. (Client error: `GET http://169.254.169.254/latest/meta-data/iam/security-credentials/` resulted in a `404 Not Found` response:"),
        ("no-credentials", "https://github.com/aws/aws-sdk-php/issues/2022", r"Aws\Exception\CredentialsException: Error retrieving credentials from the instance profile metadata service. (cURL error 28: Connection timed out after 1000 milliseconds (see https://curl.haxx.se/libcurl/c/libcurl-errors.html)) in /var/www/vendor/aws/aws-sdk-php/src/Credentials/InstanceProfileProvider.php:240"),
        ("no-credentials", "https://github.com/aws/aws-sdk-php/issues/1611", r"PHP Fatal error:  Uncaught Aws\Exception\CredentialsException: Unexpected instance profile response code"),
        ("no-credentials", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: No credentials present in INI profile 'project1' (/home/ada/.aws/credentials)"),
        ("no-credentials", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: Cannot read credentials from /home/ada/.aws/credentials"),
        ("no-profile", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: 'project1' not found in credentials file"),
        ("config-unreadable", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: Invalid credentials file: /home/ada/.aws/credentials"),
        ("source-profile", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: source_profile base using profile project1 does not exist"),
        ("source-profile-loop", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: Circular source_profile reference found."),
        ("credential-process", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: credential_process does not return valid credentials"),
        ("refreshed-but-expired", "Credentials/CredentialProvider.php", r"Aws\Exception\CredentialsException: credential_process returned expired credentials"),
        ("no-region", "ClientResolver.php", r'''
            InvalidArgumentException: Missing required client configuration options:

            region: (string)

              A "region" configuration value is required for the "s3" service
              (e.g., "us-west-2"). A list of available public regions and endpoints can be
              found at http://docs.aws.amazon.com/general/latest/gr/rande.html.
        '''),
        ("clock", "https://github.com/aws/aws-sdk-php/issues/612", r'''
            Fatal error: Uncaught exception 'Aws\S3\Exception\S3Exception' with message 'Error executing "PutObject" on "https://s3.amazonaws.com/bucket/file"; AWS HTTP error: Client error: 403 RequestTimeTooSkewed (client): The difference between the request time and the current time is too large. - <?xml version="1.0" encoding="UTF-8"?> <Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>20150604T232559Z</RequestTime><ServerTime>2015-06-04T22:26:16Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds><RequestId>9E09E2E8D09D863C</RequestId></Error>'
        '''),
        ("expired", "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", r'Error executing "ListObjects" on "https://bucket.s3.amazonaws.com/"; AWS HTTP error: Client error: `GET https://bucket.s3.amazonaws.com/` resulted in a `400 Bad Request` response: ExpiredToken (client): The provided token has expired.'),
    ],
)  # fmt: skip

RUBY = from_source(
    "SDK for Ruby", "3", "aws/aws-sdk-ruby gems/aws-sdk-core/lib/aws-sdk-core/",
    [
        ("no-credentials", "https://github.com/aws/aws-sdk-ruby/issues/1951", "#<Aws::Errors::MissingCredentialsError: unable to sign request without credentials set>"),
        ("no-credentials", "https://github.com/aws/aws-sdk-ruby/issues/1147", "/srv/app/vendor/bundle/ruby/2.2.0/gems/aws-sdk-core-2.2.4/lib/aws-sdk-core/plugins/request_signer.rb:101:in `require_credentials': unable to sign request without credentials set (Aws::Errors::MissingCredentialsError)"),
        ("no-credentials", "https://github.com/aws/aws-sdk-ruby/issues/707", "E, [2015-02-15T23:01:16.804771 #39322] ERROR -- : unable to sign request without credentials set (Aws::Errors::MissingCredentialsError)"),
        ("no-credentials", "https://github.com/aws/aws-sdk-ruby/issues/1810", '''
            gems/aws-sigv4-1.0.2/lib/aws-sigv4/signer.rb:517:in `extract_credentials_provider': missing credentials, provide credentials with one of the following options: (Aws::Sigv4::Errors::MissingCredentialsError)
              - :access_key_id and :secret_access_key
              - :credentials
              - :credentials_provider
        '''),
        ("no-region", "errors.rb", "Aws::Errors::MissingRegionError: missing region; use :region option or export region name to ENV['AWS_REGION']"),
        ("no-profile", "shared_config.rb", "Aws::Errors::NoSuchProfileError: Profile `project1' not found in /home/ada/.aws/credentials"),
        ("source-profile", "shared_config.rb", "Aws::Errors::NoSourceProfileError: Profile project1 has a role_arn and source_profile but the source_profile does not have credentials."),
        ("sso-signed-out", "sso_token_provider.rb", "Aws::Errors::InvalidSSOToken: The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("sso-signed-out", "sso_token_provider.rb", "Token is invalid and failed to refresh. (Aws::Errors::InvalidSSOToken)"),
        ("credential-process", "process_credentials.rb", "Aws::Errors::InvalidProcessCredentialsPayload: Invalid JSON response"),
        ("unreachable", "errors.rb", '''
            Aws::Errors::NoSuchEndpointError: Encountered a `SocketError` while attempting to connect to:

              https://sts.eu-west1.amazonaws.com

            This is typically the result of an invalid `:region` option or a
            poorly formatted `:endpoint` option.
        '''),
        ("expired", "errors.rb", '''
            Traceback (most recent call last):
            \t2: from backup.rb:7:in `<main>'
            \t1: from /usr/lib/ruby/gems/aws-sdk-core-3.117.0/lib/seahorse/client/plugins/raise_response_errors.rb:17:in `call'
            The provided token has expired. (Aws::S3::Errors::ExpiredToken)
        '''),
        ("signature-region", "https://github.com/aws/aws-sdk-ruby/issues/508", "AWS::SQS::Errors::SignatureDoesNotMatch: Credential should be scoped to a valid region, not 'us-east-1'. "),
    ],
)  # fmt: skip

CPP = from_source(
    "SDK for C++", "1", "aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/",
    [
        ("expired", "https://github.com/aws/aws-sdk-cpp/issues/2823", "AWS ERROR: ExpiredToken: Unable to parse ExceptionName: ExpiredToken Message: The provided token has expired.. HTTP status code:  400. AWS Error Type:  100"),
        ("expired", "https://github.com/aws/aws-sdk-cpp/issues/1843", "ExpiredToken:Unable to parse ExceptionName: ExpiredToken Message: The provided token has expired."),
        ("expired", "https://github.com/romange/helio/issues/15", '''
            E20220924 22:13:38.256793 1244660 s3.cc:143] http error: HTTP/1.1 400 Bad Request
            x-amz-request-id: EXAMPLE
            Content-Type: application/xml
            Server: AmazonS3

            4ac
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>TOKENEXAMPLE</Token-0><RequestId>EXAMPLE</RequestId><HostId>EXAMPLE</HostId></Error>
            0
        '''),
        ("expired", "client/AWSClient.cpp", '''
            [ERROR] 2026-11-26 10:15:00.123 AWSClient [140213] HTTP response code: 400
            Resolved remote host IP address: 52.218.0.1
            Request ID: PJ504JFXJXCCR8N5
            Exception name: ExpiredToken
            Error message: Unable to parse ExceptionName: ExpiredToken Message: The provided token has expired.
        '''),
        ("sso-signed-out", "auth/bearer-token-provider/SSOBearerTokenProvider.cpp", "[ERROR] 2026-11-26 10:15:00.123 SSOBearerTokenProvider [140213] Cached Token is already expired at 2026-11-25T18:00:00Z"),
    ],
)  # fmt: skip

POWERSHELL = from_source(
    "AWS Tools for PowerShell", "4", "aws/aws-tools-for-powershell ",
    [
        ("no-credentials", "https://github.com/aws/aws-toolkit-azure-devops/issues/287", r'''
            New-CFInvalidation : No credentials specified or obtained from persisted/shell defaults.
            At C:\agent_work_temp\e6ffb344-ff94-47e4-b5b8-2d5801faab61.ps1:5 char:11
            + $result = New-CFInvalidation -DistributionId 'EXAMPLE' -Paths_Item '/*'
              + CategoryInfo          : InvalidOperation: (Amazon.PowerShe...alidationCmdlet:NewCFInvalidationCmdlet) [New-CFInvalidation], InvalidOperationException
              + FullyQualifiedErrorId : InvalidOperationException,Amazon.PowerShell.Cmdlets.CF.NewCFInvalidationCmdlet
        '''),
        ("no-credentials", "https://github.com/aws/aws-toolkit-azure-devops/issues/287", "\x1b[31;1mGet-S3Bucket: \x1b[31;1mNo credentials specified or obtained from persisted/shell defaults.\x1b[0m"),
        ("no-region", "modules/AWSPowerShell/Common/CommonArguments.cs", "Get-EC2Instance : No region specified or obtained from persisted/shell defaults."),
        ("expired", "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", '''
            Get-S3Bucket : The provided token has expired.
            At line:1 char:1
            + Get-S3Bucket
            + ~~~~~~~~~~~~
                + CategoryInfo          : InvalidOperation: (Amazon.PowerShe...etS3BucketCmdlet:GetS3BucketCmdlet) [Get-S3Bucket], InvalidOperationException
                + FullyQualifiedErrorId : Amazon.S3.AmazonS3Exception,Amazon.PowerShell.Cmdlets.S3.GetS3BucketCmdlet
        '''),
        ("expired", "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html", '''
            Get-STSCallerIdentity:
            Line |
               1 |  Get-STSCallerIdentity
                 |  ~~~~~~~~~~~~~~~~~~~~~
                 | The security token included in the request is expired
        '''),
        ("sdk-part-missing", "https://github.com/aws/aws-toolkit-vscode/issues/3361", "Assembly AWSSDK.SSOOIDC could not be found or loaded. This assembly must be available at runtime to use Amazon.Runtime.Internal.SSOServiceClientHelpers, AWSSDK.Core, Version=3.3.0.0, Culture=neutral, PublicKeyToken=885c28607f98e604."),
        ("unknown-key", "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html", "Get-STSCallerIdentity : The security token included in the request is invalid."),
    ],
)  # fmt: skip

TEXTS: list[ErrorText] = [
    *JAVA_1, *JAVA_2, *JAVASCRIPT_2, *JAVASCRIPT_3, *GO_1, *GO_2, *RUST, *DOTNET, *PHP, *RUBY, *CPP, *POWERSHELL,
]  # fmt: skip
