# Fills the templates in and writes what is missing. Part of setup-template.sh.
# shellcheck shell=bash

fill_in_secrets() {
  local name old
  for name in $SECRETS; do
    old="OLD_$name"
    REPLY=${!old-}
    if [ -z "$REPLY" ]; then make_secret; fi
    set_value "$name" "$REPLY"
  done
}

# A choice that differs from the earlier run's would leave half of the files with the old one.
refuse_change_in_passing() {
  local name now old
  if [ "$INTERACTIVE" = yes ] || [ "$FORCE" = yes ]; then return; fi
  for name in $CHOICES; do
    now="V_$name" old="OLD_$name"
    if [ -n "${!old-}" ] && [ "${!old}" != "${!now}" ]; then
      refuse "$name is '${!old}' in $OUTPUT, and now '${!now}': say --force to write the files anew. Secrets stay; the old files go to old/." 1
    fi
  done
}

write_files() {
  local file
  while IFS= read -r file <&3; do render "$file"; done 3<<<"$TEMPLATE_LIST" # all can be filled in, before one is written
  say ""
  say "Files in $OUTPUT:"
  while IFS= read -r file <&3; do
    render "$file"
    keep_own "$file" "$REPLY"
    write_one "$file" "$REPLY"
  done 3<<<"$TEMPLATE_LIST"
  make_key
  write_once "$KEY_FILE" "$REPLY$NEWLINE"
  write_once "$ACME_FILE" ""
  while IFS= read -r file <&3; do chmod 700 "$OUTPUT/$file"; done 3<<<"$PRIVATE_FOLDERS"
  if [ -n "$LAST_BACKUP" ]; then say "  The replaced files are in $LAST_BACKUP, readable by you alone."; fi
}

# write_once NAME TEXT: what must never be written a second time.
write_once() {
  if [ -d "$OUTPUT/$1" ]; then
    refuse "$1 is a folder: Docker makes one where the file is missing. Stop the services, rmdir $OUTPUT/$1, and run this again" 1
  fi
  file_mode "$1"
  if [ -e "$OUTPUT/$1" ]; then
    chmod "$MODE" "$OUTPUT/$1"
    say "  kept      $1"
  else
    write_file "$1" "$2" "$MODE"
    say "  wrote     $1"
  fi
}

write_one() { # write_one NAME TEXT
  local path="$OUTPUT/$1" missing=""
  file_mode "$1"
  if [ ! -e "$path" ]; then
    write_file "$1" "$2" "$MODE"
    say "  wrote     $1"
    return
  fi
  chmod "$MODE" "$path"
  read_file "$path"
  if [ "$REPLY" = "$2" ]; then
    say "  unchanged $1"
    return
  fi
  REPLY=keep
  if [ "$FORCE" = yes ]; then REPLY=replace; elif [ "$INTERACTIVE" = yes ]; then ask_about "$1" "$2"; fi
  if [ "$REPLY" = replace ]; then
    back_up "$1"
    write_file "$1" "$2" "$MODE"
    say "  replaced  $1"
    return
  fi
  case "$1" in *.env) missing_lines "$1" "$2" && missing=$REPLY ;; esac
  if [ -z "$missing" ]; then
    say "  kept      $1, though this release's template is another (--force takes that, and puts yours into old/)"
    return
  fi
  read_file "$path"
  write_file "$1" "${REPLY%"$NEWLINE"}$NEWLINE$NEWLINE# New with a later release.$NEWLINE$missing" "$MODE"
  say "  added to  $1: $(names_in "$missing")"
}

# ask_about NAME TEXT, into REPLY: keep or replace.
ask_about() {
  while :; do
    read_answer "  $1 is there and differs: keep it, replace it, or show the difference?" keep
    case "$REPLY" in
      keep | replace) return ;;
      show) diff <(hide_secrets <"$OUTPUT/$1") <(printf '%s' "$2" | hide_secrets) | sed 's/^/    /' || true ;;
      *) say "  Type keep, replace or show." ;;
    esac
  done
}
hide_secrets() {
  sed -E 's/^([^=]*(PASSWORD|SECRET|TOKEN|KEY|CREDENTIAL|DATABASE_URL|USERS|secret)[^=]*)=.*/\1=(hidden)/; /^[A-Za-z0-9]{32,}$/s/.*/(hidden)/'
}

next_steps() {
  local name service
  app_service
  service=$REPLY
  say ""
  if [ "$PROBLEMS" -gt 0 ]; then
    say "Put right what says BAD above ($(count "$PROBLEMS" thing things)). Then:"
  else
    say "Next:"
  fi
  say "  1. DNS, where not done:"
  while IFS= read -r name <&3; do say "       $name.  A  $V_PUBLIC_ADDRESS"; done 3<<<"$(hosts)"
  say "  2. Firewall: firewall/nftables.conf or firewall/ufw.sh; scripts/setup-template.sh --print-firewall shows the lines."
  if runs ome || runs embedded; then
    say "  3. Keep a copy of secrets/secret.key elsewhere: what is sealed with it cannot be read without it."
    start_step
    say "       $COMPOSE up -d --build"
    say "       $COMPOSE logs $service | grep 'Set up'"
    say "     The second line shows a link, good once and for an hour: open it and add your passkey."
  else
    say "  3. In global.env: INSIDE_BIND is this machine's address in the private network."
    start_step
    say "       $COMPOSE -f compose.yaml -f compose.edges.yaml up -d"
  fi
  say "  5. Whenever you like: scripts/setup-template.sh --check"
}

start_step() {
  if [ "$OUTPUT" = "$DEPLOY" ]; then
    say "  4. Start, in $OUTPUT:"
  else
    say "  4. Copy all of $OUTPUT into deploy/ of the source on the machine that it is for (cp -a keeps the modes); there:"
  fi
}
