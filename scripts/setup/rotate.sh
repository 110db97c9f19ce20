# Renews secrets, and says what has to be done then. Part of setup-template.sh.
# shellcheck shell=bash

ROTATIONS="postgres ome-api ome-webhook turn mirotalk metrics"

rotate() { # rotate NAME|all
  local which=$1 name file old names="" changed=""
  if [ "$which" = all ]; then which=$ROTATIONS; fi
  for name in $which; do
    is_one_of "$name" "$ROTATIONS" || refuse "--rotate: there is no secret '$name'; expected one of $ROTATIONS, or all"
    secrets_of "$name"
    names="$names $REPLY"
  done
  load_recovered
  for name in $names; do
    old="OLD_$name"
    [ -n "${!old-}" ] || refuse "$name is in no file of $OUTPUT: run setup-template.sh without --rotate first" 1
    make_secret
    set_value "$name" "$REPLY"
  done
  if is_one_of TURN_SECRET "$names"; then
    derive_mirotalk_turn
    names="$names MIROTALK_TURN_CREDENTIAL"
  fi
  while IFS= read -r file <&3; do
    if [ -f "$OUTPUT/$file" ] && renew_in "$file" "$names"; then changed="$changed $file"; fi
  done 3<<<"$TEMPLATE_LIST"
  say "Renewed:$names"
  say "Changed:$changed"
  say "As they were: $OUTPUT/$LAST_BACKUP. Remove that folder when everything runs again."
  after_rotation "$which"
}

secrets_of() { # into REPLY
  case "$1" in
    postgres) REPLY=POSTGRES_PASSWORD ;;
    ome-api) REPLY=OME_API_TOKEN ;;
    ome-webhook) REPLY=OME_WEBHOOK_SECRET ;;
    turn) REPLY=TURN_SECRET ;;
    mirotalk) REPLY="MIROTALK_API_KEY MIROTALK_JWT_KEY MIROTALK_PASSWORD MIROTALK_SESSION_SECRET" ;;
    metrics) REPLY=METRICS_TOKEN ;;
  esac
}

# renew_in FILE NAMES: puts new values where the old ones stand and touches nothing else; true when there were any.
renew_in() {
  local name old new before text
  read_file "$OUTPUT/$1"
  before=$REPLY text=$REPLY
  for name in $2; do
    old="OLD_$name" new="V_$name"
    if [ -n "${!old-}" ]; then text=${text//"${!old}"/${!new}}; fi
  done
  [ "$text" != "$before" ] || return 1
  back_up "$1"
  file_mode "$1"
  write_file "$1" "$text" "$MODE"
}

# after_rotation WHICH: what brings the new values into use, and what people notice of it.
after_rotation() {
  local name ome="" services words=""
  app_service
  services=$REPLY
  if runs ome; then ome="ome-origin"; fi
  if runs edge; then ome="$ome${ome:+ }ome-edge"; fi
  for name in $1; do
    case "$name" in
      postgres) services="postgres $services" words="$words${NEWLINE}  pages and API are away for some seconds" ;;
      ome-api | ome-webhook)
        if [ -n "$ome" ] && ! is_one_of "${ome%% *}" "$services"; then
          services="$services $ome"
          words="$words${NEWLINE}  every picture and recording stops for some ten seconds; encoders and viewers come back by themselves"
        fi
        ;;
      turn) services="$services coturn" words="$words${NEWLINE}  calls that go by the relay are made anew" ;;
      mirotalk) words="$words${NEWLINE}  calls at MiroTalk end; people enter them again" ;;
      metrics) words="$words${NEWLINE}  nothing for people; Prometheus wants the new METRICS_TOKEN of env/app.env" ;;
    esac
  done
  if runs mirotalk && { is_one_of turn "$1" || is_one_of mirotalk "$1"; }; then services="$services mirotalk"; fi
  say ""
  say "Running services go on with the old ones until you do this in $OUTPUT:"
  if is_one_of postgres "$1"; then
    say "  # First the database itself. The new password goes to it without being shown; its container still has the old one."
    say "  printf \"ALTER USER colourstream PASSWORD '%s';\" \"\$(cat secrets/postgres_password)\" |"
    say "    $COMPOSE exec -T postgres sh -c \\"
    say "    'PGPASSWORD=\$(cat /run/secrets/postgres_password) psql -q -h 127.0.0.1 -U colourstream -d colourstream'"
  fi
  say "  $COMPOSE up -d --force-recreate $services"
  say "What people notice:${words:-$NEWLINE  nothing: nobody uses it here}"
  if ! is_one_of ome-api "$1" && ! is_one_of ome-webhook "$1"; then return 0; fi
  case "$V_OME_EDGES" in *=http://[0-9]*) say "Copy OME_API_TOKEN and OME_WEBHOOK_SECRET of env/ome.env to the edges on other machines, and recreate those as well." ;; esac
}
