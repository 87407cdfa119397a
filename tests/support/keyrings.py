"""Variables that select a keyring: one in a file, and none at all."""

from __future__ import annotations

KEYRING = {"AWSENV_CACHE": "keyring", "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}
NO_KEYRING = {"AWSENV_CACHE": "keyring", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
