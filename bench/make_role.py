"""Run by the measured Python: creates a user with a key and a role that trusts it; prints the ARN and the key."""

from __future__ import annotations

import json
import sys

import boto3

USER, ROLE = sys.argv[1:]


def policy(**statement: object) -> str:
    """Return a policy of one statement that allows AssumeRole."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


def main() -> None:
    """Create them with the root credentials of ministack."""
    iam = boto3.client("iam", aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    user = iam.create_user(UserName=USER)["User"]["Arn"]
    iam.put_user_policy(UserName=USER, PolicyName="bench", PolicyDocument=policy(Resource="*"))
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(Principal={"AWS": user}))["Role"]["Arn"]
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    print(role, key["AccessKeyId"], key["SecretAccessKey"])


if __name__ == "__main__":
    main()
