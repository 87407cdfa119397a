"""What is wrong with the AWS CLI and the SDKs of this machine."""

from __future__ import annotations
