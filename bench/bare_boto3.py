"""The minimal Python program that makes an AssumeRole call: the base of `awsenv assume --refresh`."""

import sys

import boto3

answer = boto3.client("sts").assume_role(RoleArn=sys.argv[1], RoleSessionName="bench")
print(answer["Credentials"]["AccessKeyId"])
