"""zsh 5: bash's statements mean the same there, also under KSH_ARRAYS, SH_WORD_SPLIT, RC_QUOTES and `emulate sh`."""

from awsenv.dialects.bash import done, export, fail, quote, say, unset

__all__ = ["done", "export", "fail", "quote", "say", "unset"]
