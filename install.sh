#!/bin/sh
# Installs awsenv from the checkout that contains this script, without root, and uninstalls it. See `sh install.sh --help`.
#
# It uses uv if that is installed, else pipx, else a virtual environment of its own. A second run upgrades the existing
# installation with the same tool.

# Names without braces read better. If a function is called in a condition, or a command in another's arguments, its
# failure is either handled there or means "no".
# shellcheck disable=SC2250,SC2310,SC2312

set -eu

usage() {
  cat <<'END'
usage: sh install.sh [--shell NAME] [--no-rc]
       sh install.sh --demo [--shell NAME]
       sh install.sh --uninstall

Installs awsenv for this user (with uv, else pipx, else a virtual environment under ~/.local/share/awsenv), then puts
one line into your shell's start-up file. Running it again upgrades in place and adds nothing twice.

  --shell NAME   your shell: bash, zsh, fish, powershell or cmd; by default $SHELL, else the shell that runs this (for
                 the demo, and in PowerShell: the shell that runs this, else $SHELL)
  --no-rc        leave the start-up files alone
  --demo         install to the same place with what the demo needs, leave the start-up files alone, run awsenv demo
  --uninstall    remove the line from every start-up file, then awsenv itself, however this script installed it
  --help         this text

examples:
  sh install.sh
  sh install.sh --shell zsh
  sh install.sh --no-rc && eval "$("$HOME/.local/bin/awsenv" init bash)"
  sh install.sh --demo         try it without an AWS account; --uninstall removes that, too
  sh install.sh --uninstall

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted; with --demo, the demo's own.
END
}

# --- output -----------------------------------------------------------------------------------------------------------

say() {
  printf '%s\n' "$*"
}

die() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

wrong_usage() {
  printf 'install.sh: %s; see sh install.sh --help\n' "$*" >&2
  exit 2
}

