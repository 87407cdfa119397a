"""Models of themes of zsh that have elements, by their documented interfaces."""

from __future__ import annotations

#: powerlevel10k: `p10k help segment`. The text and the condition are expanded when the prompt is shown (-e), the text is
#: then a prompt (%), and an empty condition hides it. The functions are called, and PROMPT is made, before each prompt;
#: it begins with a line that the cursor goes back to.
POWERLEVEL10K = r"""
setopt prompt_subst
p10k() {
  [[ $1 == segment ]] || return 0
  shift
  local -A option
  zparseopts -D -A option -- s: f: c: e t:
  [[ -v option[-e] ]] && PROMPT+='${${:-'${option[-c]}'}:+'${option[-t]}' }'
}
make_prompt() {
  PROMPT=$'%{\n\eM%}'
  local name
  for name in $POWERLEVEL9K_LEFT_PROMPT_ELEMENTS; do (( $+functions[prompt_$name] )) && prompt_$name; done
  PROMPT+='> '
}
precmd_functions+=(make_prompt)
POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dir vcs)
"""

#: spaceship: its functions by their documented names, one for each section. PROMPT calls one that joins them.
SPACESHIP = r"""
SPACESHIP_PROMPT_ORDER=(dir char)
setopt prompt_subst
spaceship::section() { print -rn -- "${argv[-1]} "; }
spaceship::prompt() {
  local section
  for section in $SPACESHIP_PROMPT_ORDER; do (( $+functions[spaceship_$section] )) && spaceship_$section; done
  print -rn '> '
}
make_prompt() { PROMPT='$(spaceship::prompt)'; }
precmd_functions+=(make_prompt)
"""
