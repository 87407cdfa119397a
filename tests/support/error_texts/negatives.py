"""Output of commands that worked, errors that have nothing to do with credentials, and log lines: nothing to explain."""

from __future__ import annotations

from support.error_texts.text import ErrorText, from_source

__all__ = ["NEGATIVES"]

CLI_REFERENCE = "https://docs.aws.amazon.com/cli/latest/reference/"

SUCCESS = from_source(
    "success", "", CLI_REFERENCE,
    [
        (None, "s3/ls.html", "2013-07-11 17:08:50 mybucket\n2013-07-24 14:55:44 mybucket2"),
        (None, "s3/ls.html", "                           PRE expired-tokens/\n2026-11-26 09:30:11    1048576 signature.bin\n2026-11-26 09:31:40       2048 credentials-guide.pdf"),
        (None, "s3/cp.html", "upload: ./test.txt to s3://mybucket/test2.txt"),
        (None, "s3/cp.html", "Completed 1.0 MiB/3.2 MiB (2.1 MiB/s) with 1 file(s) remaining\rdownload: s3://mybucket/backup.tar to ./backup.tar"),
        (None, "s3/sync.html", "delete: s3://mybucket/old.txt\nupload: ./new.txt to s3://mybucket/new.txt"),
        (None, "sts/get-caller-identity.html", '{\n    "UserId": "AIDASAMPLEUSERID",\n    "Account": "123456789012",\n    "Arn": "arn:aws:iam::123456789012:user/DevAdmin"\n}'),
        (None, "sts/get-caller-identity.html", '{\n    "UserId": "AROASAMPLEROLEID:ada",\n    "Account": "123456789012",\n    "Arn": "arn:aws:sts::123456789012:assumed-role/project1/ada"\n}'),
        (None, "sts/assume-role.html", '{\n    "AssumedRoleUser": {\n        "AssumedRoleId": "AROA3XFRBF535PLBIFPI4:s3-access-example",\n        "Arn": "arn:aws:sts::123456789012:assumed-role/xaccounts3access/s3-access-example"\n    },\n    "Credentials": {\n        "SecretAccessKey": "9drTJvcXLB89EXAMPLELB8923FB892xMFI",\n        "SessionToken": "AQoXdzELDDY//////////wEaoAK1wvxJY12r2IrDFT2IvAzTCn3zHoZ7YNtpiQLF0MqZye/qwjzP2iEXAMPLEbw/m3hsj8VBTkPORGvr9jM5sgP+w9IZWZnU+LWhmg+a5fDi2oTGUYcdg9uexQ4mtCHIHfi4citgqZTgco40Yqr4lIlo4V2b2Dyauk0eYFNebHtYlFVgAUj+7Indz3LU0aTWk1WKIjHmmMCIoTkyYp/k7kUG7moeEYKSitwQIi6Gjn+nyzM+PtoA3685ixzv0R7i5rjQi0YE0lf1oeie3bDiNHncmzosRM6SFiPzSvp6h/32xQuZsjcypmwsPSDtTPYcs0+YN/8BRi2/IcrxSpnWEXAMPLEXSDFTAQAM6Dl9zR0tXoybnlrZIwMLlMi1Kcgo5OytwU=",\n        "Expiration": "2016-03-15T00:05:07Z",\n        "AccessKeyId": "ASIAJEXAMPLEXEG2JICEA"\n    }\n}'),
        (None, "configure/list.html", "      Name                    Value             Type    Location\n      ----                    -----             ----    --------\n   profile                <not set>             None    None\naccess_key     ****************ABCD      config_file    ~/.aws/config\nsecret_key     ****************ABCD      config_file    ~/.aws/config\n    region                us-west-2              env    AWS_DEFAULT_REGION"),
        (None, "configure/list-profiles.html", "default\nproject1\nuser1"),
        (None, "ecr/get-login-password.html", "Login Succeeded"),
        (None, "ecr/get-login-password.html", "WARNING! Your password will be stored unencrypted in /home/ada/.docker/config.json.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/engine/reference/commandline/login/#credentials-store\n\nLogin Succeeded"),
        (None, "eks/update-kubeconfig.html", "Updated context arn:aws:eks:us-west-2:012345678910:cluster/example in /home/ada/.kube/config"),
        (None, "sso/login.html", "Attempting to automatically open the SSO authorization page in your default browser.\nIf the browser does not open or you wish to use a different device to authorize this request, open the following URL:\n\nhttps://device.sso.eu-west-1.amazonaws.com/\n\nThen enter the code:\n\nABCD-EFGH\nSuccessfully logged into Start URL: https://example.awsapps.com/start"),
        (None, "iam/list-access-keys.html", '{\n    "AccessKeyMetadata": [\n        {\n            "UserName": "Bob",\n            "Status": "Inactive",\n            "CreateDate": "2013-06-04T18:17:34Z",\n            "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"\n        }\n    ]\n}'),
        (None, "https://developer.hashicorp.com/terraform/cli/commands/plan", "No changes. Your infrastructure matches the configuration.\n\nTerraform has compared your real infrastructure against your configuration and found no differences, so no changes are needed."),
        (None, "https://developer.hashicorp.com/terraform/cli/commands/apply", 'Apply complete! Resources: 1 added, 0 changed, 0 destroyed.\n\nOutputs:\n\nrole_arn = "arn:aws:iam::123456789012:role/project1"'),
        (None, "https://developer.hashicorp.com/terraform/cli/commands/init", '\nInitializing the backend...\n\nSuccessfully configured the backend "s3"! Terraform will automatically\nuse this backend unless the backend configuration changes.'),
        (None, "https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html", " ✅  HelloCdkStack\n\n✨  Deployment time: 27.12s\n\nStack ARN:\narn:aws:cloudformation:eu-west-1:123456789012:stack/HelloCdkStack/12a345b6"),
        (None, "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html", "Successfully created/updated stack - sam-app in us-west-2"),
        (None, "https://www.serverless.com/framework/docs/providers/aws/cli-reference/deploy", "Deploying example to stage dev (us-east-1)\n\n✔ Service deployed to stack example-dev (52s)"),
        (None, "https://kubernetes.io/docs/reference/kubectl/", "NAME                     READY   STATUS    RESTARTS   AGE\nweb-6799fc88d8-8zqkl     1/1     Running   0          3d"),
        (None, "https://docs.docker.com/reference/cli/docker/image/push/", "The push refers to repository [123456789012.dkr.ecr.eu-west-1.amazonaws.com/app]\n5f70bf18a086: Pushed\nlatest: digest: sha256:1d1ddb624e47aabcaa1fbd4a8f4b2d2b6a5f4d1a5d7b2f1a4b3c2d1e0f9a8b7c size: 1573"),
        (None, "https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-connect.html", "Cloning into 'my-demo-repo'...\nremote: Counting objects: 19, done.\nUnpacking objects: 100% (19/19), done."),
        (None, "https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_intro.html", "PLAY RECAP *********************************************************************\nlocalhost                  : ok=4    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0"),
    ],
)  # fmt: skip