# An argument as the user can type it into a shell.
quoted() {
  case $1 in
    *[!A-Za-z0-9_./-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

# --- commands ---------------------------------------------------------------------------------------------------------

# Runs a command without its output (`show_noise` prints that after a failure), without stdin, and without the variables
# that would make pip install elsewhere or find packages elsewhere. The subshell keeps these variables for the demo's shell.
quietly() (
  trap : HUP INT TERM # this subshell has to outlive the command, so that the clean-up comes after it
  unset PYTHONHOME PYTHONPATH PIP_PREFIX PIP_ROOT PIP_TARGET
  # the build imports awsenv from the checkout, which must stay unchanged
  export PIP_NO_INPUT=1 PIP_USER=0 PYTHONDONTWRITEBYTECODE=1 TMPDIR="$scratch"
  "$@" </dev/null >"$scratch/noise" 2>&1
)

# Whether a program exists and runs: a shim of pyenv may have no program behind it.
runs() {
  "$1" --version </dev/null >/dev/null 2>&1
}

show_noise() {
  tail -n 15 -- "$scratch/noise" | sed 's/^/  | /' >&2
}

# Removes the temporary files and a half-made virtual environment, however the script exits.
clean_up() {
  rm -rf -- "$scratch"
  if [ -n "$half_made" ]; then
    rm -rf -- "$half_made"
    rmdir -- "$data" 2>/dev/null || :
  fi
}

interrupted() {
  trap '' HUP INT TERM # a second Ctrl-C must not stop the clean-up
  printf 'install.sh: interrupted, nothing half-made is left\n' >&2
  exit "$1" # and so to clean_up
}

# --- Python -----------------------------------------------------------------------------------------------------------

# The Pythons on this machine that can run awsenv.
suitable_pythons() {
  others=
  [ "$(uname -s)" != Darwin ] || others='/opt/homebrew/bin/python3 /usr/local/bin/python3' # Homebrew's, before it is on PATH
  for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 $others; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' </dev/null >/dev/null 2>&1; then
      printf '%s\n' "$name"
    fi
  done
}

need_python() {
  pythons=$(suitable_pythons)
  if [ -z "$pythons" ]; then
    version=$(python3 -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' </dev/null 2>/dev/null) || version=
    if [ -n "$version" ]; then
      found="$(command -v python3) is Python $version"
    else
      found='there is none on PATH'
    fi
    case $(uname -s) in
      Darwin) means='type brew install python3 (https://brew.sh), or take it from https://www.python.org/downloads/' ;;
      *) means='install python3 (on Debian and Ubuntu together with python3-venv)' ;;
    esac
    die "awsenv needs Python 3.10 or newer, and $found: $means, or install uv, which brings its own, then run this again"
  fi
}

# --- the virtual environment ------------------------------------------------------------------------------------------

# Creates $venv with a pip in it, with whatever this machine has.
make_venv() {
  half_made=$venv
  tried=
  # Names without blanks, so they can be split.
  for python in $pythons; do
    for means in with_ensurepip with_any_pip with_virtualenv; do
      rm -rf -- "$venv"
      if "$means" "$python"; then
        return
      fi
    done
  done
  [ -n "$tried" ] || die "this Python ($(command -v "$python")) lacks the means to make a virtual environment:" \
    "install the package python3-venv (Debian and Ubuntu: apt install python3-venv), then run this again"
  show_noise
  die "cannot make a virtual environment in $venv, for the reason above"
}

with_ensurepip() {
  "$1" -c 'import ensurepip, venv' </dev/null >/dev/null 2>&1 || return 1
  tried=yes
  quietly "$1" -m venv "$venv"
}

# Debian's python3 without python3-venv has venv, but no ensurepip. Any other pip, run by the new environment's Python,
# installs pip into it (`pip --python` needs pip 22.3).
with_any_pip() {
  "$1" -c 'import venv' </dev/null >/dev/null 2>&1 || return 1
  pip=$(directory_of_pip "$1") || return 1
  tried=yes
  quietly "$1" -m venv --without-pip "$venv" &&
    # --ignore-installed: that pip sees the packages in its own directory, including itself
    quietly "$venv/bin/python" "$pip" install --ignore-installed pip
}

directory_of_pip() {
  # "pip 23.0.1 from /usr/lib/python3/dist-packages/pip (python 3.11)"
  for start in "$1 -m pip" pip3 pip; do
    # shellcheck disable=SC2086 # "python3 -m pip" is three words
    directory=$($start --version 2>/dev/null </dev/null | sed -n 's/^pip [^ ]* from \(.*\) (python .*)$/\1/p')
    if [ -f "$directory/__main__.py" ]; then
      printf '%s\n' "$directory"
      return
    fi
  done
  return 1
}

with_virtualenv() {
  if "$1" -m virtualenv --version </dev/null >/dev/null 2>&1; then
    tried=yes
    quietly "$1" -m virtualenv "$venv"
  elif runs virtualenv; then
    tried=yes
    quietly virtualenv --python "$1" "$venv"
  else
    return 1
  fi
}

pip_of_venv() {
  "$venv/bin/python" -m pip "$@"
}

# Whether $1 is a link to $2 in the environment, by default to the program of the same name.
link_is_ours() {
  [ -L "$1" ] && [ "$(readlink "$1")" = "$venv/${2:-bin/${1##*/}}" ]
}

# Files for man and the shells, below ~/.local/share as below share/ of the environment.
shared='man/man1/awsenv.1 bash-completion/completions/awsenv zsh/site-functions/_awsenv
fish/vendor_completions.d/awsenv.fish'

# Links the manual page and the completions. Existing files of others stay; awsenv works without these links.
link_shared() {
  for file in $shared; do
    link=${data%/*}/$file
    if { [ ! -e "$link" ] && [ ! -L "$link" ]; } || link_is_ours "$link" "share/$file"; then
      { mkdir -p -- "${link%/*}" && ln -sf -- "$venv/share/$file" "$link"; } 2>/dev/null ||
        say "note: cannot make the link $link"
    fi
  done
}

unlink_shared() {
  for file in $shared; do
    link=${data%/*}/$file
    if link_is_ours "$link" "share/$file"; then
      rm -f -- "$link" || die "cannot remove $link"
      say "removed $link"
      directory=${link%/*} # remove directories that are empty now, too
      while [ "$directory" != "${data%/*}" ] && rmdir -- "$directory" 2>/dev/null; do directory=${directory%/*}; done
    fi
  done
}

# --- the three installers: is it installed, where are its programs, install, remove -----------------------------------

has_venv() {
  [ -e "$venv" ] || link_is_ours "$links/awsenv" || link_is_ours "$links/awsenv-core"
}

# The distribution is called awsenv-shell. It used to be called awsenv, like another author's package on PyPI; ours is the
# one with the program awsenv-core.
distribution='awsenv-shell'
former='awsenv'

# Our packages in the output of uv tool list ("awsenv-shell v0.1.0", "- awsenv-core") or pipx list ("package awsenv-shell 0.1.0").
ours() {
  package=
  while read -r first second _; do
    case "$first $second" in
      "- awsenv-core"*) printf '%s\n' "$package" ;;
      "- "*) ;;
      "package "*) package=$second ;;
      *) package=$first ;;
    esac
  done
}

ours_in_uv() {
  uv tool list 2>/dev/null </dev/null | ours
}

ours_in_pipx() {
  pipx list 2>/dev/null </dev/null | ours
}

has_uv() {
  runs uv && [ -n "$(ours_in_uv)" ]
}

has_pipx() {
  runs pipx && [ -n "$(ours_in_pipx)" ]
}

# Whether uv or pipx has our package under its former name.
has_former_in() {
  "ours_in_$1" | grep -q "^$former\$"
}

bin_of_venv() {
  printf '%s\n' "$links"
}

# An old uv or pipx cannot print its directory of programs; then it is the usual one.
bin_of_uv() {
  uv tool dir --bin 2>/dev/null </dev/null || printf '%s\n' "$links"
}

bin_of_pipx() {
  pipx environment --value PIPX_BIN_DIR 2>/dev/null </dev/null || printf '%s\n' "${PIPX_BIN_DIR:-$links}"
}

install_with_uv() {
  if uv tool list 2>/dev/null </dev/null | grep -q '^awsenv ' && ! has_uv; then
    die "uv has another tool named awsenv: type uv tool uninstall awsenv, then run this again"
  fi
  say "installing awsenv with uv"
  if has_former_in uv; then
    # Install first, so that a failure leaves a working program. Uninstalling the former package removes the programs, so
    # install once more.
    uv_install --force
    quietly uv tool uninstall "$former" || :
  fi
  uv_install
}

uv_install() {
  # --reinstall-package: the checkout may have changed while the version has not
  if ! quietly uv tool install --compile-bytecode "$@" --reinstall-package "$distribution" "$source"; then
    show_noise
    die "uv could not install awsenv, for the reason above"
  fi
}

install_with_pipx() {
  if pipx list 2>/dev/null </dev/null | grep -q '^ *package awsenv ' && ! has_pipx; then
    die "pipx has another package named awsenv: type pipx uninstall awsenv, then run this again"
  fi
  say "installing awsenv with pipx"
  if has_former_in pipx; then
    pipx_install
    quietly pipx uninstall "$former" || :
  fi
  pipx_install
}

pipx_install() {
  # --force: replace an earlier installation
  if ! quietly pipx install --force "$source"; then
    show_noise
    die "pipx could not install awsenv, for the reason above"
  fi
}

install_with_venv() {
  case $(uname -s) in
    MINGW* | MSYS* | CYGWIN*) die "on Windows install uv first (winget install astral-sh.uv), then run this again" ;;
    *) ;;
  esac
  for name in awsenv awsenv-core; do
    if { [ -e "$links/$name" ] || [ -L "$links/$name" ]; } && ! link_is_ours "$links/$name"; then
      die "$links/$name is there already and is not this script's: move it out of the way, then run this again"
    fi
  done

  if quietly pip_of_venv --version; then
    say "upgrading awsenv in $venv (up to a minute)"
  else
    need_python
    say "making a virtual environment in $venv"
    make_venv
    say "installing awsenv and what it needs into it (up to a minute)"
  fi
  # The newest pip writes console scripts that start faster; without it, the installed one is good enough.
  quietly pip_of_venv install --upgrade pip || :
  pip_install --upgrade
  # Uninstalling the former package removes files that are ours by now, so install them again.
  if quietly pip_of_venv show "$former"; then
    quietly pip_of_venv uninstall --yes "$former" || :
    pip_install --no-deps --force-reinstall
  fi
  # An ensurepip before Python 3.12 brings setuptools, which slows down every start (its .pth file).
  quietly pip_of_venv uninstall --yes setuptools || :
  half_made=

  mkdir -p -- "$links" || die "cannot make the directory $links"
  for name in awsenv awsenv-core; do
    ln -sf -- "$venv/bin/$name" "$links/$name" || die "cannot make the link $links/$name"
  done
  link_shared
}

pip_install() {
  if ! quietly pip_of_venv install "$@" "$source"; then
    show_noise
    die "pip could not install awsenv, for the reason above"
  fi
}

remove_with_uv() {
  for package in $(ours_in_uv); do
    quietly uv tool uninstall "$package" || {
      show_noise
      die "uv could not remove awsenv, for the reason above"
    }
  done
  say "removed awsenv from uv's tools"
}

remove_with_pipx() {
  for package in $(ours_in_pipx); do
    quietly pipx uninstall "$package" || {
      show_noise
      die "pipx could not remove awsenv, for the reason above"
    }
  done
  say "removed awsenv from pipx's applications"
}

remove_with_venv() {
  for name in awsenv awsenv-core; do
    if link_is_ours "$links/$name"; then
      rm -f -- "$links/$name" || die "cannot remove $links/$name"
      say "removed $links/$name"
    fi
  done
  unlink_shared
  if [ -e "$venv" ]; then
    rm -rf -- "$venv" || die "cannot remove $venv"
    say "removed $venv"
  fi
  rmdir -- "$data" 2>/dev/null || :
}

# --- tasks ------------------------------------------------------------------------------------------------------------

# The installers with which awsenv is installed now.
installers_in_use() {
  for installer in venv uv pipx; do
    if "has_$installer"; then
      printf '%s\n' "$installer"
    fi
  done
}

# The installer to use: the same as before, else the best one available.
chosen_installer() {
  before=$(installers_in_use | head -n 1)
  if [ -n "$before" ]; then
    printf '%s\n' "$before"
  elif runs uv; then
    printf 'uv\n'
  elif runs pipx; then
    printf 'pipx\n'
  else
    printf 'venv\n'
  fi
}

# The integration for a shell's name or path; nothing for a shell without one.
integration_of() {
  name=${1##*/}
  name=${name#-} # a login shell's name
  case $name in
    bash | zsh | fish | powershell | cmd) printf '%s\n' "$name" ;;
    pwsh) printf 'powershell\n' ;;
    *) ;;
  esac
}

