"""The least that a Python program needs for an AssumeRole call: what `awsenv assume --refresh` is compared with."""

import sys

import boto3

answer = boto3.client("sts").assume_role(RoleArn=sys.argv[1], RoleSessionName="bench")
print(answer["Credentials"]["AccessKeyId"])
