# --check: holds a set-up against the templates of this release. Names every fault, changes nothing.
# shellcheck shell=bash

COMPARED="" # NAME FILE of the first place of each value

check_set_up() {
  local file
  say "The set-up in $OUTPUT:"
  while IFS= read -r file <&3; do check_file "$file"; done 3<<<"$TEMPLATE_LIST"
  scan compare_values
  check_choices
  check_secrets
  check_turn_pair
  check_key_file
  check_acme_file
  check_folders
  check_git
  if [ "$PROBLEMS" -eq 0 ]; then
    ok "every file is there and filled in; secrets are long, different and private"
  fi
}

check_file() {
  local path="$OUTPUT/$1"
  if [ ! -f "$path" ]; then
    bad "$1 is missing" "Run setup-template.sh: it writes what is missing and keeps the rest."
    return
  fi
  check_mode "$1"
  read_file "$path"
  if [[ $REPLY =~ $PLACEHOLDER ]]; then
    bad "$1 still has @${BASH_REMATCH[1]}@ in it" "Write the value there, or remove the file and run setup-template.sh."
  fi
  case "$1" in
    *.env)
      read_file "$TEMPLATES/$1.template"
      missing_lines "$1" "$REPLY"
      if [ -n "$REPLY" ]; then bad "$1 lacks $(names_in "$REPLY")" "Run setup-template.sh: it adds what is missing."; fi
      ;;
  esac
}

check_mode() {
  local is
  file_mode "$1"
  mode_of "$OUTPUT/$1"
  is=$REPLY
  case "$MODE" in
    600) case "$is" in rw-------) return ;; esac ;;
    700) case "$is" in rwx------) return ;; esac ;;
    444) case "$is" in r--r--r-- | rw-r--r--) return ;; esac ;;
  esac
  bad "$1 has the mode $is" "chmod $MODE $OUTPUT/$1"
}

# What stands in several files has to be the same in all of them.
compare_values() {
  recover_one "$@"
  local first="FIRST_$1" at="AT_$1"
  if [ -z "${!first+set}" ]; then
    printf -v "$first" '%s' "$3"
    printf -v "$at" '%s' "$2"
  elif [ "${!first}" != "$3" ]; then
    if is_one_of "$1" "$CHOICES"; then
      bad "$1 is '${!first}' in ${!at} and '$3' in $2" "Make them the same, or run setup-template.sh --force."
    else
      bad "$1 in $2 is not the one in ${!at}" "Make them the same, or renew it: setup-template.sh --rotate."
    fi
  fi
}

check_choices() {
  local name old profiles=",${OLD_COMPOSE_PROFILES-},"
  for name in DOMAIN ACME_EMAIL PUBLIC_ADDRESS LOCAL_ADDRESS ENGINE CONFERENCE; do
    old="OLD_$name"
    if [ -n "${!old-}" ] && ! check_choice "$name" "${!old}"; then bad "$name is '${!old}'; expected $REPLY"; fi
  done
  if [ -n "${OLD_PUBLIC_ADDRESS-}" ] && is_private_address "$OLD_PUBLIC_ADDRESS"; then
    warn "PUBLIC_ADDRESS $OLD_PUBLIC_ADDRESS is a private address" "Right in a house of its own; people on the internet cannot reach it."
  fi
  case "${OLD_ENGINE-} $profiles" in
    "ovenmediaengine "*,ome,* | "embedded "*,embedded,* | *" ,edge,") ;;
    *) bad "ENGINE is '${OLD_ENGINE-}' in env/app.env, but COMPOSE_PROFILES in global.env is '${OLD_COMPOSE_PROFILES-}'" "ovenmediaengine goes with the profile ome, embedded with embedded." ;;
  esac
  case "$profiles" in *,ome,*embedded,* | *,embedded,*ome,*) bad "COMPOSE_PROFILES has both ome and embedded" "They want the same ports: take one out." ;; esac
  case "${OLD_CONFERENCE-} $profiles" in
    "mirotalk "*,mirotalk,*) ;;
    "builtin "*,mirotalk,*) warn "MiroTalk runs, but CONFERENCE is builtin: nobody uses it" "Take mirotalk out of COMPOSE_PROFILES in global.env." ;;
    "mirotalk "*) bad "CONFERENCE is mirotalk in env/app.env, but COMPOSE_PROFILES in global.env has no mirotalk" "Add it there." ;;
  esac
}

check_secrets() {
  local name old seen=" "
  for name in $SECRETS; do
    old="OLD_$name"
    if [ -z "${!old-}" ]; then
      bad "$name is empty" "Run setup-template.sh after removing the file that has it, or write one there."
      continue
    fi
    if ! long_enough "${!old}"; then
      bad "$name is too short: $SHORTEST_SECRET characters at least" "Renew it: setup-template.sh --rotate."
    fi
    case "$seen" in *" ${!old} "*) bad "$name is the same as another secret" "Each opens one thing: renew it with --rotate." ;; esac
    seen="$seen${!old} "
  done
}

check_turn_pair() {
  if [ -z "${OLD_TURN_SECRET-}" ] || [ -z "${OLD_MIROTALK_TURN_USERNAME-}" ]; then return; fi
  turn_credential "$OLD_MIROTALK_TURN_USERNAME" "$OLD_TURN_SECRET"
  if [ "$REPLY" != "${OLD_MIROTALK_TURN_CREDENTIAL-}" ]; then
    bad "TURN_SERVER_CREDENTIAL in env/mirotalk.env does not belong to TURN_SECRET" "Renew both: setup-template.sh --rotate turn."
  fi
}

check_key_file() {
  if [ ! -f "$OUTPUT/$KEY_FILE" ]; then
    bad "$KEY_FILE is missing" "New: run setup-template.sh. Lost: bring it back from its backup, else stream keys and passwords cannot be read."
    return
  fi
  check_mode "$KEY_FILE"
  read_file "$OUTPUT/$KEY_FILE"
  [[ ${REPLY%"$NEWLINE"} =~ ^[0-9a-f]{64}$ ]] || bad "$KEY_FILE is not 64 hexadecimal digits" "Bring it back from its backup."
}

check_acme_file() {
  if [ -d "$OUTPUT/$ACME_FILE" ]; then
    bad "$ACME_FILE is a folder: Docker makes one where the file is missing" "Stop the services, rmdir $OUTPUT/$ACME_FILE, run setup-template.sh."
  elif [ ! -f "$OUTPUT/$ACME_FILE" ]; then
    bad "$ACME_FILE is missing" "Run setup-template.sh before the services start."
  else
    check_mode "$ACME_FILE"
  fi
}

check_folders() {
  local folder
  while IFS= read -r folder <&3; do
    if [ -d "$OUTPUT/$folder" ]; then
      mode_of "$OUTPUT/$folder"
      [ "$REPLY" = rwx------ ] || bad "$folder/ has the mode $REPLY: others of this machine can read secrets in it" "chmod 700 $OUTPUT/$folder"
    fi
  done 3<<<"$PRIVATE_FOLDERS"
}

check_git() {
  local tracked
  tracked=$(cd "$OUTPUT" && git ls-files -- global.env env secrets "$ACME_FILE" old coturn/turnserver.conf 2>/dev/null) || return 0
  if [ -n "$tracked" ]; then
    bad "in git: $(printf '%s' "$tracked" | tr '\n' ' ')" "git rm --cached them, and renew every secret: setup-template.sh --rotate all."
  fi
}
long_enough() { [ "${#1}" -ge "$SHORTEST_SECRET" ]; }
