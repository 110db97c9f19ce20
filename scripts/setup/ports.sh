# The ports and names of a set-up: looked at, printed, and made into firewall lines. Part of setup-template.sh.
# shellcheck shell=bash

runs() { # runs PROFILE
  case ",$V_COMPOSE_PROFILES," in *",$1,"*) return 0 ;; *) return 1 ;; esac
}

# One line for each: PROTOCOL FIRST LAST WHO WHAT. WHO is everyone, encoders (those may be narrowed to their addresses), or
# the address of the one machine that it is for.
ports() {
  say "tcp 80 80 everyone HTTP: sends browsers on to https, and answers Let's Encrypt"
  say "tcp 443 443 everyone HTTPS: pages, API, WebSocket, low-latency HLS, TURN over TLS"
  say "tcp 1936 1936 encoders RTMPS"
  if runs ome || runs embedded; then
    say "tcp 1935 1935 encoders RTMP, not encrypted"
    say "udp 9999 9999 encoders SRT"
  fi
  if runs embedded; then say "udp 10000 10009 everyone WebRTC: the picture"; fi
  if runs ome; then
    say "udp 10000 10004 everyone WebRTC: the picture"
    say "tcp 3479 3479 everyone WebRTC over TCP, where UDP does not pass"
  fi
  inside_ports
  if runs edge; then
    say "udp 10005 10009 everyone WebRTC: the picture, from the edge"
    say "tcp 3480 3480 everyone WebRTC over TCP, from the edge"
  fi
  if runs turn; then
    say "udp 3478 3478 everyone STUN and TURN: calls"
    say "tcp 3478 3478 everyone TURN over TCP: calls"
    say "udp 49160 49959 everyone TURN's relay: calls"
  fi
}

# What machines of one house want of each other, on their private network.
inside_ports() {
  local rest="$V_OME_EDGES," address
  if runs ome; then
    while [[ $rest =~ ^[^,]*=http://([^:]*):8081[^,]*,(.*)$ ]]; do
      address=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
      if [ "$address" != ome-edge ]; then
        say "tcp 8880 8880 $address admission, for the edge there"
        say "tcp 9000 9000 $address OVT, for the edge there"
      fi
    done
  elif runs edge; then
    say "tcp 8081 8081 ${V_OME_ORIGIN%:*} the edge's API, for the product there"
  fi
}

# The names that have to lead here, one a line.
hosts() {
  if runs ome || runs embedded; then say "live.colourstream.$V_DOMAIN"; fi
  if runs turn; then say "turn.colourstream.$V_DOMAIN"; fi
  if runs mirotalk; then say "video.colourstream.$V_DOMAIN"; fi
  if runs edge; then say "$V_EDGE_NAME.colourstream.$V_DOMAIN"; fi
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
    case "$who" in
      everyone) say "ufw allow $range/$protocol comment '$what'" ;;
      encoders) say "ufw allow $range/$protocol comment '$what (encoders)'" ;;
      *) say "ufw allow from $who to any port $range proto $protocol comment '$what'" ;;
    esac
  done 3<<<"$(ports)"
}

nft_lines() {
  local protocol first last who what range from
  while read -r protocol first last who what <&3; do
    range=$first
    if [ "$first" != "$last" ]; then range="$first-$last"; fi
    case "$who" in
      everyone) say "    $protocol dport $range accept comment \"$what\"" ;;
      encoders)
        say "    ip saddr \$encoders $protocol dport $range accept comment \"$what\""
        say "    ip6 saddr \$encoders6 $protocol dport $range accept comment \"$what\""
        ;;
      *) say "    ip saddr $who $protocol dport $range accept comment \"$what\"" ;;
    esac
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
