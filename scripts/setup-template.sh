#!/usr/bin/env bash
# Makes the files that a ColourStream of one's own is run with, from deploy/templates. See --help.
# For bash 3.2 and newer, with nothing but what Debian and macOS have.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DEPLOY=$(cd "$HERE/../deploy" && pwd)
TEMPLATES=$DEPLOY/templates
OUTPUT=$DEPLOY
INTERACTIVE=yes
FORCE=no
LOOK_AT_DNS=yes
LOOK_AT_MACHINE=yes
ACTION=set-up
ROTATE=""

# shellcheck source=setup/say.sh
. "$HERE/setup/say.sh"
# shellcheck source=setup/values.sh
. "$HERE/setup/values.sh"
# shellcheck source=setup/ask.sh
. "$HERE/setup/ask.sh"
# shellcheck source=setup/files.sh
. "$HERE/setup/files.sh"
# shellcheck source=setup/ports.sh
. "$HERE/setup/ports.sh"
# shellcheck source=setup/machine.sh
. "$HERE/setup/machine.sh"
# shellcheck source=setup/write.sh
. "$HERE/setup/write.sh"
# shellcheck source=setup/check.sh
. "$HERE/setup/check.sh"
# shellcheck source=setup/rotate.sh
. "$HERE/setup/rotate.sh"

help() {
  cat <<'HELP'
Makes the files that a ColourStream of your own is run with: secrets, env files and configurations, filled in from
deploy/templates. It asks what it has to know, looks at this machine and its names, and says what to do next.
Run it again whenever you like: it writes what is missing, keeps what is there, and asks before it replaces anything.

  scripts/setup-template.sh [OPTIONS]
  scripts/setup-template.sh --check | --rotate NAME | --print-firewall [--output DIR]

What to run
  --domain NAME        your domain; pages are at live.colourstream.NAME
  --email ADDRESS      where Let's Encrypt writes when a certificate is about to end
  --address IP         the IPv4 address that the internet reaches this machine by
  --local-address IP   this machine's own address, where a router is between; found by itself
  --engine KIND        ovenmediaengine (default): scales, several processes · embedded: one small machine
  --conference KIND    builtin (default): calls from browser to browser · mirotalk: a MiroTalk beside it
  --edges LIST         further OvenMediaEngines that give the picture out: none (default), edge1 on this machine,
                       edge2=10.0.0.2 on another one, with commas between them
  --edge-of IP         this machine is nothing but an edge of the house at that inner address; see docs/scaling.md

How to run
  --non-interactive    ask nothing: what flags do not say is as it was, or the default
  --force              write files anew that differ; secrets and lines of your own stay, the old files go to old/
  --no-dns             do not look names up
  --no-machine         do not look at Docker, ports and disk: the files are for another machine
  --output DIR         where the files go (default: deploy/)

Instead
  --check              hold the set-up against the templates; exit code 1 and each fault by name
  --rotate NAME        renew a secret: postgres, ome-api, ome-webhook, turn, mirotalk, metrics, or all
  --print-firewall     the lines for ufw and nftables
  --help               this page

Exit codes: 0 done, 1 not done or faults found, 2 not understood.
HELP
}

read_flags() {
  local name
  while [ $# -gt 0 ]; do
    name=""
    case "$1" in
      --domain) name=GIVEN_DOMAIN ;;
      --email) name=GIVEN_ACME_EMAIL ;;
      --address) name=GIVEN_PUBLIC_ADDRESS ;;
      --local-address) name=GIVEN_LOCAL_ADDRESS ;;
      --engine) name=GIVEN_ENGINE ;;
      --conference) name=GIVEN_CONFERENCE ;;
      --edges) name=GIVEN_EDGES ;;
      --edge-of) name=GIVEN_EDGE_OF ;;
      --output) name=OUTPUT ;;
      --rotate) name=ROTATE && ACTION=rotate ;;
      --check) ACTION=check ;;
      --print-firewall) ACTION=print-firewall ;;
      --non-interactive) INTERACTIVE=no ;;
      --force) FORCE=yes ;;
      --no-dns) LOOK_AT_DNS=no ;;
      --no-machine) LOOK_AT_MACHINE=no ;;
      -h | --help) help && exit 0 ;;
      *) refuse "there is no option '$1'; see --help" ;;
    esac
    if [ -n "$name" ]; then
      [ -n "${2-}" ] || refuse "$1 wants a value; see --help"
      printf -v "$name" '%s' "$2"
      shift
    fi
    shift
  done
}

set_up() {
  if [ "$INTERACTIVE" = yes ]; then
    say "ColourStream: a set-up in $OUTPUT. Enter takes what stands in brackets; Ctrl-C ends without having changed anything."
  fi
  mkdir -p "$OUTPUT"
  OUTPUT=$(cd "$OUTPUT" && pwd)
  recover
  edges_from "${OLD_OME_EDGES-}"
  if [ -n "${OLD_DOMAIN-}" ]; then # `choose` reads both by their names
    # shellcheck disable=SC2034
    OLD_EDGES=$REPLY OLD_EDGE_OF=${OLD_OME_ORIGIN%:*}
    if [ "$OLD_EDGE_OF" = ome-origin ]; then OLD_EDGE_OF=none; fi
  fi
  ask_all
  refuse_change_in_passing
  fill_in_secrets
  derive_values
  if [ "$LOOK_AT_MACHINE" = yes ]; then look_at_machine; fi
  if [ "$LOOK_AT_DNS" = yes ]; then look_at_names; fi
  write_files
  next_steps
}

# The values of an earlier run as they stand, for what asks nothing.
load_recovered() {
  local name old
  recover
  for name in DOMAIN PUBLIC_ADDRESS ENGINE CONFERENCE COMPOSE_PROFILES EDGE_NAME; do
    old="OLD_$name"
    [ -n "${!old-}" ] || refuse "there is no set-up in $OUTPUT: no file says what $name is" 1
    set_value "$name" "${!old}"
  done
  set_value OME_EDGES "${OLD_OME_EDGES-}"
  set_value OME_ORIGIN "${OLD_OME_ORIGIN-}"
  set_value SSH_PORT "${OLD_SSH_PORT:-$(ssh_port)}"
}

read_flags "$@"
list_templates
case "$ACTION" in
  set-up) set_up ;;
  check)
    check_set_up
    if [ "$PROBLEMS" -gt 0 ]; then
      say ""
      say "$(count "$PROBLEMS" fault faults) found."
      exit 1
    fi
    ;;
  rotate) rotate "$ROTATE" ;;
  print-firewall)
    load_recovered
    print_firewall
    ;;
esac
