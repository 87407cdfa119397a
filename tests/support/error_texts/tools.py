"""Terraform, CDK, SAM, Serverless, Pulumi, kubectl, docker, git, ansible, file systems on S3, and sign-in tools."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["TEXTS"]

STS_ERRORS = "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html"

TERRAFORM = from_source(
    "Terraform", "", "hashicorp/aws-sdk-go-base ",
    [
        ("no-credentials", "https://github.com/pbar1/mfaws/issues/2", '''
            Error: Error refreshing state: 1 error(s) occurred:

            * provider.aws: No valid credential sources found for AWS Provider.
              Please see https://terraform.io/docs/providers/aws/index.html for more information on
              providing credentials for the AWS Provider
        '''),
        ("no-credentials", "https://github.com/aws-quickstart/terraform-aws-vpc/issues/6", '''
            Error: error configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.

            Please see https://registry.terraform.io/providers/hashicorp/aws
            for more information about providing credentials.

            Error: NoCredentialProviders: no valid providers in chain. Deprecated.
            \tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors
        '''),
        ("no-credentials", "https://github.com/clong/DetectionLab/issues/818", '''
            ╷
            │ Error: error configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.
            │
            │ Please see https://registry.terraform.io/providers/hashicorp/aws
            │ for more information about providing credentials.
            │
            │ Error: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, http response error StatusCode: 404, request to EC2 IMDS failed
            │
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on main.tf line 2, in provider "aws":
            │    2: provider "aws" {
            │
            ╵
        '''),
        ("no-credentials", "internal/config/errors.go", "error configuring S3 Backend: no valid credential sources for S3 Backend found."),
        ("sso-signed-out", "https://github.com/hashicorp/terraform-provider-aws/issues/38965", '''
            ╷
            │ Error: error configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.
            │
            │ Please see https://registry.terraform.io/providers/hashicorp/aws
            │ for more information about providing credentials.
            │
            │ Error: failed to refresh cached credentials, the SSO session has expired or is invalid: open /home/ada/.aws/sso/cache/16ff4db39347b47fc9cda3379ea14fce4c2e2c17.json: no such file or directory
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on providers.tf line 1, in provider "aws":
            │    1: provider "aws" {
            │
        '''),
        ("sso-signed-out", "https://github.com/hashicorp/terraform/issues/34277", '''
            ╷
            │ Error: No valid credential sources found
            │
            │ Please see https://www.terraform.io/docs/language/settings/backends/s3.html
            │ for more information about providing credentials.
            │
            │ Error: failed to refresh cached credentials, refresh cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, InvalidGrantException:
            │
            ╵
        '''),
        ("no-profile", "awsauth.go", '''
            \x1b[31m╷\x1b[0m\x1b[0m
            \x1b[31m│\x1b[0m \x1b[0m\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1mfailed to get shared config profile, project1\x1b[0m
            \x1b[31m│\x1b[0m \x1b[0m
            \x1b[31m│\x1b[0m \x1b[0m\x1b[0m  with provider["registry.terraform.io/hashicorp/aws"],
            \x1b[31m│\x1b[0m \x1b[0m  on main.tf line 1, in provider "aws":
            \x1b[31m╵\x1b[0m\x1b[0m
        '''),
        ("expired", "https://github.com/pulumi/pulumi-aws/issues/2560", "error configuring Terraform AWS Provider: error validating provider credentials: error calling sts:GetCallerIdentity: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 87fecadb-d8fc-43ac-8147-a6f49179ce6d, api error ExpiredToken: The security token included in the request is expired"),
        ("unknown-key", "https://github.com/hashicorp/terraform/issues/18801", '''
            Error: error configuring S3 Backend: error validating provider credentials: error calling sts:GetCallerIdentity: InvalidClientTokenId: The security token included in the request is invalid.
                    status code: 403, request id: 0bda7445-fc52-43fa-a1e9-1a6040db165b
        '''),
        ("unknown-key", "https://github.com/hashicorp/terraform-provider-aws/issues/28037", "Error: error configuring Terraform AWS Provider: error validating provider credentials: error calling sts:GetCallerIdentity: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: e0a9eb7a-fba9-49cb-a122-0f21f85f19a5, api error InvalidClientTokenId: The security token included in the request is invalid."),
        ("expired", "https://github.com/hashicorp/terraform/issues/36395", '''
            ##[error]╷
            ##[error]│ Error: failed to upload state: operation error S3: CreateMultipartUpload,
            https response error StatusCode: 400, RequestID: 4358PTXS48AJM7TC,
            HostID: EXAMPLEHOSTID=,
            api error ExpiredToken: The provided token has expired.
            ##[error]│
            ##[error]╵
        '''),
        ("expired", "https://github.com/hashicorp/terraform/issues/33264", '''
            ╷
            │ Error: Failed to save state
            │
            │ Error saving state: failed to upload state: ExpiredToken: The provided token has expired.
            │       status code: 400, request id: 1MKEH3235PP8692E, host id: EXAMPLEHOSTID=
            ╵
            ╷
            │ Error: Failed to persist state to backend
            │
            │ The error shown above has prevented Terraform from writing the updated state to the configured backend. To allow for recovery, the state has
            │ been written to the file "errored.tfstate" in the current working directory.
            ╵
        '''),
        ("expired", "internal/config/errors.go", '''
            Error: IAM Role (arn:aws:iam::123456789012:role/deploy) cannot be assumed.

            There are a number of possible causes of this - the most common are:
              * The credentials used in order to assume the role are invalid
              * The credentials do not have appropriate permission to assume the role
              * The role ARN is not valid

            Error: operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, api error ExpiredToken: The security token included in the request is expired
        '''),
        ("role-denied", "internal/config/errors.go", '''
            Error: Cannot assume IAM Role

            IAM Role (arn:aws:iam::123456789012:role/deploy) cannot be assumed.

            There are a number of possible causes of this - the most common are:
              * The credentials used in order to assume the role are invalid
              * The credentials do not have appropriate permission to assume the role
              * The role ARN is not valid

            Error: operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, api error AccessDenied: User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/deploy
        '''),
        ("web-identity-expired", "internal/config/errors.go", '''
            Error: IAM Role (arn:aws:iam::123456789012:role/ci) cannot be assumed with web identity token.

            Error: failed to retrieve credentials, operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 400, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, ExpiredTokenException: Token expired: current date/time 1764000000 must be before the expiration date/time 1763990000
        '''),
        ("account-mismatch", "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/conns/config.go", '''
            ╷
            │ Error: AWS account ID not allowed: 210987654321
            │
            │   with provider["registry.terraform.io/hashicorp/aws"],
            │   on main.tf line 1, in provider "aws":
            ╵
        '''),
        ("head-forbidden", "https://github.com/patrickchugh/terravision/issues/105", '''
            ╷
            │ Error: Error refreshing state: Unable to access object "terraform.tfstate" in S3 bucket "example": operation error S3: HeadObject, https response error StatusCode: 403, RequestID: PJ504JFXJXCCR8N5, HostID: EXAMPLEHOSTID=, api error Forbidden: Forbidden
            │
        '''),
        ("denied", "https://github.com/hashicorp/terraform/issues/28614", '''
            Failed to save state: failed to upload state: AccessDenied: Access Denied
            \tstatus code: 403, request id: HNCW8M4PGSJEX4BD, host id: EXAMPLEHOSTID=
        '''),
        ("exec-plugin-failed", "https://github.com/runatlantis/atlantis/issues/3590", 'Error: Get "https://EXAMPLE.gr7.eu-central-1.eks.amazonaws.com/api/v1/namespaces/kube-system/configmaps/aws-auth": getting credentials: exec: executable aws failed with exit code 255'),
        ("exec-plugin-failed", "https://github.com/hashicorp/terraform-provider-kubernetes/issues/816", "Post https://EXAMPLE.yl4.eu-west-1.eks.amazonaws.com/api/v1/namespaces/kube-system/configmaps: getting credentials: exec: exit status 2"),
        ("cluster-unauthorized", "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2422", '''
            │ Error: Unauthorized
            │
            │   with module.eks.kubernetes_config_map.aws_auth[0],
            │   on .terraform/modules/eks/main.tf line 510, in resource "kubernetes_config_map" "aws_auth":
            │  510: resource "kubernetes_config_map" "aws_auth" {
        '''),
    ],
)  # fmt: skip

CDK = from_source(
    "CDK", "2", "aws/aws-cdk-cli packages/",
    [
        ("no-credentials", "https://github.com/sniptt-official/ots/issues/34", '''
            ⏳  Bootstrapping environment aws://123456789012/us-east-1...
             ❌  Environment aws://123456789012/us-east-1 failed bootstrapping: Error: Need to perform AWS calls for account 123456789012, but no credentials have been configured
                at SdkProvider.forEnvironment (/srv/app/node_modules/aws-cdk/lib/index.js:284:44976)
                at async BootstrapStack.lookup (/srv/app/node_modules/aws-cdk/lib/index.js:371:19012)

            Need to perform AWS calls for account 123456789012, but no credentials have been configured
        '''),
        ("no-credentials", "https://github.com/aws-actions/configure-aws-credentials/issues/228", "[Error at /MyStack] Need to perform AWS calls for account ***, but no credentials have been configured"),
        ("no-credentials", "https://github.com/aws/aws-cdk/issues/1109", "Need to perform AWS calls for account unknown-account, but no credentials found. Tried: default credentials."),
        ("no-credentials", "https://github.com/rileydakota/valheim-ecs-fargate-cdk/issues/24", "Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through the environment"),
        ("no-credentials", "https://github.com/aws/aws-cdk/issues/386", "Stack hello-cdk does not define an environment, and AWS credentials could not be obtained from standard locations or no region was configured."),
        ("account-mismatch", "@aws-cdk/toolkit-lib/lib/api/aws-auth/sdk-provider.ts", "Error: Need to perform AWS calls for account 123456789012, but the current credentials are for 210987654321"),
        ("unknown-key", "https://github.com/aws-actions/configure-aws-credentials/issues/1201", "[03:21:38] Unable to determine the default AWS account (InvalidClientTokenId): The security token included in the request is invalid"),
        ("expired", "https://github.com/aws-amplify/amplify-backend/pull/2185", " ❌ Deployment failed: Error: The security token included in the request is expired"),
        ("role-denied", "https://github.com/aws-samples/aws-genai-llm-chatbot/issues/454", "current credentials could not be used to assume 'arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-eu-west-1', but are for the right account. Proceeding anyway."),
        ("role-denied", "@aws-cdk/toolkit-lib/lib/api/aws-auth/sdk-provider.ts", "Could not assume role in target account using current credentials (which are for account 210987654321) User: arn:aws:iam::210987654321:user/ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-eu-west-1"),
        ("sso-signed-out", "https://github.com/aws/aws-sdk/issues/531", " ❌ Deployment failed: CredentialsProviderError: The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile."),
    ],
)  # fmt: skip

SAM = from_source(
    "SAM CLI", "1", "aws/aws-sam-cli samcli/",
    [
        ("sso-signed-out", "https://github.com/aws/aws-sam-cli/issues/7759", r'''
            No current session found, using default AWS::AccountId
            Invoking app.lambda_handler (python3.13)

            Error: Error when retrieving token from sso: Token has expired and refresh failed
            Traceback:
              File "C:\Program Files\Amazon\AWSSAMCLI\runtime\Lib\site-packages\click\core.py", line 1078, in main
                rv = self.invoke(ctx)
        '''),
        ("no-credentials", "lib/utils/managed_cloudformation_stack.py", "Error: Error Setting Up Managed Stack Client: Unable to resolve credentials for the AWS SDK for Python client. Please see their documentation for options to pass in credentials: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/configuration.html"),
        ("no-region", "lib/utils/managed_cloudformation_stack.py", "Error: Error Setting Up Managed Stack Client: Unable to resolve a region. Please provide a region via the --region, via --profile or by the AWS_REGION environment variable."),
        ("no-credentials", "commands/package/package_context.py", "Error: AWS Credentials are required. Please configure your credentials."),
        ("no-credentials", "local/layers/layer_downloader.py", "Error: Layers require credentials to download the layers locally."),
        ("unknown-key", "https://github.com/aws/aws-sam-cli/issues/2509", "The security token included in the request is invalid"),
        ("expired", STS_ERRORS, "Error: Failed to create managed resources: An error occurred (ExpiredToken) when calling the CreateChangeSet operation: The security token included in the request is expired"),
    ],
)  # fmt: skip

SERVERLESS = from_source(
    "Serverless", "3", "serverless/serverless lib/",
    [
        ("expired", "https://github.com/serverless/serverless/issues/11204", "Error:\nThe security token included in the request is expired"),
        ("unknown-key", "https://github.com/serverless/serverless/issues/1518", '''
            Error: ServerlessError: ServerlessError: The security token included in the request is invalid.
                at module.exports.logError (/usr/local/lib/node_modules/serverless/lib/classes/Error.js:95:11)
                at processImmediate [as _immediateCallback] (timers.js:514:5)
        '''),
        ("unknown-key", "https://github.com/serverless/serverless/issues/6399", '''
            Serverless Error ---------------------------------------

              The security token included in the request is invalid.
        '''),
        ("unknown-key", "https://github.com/iandees/aws-billing-to-slack/issues/21", '''
            \u00d7 Stack example-prod failed to deploy (31s)
            Environment: win32, node 12.13.0, framework 3.8.0, plugin 6.1.6, SDK 4.3.2
            Credentials: Local, "default" profile
            Docs:        docs.serverless.com

            Error:
            The security token included in the request is invalid.
        '''),
        ("no-credentials", "aws/request.js", "Error:\nAWS provider credentials not found. Learn how to set up AWS provider credentials in our docs here: <http://slss.io/aws-creds-setup>."),
        ("no-credentials", "https://github.com/anomalyco/guide/issues/733", "Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1"),
    ],
)  # fmt: skip

PULUMI = from_source(
    "Pulumi", "", "",
    [
        ("expired", "https://github.com/pulumi/pulumi-aws/issues/2560", '''
            Diagnostics:
              pulumi:pulumi:Stack (core-infra-dev):
                Error: invocation of aws:index/getAvailabilityZones:getAvailabilityZones returned an error: 1 error occurred:
                    * error configuring Terraform AWS Provider: error validating provider credentials: error calling sts:GetCallerIdentity: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 87fecadb-d8fc-43ac-8147-a6f49179ce6d, api error ExpiredToken: The security token included in the request is expired
        '''),
        ("expired", "https://github.com/pulumi/pulumi-aws/issues/3866", '''
            error: rpc error: code = Unknown desc = unable to validate AWS credentials.
            Details: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: 83805f40-faa6-4c05-8ff0-883cbaf478bb, api error ExpiredToken: The security token included in the request is expired
        '''),
        ("expired", "https://github.com/pulumi/pulumi/issues/19452", '''
            @ updating.....
            error: post-step event returned an error: failed to save snapshot: An IO error occurred while writing the new snapshot file: blob (key ".pulumi/stacks/example/prod.json") (code=Unknown): ExpiredToken: The provided token has expired.
            \tstatus code: 400, request id: Y45095KT8PN4FZ82, host id: EXAMPLEHOSTID=
        '''),
        ("header-value", "https://github.com/pulumi/pulumi-aws/issues/2986", '''
            error: rpc error: code = Unknown desc = unable to validate AWS credentials.
            Details: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 400, RequestID: 0b0a3693-2bcd-4110-ac5c-d82205dbc300, api error IncompleteSignature: '/20231114/us-east-1/sts/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256
        '''),
        ("no-credentials", "https://github.com/pulumi/pulumi-aws/issues/814", "error: unable to discover AWS AccessKeyID and/or SecretAccessKey"),
        ("no-credentials", "https://github.com/pulumi/pulumi-aws/issues/1995", "Error: invocation of aws:ec2/getVpc:getVpc returned an error: unable to validate AWS AccessKeyID and/or SecretAccessKey - see https://pulumi.io/install/aws.html for details on configuration"),
    ],
)  # fmt: skip

KUBECTL = from_source(
    "kubectl with EKS", "", "kubernetes/client-go plugin/pkg/client/auth/exec/",
    [
        ("exec-plugin-failed", "exec.go", "Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255"),
        ("exec-plugin-failed", "exec.go", "E1126 10:15:00.123456   68146 memcache.go:265] couldn't get current server API group list: Get \"https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com/api?timeout=32s\": getting credentials: exec: executable aws failed with exit code 253"),
        ("exec-plugin-failed", "exec.go", "Unable to connect to the server: getting credentials: exec: executable aws-iam-authenticator failed with exit code 1"),
        ("expired", "https://github.com/aws/aws-cli/issues/5971", '''

            An error occurred (ExpiredToken) when calling the AssumeRole operation: The security token included in the request is expired
            Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255
        '''),
        ("sso-signed-out", "exec.go", '''
            Error loading SSO Token: Token for https://example.awsapps.com/start does not exist
            E1126 10:15:00.123456   68146 memcache.go:265] couldn't get current server API group list: Get "https://EXAMPLE.gr7.eu-west-1.eks.amazonaws.com/api?timeout=32s": getting credentials: exec: executable aws failed with exit code 255
            Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255
        '''),
        ("no-profile", "exec.go", '''

            The config profile (project1) could not be found
            Unable to connect to the server: getting credentials: exec: executable aws failed with exit code 255
        '''),
        ("cli-mixed-versions", "https://github.com/kubernetes/kubectl/issues/747", '''
            'credentialScope'

            'credentialScope'
            Unable to connect to the server: getting credentials: exec: exit status 255
        '''),
        ("cluster-unauthorized", "https://github.com/kodermax/kubectl-aws-eks/issues/5", "error: You must be logged in to the server (Unauthorized)"),
        ("cluster-unauthorized", "https://github.com/ianbelcher/eks-kubectl-action/issues/1", "error: You must be logged in to the server (the server has asked for the client to provide credentials)"),
        ("cluster-unauthorized", "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2422", "E0126 17:51:30.930467   68146 memcache.go:238] couldn't get current server API group list: the server has asked for the client to provide credentials"),
    ],
)  # fmt: skip

DOCKER = from_source(
    "docker with ECR", "", "",
    [
        ("ecr-login", "https://github.com/aws/aws-cli/issues/6580", "denied: Your authorization token has expired. Reauthenticate and try again."),
        ("ecr-login", "https://github.com/aws-samples/ecs-bg-external-controller/issues/13", '''
            The push refers to repository [123456789012.dkr.ecr.eu-west-1.amazonaws.com/app]
            5f70bf18a086: Preparing
            denied: Your authorization token has expired. Reauthenticate and try again.
            make: *** [push-image] Error 1
        '''),
        ("ecr-login", "https://github.com/buildkite/elastic-ci-stack-for-aws/issues/178", "ERROR: denied: Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one."),
        ("ecr-login", "https://github.com/awslabs/amazon-ecr-credential-helper/issues/118", '''time="2018-10-23T18:02:42.616639182-03:00" level=error msg="Not continuing with pull after error: denied: Your Authorization Token has expired. Please run 'aws ecr get-login --no-include-email' to fetch a new one."'''),
        ("ecr-login", "https://github.com/docker/for-mac/issues/3779", "Error response from daemon: Get https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/app/manifests/latest: no basic auth credentials"),
        ("ecr-login", "https://github.com/hashicorp/nomad/issues/5453", 'Failed to find docker auth for repo "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app": docker-credential-ecr-login with input "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app" failed with stderr: credentials not found in native keychain'),
        ("ecr-login", "https://github.com/concourse/docker-image-resource/issues/349", "failed to get ECR credentials: credentials not found in native keychain"),
        ("ecr-login", "https://github.com/awslabs/amazon-ecr-credential-helper/issues/118", "Error response from daemon: pull access denied for 123456789012.dkr.ecr.sa-east-1.amazonaws.com/app, repository does not exist or may require 'docker login'"),
        ("expired", STS_ERRORS, '''

            An error occurred (ExpiredTokenException) when calling the GetAuthorizationToken operation: The security token included in the request is expired
            Error: Cannot perform an interactive login from a non TTY device
        '''),
        ("token-not-passed", "compose-spec/compose-go template/template.go", '''
            WARN[0000] The "AWS_SESSION_TOKEN" variable is not set. Defaulting to a blank string.
            [+] Running 1/1
            app-1  | botocore.exceptions.ClientError: An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid
        '''),
    ],
)  # fmt: skip

GIT = from_source(
    "git with CodeCommit", "", "aws/git-remote-codecommit git_remote_codecommit/__init__.py",
    [
        ("codecommit-refused", "https://github.com/git-ecosystem/git-credential-manager/issues/697", "fatal: unable to access 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/example/': The requested URL returned error: 403"),
        ("codecommit-refused", "https://github.com/codemagic-ci-cd/codemagic-docs/issues/1426", '''
            Cloning into '/Users/builder/clone'...
            fatal: unable to access 'https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/abc/': The requested URL returned error: 403
        '''),
        ("codecommit-refused", "https://github.com/aws-amplify/amplify-hosting/issues/2249", '''
            2021-09-12T16:36:51.567Z [INFO]: Cloning into 'example-site'...
            2021-09-12T16:36:57.960Z [INFO]: fatal: unable to access 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/example-site/': The requested URL returned error: 403
            2021-09-12T16:36:57.963Z [ERROR]: !!! CustomerError: Unable to clone repository due to user error code: 128
        '''),
        ("no-profile", "", "The following profile was not found: project1. Available profiles are: default, user1. Either use one of the available profiles, or create an AWS CLI profile to use and then try again. For more information, see Configure an AWS CLI Profile in the AWS CLI User Guide."),
        ("no-region", "", "The following profile does not have an AWS Region: project1. You must set an AWS Region for this profile. For more information, see Configure An AWS CLI Profile in the AWS CLI User Guide."),
        ("no-credentials", "", "The following profile does not have credentials configured: project1. You must configure the access key and secret key for the profile. For more information, see Configure an AWS CLI Profile in the AWS CLI User Guide."),
        ("region-invalid", "", "The following AWS Region is not available for use with AWS CodeCommit: eu-west1. For more information about CodeCommit's availability in AWS Regions, see the AWS CodeCommit User Guide. If an AWS Region is listed as supported but you receive this error, try updating your version of the AWS CLI or the AWS SDKs."),
        ("sso-signed-out", "https://github.com/aws/git-remote-codecommit/issues/53", '''
            Traceback (most recent call last):
              File "/usr/local/bin/git-remote-codecommit", line 8, in <module>
                sys.exit(main())
              File "/usr/local/lib/python3.9/site-packages/botocore/credentials.py", line 2155, in _get_credentials
                raise UnauthorizedSSOTokenError()
            botocore.exceptions.UnauthorizedSSOTokenError: The SSO session associated with this profile has expired or is otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.
        '''),
    ],
)  # fmt: skip

ANSIBLE = from_source(
    "ansible", "", "ansible-collections/amazon.aws plugins/module_utils/",
    [
        ("no-credentials", "https://github.com/PaloAltoNetworks/ansible-pan/issues/45", r'''
            The full traceback is:
            Traceback (most recent call last):
              File "/tmp/ansible_lAMqTZ/ansible_module_cloudformation.py", line 604, in <module>
                main()
            botocore.exceptions.NoCredentialsError: Unable to locate credentials

            fatal: [localhost]: FAILED! => {
                "changed": false,
                "module_stderr": "Traceback (most recent call last):\n  File \"/tmp/ansible_lAMqTZ/ansible_module_cloudformation.py\", line 604, in <module>\n    main()\nbotocore.exceptions.NoCredentialsError: Unable to locate credentials\n"
        '''),
        ("request-expired", "modules.py", 'fatal: [localhost]: FAILED! => {"boto3_version": "1.26.0", "changed": false, "error": {"code": "RequestExpired", "message": "Request has expired."}, "msg": "Failed to describe instances: An error occurred (RequestExpired) when calling the DescribeInstances operation: Request has expired."}'),
        ("expired", "modules.py", '\x1b[0;31mfatal: [localhost]: FAILED! => {"changed": false, "error": {"code": "ExpiredToken", "message": "The security token included in the request is expired", "type": "Sender"}, "msg": "Failed to describe stack: An error occurred (ExpiredToken) when calling the DescribeStacks operation: The security token included in the request is expired"}\x1b[0m'),
        ("no-region", "botocore.py", 'fatal: [localhost]: FAILED! => {"changed": false, "msg": "The ec2_instance module requires a region and none was found in configuration, environment variables or module parameters"}'),
        ("no-profile", "botocore.py", 'fatal: [localhost]: FAILED! => {"changed": false, "msg": "The config profile (project1) could not be found"}'),
        ("auth-failure", "modules.py", "==> amazon-ebs.example: Error querying AMI: AuthFailure: AWS was not able to validate the provided access credentials\n==> amazon-ebs.example: \tstatus code: 401, request id: 12a345b6-78cd-901e-fa23-45ba67890cde"),
    ],
)  # fmt: skip

FILES_ON_S3 = from_source(
    "s3fs", "1", "s3fs-fuse/s3fs-fuse src/",
    [
        ("no-credentials", "s3fs_cred.cpp", "s3fs: could not determine how to establish security credentials."),
        ("no-credentials", "s3fs_cred.cpp", "s3fs: could not establish security credentials, check documentation."),
        ("partial-credentials", "s3fs_cred.cpp", "s3fs: if one access key is specified, both keys need to be specified."),
        ("partial-credentials", "s3fs_cred.cpp", "s3fs: environment variable AWS_SESSION_TOKEN is expected to be set."),
        ("partial-credentials", "s3fs_cred.cpp", "s3fs: AWS session token was expected but wasn't provided in aws/credentials file for profile: project1."),
        ("unknown-key", "s3fs.cpp", "2026-11-26T10:15:00.123Z [CRT] s3fs.cpp:s3fs_check_service(4051): invalid credentials(host=https://s3.amazonaws.com) - result of checking service."),
        ("signature-region", "s3fs.cpp", "2026-11-26T10:15:00.123Z [CRT] s3fs.cpp:s3fs_check_service(3986): The bucket region is not 'us-east-1', it is correctly 'eu-west-1'. You should specify 'endpoint=eu-west-1' option."),
        ("expired", "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", '[ERR] curl.cpp:RequestPerform(2523): HTTP response code 400, returning EIO. Body Text: <?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>'),
    ],
) + from_source(
    "rclone", "1", "rclone/rclone backend/s3/",
    [
        ("no-credentials", "https://github.com/SeldonIO/seldon-core/issues/4459", '''
            2022/11/23 16:04:51 ERROR : S3 bucket example path artifacts/model: error reading source root directory: NoCredentialProviders: no valid providers in chain. Deprecated.
            \tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors
            2022/11/23 16:04:51 ERROR : Attempt 1/3 failed with 1 errors and: NoCredentialProviders: no valid providers in chain. Deprecated.
        '''),
        ("denied", "https://github.com/rclone/rclone/issues/4589", '''
            2020/09/14 14:13:40 ERROR : Attempt 1/3 failed with 1 errors and: AccessDenied: Access Denied
                    status code: 403, request id: EXAMPLE, host id: EXAMPLE=
        '''),
        ("head-forbidden", "https://github.com/rclone/rclone/issues/5271", "2022/11/22 06:11:32 ERROR : Attempt 1/3 failed with 1 errors and: Forbidden: Forbidden\n\tstatus code: 403, request id: EXAMPLE, host id: EXAMPLE="),
        ("expired", "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", "2026/11/26 10:15:00 ERROR : : error listing: operation error S3: ListObjectsV2, https response error StatusCode: 400, RequestID: PJ504JFXJXCCR8N5, HostID: EXAMPLE=, api error ExpiredToken: The provided token has expired."),
    ],
)  # fmt: skip

SIGN_IN = from_source(
    "sign-in tools", "", "",
    [
        ("saml-expired", "https://github.com/Nike-Inc/gimme-aws-creds/issues/251", "Failed to generate credentials for arn:aws:iam::123456789012:role/Admin due to An error occurred (ExpiredTokenException) when calling the AssumeRoleWithSAML operation: Token must be redeemed within 5 minutes of issuance"),
        ("saml-expired", "https://github.com/Versent/saml2aws/issues/759", '''
            Requesting AWS credentials using SAML assertion.
            Error logging into AWS role using SAML assertion.: Error retrieving STS credentials using SAML.: ExpiredTokenException: Response has expired
            \tstatus code: 400, request id: 4370fb7a-3407-4a93-b0b7-adac0147c352
        '''),
        ("saml-refused", "https://github.com/cevoaustralia/aws-google-auth/issues/270", '''
            ERROR:root:An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: Response signature invalid
            Traceback (most recent call last):
              File "/opt/homebrew/lib/python3.10/site-packages/aws_google_auth/__init__.py", line 79, in cli
                process_auth(args, config)
        '''),
        ("unreachable", "https://github.com/Nike-Inc/gimme-aws-creds/issues/163", "botocore.exceptions.SSLError: SSL validation failed for https://sts.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1076)"),
        ("expired", "https://github.com/99designs/aws-vault/issues/630", "aws-vault: error: exec: Failed to get credentials for project1: operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, api error ExpiredToken: The security token included in the request is expired"),
        ("sso-signed-out", "https://github.com/synfinatic/aws-sso-cli/issues/279", "FATAL Unable to refresh cache: operation error SSO: ListAccounts, https response error StatusCode: 401, RequestID: 12a345b6-78cd-901e-fa23-45ba67890cde, UnauthorizedException: Session token not found or invalid"),
        ("sso-signed-out", "benkehoe/aws-sso-util cli/src/aws_sso_util/credential_process.py", "Login required. Use `aws-sso-util login` or `aws sso login` and try again."),
        ("unreachable", "https://github.com/okta-awscli/okta-awscli/issues/202", "SSL validation failed for https://sts.amazonaws.com/ [Errno 2] No such file or directory"),
    ],
)  # fmt: skip

TEXTS: list[ErrorText] = [
    *TERRAFORM, *CDK, *SAM, *SERVERLESS, *PULUMI, *KUBECTL, *DOCKER, *GIT, *ANSIBLE, *FILES_ON_S3, *SIGN_IN,
]  # fmt: skip
