# The ports and names of a set-up: looked at, printed, and made into firewall lines. Part of setup-template.sh.
# shellcheck shell=bash

# One line for each: PROTOCOL FIRST LAST WHO WHAT. WHO is everyone, or encoders: those may be narrowed to their addresses.
ports() {
  say "tcp 80 80 everyone HTTP: sends browsers on to https, and answers Let's Encrypt"
  say "tcp 443 443 everyone HTTPS: pages, API, WebSocket, low-latency HLS, TURN over TLS"
  say "tcp 1935 1935 encoders RTMP, not encrypted"
  say "tcp 1936 1936 encoders RTMPS"
  say "udp 9999 9999 encoders SRT"
  if [ "$V_ENGINE" = embedded ]; then
    say "udp 10000 10009 everyone WebRTC: the picture"
  else
    say "udp 10000 10004 everyone WebRTC: the picture"
    say "tcp 3479 3479 everyone WebRTC over TCP, where UDP does not pass"
  fi
  case ",$V_COMPOSE_PROFILES," in
    *,edge,*)
      say "udp 10005 10009 everyone WebRTC: the picture, from the edge"
      say "tcp 3480 3480 everyone WebRTC over TCP, from the edge"
      ;;
  esac
  say "udp 3478 3478 everyone STUN and TURN: calls"
  say "tcp 3478 3478 everyone TURN over TCP: calls"
  say "udp 49160 49300 everyone TURN's relay: calls"
}

# The names that have to lead here, one a line.
hosts() {
  local entry rest
  say "live.colourstream.$V_DOMAIN"
  say "turn.colourstream.$V_DOMAIN"
  if [ "$V_CONFERENCE" = mirotalk ]; then say "video.colourstream.$V_DOMAIN"; fi
  case ",$V_COMPOSE_PROFILES," in *,edge,*) say "$V_EDGE_NAME.colourstream.$V_DOMAIN" ;; esac
}

# The port that this machine is administered by, so that no rule locks it out.
ssh_port() {
  local port=${SSH_CONNECTION-}
  port=${port##* }
  printf '%s' "${port:-22}"
}

ufw_lines() {
  local protocol first last who what range
  say "ufw allow $V_SSH_PORT/tcp comment 'SSH'"
  while read -r protocol first last who what <&3; do
    range=$first
    if [ "$first" != "$last" ]; then range="$first:$last"; fi
    what=${what//\'/}
    if [ "$who" = encoders ]; then what="$what (encoders)"; fi
    say "ufw allow $range/$protocol comment '$what'"
  done 3<<<"$(ports)"
}

nft_lines() {
  local protocol first last who what range from
  while read -r protocol first last who what <&3; do
    range=$first
    if [ "$first" != "$last" ]; then range="$first-$last"; fi
    if [ "$who" = encoders ]; then
      say "    ip saddr \$encoders $protocol dport $range accept comment \"$what\""
      say "    ip6 saddr \$encoders6 $protocol dport $range accept comment \"$what\""
    else
      say "    $protocol dport $range accept comment \"$what\""
    fi
  done 3<<<"$(ports)"
}

print_firewall() {
  say "# ufw: also in firewall/ufw.sh. Docker opens the ports of its containers by itself, past ufw."
  ufw_lines
  say ""
  say "# nftables: also in firewall/nftables.conf, as a whole; it holds Docker's ports too."
  nft_lines
}

# How every command to the services begins.
COMPOSE="docker compose --env-file global.env"

app_service() { # into REPLY
  REPLY=app
  if [ "$V_ENGINE" = embedded ]; then REPLY=app-embedded; fi
}
