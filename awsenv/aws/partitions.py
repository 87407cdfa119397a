"""AWS's partitions: their regions and the hosts of their consoles."""

from __future__ import annotations

__all__ = ["CONSOLES", "FIRST_REGIONS", "REGIONS", "partition_of"]

#: Partition -> the hosts of its sign-in and of its console. No link can open the consoles of the isolated partitions.
#: https://docs.aws.amazon.com/general/latest/gr/signin-service.html
#: https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html
CONSOLES = {
    "aws": ("signin.aws.amazon.com", "console.aws.amazon.com"),
    "aws-cn": ("signin.amazonaws.cn", "console.amazonaws.cn"),
    "aws-us-gov": ("signin.amazonaws-us-gov.com", "console.amazonaws-us-gov.com"),
}

#: Partition -> the region of its global services, which is enabled in every account.
FIRST_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
}

# The prefixes of the regions of all partitions but aws: botocore/data/partitions.json.
_PREFIXES = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}


def partition_of(region: str) -> str:
    """Return the partition of a region, by the prefix of its name; `aws` for any other prefix."""
    return next((partition for prefix, partition in _PREFIXES.items() if region.startswith(prefix)), "aws")


#: The public regions of aws, aws-cn and aws-us-gov, for completion; other and newer regions are accepted, too.
#: Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
REGIONS = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
    *("ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4"),
    *("ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1"),
    *("cn-north-1", "cn-northwest-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2"),
    *("eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
    *("sa-east-1", "us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2"),
)
