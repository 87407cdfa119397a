# shellcheck shell=bash
# bash-completion loads this at the first TAB after awsenv, where the integration is not loaded (that one has its own).
: "${__awsenv_program:=awsenv}"
builtin declare -F __awsenv_untraced >/dev/null || __awsenv_untraced() {
  builtin local traced=$- status=0
  { builtin set +x; } 2>/dev/null # a trace would show each line of the credentials file
  "$@" || status=$?
  [[ ${traced} != *x* ]] || builtin set -x
  return "${status}"
}
builtin eval "$(builtin command awsenv init bash --completion 2>/dev/null || :)"
builtin declare -F __awsenv_complete >/dev/null && builtin complete -F __awsenv_complete awsenv
