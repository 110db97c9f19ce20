# What the person at the terminal reads. Part of setup-template.sh. For bash 3.2 and newer (macOS has 3.2).
# shellcheck shell=bash

PROBLEMS=0
WARNINGS=0

say() { printf '%s\n' "$*"; }

# ok WHAT · warn WHAT [WHAT-TO-DO] · bad WHAT [WHAT-TO-DO]: one finding, and its cure on a line of its own.
ok() { printf '  ok    %s\n' "$1"; }
warn() {
  WARNINGS=$((WARNINGS + 1))
  finding 'warn ' "$@"
}
bad() {
  PROBLEMS=$((PROBLEMS + 1))
  finding 'BAD  ' "$@"
}
finding() {
  printf '  %s %s\n' "$1" "$2"
  if [ -n "${3-}" ]; then printf '        %s\n' "$3"; fi
}

# refuse MESSAGE: what was asked for cannot be done. Exit code 2: the words were wrong; 1: the world is.
refuse() {
  printf 'setup-template.sh: %s\n' "$1" >&2
  exit "${2:-2}"
}

count() { # count 1 file files
  if [ "$1" -eq 1 ]; then printf '%s %s' "$1" "$2"; else printf '%s %s' "$1" "$3"; fi
}
