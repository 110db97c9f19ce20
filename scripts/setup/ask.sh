# The questions, and what was answered before. Part of setup-template.sh.
# shellcheck shell=bash

TRIES=5

# choose NAME FLAG DEFAULT QUESTION EXPLANATION: the flag's value, else the earlier run's, else an answer, else the default.
choose() {
  local name=$1 flag=$2 default=$3 given="GIVEN_$1" old="OLD_$1" answer tries=0
  if [ -n "${!given-}" ]; then
    check_choice "$name" "${!given}" || refuse "$flag is '${!given}'; expected $REPLY"
    set_value "$name" "${!given}"
    return
  fi
  if [ -n "${!old-}" ]; then default=${!old}; fi
  if [ "$INTERACTIVE" = no ]; then
    [ -n "$default" ] || refuse "$flag is missing; with --non-interactive nothing is asked"
    check_choice "$name" "$default" || refuse "$name is '$default' in $OUTPUT; expected $REPLY" 1
    set_value "$name" "$default"
    return
  fi
  say ""
  say "$5"
  while [ "$tries" -lt "$TRIES" ]; do
    read_answer "$4" "$default"
    answer=$REPLY
    case "$name" in DOMAIN | ACME_EMAIL) answer=$(printf '%s' "$answer" | tr '[:upper:]' '[:lower:]') ;; esac
    if check_choice "$name" "$answer"; then
      set_value "$name" "$answer"
      return
    fi
    say "  '$answer' is not $REPLY."
    tries=$((tries + 1))
  done
  refuse "no answer that can be used for: $4"
}

# read_answer QUESTION DEFAULT, into REPLY.
read_answer() {
  local typed
  printf '%s%s: ' "$1" "${2:+ [$2]}"
  IFS= read -r typed || refuse "the answers ended at '$1'; for use without a terminal see --non-interactive"
  typed=${typed#"${typed%%[![:space:]]*}"}
  typed=${typed%"${typed##*[![:space:]]}"}
  REPLY=${typed:-${2-}}
  if [ ! -t 0 ]; then say ""; fi
}

ask_all() {
  local own public="" hint=""
  choose DOMAIN --domain "" "Domain" \
    "Your domain, such as example.org. People will open https://live.colourstream.example.org."
  choose ACME_EMAIL --email "" "E-mail" \
    "An e-mail address that Let's Encrypt may write to when a certificate is about to end."
  own=$(own_address) || own="" # no network at all
  if [ "$INTERACTIVE" = yes ] && [ -n "$own" ]; then
    # A router's inner address is what the internet does not know: it is named, not offered.
    if is_private_address "$own"; then hint=" This machine's own is $own, behind a router."; else public=$own; fi
  fi
  choose PUBLIC_ADDRESS --address "$public" "Public address" \
    "The IPv4 address that the internet reaches this machine by.$hint"
  if is_private_address "$V_PUBLIC_ADDRESS"; then
    warn "$V_PUBLIC_ADDRESS is a private address" "Right for a house of its own; from the internet nobody gets here, nor a certificate from Let's Encrypt."
  fi
  choose_quietly LOCAL_ADDRESS --local-address "${own:-$V_PUBLIC_ADDRESS}"
  choose_quietly EDGE_OF --edge-of none
  if [ "$V_EDGE_OF" = none ]; then
    choose ENGINE --engine ovenmediaengine "Media engine" \
      "ovenmediaengine for a house with many viewers or several processes; embedded for one small machine, a frame quicker."
    choose CONFERENCE --conference builtin "Calls" \
      "builtin: calls go from browser to browser, within the review room. mirotalk: by a MiroTalk of your own beside it."
  else
    choose_quietly ENGINE --engine ovenmediaengine
    choose_quietly CONFERENCE --conference builtin
  fi
  if [ "$V_ENGINE" = embedded ]; then
    [ "${GIVEN_EDGES:-none}" = none ] || refuse "--edges is for --engine ovenmediaengine: the embedded engine has none"
    set_value EDGES none
  else
    choose EDGES --edges none "Edges" \
      "Further OvenMediaEngines that help to give the picture out: edge1 on this machine, edge2=10.0.0.2 on another. See docs/scaling.md."
  fi
  if [ "$V_EDGE_OF" != none ]; then require_edge; fi
}

# What has a default that fits nearly always is not asked.
choose_quietly() { # choose_quietly NAME FLAG DEFAULT
  local asked=$INTERACTIVE
  INTERACTIVE=no
  choose "$@" "" ""
  INTERACTIVE=$asked
}

# A machine that is nothing but an edge shares two secrets with the main one.
require_edge() {
  case "$V_EDGES" in none | *=* | *,*) refuse "--edge-of wants this edge's name: --edges edge2" ;; esac
  [ "$V_ENGINE" = ovenmediaengine ] || refuse "--edge-of is for --engine ovenmediaengine"
  [ -n "${OLD_OME_API_TOKEN-}" ] || refuse "copy env/ome.env of the main machine to $OUTPUT/env/ first: its two secrets are the edge's too" 1
}