# The first of these names or paths that is a shell with an integration.
first_shell_of() {
  for candidate in "$@"; do
    known=$(integration_of "$candidate")
    if [ -n "$known" ]; then
      printf '%s\n' "$known"
      return
    fi
  done
}

# The program that runs this script. A small Linux may have no ps.
parent() {
  ps -o comm= -p "$PPID" 2>/dev/null || cat "/proc/$PPID/comm" 2>/dev/null || :
}

# The shell whose start-up file gets the line.
users_shell() {
  caller=$(parent)
  case ${caller##*/} in
    pwsh) first_shell_of "$shell" "$caller" ;; # rarely a login shell: its user has chosen it
    *) first_shell_of "$shell" "${SHELL-}" "$caller" ;;
  esac
}

eval_line() {
  case $2 in
    fish) printf '%s init fish | source' "$(quoted "$1")" ;;
    powershell) printf '& %s init powershell | Out-String | Invoke-Expression' "$(quoted "$1")" ;;
    *) printf "eval \"\$(%s init %s)\"" "$(quoted "$1")" "$2" ;;
  esac
}

install() {
  installer=$(chosen_installer)
  cd -- "$checkout" # the source is "." plus extras, so that no tool has to parse the checkout's path
  "install_with_$installer"

  bin=$("bin_of_$installer")
  program=$bin/awsenv
  version=$("$program" --version 2>"$scratch/noise" </dev/null) || {
    show_noise
    die "awsenv is installed but $program does not run, for the reason above"
  }
  case $installer in
    venv) say "$version is installed: $program, a link into $venv" ;;
    *) say "$version is installed with $installer: $program" ;;
  esac
}

