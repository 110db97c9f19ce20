# Looks at the machine and its names: DNS, ports, Docker, disk, buffers. It changes nothing.
# shellcheck shell=bash

DOCKER_AT_LEAST=24
TRAEFIK_FOR_DOCKER_29=3.6.1 # older ones speak an API that Docker Engine 29 has no more
DISK_GB=20                  # images 3 GB, a database, backups; recordings want more
DISK_GB_AT_LEAST=5
RECEIVE_BUFFER=4194304 # bytes: a keyframe of 4K comes as one burst, and the usual 208 KiB lose a part of it

look_at_machine() {
  say ""
  say "This machine:"
  look_at_docker
  look_at_ports
  look_at_disk
  look_at_buffers
}

# at_least 28.2.2 24: compares versions number by number.
at_least() {
  local have=${1%%[-+~]*}. want=$2.
  while [ -n "$want" ]; do
    local a=${have%%.*} b=${want%%.*}
    [[ $a =~ ^[0-9]+$ ]] || a=0
    if [ "$((10#$a))" -ne "$((10#$b))" ]; then
      [ "$((10#$a))" -gt "$((10#$b))" ]
      return
    fi
    have=${have#*.} want=${want#*.}
  done
}

look_at_docker() {
  local version compose traefik
  if ! command -v docker >/dev/null 2>&1; then
    bad "Docker is not installed" "Install Docker Engine with its compose plugin: https://docs.docker.com/engine/install/"
    return
  fi
  compose=$(docker compose version --short 2>/dev/null) || compose=""
  compose=${compose#v}
  if [ -z "$compose" ]; then
    bad "docker compose is not installed" "Install the package docker-compose-plugin; the older docker-compose is not enough."
  else
    ok "docker compose $compose"
  fi
  version=$(docker version --format '{{.Server.Version}}' 2>/dev/null) || version=""
  if [ -z "$version" ]; then
    bad "Docker does not answer" "Is it running (systemctl status docker), and may this user use it (root, or the group docker)?"
    return
  fi
  if at_least "$version" "$DOCKER_AT_LEAST"; then
    ok "Docker Engine $version"
  else
    bad "Docker Engine $version is too old" "Install $DOCKER_AT_LEAST or newer: https://docs.docker.com/engine/install/"
  fi
  traefik=$(sed -n 's/^ *image: *"\{0,1\}traefik:v\([0-9.]*\).*/\1/p' "$DEPLOY/compose.yaml" 2>/dev/null | head -n 1)
  if at_least "$version" 29 && [ -n "$traefik" ] && ! at_least "$traefik" "$TRAEFIK_FOR_DOCKER_29"; then
    bad "Traefik $traefik is too old for Docker Engine $version" "Take the compose.yaml of this release, which has a newer one."
  fi
}

is_running_here() {
  [ -n "$(docker ps --quiet --filter label=com.docker.compose.project=colourstream 2>/dev/null)" ]
}

look_at_ports() {
  local taken protocol first last port problems=$PROBLEMS
  if is_running_here; then
    ok "ports: ColourStream runs here and has them"
    return
  fi
  if ! taken=$(taken_ports); then
    warn "ports were not looked at: neither ss nor lsof is here"
    return
  fi
  while read -r protocol first last _ <&3; do
    for ((port = first; port <= last; port++)); do
      case " $taken " in
        *" $protocol/$port "*)
          bad "port $port/$protocol is in use by another program" \
            "As root, see which: $(if command -v ss >/dev/null; then printf 'ss -lptun'; else printf 'lsof -nP -i'; fi) | grep :$port; then stop it."
          ;;
      esac
    done
  done 3<<<"$(ports)"
  if [ "$problems" -eq "$PROBLEMS" ]; then ok "all ports are free"; fi
}

# Everything that something listens on, as tcp/80 udp/9999 in one line.
taken_ports() {
  if command -v ss >/dev/null 2>&1; then
    { ss -Hltn | awk '{ print "tcp " $4 }' && ss -Hlun | awk '{ print "udp " $4 }'; } | port_words
  elif command -v lsof >/dev/null 2>&1; then
    { lsof -nP -iTCP -sTCP:LISTEN | awk '{ print "tcp " $9 }' && lsof -nP -iUDP | awk '{ print "udp " $9 }'; } 2>/dev/null | port_words
  else
    return 1
  fi
}
port_words() { awk '{ n = split($2, part, ":"); printf "%s/%s ", $1, part[n] }'; }

look_at_disk() {
  local folder=$OUTPUT free
  if [ -d /var/lib/docker ]; then folder=/var/lib/docker; fi
  free=$(($(df -Pk "$folder" | awk 'NR == 2 { print $4 }') / 1048576))
  if [ "$free" -ge "$DISK_GB" ]; then
    ok "disk: $free GB free at $folder"
  elif [ "$free" -ge "$DISK_GB_AT_LEAST" ]; then
    warn "disk: $free GB free at $folder" "Enough to begin with; recordings take 5 GB an hour at 12 Mb/s."
  else
    bad "disk: $free GB free at $folder" "Have $DISK_GB_AT_LEAST GB at the very least, $DISK_GB to be at ease."
  fi
}

look_at_buffers() {
  local name is small=""
  for name in rmem_max rmem_default; do
    is=$(cat "/proc/sys/net/core/$name" 2>/dev/null) || return 0 # not Linux: Docker's own machine counts
    if [ "$is" -lt "$RECEIVE_BUFFER" ]; then small="$small net.core.$name=$RECEIVE_BUFFER"; fi
  done
  if [ -z "$small" ]; then
    ok "receive buffers for UDP"
  else
    warn "receive buffers for UDP are small: large keyframes by SRT and WHIP lose packets" \
      "As root: printf '%s\\n'$small > /etc/sysctl.d/60-colourstream.conf && sysctl --system"
  fi
}

look_at_names() {
  local name found
  say ""
  say "Names (each has to be an A record for $V_PUBLIC_ADDRESS):"
  while IFS= read -r name <&3; do
    if ! found=$(addresses_of "$name"); then
      warn "names were not looked up: none of getent, dig and host is here"
      return
    fi
    case " $found " in
      "  ") bad "$name has no address" "At your DNS provider: $name.  A  $V_PUBLIC_ADDRESS" ;;
      " $V_PUBLIC_ADDRESS ") ok "$name" ;;
      *" $V_PUBLIC_ADDRESS "*) warn "$name has other addresses as well: $found" "Remove them, or some visitors reach another machine." ;;
      *) bad "$name is $found" "At your DNS provider: $name.  A  $V_PUBLIC_ADDRESS. A change takes up to an hour." ;;
    esac
  done 3<<<"$(hosts)"
}

# Of NAME, IPv4, in one line; nothing when there are none. False when there is nothing to look up with.
addresses_of() {
  local found
  if command -v getent >/dev/null 2>&1; then
    found=$(getent ahostsv4 "$1" | awk '{ print $1 }') || found=""
  elif command -v dig >/dev/null 2>&1; then
    found=$(dig +short +time=3 +tries=2 A "$1" | grep -E '^[0-9.]+$') || found=""
  elif command -v host >/dev/null 2>&1; then
    found=$(host -W 3 -t A "$1" | awk '/has address/ { print $NF }') || found=""
  else
    return 1
  fi
  printf '%s' "$found" | LC_ALL=C sort -u | tr '\n' ' ' | sed 's/ $//'
}

# The address that this machine speaks to the internet from; nothing is sent.
own_address() {
  if command -v ip >/dev/null 2>&1; then
    ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p'
  elif command -v route >/dev/null 2>&1 && command -v ipconfig >/dev/null 2>&1; then
    ipconfig getifaddr "$(route -n get default 2>/dev/null | awk '/interface:/ { print $2 }')" 2>/dev/null || true
  fi
}
