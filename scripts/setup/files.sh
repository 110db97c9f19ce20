# Templates and what is written from them: TEMPLATES/x.template becomes OUTPUT/x.
# shellcheck shell=bash

NEWLINE=$'\n'
PLACEHOLDER='@([A-Z][A-Z0-9_]*)@'
PRIVATE_FOLDERS="secrets${NEWLINE}coturn"
KEY_FILE=secrets/secret.key
ACME_FILE=traefik/acme.json
TEMPLATE_LIST="" # env/app.env and so on, one a line
LAST_BACKUP="" # the folder that replaced files were put into
HALF_WRITTEN=""

remove_half_written() { if [ -n "$HALF_WRITTEN" ]; then rm -f "$HALF_WRITTEN"; fi; }
trap remove_half_written EXIT

list_templates() {
  [ -d "$TEMPLATES" ] || refuse "there are no templates in $TEMPLATES" 1
  TEMPLATE_LIST=$(cd "$TEMPLATES" && find . -type f -name '*.template' | sed -e 's|^\./||' -e 's|\.template$||' | LC_ALL=C sort)
  [ -n "$TEMPLATE_LIST" ] || refuse "there are no templates in $TEMPLATES" 1
}

# read_file PATH, into REPLY, with its last newlines; a NUL byte ends it.
read_file() { IFS= read -r -d '' REPLY <"$1" || true; }

# render NAME, into REPLY: the template with every placeholder filled in. Line by line: bash is slow with long texts.
render() {
  local text="" line name ref
  while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in
      *@*@*)
        while [[ $line =~ $PLACEHOLDER ]]; do
          name=${BASH_REMATCH[1]}
          ref="V_$name"
          [ -n "${!ref+set}" ] || refuse "templates/$1.template has @$name@, which this script does not know" 1
          case "${!ref}" in *[\\\&]*) refuse "$name may not contain a backslash or an ampersand" 1 ;; esac
          line=${line//@$name@/${!ref}}
        done
        ;;
    esac
    text+="$line$NEWLINE"
  done <"$TEMPLATES/$1.template"
  REPLY=$text
}

# scan CALLBACK: calls `CALLBACK NAME FILE VALUE` for each line of a template that has one placeholder, with what stands
# there in the file that was written from it. A line that is not in the file is left out.
scan() {
  local callback=$1 file line text prefix suffix name rest
  while IFS= read -r file <&3; do
    [ -f "$OUTPUT/$file" ] || continue
    read_file "$OUTPUT/$file"
    text="$NEWLINE$REPLY"
    while IFS= read -r line <&4; do
      case "$line" in \#*) continue ;; *@*@*) ;; *) continue ;; esac
      [[ $line =~ $PLACEHOLDER ]] || continue
      name=${BASH_REMATCH[1]}
      prefix=${line%%"@$name@"*}
      suffix=${line#*"@$name@"}
      [[ ! $suffix =~ $PLACEHOLDER ]] || continue
      [[ $text == *"$NEWLINE$prefix"* ]] || continue
      rest=${text#*"$NEWLINE$prefix"}
      rest=${rest%%"$NEWLINE"*}
      [ -z "$suffix" ] || [ "${rest%"$suffix"}" != "$rest" ] || continue
      "$callback" "$name" "$file" "${rest%"$suffix"}"
    done 4<"$TEMPLATES/$file.template"
  done 3<<<"$TEMPLATE_LIST"
}

# Keeps what an earlier run wrote: the first file that has a value counts.
recover() { scan recover_one; }
recover_one() {
  local ref="OLD_$1"
  if [ -z "${!ref-}" ] && [[ ! $3 =~ $PLACEHOLDER ]]; then printf -v "$ref" '%s' "$3"; fi
}

# write_file NAME TEXT [MODE]: whole or not at all, and never readable by others on the way.
write_file() {
  local path="$OUTPUT/$1" folder
  folder=${path%/*}
  if [ ! -d "$folder" ]; then mkdir -p "$folder"; fi
  HALF_WRITTEN="$path.new.$$"
  (umask 077 && printf '%s' "$2" >"$HALF_WRITTEN")
  chmod "${3:-600}" "$HALF_WRITTEN"
  mv -f "$HALF_WRITTEN" "$path"
  HALF_WRITTEN=""
}

# back_up NAME: the file as it is, in a folder of this run's time that only its owner reads.
back_up() {
  if [ -z "$LAST_BACKUP" ]; then
    LAST_BACKUP="old/$(date -u +%Y-%m-%dT%H-%M-%SZ)"
    if [ -e "$OUTPUT/$LAST_BACKUP" ]; then LAST_BACKUP+="-$$"; fi # twice within a second
  fi
  (umask 077 && mkdir -p "$OUTPUT/$LAST_BACKUP/$(dirname "$1")" && cp "$OUTPUT/$1" "$OUTPUT/$LAST_BACKUP/$1")
}

# mode_of PATH, into REPLY: such as rw-r-----. stat has other flags on macOS.
mode_of() {
  REPLY=$(ls -ld "$1")
  REPLY=${REPLY:1:9}
}

# missing_lines NAME TEXT, into REPLY: the variables of an env file's template that the file does not have. One that
# stands there behind a # was left out on purpose.
missing_lines() {
  local line name text missing=""
  read_file "$OUTPUT/$1"
  text="$NEWLINE$REPLY"
  while IFS= read -r line; do
    case "$line" in [A-Z]*=*) name=${line%%=*} ;; *) continue ;; esac
    case "$text" in *"$NEWLINE$name="* | *"$NEWLINE#$name="* | *"$NEWLINE# $name="*) ;; *) missing+="$line$NEWLINE" ;; esac
  done <<<"$2"
  REPLY=$missing
}

names_in() { printf '%s' "$1" | sed 's/=.*//' | tr '\n' ' ' | sed 's/ $//'; }

# file_mode NAME, into MODE. What compose reads is its user's alone. What a container reads lies open in a folder that
# nobody else enters: the user in the container is another one than the one who made the file.
file_mode() {
  case "$1" in
    secrets/* | coturn/*) MODE=444 ;;
    firewall/*.sh) MODE=700 ;;
    *) MODE=600 ;;
  esac
}

# Lines of global.env whose values are the house's own, though no question asks for them.
OWN_LINES="ACME_CA APP_REPLICAS INSIDE_BIND EDGE_ICE_PORTS EDGE_TCP_RELAY_PORT"

# keep_own NAME TEXT, into REPLY: the text with what the house has in that env file of its own: the values of lines above,
# and variables that the template does not have.
keep_own() {
  local line name text="$NEWLINE$2" own="" rest
  if [[ $1 == *.env && -f "$OUTPUT/$1" ]]; then
    while IFS= read -r line; do
      case "$line" in [A-Z]*=*) name=${line%%=*} ;; *) continue ;; esac
      if [[ $text != *"$NEWLINE$name="* ]]; then
        own+="$line$NEWLINE"
      elif [ "$1" = global.env ] && is_one_of "$name" "$OWN_LINES"; then
        rest=${text#*"$NEWLINE$name="}
        text="${text%%"$NEWLINE$name="*}$NEWLINE$line$NEWLINE${rest#*"$NEWLINE"}"
      fi
    done <"$OUTPUT/$1"
  fi
  REPLY=${text#"$NEWLINE"}
  if [ -n "$own" ]; then REPLY+="$NEWLINE# Of this house.$NEWLINE$own"; fi
}