# Adds the line to the start-up file. awsenv prints where, and what to type in the open shell.
integrate() {
  name=$(users_shell)
  if [ -z "$name" ]; then
    say_without_integration
  elif ! "$program" install --shell "$name" </dev/null; then
    die "awsenv is installed, but no start-up file has its line, for the reason above:" \
      "then type $(quoted "$program") install --shell $name"
  fi
}

say_without_integration() {
  say "your shell has no integration; in sh, ksh and the like type: eval \"\$($(quoted "$program") assume PROFILE)\""
  say "for another shell type: $(quoted "$program") install --shell NAME"
}

say_what_next() {
  case ":$PATH:" in
    *":$bin:"*)
      first=$(command -v awsenv) || first=
      case $first in
        "" | "$program") ;;
        *) say "note: $first comes before it on PATH" ;;
      esac
      ;;
    *)
      if [ -n "$no_rc" ]; then
        say "$bin is not on PATH: call it by its full path, or put that directory on PATH"
      else
        say "$bin is not on PATH: shells that have read the line know awsenv all the same; for scripts put it on PATH"
      fi
      ;;
  esac
  if [ -n "$no_rc" ]; then
    name=$(users_shell)
    if [ -n "$name" ]; then
      say "no start-up file was touched; for this shell alone type: $(eval_line "$program" "$name")"
    else
      say_without_integration
    fi
  fi
  say "then: awsenv list, awsenv assume PROFILE; to remove all this: sh $(quoted "$checkout/install.sh") --uninstall"
}

