# ruff: noqa: RUF001 (tools write dashes and letters that look like others)
"""Texts as users pasted them into public threads, collected tool by tool without regard to the patterns."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["TEXTS"]

GITHUB = "https://github.com/"

PYTHON = from_source(
    "Python", "", GITHUB,
    [
        ("web-identity-expired", "awslabs/aws-orbit-workbench/issues/707", "botocore.errorfactory.ExpiredTokenException: An error occurred (ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired: current date/time 1624482533 must be before the expiration date/time1624482335"),
        ("expired", "cfn-sphere/cfn-sphere/issues/3", '''
            24.08.2015 17:40:23 ERROR connection: 403 Forbidden
            24.08.2015 17:40:23 ERROR connection: <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
              <Error>
                <Type>Sender</Type>
                <Code>ExpiredToken</Code>
                <Message>The security token included in the request is expired</Message>
              </Error>
              <RequestId>6f2db1a4-4a76-11e5-a422-e51fd6279686</RequestId>
            </ErrorResponse>

            Traceback (most recent call last):
              File "/srv/venv/bin/cf", line 69, in <module>
                cli()
        '''),
        ("sso-signed-out", "jorgebastida/awslogs/issues/402", '''
            You've found a bug! Please, raise an issue attaching the following traceback
            Version:       0.15.0
            Python:        3.12.4 (main, Jun  6 2024, 18:26:44)
            Traceback (most recent call last):
              File "/opt/venv/lib/python3.12/site-packages/awslogs/bin.py", line 210, in main
                getattr(logs, options.func)()
              File "/opt/venv/lib/python3.12/site-packages/botocore/tokens.py", line 338, in _refresh
                raise TokenRetrievalError(provider=self.METHOD, error_msg=error_msg)
            botocore.exceptions.TokenRetrievalError: Error when retrieving token from sso: Token has expired and refresh failed
        '''),
        ("unknown-key", "pynamodb/PynamoDB/issues/603", "pynamodb.exceptions.VerboseClientError: An error occurred (UnrecognizedClientException) on request (9H9CMALLM6AC4E94UOHEQUNV2NVV4KQNSO5AEMVJF66Q9ASUAAJG) on table (Request) when calling the DescribeTable operation: The security token included in the request is invalid"),
        ("unknown-key", "boto/boto3/issues/2815", '''
            ClientError: An error occurred (InvalidAccessKeyId) when calling the ListObjectsV2 operation: The AWS Access Key Id you provided does not exist in our records.
            The above exception was the direct cause of the following exception:
            PermissionError: The AWS Access Key Id you provided does not exist in our records.
        '''),
        ("clock", "m0ngr31/kanzi/issues/270", "botocore.exceptions.ClientError: An error occurred (InvalidSignatureException) when calling the CompareFaces operation: Signature expired: 20180707T233021Z is now earlier than 20180710T071214Z (20180710T071714Z - 5 min.)"),
        ("duration-chained", "prowler-cloud/prowler/issues/7721", '''
            2025-05-12 16:07:33,611 [File: aws_provider.py:1077]    [Module: aws_provider]   CRITICAL: ClientError[1060] -- An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.

            2025-05-12 16:07:33,612 [File: provider.py:243]     [Module: provider]   CRITICAL: AWSAssumeRoleError[163]: AWSAssumeRoleError[1012]: AWS assume role error - An error occurred (ValidationError) when calling the AssumeRole operation: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.
        '''),
        ("role-denied", "xeger/awsume-1password-plugin/issues/12", '''
            [2025-07-25 10:42:42,890] aws.py:assume_role : [DEBUG] Assuming role now
            [2025-07-25 10:42:43,378] app.py:run : [DEBUG]
            Traceback (most recent call last):
              File "/opt/venv/lib/python3.12/site-packages/awsume/awsumepy/lib/aws.py", line 66, in assume_role
                role_session = role_sts_client.assume_role(**kwargs).get('Credentials')
                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/project1
        '''),
        ("identity-provider-silent", "meta-pytorch/torchx/pull/386", "botocore.errorfactory.InvalidIdentityTokenException: An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"),
        ("partial-credentials", "boto/boto3/issues/2588", '''
              File "/srv/django/lib/python3.6/site-packages/botocore/session.py", line 821, in create_client
                aws_secret_access_key))
            botocore.exceptions.PartialCredentialsError: Partial credentials found in explicit, missing: aws_secret_access_key
        '''),
        ("no-profile", "cevoaustralia/aws-google-auth/issues/95", '''
              File "/usr/local/lib/python3.6/site-packages/botocore/session.py", line 383, in get_scoped_config
                raise ProfileNotFound(profile=profile_name)
            botocore.exceptions.ProfileNotFound: The config profile (team-dev) could not be found
        '''),
        ("no-profile", "danilop/LambdAuth/issues/33", '''
            raise ProfileNotFound(profile=profile_name)
            botocore.exceptions.ProfileNotFound: The config profile (null) could not be found
        '''),
        ("no-profile", "linaro-its/aws2-wrap/pull/39", "Cannot find profile 'team-dev' in ~/.aws/config"),
        ("denied", "boto/boto3/issues/2047", '''
            Traceback (most recent call last):
              File "regions.py", line 24, in <module>
                regions = get_regions()
              File "/usr/lib/python3.6/site-packages/botocore/client.py", line 661, in _make_api_call
                raise error_class(parsed_response, operation_name)
            botocore.exceptions.ClientError: An error occurred (UnauthorizedOperation) when calling the DescribeRegions operation: You are not authorized to perform this operation.
        '''),
        ("credential-process", "boto/botocore/issues/2779", '''
              File "/usr/local/lib/python3.8/site-packages/botocore/credentials.py", line 963, in _retrieve_credentials_using
                raise CredentialRetrievalError(
            botocore.exceptions.CredentialRetrievalError: Error when retrieving credentials from custom-process: /bin/sh: get-aws-keys: command not found
        '''),
        ("unreachable", "aws/aws-cli/issues/4742", '''
              File "ssl.py", line 1309, in do_handshake
            urllib3.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1125)

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "botocore/httpsession.py", line 341, in send
            botocore.exceptions.SSLError: SSL validation failed for https://oidc.us-east-1.amazonaws.com/device_authorization [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1125)
        '''),
        ("no-credentials", "boto/boto3/issues/2412", "    raise NoCredentialsError\nbotocore.exceptions.NoCredentialsError: Unable to locate credentials"),
    ],
)  # fmt: skip

CLI = from_source(
    "AWS CLI", "", GITHUB,
    [
        ("clock", "aws/aws-cli/issues/6676", "An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)"),
        ("unreachable", "aws/aws-cli/issues/3504", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:581)"),
        ("unreachable", "aws/aws-cli/issues/4342", "SSL validation failed for https://sts.ap-northeast-2.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:749)"),
        ("no-profile", "aws/aws-cli/issues/4626", "The config profile (profilename) could not be found"),
        ("credential-process", "aws/aws-cli/issues/6200", "Error when retrieving credentials from custom-process: aws-vault: error: exec: Can't use --server with --json"),
        ("partial-credentials", "2i2c-org/infrastructure/pull/1965", "Partial credentials found in shared-credentials-file, missing: aws_secret_access_key"),
        ("unknown-key", "99designs/aws-vault/issues/260", "An error occurred (InvalidClientTokenId) when calling the CreateUser operation: The security token included in the request is invalid"),
        ("unknown-key", "99designs/aws-vault/issues/339", "An error occurred (InvalidToken) when calling the ListBuckets operation: The provided token is malformed or otherwise invalid."),
        ("clock", "aws/aws-cli/issues/6358", "download failed: s3://team-data/python/data.bin to ./data.bin An error occurred (RequestTimeTooSkewed) when calling the GetObject operation: The difference between the request time and the current time is too large."),
        ("mfa-code", "aws/aws-cli/issues/6325", "An error occurred (AccessDenied) when calling the GetSessionToken operation: MultiFactorAuthentication failed with invalid MFA one time pass code."),
    ],
)  # fmt: skip

GO = from_source(
    "SDK for Go", "", GITHUB,
    [
        ("expired", "cloudquery/cq-provider-aws/pull/1171", 'lambda.functions: failed to resolve table "aws_lambda_function_concurrency_configs": error at github.com/cloudquery/cq-provider-aws/resources/services/lambda.fetchLambdaFunctionConcurrencyConfigs[functions.go:1365] operation error Lambda: ListProvisionedConcurrencyConfigs, https response error StatusCode: 403, RequestID: 00000000-0000-0000-0000-000000000000, api error ExpiredTokenException: The security token included in the request is expired'),
        ("unknown-key", "cloudquery/cq-provider-aws/pull/3", "2021/02/17 20:46:25 operation error SNS: ListTopics, https response error StatusCode: 403, RequestID: 6b444bac-b775-553a-8ed5-120b3a958f7e, api error InvalidClientTokenId: The security token included in the request is invalid."),
        ("expired", "aws/aws-sdk-go/issues/249", "ExpiredToken: The security token included in the request is expired\n\tstatus code: 403, request id: 11111111-2222-3333-4444-555555555555"),
        ("expired", "guregu/dynamo/issues/68", '''
            -----------------------------------------------------
            2018/03/21 19:06:17 DEBUG: Response dynamodb/Scan Details:
            ---[ RESPONSE ]--------------------------------------
            HTTP/1.1 400 Bad Request
            Content-Length: 125
            Content-Type: application/x-amz-json-1.0
            Server: Server

            -----------------------------------------------------
            2018/03/21 19:06:17 {"__type":"com.amazon.coral.service#ExpiredTokenException","message":"The security token included in the request is expired"}
        '''),
        ("expired", "aws/aws-sdk-go-v2/issues/2135", "2023-05-11T15:26:09Z E! [outputs.cloudwatch] Unable to write to CloudWatch : operation error CloudWatch: PutMetricData, https response error StatusCode: 403, RequestID: 4d5fbc11-8aba-489a-90b4-0966ab111ae5, api error ExpiredToken: The security token included in the request is expired"),
        ("clock", "aws/aws-sdk-go/issues/2194", '''
            2018/10/03 01:05:09 - INFO -- ciworker/core/ci_worker.go:[91] - Task coroutine start run

            panic: InvalidSignatureException: Signature not  yet current: 20181002T170509Z is still later than 20181002T170312Z (20181002T165812Z + 5 min.)
                status code: 400, request id: faa14f90-2b72-fdb9-ae8c-ea742d02f4fc
        '''),
        ("clock", "convox/rack/issues/235", "Build Error: SignatureDoesNotMatch: Signature expired: 20151221T200419Z is now earlier than 20151221T201450Z (20151221T201950Z - 5 min.)"),
        ("clock", "remind101/logspout-kinesis/issues/21", "InvalidSignatureException: Signature expired: 20151120T200815Z is now earlier than 20151120T201846Z (20151120T202346Z - 5 min.) status code: 400, request id: 9a2bed25-8fc4-11e5-b0cc-6bf2f0e1ff85"),
        ("clock", "rai-project/rai/issues/31", '''
            ✱ Checking your authentication credentials.
            ERRO[0004] Unable to assume role: SignatureDoesNotMatch: Signature expired: 20190625T125159Z is now earlier than 20190625T133708Z (20190625T135208Z - 15 min.)
             status code: 403, request id: 6c94a705-9750-11e9-8f73-c1f6be7b1816 pkg=amazon
            ERRO[0004] Failed to set sts credentials pkg=amazon error="SignatureDoesNotMatch: Signature expired: 20190625T125159Z is now earlier than 20190625T133708Z (20190625T135208Z - 15 min.)\\n\\tstatus code: 403, request id: 6c94a705-9750-11e9-8f73-c1f6be7b1816”
        '''),
        ("duration-chained", "mmmorris1975/aws-runas/issues/11", "Error doing AssumeRole: ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."),
        ("partial-credentials", "zendesk/goship/issues/10", '''
            Error while loading AWS Credentials: SharedCredsAccessKey: shared credentials production-developer in /home/alice/.aws/credentials did not contain aws_access_key_id
            caused by: error when getting key of section 'production-developer': key 'aws_access_key_id' not exists
            Please make sure you have 'default' section configured in your aws credentials file.
        '''),
        ("web-identity-refused", "namespacelabs/foundation/issues/801", "2022/07/25 13:14:05.131213 failed to retrieve credentials: failed to refresh cached credentials, failed to retrieve credentials, operation error STS: AssumeRoleWithWebIdentity, exceeded maximum number of attempts, 3, https response error StatusCode: 400, RequestID: 15810d8a-d7cf-4cf6-a789-344247a93714, InvalidIdentityToken: No OpenIDConnect provider found in your account for https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"),
        ("unreachable", "oxyno-zeta/s3-proxy/issues/390", 'WebIdentityErr: failed to retrieve credentials caused by: RequestError: send request failed caused by: Post "http://sts.us-east-1.amazonaws.com/": read tcp 100.64.15.129:48714->67.220.245.46:80: read: connection reset by peer'),
        ("web-identity-refused", "aws-samples/aws-secret-sidecar-injector/issues/30", "WebIdentityErr: failed to retrieve credentials\ncaused by: InvalidIdentityToken: No OpenIDConnect provider found in your account for https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"),
        ("no-credentials", "grafana/loki/issues/483", 'level=error ts=2019-04-16T05:19:18.19652795Z caller=flush.go:118 org_id=fake msg="failed to flush user" err="NoCredentialProviders: no valid providers in chain. Deprecated.\\n\\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors"'),
        ("certificate-time", "kahing/goofys/issues/791", "goofys[29925]: s3.DEBUG DEBUG: Send Request s3/HeadObject failed, not retrying, error RequestError: send request failed#012caused by: Head https://s3.amazonaws.com/team-data/4hfu77rnwl2r9f7u6: x509: certificate has expired or is not yet valid"),
        ("sso-signed-out", "turbot/steampipe-plugin-github/issues/469", '''
            Error: aws_production: operation error STS: GetCallerIdentity, get identity: get credentials: failed to refresh cached credentials,
            refresh cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken,
            https response error StatusCode: 400, RequestID: 06215636-0fb1-4274-8a2c-3c15cf2ea18a, InvalidGrantException:  (SQLSTATE HV000)
        '''),
        ("no-credentials", "GoogleCloudPlatform/terraformer/issues/1588", '''
            2022/12/07 12:02:23 aws importing region us-east-1
            2022/12/07 12:02:25 aws importing... vpc
            2022/12/07 12:02:30 aws error initializing resources in service vpc, err: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, exceeded maximum number of attempts, 3, request send failed, Get "http://169.254.169.254/latest/meta-data/iam/security-credentials/": read tcp 10.248.20.214:59482->169.254.169.254:80: read: connection reset by peer
            2022/12/07 12:02:30 aws Connecting....
        '''),
        ("no-credentials", "GoogleCloudPlatform/terraformer/pull/199", '''
            2019/09/27 17:00:01 aws importing... route53
            2019/09/27 17:00:25 NoCredentialProviders: no valid providers in chain. Deprecated.
                    For verbose messaging see aws.Config.CredentialsChainVerboseErrors
            2019/09/27 17:00:25 [TRACE] GRPCProvider: GetSchema
        '''),
        ("expired", "pulumi/pulumi/issues/19452", '''
            error: post-step event returned an error: failed to save snapshot: An IO error occurred while writing the new snapshot file: blob (key ".pulumi/stacks/provisioner/prod.json") (code=Unknown): ExpiredToken: The provided token has expired.
            \tstatus code: 400, request id: Y45095KT8PN4FZ82, host id: rHnkECvJ2pQYheEiF3AkKNWhbMhBrRHCmEjcHE8X+ZClaZ7uEajpoepMLEo1Sc9+cqgx5246I70=
            @ updating.....
        '''),
    ],
)  # fmt: skip

JAVA = from_source(
    "SDK for Java", "", GITHUB,
    [
        ("unknown-key", "yegor256/s3auth/issues/237", '''
            com.amazonaws.AmazonServiceException: Status Code: 400, AWS Service: AmazonDynamoDBv2, AWS Request ID: OBBC8EPTOEHLFFVFL8VNA2QSF3VV4KQNSO5AEMVJF66Q9ASUAAJG, AWS Error Code: UnrecognizedClientException, AWS Error Message: The security token included in the request is invalid.
            \tat com.amazonaws.http.AmazonHttpClient.handleErrorResponse(AmazonHttpClient.java:798)
            \tat com.amazonaws.services.dynamodbv2.AmazonDynamoDBClient.scan(AmazonDynamoDBClient.java:430)
        '''),
        ("unknown-key", "jcabi/jcabi-dynamo/issues/101", "Caused by: com.amazonaws.AmazonServiceException: The security token included in the request is invalid. (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: UnrecognizedClientException; Request ID: J1U8P1K6QL2R77A1KD6BTB9LVBVV4KQNSO5AEMVJF66Q9ASUAAJG)"),
        ("role-denied", "amzn/selling-partner-api-models/issues/891", "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::210987654321:role/project1 (Service: AWSSecurityTokenService; Status Code: 403; Error Code: AccessDenied; Request ID: b59b74ae-9126-4975-8a87-c987e092da76)"),
        ("head-forbidden", "sparklyr/sparklyr/issues/3254", '''
            Error : java.nio.file.AccessDeniedException: s3a://my-bucket-name/my-folder-name/my-filename.csv: getFileStatus on s3a://my-bucket-name/my-folder-name/my-filename.csv: com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden; request: HEAD https://my-bucket-name.s3.us-east-2.amazonaws.com my-folder-name/my-filename.csv {} Hadoop 2.7.4, aws-sdk-java/1.11.655 (Service: Amazon S3; Status Code: 403; Error Code: 403 Forbidden; Request ID: 4KZAZ961HQGG0RSG; S3 Extended Request ID: 4GjELy99Qdktrl9GhYnsYMunDxvPq1Hh35k), S3 Extended Request ID: 4GjELy99Qdktrl9GhYnsYMunDxvPq1Hh35k:403 Forbidden
            \tat shaded.databricks.org.apache.hadoop.fs.s3a.S3AUtils.translateException(S3AUtils.java:248)
            \tat shaded.databricks.org.apache.hadoop.fs.s3a.S3AFileSystem.s3GetFileStatus(S3AFileSystem.java:3227)
        '''),
        ("head-bad-request", "awslabs/aws-glue-libs/issues/134", '''
            py4j.protocol.Py4JJavaError: An error occurred while calling o46.getDynamicFrame.
            : org.apache.hadoop.fs.s3a.AWSBadRequestException: doesBucketExist on team-data: com.amazonaws.services.s3.model.AmazonS3Exception: Bad Request (Service: Amazon S3; Status Code: 400; Error Code: 400 Bad Request; Request ID: null)
        '''),
        ("head-bad-request", "minio/minio/issues/2965", '''
            scala> distData.saveAsTextFile("s3a://fa3/dd")
            org.apache.hadoop.fs.s3a.AWSS3IOException: getFileStatus on dd/: com.amazonaws.services.s3.model.AmazonS3Exception: Bad Request (Service: Amazon S3; Status Code: 400; Error Code: 400 Bad Request; Request ID: null), S3 Extended Request ID: null: Bad Request (Service: Amazon S3; Status Code: 400; Error Code: 400 Bad Request; Request ID: null)
              at org.apache.hadoop.fs.s3a.S3AUtils.translateException(S3AUtils.java:140)
              at org.apache.hadoop.fs.s3a.S3AFileSystem.getFileStatus(S3AFileSystem.java:1400)
        '''),
        ("unknown-key", "aws/aws-sdk-java/issues/1911", "org.apache.hadoop.security.AccessControlException: Permission denied: s3n://team-data/a.parquet\nCaused by: org.jets3t.service.S3ServiceException: Service Error Message. -- ResponseCode: 403, ResponseStatus: Forbidden, XML Error Message: <?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>"),
        ("denied", "delta-io/delta/issues/1406", "com.amazonaws.services.s3.model.AmazonS3Exception: Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 12AB34CD56EF78GH; S3 Extended Request ID: abc=)"),
        ("unreachable", "aws/aws-sdk-java/issues/2474", "com.amazonaws.SdkClientException: Unable to execute HTTP request: sts.amazonaws.com\n\tat com.amazonaws.http.AmazonHttpClient$RequestExecutor.handleRetryableException(AmazonHttpClient.java:1207)\nCaused by: java.net.UnknownHostException: sts.amazonaws.com"),
        ("certificate-time", "awslabs/aws-sdk-android-samples/issues/26", "I/AmazonHttpClient: Unable to execute HTTP request: com.android.org.bouncycastle.jce.exception.ExtCertPathValidatorException: Could not validate certificate: current time: Fri Apr 12 23:23:13 CET 2013, validation time: Thu Oct 31 01:00:00 CET 2013"),
        ("certificate-time", "aws/aws-sdk-java/issues/319", '''
            com.amazonaws.AmazonClientException: Unable to execute HTTP request: sun.security.validator.ValidatorException: PKIX path validation failed: java.security.cert.CertPathValidatorException: timestamp check failed
                at com.amazonaws.http.AmazonHttpClient.executeHelper(AmazonHttpClient.java:471) ~[aws-java-sdk-core-1.9.9.jar:na]
                at com.amazonaws.services.s3.AmazonS3Client.invoke(AmazonS3Client.java:3699) ~[aws-java-sdk-s3-1.9.9.jar:na]
        '''),
        ("sso-signed-out", "aws/aws-sdk-java-v2/issues/4830", "software.amazon.awssdk.core.exception.SdkClientException: Unable to load SSO token"),
        ("sso-signed-out", "aws/aws-toolkit-jetbrains/issues/3638", '''
            2023-04-28 11:59:58,213 [5793009] SEVERE - #c.i.o.a.i.ApplicationImpl - Service returned error code InvalidGrantException (Service: SsoOidc, Status Code: 400, Request ID: 7166a489-b631-4063-bf6c-000000000000)
            software.amazon.awssdk.services.ssooidc.model.InvalidGrantException: Service returned error code InvalidGrantException (Service: SsoOidc, Status Code: 400, Request ID: 7166a489-b631-4063-bf6c-000000000000)
            \tat software.amazon.awssdk.core.internal.http.CombinedResponseHandler.handleErrorResponse(CombinedResponseHandler.java:125)
        '''),
        ("credential-process", "aws/aws-sdk-java/issues/2827", "java.lang.IllegalStateException: Command returned non-zero exit value: 127\n\tat software.amazon.awssdk.auth.credentials.ProcessCredentialsProvider.refreshCredentials(ProcessCredentialsProvider.java:120)"),
        ("auth-failure", "HummerRisk/HummerRisk/issues/418", "HRException in verifying cloud account, cloud account: [sec-test], plugin: [Amazon Web Services], error information:AWS was not able to validate the provided access credentials (Service: AmazonEC2; Status Code: 401; Error Code: AuthFailure; Request ID: 7ab08edd-fa0e-4ce0-aa9b-000000000000; Proxy: null)"),
        ("auth-failure", "aws/aws-sdk-java-v2/issues/2981", '2022-01-25 16:14:56 [main] DEBUG org.apache.http.wire:73 - http-outgoing-0 << "<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors><RequestID>5b48c718-a402-4c2f-b776-8ebea01ae49d</RequestID></Response>[\\r][\\n]"'),
        ("expired", "https://repost.aws/es/knowledge-center/ec2-expired-token", "com.amazonaws.AmazonServiceException: El token de seguridad incluido en la solicitud ha caducado (Service: AmazonSQS; Código de estado: 403; Código de error: ExpiredToken; Request ID: 12a345b6-78cd-901e-fg23-45hi67890jkl)"),
    ],
)  # fmt: skip

JAVASCRIPT = from_source(
    "SDK for JavaScript", "", GITHUB,
    [
        ("no-credentials", "aws/aws-sdk-js-v3/issues/4679", '''
                 at listOnTimeout (node:internal/timers:528:9)
                 at processTicksAndRejections (node:internal/process/task_queues:96:5)
                 '$metadata': { attempts: 1, totalRetryDelay: 0 }
                  tryNextLink: false,
                  CredentialsProviderError: Could not load credentials from any providers
        '''),
        ("no-credentials", "aws/aws-sdk-js/issues/2188", '''
            ensureTable error: { Error: connect ENETUNREACH 169.254.169.254:80
                at TCPConnectWrap.afterConnect [as oncomplete] (net.js:1163:14)
              message: 'Missing credentials in config',
              errno: 'ENETUNREACH',
              code: 'CredentialsError',
              syscall: 'connect',
              address: '169.254.169.254',
              port: 80,
              originalError:
               { message: 'Could not load credentials from any providers',
                 errno: 'ENETUNREACH',
                 code: 'CredentialsError' } }
        '''),
        ("no-credentials", "aws/aws-sdk-js-v3/issues/2137", "ProviderError: Unable to connect to instance metadata service\n    at ClientRequest.<anonymous> (/srv/api/node_modules/@aws-sdk/credential-provider-imds/dist/cjs/remoteProvider/httpRequest.js:14:16)"),
        ("clock", "aws/aws-sdk-js/issues/254", '{"level":"info","message":{"message":"Signature expired: 20140325T143453Z is now earlier than 20140325T143751Z (20140325T145251Z - 15 min.)","code":"InvalidSignatureException","name":"InvalidSignatureException","statusCode":400,"retryable":false},"timestamp":"2014-03-25T14:52:58.020Z"}'),
        ("clock", "alexa-samples/skill-sample-nodejs-adventure-game/issues/41", '''
            Error: Signature expired: 20170721T074556Z is now earlier than 20170722T022954Z (20170722T023454Z - 5 min.)
                at Request.callListeners (/srv/game/node_modules/aws-sdk/lib/sequential_executor.js:107:43)
        '''),
        ("unreachable", "aws/aws-toolkit-vscode/issues/2689", "2022-06-09 14:45:42 [ERROR]: Error getting AccountId: [UnknownEndpoint: Inaccessible host: `sts.eu-west-1.amazonaws.com' at port `undefined'. This service may not be available in the `eu-west-1' region."),
        ("no-region", "suredone/qdone/issues/50", '''
            Error [ConfigError]: Missing region in config
            at Request.VALIDATE_REGION (/srv/node_modules/qdone/node_modules/aws-sdk/lib/event_listeners.js:92:45)
            at finish (/srv/node_modules/qdone/node_modules/aws-sdk/lib/config.js:349:7)
            at resolveNext (/srv/node_modules/qdone/node_modules/aws-sdk/lib/credentials/credential_provider_chain.js:110:20) {
              code: 'ConfigError',
              time: 2022-12-21T16:32:00.266Z
            }
        '''),
        ("no-region", "bizon/selling-partner-api-sdk/issues/429", '''
            aws/node_modules/.pnpm/@aws-sdk+config-resolver@3.110.0/node_modules/@aws-sdk/config-resolver/dist-cjs/regionConfig/config.js:10
                    throw new Error("Region is missing");

            Error: Region is missing
                at default (/aws/node_modules/@aws-sdk/config-resolver/dist-cjs/regionConfig/config.js:10:15)
                at async coalesceProvider (/aws/node_modules/@aws-sdk/property-provider/dist-cjs/memoize.js:14:24)
        '''),
        ("unknown-key", "edasque/DynamoDBtoCSV/issues/36", '''
            { UnrecognizedClientException: The security token included in the request is invalid.
                at Request.extractError (/srv/DynamoDBtoCSV/node_modules/aws-sdk/lib/protocol/json.js:48:27)
                at Request.callListeners (/srv/DynamoDBtoCSV/node_modules/aws-sdk/lib/sequential_executor.js:105:20)
        '''),
        ("unknown-key", "Arize-ai/openinference/issues/2358", '''
                UnrecognizedClientException: The security token included in the request is invalid.

                  at throwDefaultError (../../node_modules/.pnpm/@smithy+smithy-client@4.9.1/node_modules/@smithy/smithy-client/dist-cjs/index.js:288:22)
                  at de_CommandError (../../node_modules/.pnpm/@aws-sdk+client-bedrock-runtime@3.916.0/node_modules/@aws-sdk/client-bedrock-runtime/dist-cjs/index.js:1646:20)
        '''),
        ("unknown-key", "aws-actions/configure-aws-credentials/issues/131", '''
            > Run aws-actions/configure-aws-credentials@v1
            ##[error]The security token included in the request is invalid.
            (node:2546) UnhandledPromiseRejectionWarning: InvalidClientTokenId: The security token included in the request is invalid.
                at Request.extractError (/home/runner/work/_actions/aws-actions/configure-aws-credentials/v1/dist/index.js:2473:29)
        '''),
        ("web-identity-refused", "aws-actions/configure-aws-credentials/issues/280", "Error: No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com"),
        ("no-credentials", "aws-actions/configure-aws-credentials/issues/124", "Error: Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers"),
        ("role-denied", "aws-actions/configure-aws-credentials/issues/721", "Error: Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ("denied", "tensult/cloud-reports/issues/74", '''
            [ERROR] aws.ec2.EC2InstancesCollector failed UnauthorizedOperation: You are not authorized to perform this operation.
                at Request.extractError (/home/ec2-user/cloud-reports/node_modules/aws-sdk/lib/services/ec2.js:50:35) {
              message: 'You are not authorized to perform this operation.',
              code: 'UnauthorizedOperation',
              time: 2020-02-18T23:38:32.136Z,
            }
        '''),
        ("certificate-time", "aws/aws-toolkit-vscode/issues/3882", "2023-10-09 17:10:37 [ERROR]: API response (oidc.us-east-1.amazonaws.com /token): { code: 'CERT_HAS_EXPIRED' }"),
        ("no-credentials", "aws/aws-toolkit-vscode/issues/4476", "Error: Unable to authenticate connection -> CredentialsProviderError: Profile project1 did not contain credential_process"),
        ("expired", "aws-amplify/amplify-cli/issues/10026", "⠇ Rolling back (2 of 2)2022-03-19T12:47:40.022Z - error: uncaughtException: Error occurred while monitoring stack:The security token included in the request is expired date=Sat Mar 19 2022 12:47:40 GMT+0000 (Coordinated Universal Time), pid=26126, uid=1000, gid=1000, cwd=/home/ec2-user/environment/web, version=v16.14.0"),
        ("expired", "aws-amplify/amplify-js/issues/3724", '''
            Error The security token included in the request is expired
                node_modules/aws-sdk/dist/aws-sdk-core-react-native.js:1910:40 exports
                node_modules/aws-sdk/dist/aws-sdk-core-react-native.js:3028:21 exports
        '''),
        ("expired", "aws-amplify/amplify-cli/issues/1467", '''
            ⠼ Updating resources in the cloud. This may take a few minutes...TypeError: events is not iterable
                at getUniqueStacksEvents (/usr/local/lib/node_modules/@aws-amplify/cli/node_modules/amplify-provider-awscloudformation/src/aws-utils/aws-cfn.js:429:28)

            2019-05-16T18:34:08.054Z - error: uncaughtException: The security token included in the request is expired date=Thu May 16 2019 11:34:08 GMT-0700 (Pacific Daylight Time),
        '''),
        ("expired", "aws-amplify/amplify-backend/pull/1993", "Failed to list secrets. ExpiredToken: The security token included in the request is expired"),
        ("no-credentials", "thomasmichaelwallace/serverless-better-credentials/issues/13", '''
            Deploying ses-forwarder to stage prod (eu-west-1)

            Error:
            CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1
                at ProcessCredentials.load (/srv/node_modules/aws-sdk/lib/credentials/process_credentials.js:80:11)
        '''),
    ],
)  # fmt: skip

OTHER_SDKS = [
    *from_source(
        "SDK for Rust", "", GITHUB,
        [
            ("wrong-secret", "durch/rust-s3/issues/97", '''
                Error: Request failed with code 403
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>AWS4-HMAC-SHA256
                20200625T071020Z
                20200625/eu-west-2/s3/aws4_request
            '''),
            ("no-credentials", "awslabs/aws-sdk-rust/issues/988", "DEBUG aws_config::meta::credentials::chain: provider in chain did not provide credentials, provider: Profile, context: the credential provider was not enabled: profile `default` did not contain credential information (CredentialsNotLoaded(CredentialsNotLoaded { source: ProfileDidNotContainCredentials { profile: \"default\" } }))"),
            ("no-credentials", "smithy-lang/smithy-rs/pull/4725", "Error: dispatch failure: other: an error occurred while loading credentials: the credential provider was not enabled: no providers in chain provided credentials"),
        ],
    ),
    *from_source(
        "SDK for .NET", "", GITHUB,
        [
            ("no-credentials", "aws/aws-sdk-net/issues/1609", '''
                Amazon.Runtime.AmazonServiceException: Unable to get IAM security credentials from EC2 Instance Metadata Service.
                   at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.FetchCredentials()
                   at Amazon.Runtime.Internal.CredentialsRetriever.InvokeAsync[T](IExecutionContext executionContext)
            '''),
            ("no-credentials", "aws/aws-sdk-net/issues/1004", '''
                2018-07-31 03:32:18.8118 ERROR [R= C= I=] An exception occurred that was not caught by the controller
                EXCEPTION: System.InvalidOperationException: Failed to retrieve credentials from EC2 Instance Metadata Service. (See inner exception for details.) ---> Amazon.Runtime.AmazonServiceException: Failed to retrieve credentials from EC2 Instance Metadata Service.
                   at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.FetchCredentials()
            '''),
            ("unknown-key", "AllocZero/EfficientDynamoDb/issues/167", "UnrecognizedClientException: The security token included in the request is invalid."),
            ("no-credentials", "aws/aws-sdk-net/issues/1909", '''
                Glacial assume role error (Exception):
                Unable to get IAM security credentials from EC2 Instance Metadata Service.
                Stack:
                at Amazon.Runtime.DefaultInstanceProfileAWSCredentials.FetchCredentials()
            '''),
        ],
    ),
    *from_source(
        "SDK for PHP", "", GITHUB,
        [
            ("clock", "aws/aws-sdk-php/issues/612", "Fatal error: Uncaught exception 'Aws\\S3\\Exception\\S3Exception' with message 'Error executing \"PutObject\" on \"https://s3.amazonaws.com/backup/my-backupfile\"; AWS HTTP error: Client error: 403 RequestTimeTooSkewed (client): The difference between the request time and the current time is too large. - <?xml version=\"1.0\" encoding=\"UTF-8\"?> <Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>20150604T232559Z</RequestTime><ServerTime>2015-06-04T22:26:16Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds></Error>'"),
            ("clock", "aws/aws-sdk-php/issues/1780", "Uncaught exception 'Aws\\Rekognition\\Exception\\RekognitionException' with message 'Error executing &quot;SearchFacesByImage&quot; on &quot;https://rekognition.us-east-2.amazonaws.com&quot;; AWS HTTP error: Client error: `POST https://rekognition.us-east-2.amazonaws.com` resulted in a `400 Bad Request` response:\n{&quot;__type&quot;:&quot;InvalidSignatureException&quot;,&quot;message&quot;:&quot;Signature expired: 20190430T075732Z is now earlier than 20190430T105409 (truncated...)\n InvalidSignatureException (client): Signature expired: 20190430T075732Z is now earlier than 20190430T105409Z (20190430T105909Z - 5 min.)"),
            ("unknown-key", "baopham/laravel-dynamodb/issues/228", 'Error executing "Scan" on "https://dynamodb.ap-southeast-1.amazonaws.com"; AWS HTTP error: Client error: `POST https://dynamodb.ap-southeast-1.amazonaws.com` resulted in a `400 Bad Request` response: {"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request i (truncated...) UnrecognizedClientException (client): The security token included in the request is invalid - {"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token included in the request is invalid"}'),
            ("no-credentials", "aws/aws-sdk-php/issues/1611", r"[Tue Aug 21 17:41:14.912395 2018] [php7:error] [pid 11835] PHP Fatal error:  Uncaught Aws\\Exception\\CredentialsException: Unexpected instance profile response code:  in /var/app/current/vendor/aws/aws-sdk-php/src/Credentials/InstanceProfileProvider.php:96\nStack trace:\n#0 /var/app/current/vendor/aws/aws-sdk-php/src/Credentials/InstanceProfileProvider.php(53)"),
        ],
    ),
    *from_source(
        "SDK for Ruby", "", GITHUB,
        [
            ("no-credentials", "aws/aws-sdk-ruby/issues/1951", '"Loading ENV vars from AWS secrets manager"\n#<Aws::Errors::MissingCredentialsError: unable to sign request without credentials set>'),
            ("no-credentials", "bazaarvoice/cloudformation-ruby-dsl/issues/98", "/gems/aws-sdk-core-2.5.8/lib/aws-sdk-core/plugins/request_signer.rb:100:in `require_credentials': unable to sign request without credentials set (Aws::Errors::MissingCredentialsError)\n\tfrom /gems/cloudformation-ruby-dsl-1.2.3/lib/cloudformation-ruby-dsl/cfntemplate.rb:305:in `cfn'"),
            ("no-credentials", "aws/aws-sdk-ruby/issues/1810", "gems/aws-sigv4-1.0.2/lib/aws-sigv4/signer.rb:517:in extract_credentials_provider': missing credentials, provide credentials with one of the following options: (Aws::Sigv4::Errors::MissingCredentialsError)\n  - :access_key_id and :secret_access_key\n  - :credentials\n  - :credentials_provider"),
            ("mfa-missing", "y13i/sgviz/issues/9", "/var/lib/gems/2.3.0/gems/aws-sdk-core-2.10.21/lib/seahorse/client/plugins/raise_response_errors.rb:15:in `call': MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. (Aws::STS::Errors::AccessDenied)"),
            ("unreachable", "amazon-archives/aws-sdk-core-ruby/issues/167", "Seahorse::Client::Http::Error: unable to connect to sts.us-gov.amazonaws.com; SocketError: getaddrinfo: nodename nor servname provided, or not known"),
            ("unknown-key", "callstats-io/fluentd-kubernetes-cloudwatch/issues/14", 'error_class="Aws::CloudWatchLogs::Errors::UnrecognizedClientException" error="The security token included in the request is invalid." plugin_id="@out_cloudwatch_logs"'),
            ("auth-failure", "edurange/edurange-server/issues/12", "AWS::EC2::Errors::AuthFailure AWS was not able to validate the provided access credentials"),
        ],
    ),
    *from_source(
        "SDK for C++", "", GITHUB,
        [
            ("expired", "romange/helio/issues/15", '''
                E20220924 22:13:38.256793 1244660 s3.cc:143] http error: HTTP/1.1 400 Bad Request
                x-amz-request-id: BLA
                Content-Type: application/xml
                Server: AmazonS3

                4ac
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>TOKENFOOBAR</Token-0><RequestId>FOO</RequestId><HostId>BARR</HostId></Error>
                0

                F20220924 22:13:38.258005 1244659 s3_demo.cc:51] Check failed: list_res
            '''),
            ("unknown-key", "daniele-salvagni/aws-sdk-esp8266/issues/1", "ERROR: Invalid request: The security token included in the request is invalid."),
        ],
    ),
    *from_source(
        "AWS Tools for PowerShell", "", GITHUB,
        [
            ("no-credentials", "aws/aws-toolkit-azure-devops/issues/287", '''
                New-CFInvalidation : No credentials specified or obtained from persisted/shell defaults.
                At C:\\agent_work_temp\\e6ffb344-ff94-47e4-b5b8-2d5801faab61.ps1:5 char:11

                $result = New-CFInvalidation -DistributionId 'XXXX' -Paths_Item ' /*

                  + CategoryInfo          : InvalidOperation: (Amazon.PowerShe...alidationCmdlet:NewCFInvalidationCmdlet) [New-CFInvalidation], InvalidOperationException
                  + FullyQualifiedErrorId : InvalidOperationException,Amazon.PowerShell.Cmdlets.CF.NewCFInvalidationCmdlet
            '''),
            ("no-region", "aws/aws-tools-for-powershell/issues/45", '''
                get-ec2region : No region specified or obtained from persisted/shell defaults.
                At line:1 char:1
                + get-ec2region -region us-east-1 -profilename "AWS CORP LAB"
                + ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
                + FullyQualifiedErrorId : InvalidOperationException,Amazon.PowerShell.Cmdlets.EC2.GetEC2RegionCmdlet
            '''),
        ],
    ),
    *from_source(
        "Perl and others", "", GITHUB,
        [
            ("clock", "vsespb/mt-aws-glacier/issues/2", '{"message":"Signature expired: 20120907T094027Z is now earlier than 20120907T094737Z (20120907T095237Z - 5 min.)","code":"InvalidSignatureException","type":"Client"}'),
            ("unknown-key", "aws/aws-for-fluent-bit/issues/187", '[2021/06/15 03:55:06] [error] [output:es:es.1] HTTP status=403 URI=/_bulk, response:\n{"message":"The security token included in the request is invalid"}'),
        ],
    ),
]  # fmt: skip

TERRAFORM = from_source(
    "Terraform", "", GITHUB,
    [
        ("sso-signed-out", "hashicorp/terraform-provider-aws/issues/38965", '''
            Planning failed. Terraform encountered an error while generating this plan.

            ╷
            │ Error: error configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.
            │
            │ Please see https://registry.terraform.io/providers/hashicorp/aws
            │ for more information about providing credentials.
            │
            │ Error: failed to refresh cached credentials, the SSO session has expired or is invalid: open /home/alice/.aws/sso/cache/16ff4db39347b47fc9cda3379ea14fce4c2e2c17.json: no such file or directory
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on providers.tf line 1, in provider "aws":
            │    1: provider "aws" {
        '''),
        ("no-credentials", "hashicorp/terraform-provider-aws/issues/39003", '''
            │ Error: No valid credential sources found
            │
            │ Please see https://www.terraform.io/docs/language/settings/backends/s3.html
            │ for more information about providing credentials.
            │
            │ Error: failed to refresh cached credentials, no EC2 IMDS role found,
            │ operation error ec2imds: GetMetadata, exceeded maximum
            │ number of attempts, 3, request send failed
        '''),
        ("sso-signed-out", "hashicorp/terraform/issues/32448", r"Error: failed to refresh cached credentials, the SSO session has expired or is invalid: open C:\Users\alice\.aws\sso\cache\87958b97ea0cb84f63699e5287c738dae832ba73.json: The system cannot find the file specified."),
        ("no-credentials", "hashicorp/terraform-provider-aws/issues/36055", '''
            ╷
            │ Error: configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.
            │
            │ Please see https://registry.terraform.io/providers/hashicorp/aws
            │ for more information about providing credentials.
            │
            │ AWS Error: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled, context deadline exceeded
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on main.tf line 10, in provider "aws":
            ╵
        '''),
        ("unreachable", "hashicorp/terraform-provider-aws/issues/29357", '''
            Error: error configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.
            │
            │ Please see https://registry.terraform.io/providers/hashicorp/aws
            │ for more information about providing credentials.
            │
            │ Error: failed to refresh cached credentials, operation error SSO: GetRoleCredentials, https response error StatusCode: 0, RequestID: , request send failed
        '''),
        ("no-profile", "hashicorp/terraform/issues/35483", '''
            Planning failed. Terraform encountered an error while generating this plan.

            ╷
            │ Error: configuring Terraform AWS Provider: failed to get shared config profile, project1
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on tf.tf line 12, in provider "aws":
            │   12: provider "aws" {
            │
            ╵
        '''),
        ("no-profile", "dflook/terraform-github-actions/issues/373", "Error: failed to get shared config profile, prod"),
        ("denied", "hashicorp/terraform-provider-aws/issues/8720", '''
            │ Error: collecting instance settings: reading EC2 Instance Type (t2.micro): UnauthorizedOperation: You are not authorized to perform this operation.
            │       status code: 403, request id: 0d394442-5c7b-456b-b1f4-45edd2d60b6b
            │
            │   with module.ec2_instance["demo_1-1"].aws_instance.this[0],
        '''),
        ("denied", "hashicorp/terraform-provider-aws/issues/4664", '''
            2018/05/30 15:11:40 [DEBUG] [aws-sdk-go] DEBUG: Response ec2/DescribeInstanceCreditSpecifications Details:
            ---[ RESPONSE ]--------------------------------------
            HTTP/1.1 403 Forbidden
            Server: AmazonEC2

            -----------------------------------------------------
            2018/05/30 15:11:40 [DEBUG] [aws-sdk-go] <?xml version='1.0' encoding='UTF-8'?>
            <Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors><RequestID>46002310-0e51-4f21-99ef-100739c97477</RequestID></Response>
        '''),
    ],
)  # fmt: skip

TOOLS = [
    *from_source(
        "CDK", "", GITHUB,
        [
            ("no-credentials", "snap40/serverless-aws-cdk/issues/9", '''
                  Error: Need to perform AWS calls for account 123456789012, but no credentials have been configured.
                      at SdkProvider.obtainCredentials (/srv/backend/node_modules/aws-cdk/lib/api/aws-auth/sdk-provider.ts:245:11)
                      at SdkProvider.forEnvironment (/srv/backend/node_modules/aws-cdk/lib/api/aws-auth/sdk-provider.ts:131:19)
            '''),
            ("no-credentials", "aws-samples/amazon-cloudwatch-alarms-repeated-notification-cdk/issues/8", '''
                ❌ Deployment failed: Error: Stack Deployments Failed: Error: Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through the environment
                    at deployStacks (/home/ec2-user/.nvm/versions/node/v16.20.0/lib/node_modules/cdk/node_modules/aws-cdk/lib/index.js:400:129083)
                    at async CdkToolkit.deploy (/home/ec2-user/.nvm/versions/node/v16.20.0/lib/node_modules/cdk/node_modules/aws-cdk/lib/index.js:400:147788)
            '''),
            ("no-credentials", "aws/aws-cdk/issues/3340", "Error: Unable to resolve AWS account to use. It must be either configured when you define your CDK or through the environment"),
        ],
    ),
    *from_source(
        "Serverless", "", GITHUB,
        [
            ("unknown-key", "serverless/serverless/issues/1518", '''
                Error: ServerlessError: ServerlessError: The security token included in the request is invalid.
                    at module.exports.logError (/usr/local/lib/node_modules/serverless/lib/classes/Error.js:95:11)
                    at tryOnImmediate (timers.js:534:15)
                From previous event:
                    at /usr/local/lib/node_modules/serverless/bin/serverless:24:9

                  Get Support --------------------------------------------
                     Docs:          docs.serverless.com
            '''),
            ("no-region", "silvermine/serverless-plugin-external-sns-events/pull/4", '''
                  Config Error -------------------------------------------

                     Missing region in config

                     For debugging logs, run again after setting SLS_DEBUG env var.
            '''),
        ],
    ),
    *from_source(
        "SAM CLI", "", GITHUB,
        [
            ("sso-signed-out", "aws/aws-sam-cli/issues/7759", '''
                No current session found, using default AWS::AccountId
                Invoking app.lambda_handler (python3.13)

                Error: Error when retrieving token from sso: Token has expired and refresh failed
                Traceback:
                  File "C:\\Program Files\\Amazon\\AWSSAMCLI\\runtime\\Lib\\site-packages\\click\\core.py", line 1078, in main
                    rv = self.invoke(ctx)
                         ^^^^^^^^^^^^^^^^
            '''),
            ("sso-signed-out", "aws/aws-sam-cli/issues/4303", '''
                Error: Unable to upload artifact app referenced by Location parameter of App resource.
                Unable to upload artifact src referenced by CodeUri parameter of Function resource.
                The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.
                make: *** [package] Error 1
            '''),
            ("sso-signed-out", "aws/aws-sam-cli/issues/6012", "Lambda functions containers initialization failed because of Error when retrieving token from sso: Token has expired and refresh failed\nError: Lambda functions containers initialization failed"),
            ("no-credentials", "aws/aws-sam-cli/issues/4715", '''
                Error: Unable to locate credentials
                Traceback:
                  File "click/core.py", line 1055, in main
                  File "samcli/commands/deploy/command.py", line 221, in cli
            '''),
            ("expired", "aws-samples/aws-saas-factory-ref-solution-serverless-saas/issues/26", '''
                Error: Failed to create changeset for the stack: serverless-saas, An error occurred (ExpiredToken) when calling the CreateChangeSet operation: The security token included in the request is expired
            '''),
        ],
    ),
    *from_source(
        "Pulumi", "", GITHUB,
        [
            ("expired", "pulumi/esc/issues/199", '''
                error: Preview failed: 1 error occurred:
                \t* Retrieving AWS account details: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 60765ba4-5206-41f2-b209-6b3d381c0f5d, api error ExpiredToken: The security token included in the request is expired
                \t*
            '''),
            ("no-credentials", "pulumi/pulumi-aws/issues/791", "error: Preview failed: unable to discover AWS AccessKeyID and/or SecretAccessKey - see https://pulumi.io/install/aws.html for details on configuration"),
        ],
    ),
    *from_source(
        "kubectl, helm and eksctl", "", GITHUB,
        [
            ("exec-plugin-failed", "eksctl-io/eksctl/issues/1562", 'Error: Unable to connect to the server: getting credentials: exec: exec: "aws": executable file not found in $PATH'),
            ("exec-plugin-failed", "actions-hub/kubectl/issues/16", '''
                Unable to connect to the server: getting credentials: exec: executable aws not found

                It looks like you are trying to use a client-go credential plugin that is not installed.

                To learn more about this feature, consult the documentation available at:
                      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
            '''),
            ("exec-plugin-failed", "weibaohui/k8m/issues/374", 'Get "https://ABC.gr7.ap-southeast-1.eks.amazonaws.com/version": getting credentials: exec: executable aws failed with exit code 253'),
            ("exec-plugin-failed", "kubernetes-sigs/aws-iam-authenticator/issues/132", 'Unable to connect to the server: getting credentials: exec: exec: "heptio-authenticator-aws": executable file not found in $PATH'),
            ("cluster-unauthorized", "aws-quickstart/quickstart-amazon-eks/issues/245", "kubectl get nodes\nerror: You must be logged in to the server (Unauthorized)"),
            ("cluster-unauthorized", "ianbelcher/eks-kubectl-action/issues/1", '''
                Attempting to update kubeconfig for aws
                Added new context testing-cluster to /github/home/.kube/config
                error: You must be logged in to the server (the server has asked for the client to provide credentials)
            '''),
            ("no-credentials", "eksctl-io/eksctl/issues/5779", 'Error: checking AWS STS access – cannot get role ARN for current session: operation error STS: GetCallerIdentity, failed to sign request: failed to retrieve credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, request send failed, Get "http://169.254.169.254/latest/meta-data/iam/security-credentials/": dial tcp 169.254.169.254:80: i/o timeout'),
            ("unreachable", "eksctl-io/eksctl/issues/321", '''
                [ℹ]  using region us-east-1
                [✖]  checking AWS STS access – cannot get role ARN for current session: RequestError: send request failed
                caused by: Post https://sts.amazonaws.com/: net/http: TLS handshake timeout
            '''),
            ("unreachable", "eksctl-io/eksctl/issues/5869", 'Error: checking AWS STS access – cannot get role ARN for current session: operation error STS: GetCallerIdentity, https response error StatusCode: 0, RequestID: , request send failed, Post "https://sts.us-west-2.amazonaws.com/": dial tcp: lookup sts.us-west-2.amazonaws.com on 127.0.0.1:53: read udp 127.0.0.1:0->127.0.0.1:53: i/o timeout'),
            ("header-value", "eksctl-io/eksctl/issues/8175", 'Error: checking AWS STS access ΓÇô cannot get role ARN for current session: operation error STS: GetCallerIdentity, https response error StatusCode: 0, RequestID: , request send failed, Post "https://sts.us-east-1.amazonaws.com/": net/http: invalid header field value for "Authorization"'),
            ("unknown-key", "eksctl-io/eksctl/issues/3016", '''
                [ℹ]  eksctl version 0.35.0
                [ℹ]  using region us-west-2
                Error: checking AWS STS access – cannot get role ARN for current session: InvalidClientTokenId: The security token included in the request is invalid.
                \tstatus code: 403, request id: 0d4e1790-655d-4a90-9033-afac4ff33c6e
            '''),
            ("sso-signed-out", "eksctl-io/eksctl/issues/4833", "Error: checking AWS STS access – cannot get role ARN for current session: : Session token not found or invalid\n\tstatus code: 401, request id:"),
            ("cluster-unauthorized", "eksctl-io/eksctl/issues/7048", "Error: getting nodegroup's kubernetes version: failed to list nodes: Unauthorized"),
        ],
    ),
    *from_source(
        "docker with ECR", "", GITHUB,
        [
            ("ecr-login", "sjednac/sbt-ecr/issues/20", "[info] AWS account id: 123456789012\nThe push refers to repository [123456789012.dkr.ecr.ap-south-1.amazonaws.com/service]\ndenied: Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one."),
            ("ecr-login", "aws-samples/ecs-bg-external-controller/issues/13", "denied: Your authorization token has expired. Reauthenticate and try again.\nmake: *** [push-image] Error 1"),
            ("ecr-login", "kciter/aws-ecr-action/issues/1", '''
                == START PUSH TO ECR
                The push refers to repository [123456789012.dkr.ecr.us-east-1.amazonaws.com/my-app]
                6403477052d0: Preparing
                no basic auth credentials
            '''),
            ("ecr-login", "buildkite/elastic-ci-stack-for-aws/issues/178", '''
                Creating network "daily_default" with the default driver
                Pulling app (123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest)...
                ERROR: denied: Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.
            '''),
            ("ecr-login", "fabric8io/docker-maven-plugin/issues/556", "[ERROR] Failed to execute goal io.fabric8:docker-maven-plugin:0.15.16:push (default-cli) on project service: Unable to push service': error parsing HTTP 403 response body: invalid character 'Y' looking for beginning of value: \"Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.\" -> [Help 1]"),
            ("ecr-login", "awslabs/amazon-ecr-credential-helper/issues/49", '''
                docker push 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/kafka:latest
                The push refers to a repository [123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/kafka]
                d3a49746dc78: Preparing
                86732a3c9fa2: Preparing
                no basic auth credentials
            '''),
        ],
    ),
    *from_source(
        "git with CodeCommit", "", GITHUB,
        [
            ("codecommit-refused", "git-ecosystem/git-credential-manager/issues/697", "fatal: unable to access 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app/': The requested URL returned error: 403"),
            ("codecommit-refused", "aws-amplify/amplify-hosting/issues/2249", '''
                2021-09-12T16:36:51.567Z [INFO]: Cloning into 'wilderydes-site'...
                2021-09-12T16:36:57.960Z [INFO]: fatal: unable to access 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/wilderydes-site/': The requested URL returned error: 403
                2021-09-12T16:36:57.963Z [ERROR]: !!! CustomerError: Unable to clone repository due to user error code: 128
            '''),
        ],
    ),
    *from_source(
        "ansible", "", GITHUB,
        [
            ("denied", "StreisandEffect/streisand/issues/1618", '''
                TASK [genesis-amazon : Create the EC2 instance] ***************************
                An exception occurred during task execution. To see the full traceback, use -vvv. The error was: <Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors><RequestID>a1c6396c-f067-4e6b-bc27-aeebaf780b68</RequestID></Response>
                fatal: [localhost]: FAILED! => {"changed": false, "module_stderr": "Traceback (most recent call last):\\n  File \\"<stdin>\\", line 114, in <module>\\n"}
            '''),
            ("no-credentials", "ansible-collections/community.aws/issues/708", '''
                An exception occurred during task execution. To see the full traceback, use -vvv. The error was: botocore.exceptions.NoCredentialsError: Unable to locate credentials
                fatal: [localhost]: FAILED! => {"boto3_version": "1.18.40", "botocore_version": "1.21.40", "changed": false, "msg": "Couldn't retrieve the zone: Unable to locate credentials"}
            '''),
            ("auth-failure", "ansible/ansible/issues/25459", 'fatal: [localhost]: FAILED! => {"changed": false, "failed": true, "msg": "error communicating with EC2: EC2ResponseError: 401 Unauthorized\\n<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?>\\n<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response>"}'),
            ("unknown-key", "ansible-collections/community.aws/issues/469", 'fatal: [localhost]: FAILED! => {"changed": false, "msg": "BotoServerError: 403 Forbidden\\n<ErrorResponse xmlns=\\"https://iam.amazonaws.com/doc/2010-05-08/\\">\\n  <Error>\\n    <Type>Sender</Type>\\n    <Code>InvalidClientTokenId</Code>\\n    <Message>The security token included in the request is invalid</Message>\\n  </Error>\\n</ErrorResponse>\\n"}'),
        ],
    ),
    *from_source(
        "s3fs and rclone", "", GITHUB,
        [
            ("clock", "cu-mkp/m-k-manuscript-data/issues/2091", '''
                2024/02/21 10:03:07 NOTICE: Time may be set wrong - time from "team-data.s3.us-east-1.amazonaws.com" is -23h19m26.54755s different from this computer
                2024-02-21 10:03:07 ERROR : S3 bucket team-data path backup: error reading destination root directory: RequestTimeTooSkewed: The difference between the request time and the current time is too large.
                \tstatus code: 403, request id: A10T660VCXDGJQ76, host id: cg9HKRJ2J+xzU0LZFlBntyXT1Xnw9vzpC015liPF/padfSOcKkGrrMCpc5TIrXpmCMRE3r7ilbk=
            '''),
            ("unknown-key", "s3fs-fuse/s3fs-fuse/issues/475", '''
                [CRT] s3fs.cpp:s3fs_init(3371): init v1.80(commit:9f174d7) with OpenSSL
                [CRT] s3fs.cpp:s3fs_check_service(3806): invalid credentials - result of checking service.
            '''),
            ("unknown-key", "s3fs-fuse/s3fs-fuse/issues/1140", '''
                Sep  3 10:16:10 ip-172-31-43-206 s3fs[28866]: init v1.85(commit:ae4bcd4) with OpenSSL
                Sep  3 10:16:11 ip-172-31-43-206 s3fs[28866]: s3fs.cpp:s3fs_check_service(3864): Failed to connect by sigv4, so retry to connect by signature version 2.
                Sep  3 10:16:11 ip-172-31-43-206 s3fs[28866]: s3fs.cpp:s3fs_check_service(3879): invalid credentials(host=https://s3.amazonaws.com) - result of checking service.
            '''),
            ("head-bad-request", "s3fs-fuse/s3fs-fuse/issues/1290", "2023-08-31T06:14:24.628Z [CURL DBG] < HTTP/1.1 400 Bad Request\n2023-08-31T06:14:24.629Z [ERR] curl.cpp:RequestPerform(2526): HEAD HTTP response code 400, returning EPERM."),
        ],
    ),
    *from_source(
        "aws-vault", "", GITHUB,
        [
            ("duration-chained", "99designs/aws-vault/issues/263", "aws-vault exec --assume-role-ttl=2h sandbox-admin -- env\n\nValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."),
            ("mfa-serial", "99designs/aws-vault/issues/676", "aws-vault: error: exec: Failed to get credentials for account2: AccessDenied: MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.\n        status code: 403, request id: d5dd2148-ff06-4ec9-859f-9a245e318712"),
            ("sso-signed-out", "99designs/aws-vault/issues/722", "aws-vault: error: login: Failed to get credentials for project1: : Session token not found or invalid\n status code: 401, request id:"),
            ("sso-signed-out", "99designs/aws-vault/issues/854", '''
                aws-vault: error: exec: Failed to get credentials for xyz-sso: operation error SSO: GetRoleCredentials,
                https response error StatusCode: 401, RequestID: , UnauthorizedException: Session token not found or invalid
            '''),
            ("unknown-key", "99designs/aws-vault/issues/1186", "aws-vault: error: login: Failed to get credentials: operation error STS: GetSessionToken, https response error StatusCode: 403, RequestID: 06d17f46-6d61-4801-a0bf-9015c3ee5bf9, api error InvalidClientTokenId: The security token included in the request is invalid."),
            ("unknown-key", "99designs/aws-vault/issues/339", "An error occurred: IamRoleLambdaExecution - The security token included in the request is invalid (Service: AmazonIdentityManagement; Status Code: 403; Error Code: InvalidClientTokenId; Request ID: a42d8546-3142-11e9-8b89-ef3966ba0855)."),
        ],
    ),
    *from_source(
        "Packer", "", GITHUB,
        [
            ("no-credentials", "udacity/devops-intro-project/issues/100", "Build 'amazon-ebs' errored after 6 seconds 144 milliseconds: no valid credential sources for  found."),
            ("no-credentials", "hashicorp/packer/issues/6060", "Build 'amazon-ebs' errored: No valid credential sources found for AWS Builder"),
            ("auth-failure", "QT-DevOps/DevOpsIssues/issues/985", '''
                Build 'amazon-ebs' errored after 1 second 644 milliseconds: error validating regions: AuthFailure: AWS was not able to validate the provided access credentials
                        status code: 401, request id: b6064c30-08b0-4b34-b5fe-a463ce6a3d98

                ==> Wait completed after 1 second 644 milliseconds
            '''),
            ("auth-failure", "hashicorp/packer/issues/3043", '''
                ==> amazon-ebs: Prevalidating AMI Name...
                ==> amazon-ebs: Error querying AMI: AuthFailure: AWS was not able to validate the provided access credentials
                ==> amazon-ebs: \tstatus code: 401, request id:
                Build 'amazon-ebs' errored: Error querying AMI: AuthFailure: AWS was not able to validate the provided access credentials
            '''),
        ],
    ),
]  # fmt: skip

SERVERS = from_source(
    "servers and agents", "", GITHUB,
    [
        ("unknown-key", "trueforge-org/truecharts/issues/17080", 'time="2024-01-11T05:12:46Z" level=error msg="Current BackupStorageLocations available/unavailable/unknown: 0/1/0, BackupStorageLocation \\"velero-default\\" is unavailable: rpc error: code = Unknown desc = InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.\\n\\tstatus code: 403, request id: YZSNHXNJ56K4GDG9, host id: G196GukqfT4qRLYqtjdkW)" controller=backup-storage-location'),
        ("unknown-key", "velero-io/velero/issues/3135", 'time="2020-12-07T15:00:11Z" level=error msg="Error listing backups in backup store" backupLocation=default controller=backup-sync error="rpc error: code = Unknown desc = InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.\\n\\tstatus code: 403, request id: 164E773ADC1F5CDD, host id: " error.file="/go/src/github.com/vmware-tanzu/velero-plugin-for-aws/velero-plugin-for-aws/object_store.go:331"'),
        ("no-credentials", "velero-io/velero/issues/6439", '"BackupStorageLocation \\"default\\" is unavailable: rpc error: code = Unknown desc = NoCredentialProviders: no valid providers in chain. Deprecated.\\n\\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors'),
        ("denied", "velero-io/velero/issues/3044", 'time="2020-11-02T03:12:38Z" level=error msg="Current backup storage locations available/unavailable/unknown: 0/1/0, Backup location \\"default\\" is unavailable: rpc error: code = Unknown desc = AccessDenied: Access Denied\\n\\tstatus code: 403, request id: 9c4453ac-e4a8-47b8-b4d1-22563c523452, host id: )" controller=backupstoragelocation'),
        ("role-denied", "cert-manager/cert-manager/issues/5893", "Error presenting challenge: error instantiating route53 challenge solver: unable to assume role: AccessDenied: User: arn:aws:sts::123456789012:assumed-role/eksctl-staging-node/i-07014edbf556cb4ce is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/cert-manager-serviceaccount status code: 403, request id: c0214b59-c25b-44bd-a26d-5604ef9e67ba"),
        ("role-denied", "cert-manager/cert-manager/issues/5780", '''
            E0205 15:24:20.203406       1 sync.go:282] cert-manager/challenges/finalizer "msg"="error cleaning up challenge" "error"=
            "error instantiating route53 challenge solver:
            unable to assume role:
            AccessDenied:
            User: arn:aws:sts::123456789012:assumed-role/eksctl-demo1/1675610660182694283
            is not authorized to perform:
            sts:AssumeRole on resource:
            arn:aws:iam::123456789012:role/eksctl-demo1
        '''),
        ("role-denied", "kubernetes-sigs/external-dns/issues/1979", 'time="2021-02-27T13:27:20Z" level=error msg="records retrieval failed: failed to list hosted zones: WebIdentityErr: failed to retrieve credentials\\ncaused by: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity\\n\\tstatus code: 403, request id: 87a3ca86-ceb0-47be-8f90-25d0c2de9f48"'),
        ("denied", "kubernetes-sigs/external-dns/issues/1684", 'time="2020-07-24T06:41:05Z" level=error msg="AccessDenied: User: arn:aws:sts::123456789012:assumed-role/eks-node/i-0123456789abcdef0 is not authorized to perform: route53:ListHostedZones\\n\\tstatus code: 403, request id: 11111111-2222-3333-4444-555555555555'),
        ("expired", "awslabs/ssosync/issues/187", '''
            INFO[0000] Syncing AWS users and groups from Google Workspace SAML Application
            WARN[0000] Problem performing test query against Identity Store  error="ExpiredTokenException: The security token included in the request is expired\\n\\tstatus code: 400, request id: 11111111-2222-3333-4444-555555555555"
            FATA[0000] ExpiredTokenException: The security token included in the request is expired
        '''),
        ("expired", "amazon-mq/rabbitmq-stream-s3/issues/62", '''
            2026-02-22 13:41:06.207215+00:00 [error] <0.256892.0> {{badmatch,{error,#{status => 400,
            2026-02-22 13:41:06.207215+00:00 [error] <0.256892.0>                     headers =>
            2026-02-22 13:41:06.207215+00:00 [error] <0.256892.0>                         [{<<"x-amz-request-id">>,<<"M12001B8FSZJDR8Z">>},
            2026-02-22 13:41:06.207215+00:00 [error] <0.256892.0>                     body => <<"<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>
        '''),
        ("no-credentials", "fluent/fluent-bit/issues/10727", "[2025/08/13 10:15:00] [error] [aws_credentials] Failed to retrieve credentials from AWS Profile default\n[2025/08/13 10:15:00] [ warn] [aws_credentials] No cached credentials are available and a credential refresh is already in progress."),
        ("expired", "mapbox/ecs-watchbot/issues/61", '''
            [Wed, 12 Oct 2016 14:14:51 GMT] [watchbot] Error polling cluster resources: The security token included in the request is expired
            [Wed, 12 Oct 2016 14:14:51 GMT] [watchbot] ExpiredToken: The security token included in the request is expired
                at Request.extractError (/usr/local/src/watchbot/node_modules/aws-sdk/lib/protocol/query.js:40:29)
        '''),
        ("no-credentials", "gjbae1212/gossm/issues/3", '''
            ----------ERROR-------
            Encountered error while initiating handshake. KMSEncryption failed on client with status 2 error: Failed to process action KMSEncryption: Error calling KMS GenerateDataKey API: NoCredentialProviders: no valid providers in chain. Deprecated.
                    For verbose messaging see aws.Config.CredentialsChainVerboseErrors
        '''),
    ],
)  # fmt: skip

DATA = from_source(
    "databases and data tools", "", GITHUB,
    [
        ("head-bad-request", "duckdb/dbt-duckdb/pull/138", 'Invalid Error: IO Error: Unable to connect to URL "https://team-data.s3.amazonaws.com/some/file/name.parquet": 400 (Bad Request)'),
        ("head-bad-request", "duckdb/duckdb/issues/16007", "HTTP Error: HTTP GET error on 'https://dev-logs.s3.amazonaws.com/AWSLogs/2025/01/31/04/logs/a.gz' (HTTP 400)"),
        ("expired", "nfultz/AWR.Athena/issues/22", '''
            Error in .jcall(drv@jdrv, "Ljava/sql/Connection;", "connect", as.character(url)[1],  :
              java.sql.SQLException: [Simba][AthenaJDBC](100071) An error has been thrown from the AWS Athena client. The security token included in the request is expired [Execution ID not available]
        '''),
        ("expired", "DyfanJones/noctua/issues/202", '''
            An error occurred while the 'noctua' package was updating the RStudio Connections pane:
            Error in NULL: ExpiredTokenException (HTTP 400). The security token included in the request is expired
        '''),
        ("expired", "Basekick-Labs/arc/issues/600", '''
            POST /api/v1/query  {"sql":"SELECT count(*) FROM cpu"}
            → HTTP 500
              arrow query failed: HTTP GET error reading 's3://team-data/a.parquet' (HTTP 400 Bad Request)
              ExpiredToken: The provided token has expired.
        '''),
        ("expired", "craftcms/aws-s3/issues/182", '''
            Client error: `PUT https://team-data.s3.eu-west-1.amazonaws.com/a.jpg` resulted in a `400 Bad Request` response:
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message (truncated...)
             ExpiredToken (client): The provided token has expired. - <?xml version="1.0" encoding="UTF-8"?>
        '''),
        ("unknown-key", "ex-aws/ex_aws_s3/issues/13", r'''
            ** (UndefinedFunctionError) function Poison.decode/1 is undefined (module Poison is not available)
                Poison.decode("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access Key Id you provided does not exist in our records.</Message></Error>")
                (ex_aws) lib/ex_aws/request.ex:58: ExAws.Request.client_error/2
        '''),
        ("expired", "ex-aws/ex_aws/issues/824", '''
            ** (ExAws.Error) ExAws Request Error!

            {:error, {:http_error, 400, %{body: "<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?>\\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"}}}
        '''),
        ("expired", "peak/s5cmd/issues/678", "MultipartUpload: upload multipart failed upload id: EXAMPLE-- caused by: ExpiredToken: The provided token has expired. status code: 400"),
        ("wrong-secret", "raster-foundry/raster-foundry/issues/332", '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>'),
        ("unknown-key", "awslabs/mcp/issues/892", r'''
            {
              "response": "",
              "error": "\nAn error occurred (InvalidAccessKeyId) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records.\n"
            }
        '''),
    ],
)  # fmt: skip

TERRAFORM_2 = from_source(
    "Terraform, Terragrunt and sops", "", GITHUB,
    [
        ("expired", "gruntwork-io/terragrunt/issues/711", '''
            Failed to load backend:
            Error configuring the backend "s3": ExpiredToken: The security token included
            in the request is expired
            \tstatus code: 403, request id: 11111111-2222-3333-4444-555555555555
        '''),
        ("expired", "gruntwork-io/terragrunt/pull/2739", '''
            Remote state S3 bucket tf-state does not exist or you don't have permissions to access it. Would you like Terragrunt to create it? (y/n) y
            ERRO[0006] ExpiredToken: The provided token has expired.
                    status code: 400, request id: XMMD3RT92G0A44QQ, host id: CJX3KQV33ACPtdMtMZen6pSG8
            ERRO[0006] Unable to determine underlying exit code, so Terragrunt will exit with error code 1
        '''),
        ("no-credentials", "gruntwork-io/terragrunt/issues/671", '''
            [terragrunt] 2019/04/02 15:58:43 Error finding AWS credentials (did you set the AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY environment variables?): NoCredentialProviders: no valid providers in chain. Deprecated.
        '''),
        ("unknown-key", "hashicorp/terraform-provider-aws/issues/125", '''
            Error refreshing state: 1 error(s) occurred:

            * 1 error(s) occurred:

            * InvalidClientTokenId: The security token included in the request is invalid.
                status code: 403, request id: caa59160-f75f-11e5-9241-eb1509222747
        '''),
        ("expired", "aws-samples/serverless-patterns/issues/970", '''
            ╷
            │ Error: error configuring Terraform AWS Provider: error validating provider credentials: error calling sts:GetCallerIdentity: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 6d1b2715-c592-449e-8c50-f6f8a7e27ca7, api error ExpiredToken: The security token included in the request is expired
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on main.tf line 20, in provider "aws":
        '''),
        ("no-credentials", "carlpett/terraform-provider-sops/issues/102", '''
            Error: Failed to get the data key required to decrypt the SOPS file.

            Error decrypting key: NoCredentialProviders: no valid
            providers in chain. Deprecated.
        '''),
        ("no-credentials", "jkroepke/helm-secrets/issues/432", '''
            Failed to get the data key required to decrypt the SOPS file.

            Group 0: FAILED
              arn:aws:kms:us-west-2:123456789012:alias/app-sops: FAILED
                - | failed to decrypt sops data key with AWS KMS: operation
                  | error KMS: Decrypt, failed to sign request: failed to
                  | retrieve credentials: failed to refresh cached credentials,
                  | no EC2 IMDS role found, operation error ec2imds:
                  | GetMetadata, canceled, context deadline exceeded
        '''),
        ("expired", "getsops/sops/issues/621", '''
            2020-02-02 12:14:52- | Error decrypting key: ExpiredTokenException: The security
            2020-02-02 12:14:52| token included in the request is expired
            2020-02-02 12:14:52| status code: 400, request id:
        '''),
        ("no-credentials", "carlpett/terraform-provider-sops/issues/120", '''
            │ Error: Failed to get the data key required to decrypt the SOPS file.
            │
            │ Group 0: FAILED
            │   arn:aws:kms:eu-west-1:123456789012:key/1a2b34c5: FAILED
            │     - | Error decrypting key: NoCredentialProviders: no valid
            │       | providers in chain. Deprecated.
            │       |       For verbose messaging see
            │       | aws.Config.CredentialsChainVerboseErrors
        '''),
    ],
)  # fmt: skip

TOOLS_2 = from_source(
    "other tools", "", GITHUB,
    [
        ("expired", "cloud-custodian/cloud-custodian/issues/9216", '''
            region:us-east-1 error:An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired
            region:us-east-1 error:An error occurred (ExpiredTokenException) when calling the GetFunction operation: The security token included in the request is expired
        '''),
        ("expired", "prowler-cloud/prowler/issues/6846", "Provider aws is not connected: AWSSessionTokenExpiredError[1016]: The provided AWS Session Token is expired"),
        ("request-expired", "prowler-cloud/prowler/issues/1165", "An error occurred (RequestExpired) when calling the DescribeSecurityGroups operation: Request has expired."),
        ("unknown-key", "prowler-cloud/prowler/issues/2458", "2023-06-06 21:51:27,027 [File: cloudwatch_service.py:67]        [Module: cloudwatch_service]     ERROR: eu-south-2 -- ClientError[46]: An error occurred (InvalidClientTokenId) when calling the DescribeAlarms operation: The security token included in the request is invalid."),
        ("expired", "turbot/steampipe/issues/1103", "[ERROR] steampipe-plugin-aws.plugin: [ERROR] streamRows error chan select: ExpiredToken: The security token included in the request is expired"),
        ("unknown-key", "turbot/steampipe-plugin-aws/issues/849", "Error: InvalidClientTokenId: The security token included in the request is invalid\n        status code: 403, request id: bf386d24-c89a-4880-8db2-16a0c72942bb (SQLSTATE HV000)"),
        ("header-value", "aws/aws-elastic-beanstalk-cli-setup/issues/18", "ERROR: ServiceError - 'test/20190515/us-west-2/elasticbeanstalk/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=eb test/20190515/us-west-2/elasticbeanstalk/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date'."),
        ("unknown-key", "gxela/awsebcli/issues/17", '''
            ERROR: The current user does not have the correct permissions. Reason: Operation Denied. The security token included in the request is invalid.
            You have not yet set up your credentials or your credentials are incorrect
            You must provide your credentials.
        '''),
        ("denied", "aws/aws-elastic-beanstalk-cli-setup/issues/74", "ERROR: NotAuthorizedError - Operation Denied. Access Denied."),
        ("no-region", "aws/copilot-cli/issues/1115", '''
            Application name: copilot-demo
            ✘ get application copilot-demo: get application copilot-demo: MissingRegion: could not find region configuration
        '''),
        ("config-invalid", "aws/copilot-cli/issues/2937", "✘ read named profiles: read AWS config file /home/ec2-user/.aws/config, you might need to run aws configure first: load ini file /home/ec2-user/.aws/config: open /home/ec2-user/.aws/config: no such file or directory"),
        ("no-region", "aws/copilot-cli/issues/5040", "✘ ask app init: get application demo: get application demo: MissingEndpoint: 'Endpoint' configuration is required for this service"),
        ("no-credentials", "aws/copilot-cli/issues/1151", "✘ get credentials: EnvAccessKeyNotFound: failed to find credentials in the environment."),
        ("sso-signed-out", "meridianlabs-ai/inspect_flow/issues/602", "AWS SSO token has expired or is not available. Run `aws sso login` to authenticate, then retry."),
        ("sso-signed-out", "ryansonshine/aws-sso-creds-helper/issues/59", "[aws-sso-creds-helper]: Cached SSO login is expired/invalid, try running `aws sso login` and try again"),
        ("sso-signed-out", "aws/aws-toolkit-vscode/issues/6230", '''
            2024-12-13 14:07:08.005 [info] auth: Updating connection state of profile:dev to invalid
            2024-12-13 14:07:08.005 [error] _aws.toolkit.auth.reauthenticate: Error: Unable to authenticate connection
            \t -> Error: SSO cache data unexpectedly missing props: ["refreshToken"]
        '''),
        ("expired", "aws/aws-toolkit-vscode/issues/3064", '''
            2023-04-13 13:12:30 [ERROR]: _aws.auth.reauthenticate: Error: Unable to authenticate connection
            \t -> ExpiredToken: The security token included in the request is expired (statusCode: 403; requestId: c181a9ce-0719-4ad8-9f96-f8438ddcbdbc)
        '''),
        ("login-signed-out", "aws/aws-toolkit-vscode/issues/8488", "Your session has expired. Please reauthenticate"),
        ("sso-signed-out", "aws/aws-sdk-net/pull/3737", "Amazon.Runtime.AmazonClientException: SSO Token has expired and failed to refresh"),
        ("config-invalid", "aws/aws-sdk-net/issues/3393", "Amazon.Runtime.AmazonClientException: Invalid Configuration.  Failed to find sso_session [Acme Dev]"),
        ("no-profile", "aws/aws-sdk-net/issues/2477", "Unhandled exception. System.ArgumentException: AWS profile 'project1' was not found.\n   at WithOldSdk.Program.Main(String[] args)"),
        ("no-credentials", "toniblyx/alfresco-backup-and-recovery-tool/issues/5", "NoAuthHandlerFound: No handler was ready to authenticate. 1 handlers were checked. ['HmacAuthV1Handler'] Check your credentials"),
        ("no-credentials", "wal-e/wal-e/issues/318", '''
              File "/usr/local/lib/python3.4/dist-packages/boto/auth.py", line 997, in get_auth_handler
                'Check your credentials' % (len(names), str(names)))
            boto.exception.NoAuthHandlerFound: No handler was ready to authenticate. 1 handlers were checked. ['S3HmacAuthV4Handler'] Check your credentials
        '''),
        ("head-forbidden", "aws/aws-sdk-net/issues/3271", '''
            AmazonS3Client 312|2024-04-08T22:57:46.393Z|ERROR|Received error response: [] --> Amazon.S3.AmazonS3Exception: Error making request with Error Code Forbidden and Http Status Code Forbidden. No further error information was returned by the service.
             ---> Amazon.Runtime.Internal.HttpErrorResponseException: Exception of type 'Amazon.Runtime.Internal.HttpErrorResponseException' was thrown.
               at Amazon.Runtime.HttpWebRequestMessage.ProcessHttpResponseMessage(HttpResponseMessage responseMessage)
        '''),
        ("expired", "miquella/vaulted/issues/107", "An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: The security token included in the request is expired"),
        ("unknown-key", "okta-awscli/okta-awscli/pull/145", '''
            {
                'Error': {
                    'Code': 'InvalidClientTokenId',
                    'Message': 'The security token included in the request is invalid',
                    'Type': 'Sender'
                },
                'ResponseMetadata': {
                    'HTTPStatusCode': 403,
                }
            }
        '''),
        ("ecr-login", "aws/aws-cli/issues/6580", "denied: Your authorization token has expired. Reauthenticate and try again.\nBuild step 'Docker Build and Publish' marked build as failure\nFinished: FAILURE"),
        ("unknown-key", "cloud-custodian/cloud-custodian/issues/4689", "ClientError: An error occurred (InvalidClientTokenId) when calling the DescribeDBSnapshots operation: The security token included in the request is invalid."),
        ("expired", "boto/boto3/issues/1127", '''
            An error occurred (ExpiredTokenException) when calling the Decrypt operation: The security token included in the request is expired: ClientError
            Traceback (most recent call last):
            File "/var/task/handler.py", line 20, in lambda_handler
            decrypted_secret = boto3.client('kms').decrypt(CiphertextBlob=b64decode(encrypted_secret))['Plaintext']
        '''),
        ("sso-signed-out", "aws/aws-sdk-js/issues/4441", "CredentialsProviderError: The SSO session token associated with profile=profile-1 was not found or is invalid. To refresh this SSO session run 'aws sso login' with the corresponding profile."),
    ],
)  # fmt: skip

TOOLS_3 = from_source(
    "AI assistants, builds and data tools", "", GITHUB,
    [
        ("head-forbidden", "kahing/goofys/issues/780", "2023/12/27 17:29:01.866276 s3.DEBUG DEBUG: Validate Response s3/HeadObject failed, not retrying, error Forbidden: Forbidden\n\tstatus code: 403, request id: , host id:\nmain.ERROR Unable to access 'bucket': permission denied"),
        ("head-forbidden", "kahing/goofys/issues/186", "May 27 17:40:31 Brandons-MBP /Users/brandon/work/bin/goofys[7079]: main.ERROR Unable to access '<bucket-name>': permission denied\nMay 27 17:40:31 Brandons-MBP /Users/brandon/work/bin/goofys[7079]: main.FATAL Mounting file system: Mount: initialization failed"),
        ("no-credentials", "awslabs/mountpoint-s3/issues/1008", "Error: Failed to create S3 client\n\nCaused by:\n    0: initial ListObjectsV2 failed for bucket scene-intel-rosbag-ingestion-raw-340752333339 in region eu-central-1\n    1: Client error\n    2: No signing credentials found"),
        ("no-credentials", "awslabs/mountpoint-s3/issues/446", 'Error: Failed to create S3 client\n\nCaused by:\n    0: HeadBucket failed for bucket bornholt-test-bucket in region us-east-1\n    1: Client error\n    2: Unknown response error: MetaRequestResult { response_status: 0, crt_error: Error(6146, "aws-c-auth: AWS_AUTH_SIGNING_NO_CREDENTIALS, Attempt to sign an http request without credentials"), error_response_headers: None, error_response_body: None }\nError: Failed to create mount process'),
        ("no-credentials", "awslabs/mountpoint-s3-csi-driver/issues/260", 'E0920 12:26:53.216697       1 driver.go:113] GRPC error: rpc error: code = Internal desc = Could not mount "gbdi-bundles" at "/var/lib/kubelet/pods/f0b06756-35f7-4621-8112-7f890854707f/volumes/kubernetes.io~csi/s3-pv/mount": Mount failed: Failed to start service output: Error: Failed to create S3 client  Caused by:     0: initial ListObjectsV2 failed for bucket gbdi-bundles in region eu-central-1     1: Client error     2: No signing credentials found Error: Failed to create mount process'),
        ("unknown-key", "Arize-ai/openinference/issues/2358", "  ● BedrockInstrumentation › Converse API › Multi-Modal Content › should handle text plus image content with detailed structure\n\n    UnrecognizedClientException: The security token included in the request is invalid.\n\n      at throwDefaultError (../../node_modules/.pnpm/@smithy+smithy-client@4.9.1/node_modules/@smithy/smithy-client/dist-cjs/index.js:288:22)"),
        ("unknown-key", "vercel/ai/issues/4163", "🤖 Chat request received.\nAWS_REGION: xxxx (hidden)\n ⨯ UnrecognizedClientException: The security token included in the request is invalid.\n    at async POST (apps/app/app/api/chat/route.ts:19:19)\n  17 |\n  18 |   const model = provider('anthropic.claude-3-5-sonnet-20240620-v1:0');\n> 19 |   const { text } = await generateText({\n     |                   ^"),
        ("unknown-key", "BerriAI/litellm/issues/6260", 'raise AuthenticationError(\nlitellm.exceptions.AuthenticationError: litellm.AuthenticationError: BedrockException Invalid Authentication - {"message":"The security token included in the request is invalid."}'),
        ("unknown-key", "Aider-AI/aider/issues/1986", "litellm.exceptions.AuthenticationError: litellm.AuthenticationError: BedrockException Invalid Authentication - b'{\"message\":\"The security token included in the request is invalid.\"}'"),
        ("unknown-key", "anthropics/claude-code/issues/2260", "AssistantMessage(content=[TextBlock(text='API Error: 403 The security token included in the request is invalid.')]) ResultMessage(subtype='success', duration_ms=181053, is_error=True)"),
        ("unknown-key", "anthropics/anthropic-sdk-typescript/issues/537", "PermissionDeniedError: 403 The security token included in the request is invalid"),
        ("unknown-key", "anthropics/claude-code/issues/5418", "API Error (403 The security token included in the request is invalid.) · Retrying in 1 seconds… (attempt 1/10)"),
        ("ecr-login", "medic/cht-core/issues/9175", 'ERROR: failed to push 720541322708.dkr.ecr.eu-west-2.amazonaws.com/medic/cht-api:4.9.0-alpha.9462328284: failed commit on ref "manifest-sha256:fdcb9b1b802acfcf184946ea5e6cc782a5c545866f2d154e6663252aa06f6948": unexpected status from PUT request to https://720541322708.dkr.ecr.eu-west-2.amazonaws.com/v2/medic/cht-api/manifests/sha256:fdcb9b1b802acfcf184946ea5e6cc782a5c545866f2d154e6663252aa06f6948: 403 Forbidden'),
        ("ecr-login", "Panfactum/stack/issues/103", "build-implentio-api-2gsqp-build-images-3289723871: #22 pushing layers 0.0s done\nbuild-implentio-api-2gsqp-build-images-3289723871: #22 ERROR: failed to push 730335560480.dkr.ecr.us-west-2.amazonaws.com/api:2a4361de4e5a813f44ad1c882078fedbde196714-arm64: unexpected status from HEAD request to https://730335560480.dkr.ecr.us-west-2.amazonaws.com/v2/api/blobs/sha256:f4691ee707061ff9d48b30141bf04f1b16129de954e7c2c12b382f696d437224: 401 Unauthorized"),
        ("ecr-login", "aws-solutions-library-samples/guidance-for-game-server-hosting-using-agones-and-open-match-on-amazon-eks/issues/71", "unexpected status from HEAD request to https://public.ecr.aws/v2/docker/library/golang/manifests/1.24-alpine: 403 Forbidden"),
        ("no-profile", "awslabs/aws-sdk-rust/issues/547", "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: ConstructionFailure(CredentialsLoadingError(InvalidConfiguration { cause: \"ProfileFile provider could not be built: profile `default` was not defined: could not find source profile default referenced from the root profile\" }))'"),
        ("sdk-part-missing", "vectordotdev/vector/pull/20030", "2024-03-07T11:59:25.573521Z  WARN provide_credentials{provider=default_chain}: aws_config::meta::credentials::chain: provider failed to provide credentials provider=Profile error=the credentials provider was not properly configured: ProfileFile provider could not be built: This behavior requires following cargo feature(s) enabled: credentials-process. In order to spawn a subprocess, the credentials-process feature must be enabled."),
        ("no-profile", "wazuh/wazuh/issues/15799", "2022/12/26 20:57:35 wazuh-modulesd:aws-s3: WARNING: Bucket:  -  Returned exit code 12\n2022/12/26 20:57:35 wazuh-modulesd:aws-s3: WARNING: Bucket:  -  The config profile (cloudtrailtest) could not be found"),
        ("no-region", "marcinczeczko/quarkus-lambda-native/issues/3", "com.amazonaws.SdkClientException: Unable to find a region via the region provider chain. Must provide an explicit region in the builder or setup environment to supply a region"),
        ("no-region", "zalando/spring-cloud-config-aws-kms/issues/145", "Caused by: org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'kms' defined in class path resource [de/zalando/spring/cloud/config/aws/kms/KmsEncryptionConfiguration$KmsConfiguration.class]: Bean instantiation via factory method failed; nested exception is org.springframework.beans.BeanInstantiationException: Failed to instantiate [com.amazonaws.services.kms.AWSKMS]: Factory method 'kms' threw exception; nested exception is com.amazonaws.SdkClientException: Unable to find a region via the region provider chain. Must provide an explicit region in the builder or setup environment to supply a region."),
        ("no-region", "awspring/spring-cloud-aws/issues/1345", "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'ssmClient' defined in class path resource [io/awspring/cloud/autoconfigure/config/parameterstore/ParameterStoreAutoConfiguration.class]: Failed to instantiate [software.amazon.awssdk.services.ssm.SsmClient]: Factory method 'ssmClient' threw exception with message: Unable to load region from any of the providers in the chain software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain@748e9b20: [software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider@6be25526: Unable to load region from system settings. Region must be specified either via environment variable (AWS_REGION) or  system property (aws.region)., software.amazon.awssdk.regions.providers.AwsProfileRegionProvider@4a3be6a5: No region provided in profile: default, software.amazon.awssdk.regions.providers.InstanceProfileRegionProvider@46678e49: Unable to contact EC2 metadata service.]\n\tat org.springframework.beans.factory.support.ConstructorResolver.instantiate(ConstructorResolver.java:657) ~[spring-beans-6.2.2.jar:6.2.2]"),
        ("no-region", "spring-attic/spring-cloud-aws/issues/735", "Caused by: java.lang.IllegalStateException: There is no EC2 meta data available, because the application is not running in the EC2 environment. Region detection is only possible if the application is running on a EC2 instance\n--\nat org.springframework.beans.factory.support.SimpleInstantiationStrategy.instantiate(SimpleInstantiationStrategy.java:185)"),
        ("sso-signed-out", "99designs/aws-vault/issues/722", "aws-vault: error: login: Failed to get credentials for REDACTED: : Session token not found or invalid\n\tstatus code: 401, request id:"),
        ("sso-signed-out", "99designs/aws-vault/issues/639", "$ aws-vault exec myvault\naws-vault: error: exec: Failed to get credentials for myvault: Token expired"),
        ("sso-signed-out", "ryansonshine/aws-sso-creds-helper/issues/59", "[aws-sso-creds-helper]: AWS SSO Creds Helper v1.9.0\n[aws-sso-creds-helper]: Getting SSO credentials for profile default\n[aws-sso-creds-helper]: Failed to load SSO credentials for default\n[aws-sso-creds-helper]: Cached SSO login is expired/invalid, try running `aws sso login` and try again"),
        ("clock", "99designs/aws-vault/issues/1049", "aws-vault: error: exec: Failed to get credentials for <profile>: operation error STS: GetSessionToken, https response error StatusCode: 403, RequestID: xxx-yyy-zzz-www-xxx, api error SignatureDoesNotMatch: Signature expired: 20221005T132736Z is now earlier than 20221006T041807Z (20221006T043307Z - 15 min.)"),
        ("expired", "99designs/aws-vault/issues/850", "`aws s3 ls --profile my-profile` returns:\nAn error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired."),
        ("sso-signed-out", "anthropics/claude-code/issues/76701", "API Error: UnauthorizedException: Session token not found or invalid"),
        ("expired", "anthropics/claude-code/issues/28032", "API Error: 403 The security token included in the request  is expired · Please run /login"),
        ("sso-signed-out", "anthropics/claude-code/issues/849", "API Error: The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile."),
        ("expired", "cline/cline/issues/852", "API Request Failed: 403 The security token included in the request is expired"),
        ("auth-failure", "jenkinsci/ec2-plugin/pull/139", "com.amazonaws.AmazonServiceException: AWS was not able to validate the provided access credentials (Service: AmazonEC2; Status Code: 401; Error Code: AuthFailure; Request ID:  123456...)\n\nat com.amazonaws.http.AmazonHttpClient.handleErrorResponse(AmazonHttpClient.java:1078)\n\tat hudson.plugins.ec2.EC2PrivateKey.find(EC2PrivateKey.java:135)"),
        ("denied", "jenkinsci/ec2-fleet-plugin/issues/15", "You are not authorized to perform this operation. (Service: AmazonEC2; Status Code: 403; Error Code: UnauthorizedOperation; Request ID: xxxxxxxxxxxx)"),
        ("unknown-key", "jenkinsci/ec2-fleet-plugin/issues/492", "2025-08-27 10:05:14.700+0000 [id=46]\tINFO\tc.a.jenkins.ec2fleet.CloudNanny#doRun: Error during fleet 'EC2 Fleet' stats update\nsoftware.amazon.awssdk.services.autoscaling.model.AutoScalingException: The security token included in the request is invalid. (Service: AutoScaling, Status Code: 403, Request ID: 6ec10d21-18dc-47f7-8671-47e37b98687d) (SDK Attempt Count: 1)\"\n\tat PluginClassLoader for aws-java-sdk2-autoscaling//software.amazon.awssdk.services.autoscaling.model.AutoScalingException$BuilderImpl.build(AutoScalingException.java:113)"),
        ("auth-failure", "jenkinsci/aws-credentials-plugin/issues/89", 'These credentials are NOT valid: "AWS was not able to validate the provided access credentials (Service: AmazonEC2; Status Code: 401; Error Code: AuthFailure; Request ID: 54876057-08bf-4ef7-85b1-7b8fb516f5bd; Proxy: null)"'),
        ("no-credentials", "hashicorp/terraform/issues/5839", "Unable to determine AWS credentials. Set the AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY environment variables.\n(error was: NoCredentialProviders: no valid providers in chain. Deprecated. \n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors)"),
        ("denied", "antonbabenko/modules.tf-demo/issues/3", "2019/11/10 18:10:00 Create S3 bucket terraform-states-072717525149 returned an error: AccessDenied: Access Denied\n\tstatus code: 403, request id: 37AC6C10091FEAC5, host id: l3BbfEesPLDq8tNiE3F9rVeSO7fSMZpyz5VvHgMDTT0Ahj4xcOFXzKwYbrn/CIjLK8a2L8mW1Tw=. Sleeping for 10s and will try again."),
        ("no-credentials", "gruntwork-io/terragrunt/issues/1599", 'ERRO[0006] /home..../terragrunt.hcl:4,46-65: Error in function call; Call to function "get_aws_account_id" failed: NoCredentialProviders: no valid providers in chain. Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors. \nERRO[0006] Unable to determine underlying exit code, so Terragrunt will exit with error code 1 '),
        ("unknown-key", "treeverse/dvc/issues/6325", "ERROR: unexpected error - [Errno 22] The provided token is malformed or otherwise invalid.: An error occurred (InvalidToken) when calling the ListObjectsV2 operation: The provided token is malformed or otherwise invalid."),
        ("expired", "craftcms/aws-s3/issues/182", 'Client error: `PUT xxx` resulted in a `400 Bad Request` response:\n<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message (truncated...)\n ExpiredToken (client): The provided token has expired. - <?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>XXX</Token-0><RequestId>XXX</RequestId><HostId>XXX</HostId></Error>'),
        ("expired", "counsyl/stor/pull/139", "FailedUploadError: an error occurred while uploading, info={'completed': [], 'failed': [{'source': 'AUTHORS', 'dest': S3Path(\"s3://counsyl-roi/AUTHORS\"), 'success': False, 'error': FailedUploadError('Failed to upload AUTHORS to counsyl-roi/AUTHORS: An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.')}]}"),
        ("expired", "kevin-hanselman/dud/issues/220", "2024/10/01 16:26:47 ERROR : S3 bucket <bucketname> path <dirname>: error reading destination root directory: ExpiredToken: The provided token has expired.\n        status code: 400, <token info>\n2024/10/01 16:26:47 ERROR : Attempt 1/3 failed with 1 errors and: ExpiredToken: The provided token has expired.\n        status code: 400, <token info>"),
        ("expired", "pachyderm/pachyderm/issues/1195", 'rrichardson@deploy-1:~/pachyderm$ echo "hi" | pachctl put-file data master hihi -c\ninvalid header field value "ExpiredToken: The provided token has expired.\\n\\tstatus code: 400, request id: 17222D6374CC4C33"'),
        ("no-credentials", "kubeflow/spark-operator/issues/2491", "        at java.base/java.lang.Thread.run(Unknown Source)\nCaused by: org.apache.hadoop.fs.s3a.auth.NoAwsCredentialsException: SimpleAWSCredentialsProvider: No AWS credentials in the Hadoop configuration\n        at org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider.getCredentials(SimpleAWSCredentialsProvider.java:83)"),
        ("no-credentials", "apache/hadoop/pull/4539", "        at java.lang.Thread.run(Thread.java:750)\nCaused by: org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: No AWS Credentials provided by TemporaryAWSCredentialsProvider SimpleAWSCredentialsProvider EnvironmentVariableCredentialsProvider IAMInstanceCredentialsProvider : com.amazonaws.SdkClientException: Unable to load AWS credentials from environment variables (AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_KEY (or AWS_SECRET_ACCESS_KEY))\n        at org.apache.hadoop.fs.s3a.AWSCredentialProviderList.getCredentials(AWSCredentialProviderList.java:216)"),
        ("no-credentials", "tweag/sparkle/issues/24", '16/03/17 09:52:51 INFO SparkContext: Created broadcast 0 from textFile at Sparkle.java:-2\nException in thread "main" java.lang.IllegalArgumentException: AWS Access Key ID and Secret Access Key must be specified as the username or password (respectively) of a s3 URL, or by setting the fs.s3.awsAccessKeyId or fs.s3.awsSecretAccessKey properties (respectively).'),
        ("unknown-key", "pydata/parallel-tutorial/issues/13", "Py4JJavaError: An error occurred while calling o25.partitions.\n: com.amazonaws.services.s3.model.AmazonS3Exception: Status Code: 403, AWS Service: Amazon S3, AWS Request ID: 2EEACD7FB2D731F3, AWS Error Code: InvalidAccessKeyId, AWS Error Message: The AWS Access Key Id you provided does not exist in our records., S3 Extended Request ID: GZakDXNA+ZbAdi7xp24fiIxWJEZIatmAi4P2sCg+w5+XbidUGy88hcGZ/ZwNDq/8GZGwycJUS6g="),
        ("head-forbidden", "sparklyr/sparklyr/issues/3254", "Error : java.nio.file.AccessDeniedException: s3a://my-bucket-name/my-folder-name/my-filename.csv: getFileStatus on s3a://my-bucket-name/my-folder-name/my-filename.csv: com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden; request: HEAD https://my-bucket-name.s3.us-east-2.amazonaws.com my-folder-name/my-filename.csv {} Hadoop 2.7.4, aws-sdk-java/1.11.655 Linux/5.4.0-1071-aws OpenJDK_64-Bit_Server_VM/25.302-b08 java/1.8.0_302 scala/2.12.10 vendor/Azul_Systems,_Inc. com.amazonaws.services.s3.model.GetObjectMetadataRequest; Request ID: 4KZAZ961HQGG0RSG, Extended Request ID: 4GjELy99Qdktrl9GhYnsYMunDxvPq1Hh35k+hmCL5GIpk6cH55ELlNSocLIHl8gfZmpQB7sltiI=, Cloud Provider: AWS, Instance ID: i-0b21b7dc916ba6a31 (Service: Amazon S3; Status Code: 403; Error Code: 403 Forbidden; Request ID: 4KZAZ961HQGG0RSG; S3 Extended Request ID: 4GjELy99)"),
        ("no-credentials", "minio/minio/issues/18246", "Py4JJavaError: An error occurred while calling o126.save.\n: java.nio.file.AccessDeniedException: s3a://sample-bucket/silver/hudi_demo_table/.hoodie: org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: No AWS Credentials provided by TemporaryAWSCredentialsProvider SimpleAWSCredentialsProvider EnvironmentVariableCredentialsProvider IAMInstanceCredentialsProvider : com.amazonaws.SdkClientException: Unable to load AWS credentials from environment variables (AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_KEY (or AWS_SECRET_ACCESS_KEY))\n\tat org.apache.hadoop.fs.s3a.S3AUtils.translateException(S3AUtils.java:212)"),
    ],
)  # fmt: skip

#: Texts that have a meaning.
TEXTS: list[ErrorText] = [
    *PYTHON, *CLI, *GO, *JAVA, *JAVASCRIPT, *OTHER_SDKS, *TERRAFORM, *TOOLS, *SERVERS, *DATA, *TERRAFORM_2, *TOOLS_2,
    *TOOLS_3,
]  # fmt: skip
