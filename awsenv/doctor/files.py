"""What is wrong with the AWS config and credentials files."""

from __future__ import annotations