# Runs awsenv uninstall, without its lines about removing awsenv itself, which this script does next.
without_removal() {
  code=0
  output=$("$@" </dev/null) || code=$?
  [ -z "$output" ] || printf '%s\n' "$output" | sed '/^to remove awsenv itself: /d; /^this shell still exports /d'
  return "$code"
}

# Removes the line with the installed awsenv if that still runs, else with the checkout's.
remove_lines() {
  for installer in $1; do
    program=$("bin_of_$installer")/awsenv
    if quietly "$program" --version; then
      without_removal "$program" uninstall
      return
    fi
  done
  python=$(suitable_pythons | head -n 1)
  if [ -n "$python" ]; then
    # -B: write no __pycache__ into the checkout
    (cd -- "$checkout" && without_removal "$python" -B -m awsenv uninstall)
  else
    say "without Python 3.10 or newer the start-up files cannot be looked at: a line of awsenv in them does nothing now"
  fi
}

uninstall() {
  installers=$(installers_in_use)
  remove_lines "$installers" || die "the line could not be taken out, for the reason above, so awsenv was not removed"
  for installer in $installers; do
    "remove_with_$installer"
  done
  if [ -d "$cache" ]; then
    rm -rf -- "$cache" || die "cannot remove $cache"
    say "removed $cache"
  fi
  [ -n "$installers" ] || say "awsenv was not installed: nothing to remove"
  [ -z "${AWSENV_PROFILE-}" ] ||
    say "your shell still exports $AWSENV_PROFILE: with the integration type awsenv clear there, else leave that shell"
}

# --- start ------------------------------------------------------------------------------------------------------------

task='install'
shell=
no_rc=
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --demo | --uninstall)
      case $task in
        install | "${1#--}") task=${1#--} ;;
        *) wrong_usage "--demo and --uninstall do not go together" ;;
      esac
      ;;
    --no-rc) no_rc=yes ;;
    --shell)
      [ $# -gt 1 ] || wrong_usage "--shell needs a name"
      shift
      shell=$1
      ;;
    --shell=*) shell=${1#--shell=} ;;
    *) wrong_usage "there is no option $1" ;;
  esac
  shift
done
case $task${no_rc:+no_rc}${shell:+shell} in
  uninstall?*) wrong_usage "--uninstall goes alone: it takes the line out of every shell's file" ;;
  *) ;;
esac
# report this before a minute of installing, not after it
[ -z "$shell" ] || [ -n "$(integration_of "$shell")" ] ||
  wrong_usage "there is no integration for the shell $shell: name bash, zsh, fish, powershell or cmd"

[ -n "${HOME-}" ] || die "HOME is not set, so there is no place to install to"
# with CDPATH set, cd might go elsewhere, and print
checkout=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
if [ ! -f "$checkout/pyproject.toml" ] || [ ! -d "$checkout/awsenv" ]; then
  die "this script installs the awsenv checkout that contains it, and $checkout is not one"
fi

# XDG Base Directory Specification: a relative path must be ignored
case ${XDG_DATA_HOME-} in
  /*) data=$XDG_DATA_HOME/awsenv ;;
  *) data=$HOME/.local/share/awsenv ;;
esac
case $(uname -s):${XDG_CACHE_HOME-} in
  Darwin:*) cache=$HOME/Library/Caches/awsenv ;;
  *:/*) cache=$XDG_CACHE_HOME/awsenv ;;
  *) cache=$HOME/.cache/awsenv ;;
esac
venv=$data/venv
links=$HOME/.local/bin
half_made=

scratch=$(mktemp -d 2>/dev/null) || die "cannot make a temporary directory: check that TMPDIR is writable"
trap clean_up EXIT
trap 'interrupted 129' HUP
trap 'interrupted 130' INT
trap 'interrupted 143' TERM

case $task in
  uninstall) uninstall ;;
  demo)
    source='.[demo]'
    install
    say "awsenv is installed in the same place as without --demo; to remove it: sh $(quoted "$checkout/install.sh") --uninstall"
    clean_up # there is no EXIT trap after exec
    # exec: the demo's shell becomes a child of the user's shell, has the terminal, and its exit code is ours
    name=$(first_shell_of "$shell" "$(parent)" "${SHELL-}")
    if [ -n "$name" ]; then
      exec "$program" demo --shell "$name"
    fi
    exec "$program" demo
    ;;
  *)
    source=.
    install
    [ -n "$no_rc" ] || integrate
    say_what_next
    ;;
esac
