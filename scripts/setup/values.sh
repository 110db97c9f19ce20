# The values that templates are filled with: which there are, what they may be, how secrets are made.
# Part of setup-template.sh.
# shellcheck shell=bash

# 43 letters and digits are 256 bits. No other characters: they stand in URLs, XML, shells and env files as they are.
SECRET_LENGTH=43
SHORTEST_SECRET=32 # 190 bits

SECRETS="POSTGRES_PASSWORD METRICS_TOKEN OME_API_TOKEN OME_WEBHOOK_SECRET TURN_SECRET"
SECRETS="$SECRETS MIROTALK_API_KEY MIROTALK_JWT_KEY MIROTALK_PASSWORD MIROTALK_SESSION_SECRET"
CHOICES="DOMAIN ACME_EMAIL PUBLIC_ADDRESS LOCAL_ADDRESS ENGINE CONFERENCE EDGES EDGE_OF"

# A value is a variable V_NAME: bash 3.2 has no associative arrays.
set_value() { printf -v "V_$1" '%s' "$2"; }

is_one_of() { # is_one_of WORD LIST
  case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

# check_choice NAME VALUE: true when it may be; REPLY says what is expected.
check_choice() {
  case "$1" in
    DOMAIN) is_domain "$2" ;;
    ACME_EMAIL) is_email "$2" ;;
    PUBLIC_ADDRESS | LOCAL_ADDRESS) is_address "$2" ;;
    ENGINE) REPLY="ovenmediaengine or embedded" && is_one_of "$2" "ovenmediaengine embedded" ;;
    CONFERENCE) REPLY="builtin or mirotalk" && is_one_of "$2" "builtin mirotalk" ;;
    EDGES) is_edges "$2" ;;
    EDGE_OF) [ "$2" = none ] || is_address "$2" ;;
  esac
}
is_domain() {
  local label='[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  REPLY="a domain such as example.org: small letters, digits, dots and hyphens, without https:// and without a path"
  [[ $1 =~ ^($label\.)+$label$ && ! $1 =~ \.[0-9]+$ && ${#1} -le 220 ]] || return 1
  REPLY="the domain alone, such as example.org: live.colourstream.example.org and the other names are made from it"
  [[ ! $1 =~ (^|\.)colourstream\. ]]
}
is_email() {
  local name='[A-Za-z0-9._+-]+' domain='([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}'
  REPLY="an e-mail address such as it@example.org"
  [[ $1 =~ ^$name@$domain$ && ${#1} -le 254 ]]
}
is_address() {
  local byte='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
  REPLY="an IPv4 address such as 203.0.113.7"
  [[ $1 =~ ^$byte\.$byte\.$byte\.$byte$ ]] || return 1
  case "$1" in 0.* | 127.* | 22[4-9].* | 23?.* | 24?.* | 25?.*) return 1 ;; esac
}
# An address that the internet does not route (RFC 1918, RFC 3927, RFC 6598).
is_private_address() {
  case "$1" in
    10.* | 192.168.* | 169.254.* | 172.1[6-9].* | 172.2?.* | 172.3[01].*) return 0 ;;
    100.6[4-9].* | 100.[7-9]?.* | 100.1[01]?.* | 100.12[0-7].*) return 0 ;;
  esac
  return 1
}
# none, or a list such as edge1,edge2=10.0.0.2: one without an address is on this machine.
is_edges() {
  local entry rest="$1," name names="" here=0 expected
  expected="none, or names with commas between them: edge1 for one on this machine, edge2=10.0.0.2 for another machine"
  if [ "$1" = none ]; then return 0; fi
  while [ -n "$rest" ]; do
    entry=${rest%%,*} rest=${rest#*,}
    name=${entry%%=*}
    REPLY=$expected
    [[ $name =~ ^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$ ]] && ! is_one_of "$name" "origin live video turn$names" || return 1
    names="$names $name"
    if [ "$entry" = "$name" ]; then here=$((here + 1)); else is_address "${entry#*=}" || return 1; fi
  done
  REPLY="$expected; at most one is on this machine"
  [ "$here" -le 1 ]
}

make_secret() { # into REPLY
  REPLY=$(head -c 96 /dev/urandom | base64 | LC_ALL=C tr -dc 'A-Za-z0-9')
  [ "${#REPLY}" -ge "$SECRET_LENGTH" ] || refuse "/dev/urandom gives no random numbers" 1
  REPLY=${REPLY:0:$SECRET_LENGTH}
}
make_key() { # 32 bytes as 64 hexadecimal digits, into REPLY
  REPLY=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
  [ "${#REPLY}" -eq 64 ] || refuse "/dev/urandom gives no random numbers" 1
}

# What follows from choices and secrets.
derive_values() {
  local profiles entry rest
  set_value COMPOSE_PROJECT_NAME colourstream
  profiles=turn
  if [ "$V_CONFERENCE" = mirotalk ]; then profiles="$profiles,mirotalk"; fi
  set_value EDGE_NAME edge1
  set_value OME_EDGES ""
  if [ "$V_EDGES" != none ]; then
    rest="$V_EDGES,"
    while [ -n "$rest" ]; do
      entry=${rest%%,*} rest=${rest#*,}
      case "$entry" in
        *=*) add_edge "${entry%%=*}" "${entry#*=}" ;;
        *)
          add_edge "$entry" ome-edge
          set_value EDGE_NAME "$entry"
          profiles="$profiles,edge"
          ;;
      esac
    done
  fi
  if [ "$V_ENGINE" = embedded ]; then profiles="embedded,$profiles"; else profiles="ome,$profiles"; fi
  if [ "$V_EDGE_OF" != none ]; then profiles=edge; fi
  set_value COMPOSE_PROFILES "$profiles"
  set_value OME_ORIGIN ome-origin:9000
  set_value OME_ADMISSION_URL http://app:3000/ome/admission
  if [ "$V_EDGE_OF" != none ]; then
    set_value OME_ORIGIN "$V_EDGE_OF:9000"
    set_value OME_ADMISSION_URL "http://$V_EDGE_OF:8880/ome/admission"
  fi
  set_value SSH_PORT "${OLD_SSH_PORT:-$(ssh_port)}"
  set_value UFW_LINES "$(ufw_lines)"
  set_value NFT_LINES "$(nft_lines)"
  derive_mirotalk_turn
}
add_edge() { # add_edge NAME WHERE-ITS-API-IS
  V_OME_EDGES="$V_OME_EDGES${V_OME_EDGES:+,}$1=http://$2:8081|https://$1.colourstream.$V_DOMAIN"
}
# The choice that OME_EDGES was made from, into REPLY.
edges_from() {
  local rest="$1," entry name address edges=""
  while [ "$rest" != "," ] && [ -n "$rest" ]; do
    entry=${rest%%,*} rest=${rest#*,}
    name=${entry%%=*} address=${entry#*=http://}
    address=${address%%:*}
    if [ "$address" = ome-edge ]; then entry=$name; else entry=$name=$address; fi
    edges="$edges${edges:+,}$entry"
  done
  REPLY=${edges:-none}
}

# MiroTalk knows one fixed TURN user. coturn takes credentials by shared secret alone: user = an expiry, password = HMAC-SHA1
# of it (draft-uberti-behave-turn-rest-00). So this is such a pair whose expiry is far: the first day of 2036.
TURN_EXPIRY=2082758400
derive_mirotalk_turn() {
  set_value MIROTALK_TURN_USERNAME "$TURN_EXPIRY:mirotalk"
  turn_credential "$TURN_EXPIRY:mirotalk" "${V_TURN_SECRET-}"
  set_value MIROTALK_TURN_CREDENTIAL "$REPLY"
}

# turn_credential USER SECRET, into REPLY: HMAC-SHA1 in base64 (RFC 2104). By hand, because `openssl dgst -hmac` would
# put the secret into the list of processes.
turn_credential() {
  local inner="" outer="" byte hash i
  [ "${#2}" -le 64 ] || refuse "TURN_SECRET has ${#2} characters; expected 64 at most" 1
  for ((i = 0; i < 64; i++)); do
    byte=0
    if [ "$i" -lt "${#2}" ]; then printf -v byte '%d' "'${2:i:1}"; fi
    printf -v byte '\\x%02x\\x%02x' $((byte ^ 0x36)) $((byte ^ 0x5c))
    inner+=${byte:0:4} outer+=${byte:4:4}
  done
  hash=$({ printf '%b' "$inner" && printf '%s' "$1"; } | sha1)
  REPLY=$({ printf '%b' "$outer" && hex_bytes "$hash"; } | sha1)
  REPLY=$(hex_bytes "$REPLY" | base64)
}
sha1() { # of stdin, as 40 hexadecimal digits
  if command -v sha1sum >/dev/null 2>&1; then sha1sum | cut -c1-40; else shasum -a 1 | cut -c1-40; fi
}
hex_bytes() {
  local i escaped=''
  for ((i = 0; i < ${#1}; i += 2)); do escaped+="\\x${1:i:2}"; done
  printf '%b' "$escaped"
}