UNRELATED = from_source(
    "other errors", "", "https://docs.aws.amazon.com/",
    [
        # of AWS, and not of who asks
        (None, "AmazonS3/latest/API/ErrorResponses.html", "An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist"),
        (None, "AmazonS3/latest/API/ErrorResponses.html", "An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist."),
        (None, "AmazonS3/latest/API/ErrorResponses.html", "fatal error: An error occurred (404) when calling the HeadObject operation: Key \"missing.txt\" does not exist"),
        (None, "AmazonS3/latest/API/ErrorResponses.html", "An error occurred (BucketAlreadyExists) when calling the CreateBucket operation: The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."),
        (None, "AWSCloudFormation/latest/APIReference/API_DescribeStacks.html", "An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id example does not exist"),
        (None, "AWSCloudFormation/latest/APIReference/API_UpdateStack.html", "An error occurred (ValidationError) when calling the UpdateStack operation: No updates are to be performed."),
        (None, "AWSEC2/latest/APIReference/errors-overview.html", "An error occurred (InvalidInstanceID.NotFound) when calling the DescribeInstances operation: The instance ID 'i-1a2b3c4d' does not exist"),
        (None, "AWSEC2/latest/APIReference/errors-overview.html", "An error occurred (VpcLimitExceeded) when calling the CreateVpc operation: The maximum number of VPCs has been reached."),
        (None, "amazondynamodb/latest/developerguide/Programming.Errors.html", "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed"),
        (None, "amazondynamodb/latest/developerguide/Programming.Errors.html", "An error occurred (ResourceNotFoundException) when calling the DescribeTable operation: Requested resource not found: Table: example not found"),
        (None, "lambda/latest/api/API_CreateFunction.html", "An error occurred (InvalidParameterValueException) when calling the CreateFunction operation: The role defined for the function cannot be assumed by Lambda."),
        (None, "IAM/latest/APIReference/API_CreateUser.html", "An error occurred (EntityAlreadyExists) when calling the CreateUser operation: User with name ada already exists."),
        (None, "IAM/latest/APIReference/API_GetRole.html", "An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name projct1 cannot be found."),
        (None, "cli/latest/userguide/cli-usage-parameters.html", "aws: error: argument operation: Invalid choice, valid choices are:\n\nassume-role                              | assume-role-with-saml"),
        (None, "cli/latest/userguide/cli-usage-parameters.html", "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\naws: error: the following arguments are required: --bucket"),
        (None, "cdk/v2/guide/bootstrapping-troubleshoot.html", "MyStack: SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run 'cdk bootstrap' (see https://docs.aws.amazon.com/cdk/latest/guide/bootstrapping.html)"),
        (None, "https://github.com/hashicorp/terraform/issues/17583", "Error refreshing state: state data in S3 does not have the expected content."),
        (None, "https://developer.hashicorp.com/terraform/language/state/locking", "╷\n│ Error: Error acquiring the state lock\n│ \n│ Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: EXAMPLE, ConditionalCheckFailedException: The conditional request failed\n╵"),
        # the words of other services, which look alike
        (None, "https://github.com/Frachtwerk/essencium-backend/issues/366", "io.jsonwebtoken.ExpiredJwtException: JWT expired 73009 milliseconds ago at 2024-03-27T08:03:01.000Z. Current time: 2024-03-27T08:04:14.009Z. Allowed clock skew: 0 milliseconds.\n\tat io.jsonwebtoken.impl.DefaultJwtParser.parse(DefaultJwtParser.java:682)"),
        (None, "https://pyjwt.readthedocs.io/en/stable/usage.html", "jwt.exceptions.ExpiredSignatureError: Signature has expired"),
        (None, "https://github.com/rclone/rclone/issues/366", "x: Failed to copy: Failed to upload: Authorization token has expired (401 expired_auth_token)"),
        (None, "https://github.com/rclone/rclone/issues/501", '2016/05/26 14:23:33 Failed to create file system for "remote:": Failed to get endpoints: HTTP code 401: "401 Unauthorized", reponse body: {"message":"Token has expired"}'),
        (None, "https://github.com/rclone/rclone/issues/3073", 'oauth2: cannot fetch token: 400 Bad Request\nResponse: {\n  "error": "invalid_grant",\n  "error_description": "Bad Request"\n}'),
        (None, "https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes", "AADSTS700082: The refresh token has expired due to inactivity. The token was issued on 2026-01-01T00:00:00Z and was inactive for 90.00:00:00."),
        (None, "https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api", '{"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}'),
        (None, "https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api", "API rate limit exceeded for user ID 1."),
        (None, "https://github.com/trilbymedia/grav-plugin-git-sync/issues/206", "fatal: unable to access 'https://github.com/example/testing.git/': The requested URL returned error: 403"),
        (None, "https://docs.docker.com/docker-hub/", "denied: requested access to the resource is denied"),
        (None, "https://docs.docker.com/docker-hub/", "Error response from daemon: Get https://registry-1.docker.io/v2/: unauthorized: incorrect username or password"),
        (None, "https://docs.docker.com/engine/daemon/troubleshoot/", "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host"),
        (None, "https://docs.docker.com/engine/daemon/troubleshoot/", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"),
        (None, "https://kubernetes.io/docs/tasks/debug/", "The connection to the server localhost:8080 was refused - did you specify the right host or port?"),
        (None, "https://kubernetes.io/docs/tasks/debug/", 'Error from server (Forbidden): pods is forbidden: User "ada" cannot list resource "pods" in API group "" in the namespace "default"'),
        (None, "https://kubernetes.io/docs/tasks/debug/", 'Error from server (NotFound): deployments.apps "web" not found'),
        (None, "https://docs.npmjs.com/common-errors", "npm ERR! code E401\nnpm ERR! Incorrect or missing password."),
        (None, "https://docs.npmjs.com/common-errors", "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree"),
        (None, "https://man.openbsd.org/ssh", "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository."),
        (None, "https://www.postgresql.org/docs/current/errcodes-appendix.html", 'psql: error: connection to server at "db.example.com", port 5432 failed: FATAL:  password authentication failed for user "ada"'),
        # the names of Python's and others' exceptions, which are codes of AWS, too
        (None, "https://docs.pydantic.dev/latest/errors/errors/", "pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings\nname\n  Field required [type=missing, input_value={}, input_type=dict]"),
        (None, "https://docs.djangoproject.com/en/stable/ref/exceptions/", "django.core.exceptions.ValidationError: ['“x” value must be either True or False.']"),
        (None, "https://docs.python-telegram-bot.org/en/stable/telegram.error.html", "telegram.error.InvalidToken: Not Found"),
        (None, "https://psutil.readthedocs.io/en/latest/", "psutil.AccessDenied: (pid=1, name='launchd')"),
        (None, "https://urllib3.readthedocs.io/en/stable/reference/urllib3.exceptions.html", "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after connection broken by 'ConnectTimeoutError(<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f0000000000>, 'Connection to pypi.org timed out. (connect timeout=15)')': /simple/example/"),
        (None, "https://pandas.pydata.org/docs/reference/api/pandas.to_datetime.html", "dateutil.parser._parser.ParserError: Unknown string format: n/a present at position 3"),
        (None, "https://docs.djangoproject.com/en/stable/topics/i18n/timezones/", 'Traceback (most recent call last):\n  File "/srv/app/orders/models.py", line 31, in is_late\n    return self.due < datetime.now()\nTypeError: can\'t compare offset-naive and offset-aware datetimes'),
        (None, "https://docs.python.org/3/library/exceptions.html", 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 3, in <module>\n    open("config.yaml")\nFileNotFoundError: [Errno 2] No such file or directory: \'config.yaml\''),
        (None, "https://docs.python.org/3/library/exceptions.html", "PermissionError: [Errno 13] Permission denied: '/var/log/app.log'"),
        (None, "https://requests.readthedocs.io/en/latest/api/", "requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)"),
        (None, "https://docs.python.org/3/library/exceptions.html", 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 9, in <module>\n    print(row["name"])\nKeyError: \'name\''),
        (None, "https://docs.python.org/3/library/exceptions.html", 'Traceback (most recent call last):\n  File "/srv/app/main.py", line 7, in <module>\n    print(rows["0"])\nTypeError: list indices must be integers or slices, not str'),
        (None, "https://docs.python.org/3/library/subprocess.html", "bash: aws: command not found"),
        (None, "https://www.gnu.org/software/bash/manual/", "cat: notes.txt: No such file or directory"),
        (None, "https://doc.rust-lang.org/error_codes/", "error[E0425]: cannot find value `token` in this scope\n --> src/main.rs:4:5"),
        (None, "https://learn.microsoft.com/en-us/powershell/", "Get-Item : Cannot find path 'C:\\token.txt' because it does not exist."),
    ],
)  # fmt: skip

LOGS = from_source(
    "log lines", "", "boto/botocore botocore/",
    [
        (None, "credentials.py", "2026-11-26 10:15:00,123 botocore.credentials [INFO] Found credentials in environment variables."),
        (None, "credentials.py", "INFO:botocore.credentials:Found credentials in shared credentials file: ~/.aws/credentials"),
        (None, "credentials.py", "DEBUG:botocore.credentials:Looking for credentials via: assume-role-with-web-identity"),
        (None, "credentials.py", "DEBUG:botocore.credentials:Credentials need to be refreshed."),
        (None, "credentials.py", "DEBUG:botocore.credentials:Retrieved credentials will expire at: 2026-11-26 11:15:00+00:00"),
        (None, "tokens.py", "DEBUG:botocore.tokens:Using cached token for project1"),
        (None, "https://github.com/aws/aws-sdk-java-v2", "10:15:00.123 [main] DEBUG software.amazon.awssdk.request - Received successful response: 200, Request ID: PJ504JFXJXCCR8N5"),
        (None, "https://github.com/99designs/aws-vault", "2026/11/26 10:15:00 Setting subprocess env: AWS_REGION=eu-west-1, AWS_DEFAULT_REGION=eu-west-1"),
        (None, "https://github.com/aws-actions/configure-aws-credentials", "Assuming role with OIDC\nAuthenticated as assumedRoleId AROASAMPLEROLEID:GitHubActions"),
        (None, "https://github.com/aws/aws-cdk", "[10:15:00] Assuming role 'arn:aws:iam::123456789012:role/cdk-hnb659fds-lookup-role-123456789012-eu-west-1'."),
        (None, "https://httpd.apache.org/docs/current/logs.html", '192.0.2.1 - - [26/Nov/2026:10:15:00 +0000] "GET /token?expired=false HTTP/1.1" 200 512 "-" "aws-sdk-go-v2/1.30.0"'),
        (None, "https://github.com/systemd/systemd", "Nov 26 10:15:00 host systemd[1]: Started Session 42 of user ada."),
        (None, "https://docs.docker.com/compose/", 'WARN[0000] The "TAG" variable is not set. Defaulting to a blank string.'),
    ],
)  # fmt: skip

NEGATIVES: list[ErrorText] = [*SUCCESS, *UNRELATED, *LOGS]
