# shellcheck shell=bash
# bash-completion loads this at the first TAB after awsenv, where the integration is not loaded (that one has its own).
: "${__awsenv_program:=awsenv}"
declare -F __awsenv_untraced >/dev/null || __awsenv_untraced() {
  local traced=$- status=0
  { set +x; } 2>/dev/null # a trace would show each line of the credentials file
  "$@" || status=$?
  [[ ${traced} != *x* ]] || set -x
  return "${status}"
}
eval "$(command awsenv init bash --completion 2>/dev/null || :)"
declare -F __awsenv_complete >/dev/null && complete -F __awsenv_complete awsenv
