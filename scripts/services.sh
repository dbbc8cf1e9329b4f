#!/usr/bin/env bash
# Real servers for tests, on private ports of 127.0.0.1: scripts/services.sh up|down|status [mongo] [mariadb] [redis] [kafka].
# docs/services.md tells what they are and what the stand-in for MongoDB cannot do.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
parts=$root/scripts/services
# What belongs to this checkout: data, logs, process numbers, and the addresses for the tests.
state=${SERVICES_DIR:-$root/.services}
names=(kafka mongo mariadb redis) # The slowest begins first.

fail() {
  echo "services.sh: $*" >&2
  exit 1
}

mkdir -p "$state"
# shellcheck source=services/packages.sh
. "$parts/packages.sh"
# shellcheck source=services/processes.sh
. "$parts/processes.sh"
for name in "${names[@]}"; do . "$parts/$name.sh"; done

# The port where it runs, or else where it would.
port_of() {
  local chosen=SERVICES_${1^^}_PORT default=${1}_port
  if is_running "$1"; then cat "$state/$1/port"; else echo "${!chosen:-${!default}}"; fi
}

up() {
  [ -e "$root/node_modules/mongoose" ] || fail 'the servers are asked by their clients in node_modules: run npm ci first.'
  install_packages "$@"
  local name port
  for name in "$@"; do
    is_running "$name" && continue
    port=$(port_of "$name")
    is_free "$port" || fail "port $port of 127.0.0.1 is taken: stop what uses it, or choose another by SERVICES_${name^^}_PORT."
    mkdir -p "$state/$name"
    echo "$port" > "$state/$name/port"
    "start_$name" "$port"
  done
  if ! ask 90 "$@" > "$state/answers"; then
    for name in "$@"; do
      grep -q "^$name"$'\tup' "$state/answers" || tell_why "$name"
    done
    exit 1
  fi
  write_addresses
  table "$state/answers" "$@"
}

tell_why() {
  echo "services.sh: $1 does not answer on port $(port_of "$1"): $(grep "^$1"$'\t' "$state/answers" | cut -f 3)" >&2
  echo "The end of $state/$1/log:" >&2
  tail -n 25 "$state/$1/log" | sed 's/^/  /' >&2
}

# Asks each by its own client until it answers or the seconds are over; a line each: name, up or down, version or why not.
ask() {
  local seconds=$1 name asked=() all=0
  shift
  for name in "$@"; do
    if is_running "$name"; then
      asked+=("$name" "$("${name}_address" "$(port_of "$name")")" "$(pid_of "$name")")
    else
      printf '%s\tdown\tit does not run\n' "$name"
      all=1
    fi
  done
  [ ${#asked[@]} = 0 ] || node "$parts/answers.mjs" "$seconds" "${asked[@]}" || all=1
  return "$all"
}

# What `npm run test:services` reads: an address for each server that runs.
write_addresses() {
  local name
  : > "$state/env.new"
  for name in mongo mariadb redis kafka; do
    is_running "$name" && echo "$(address_setting "$name")=$("${name}_address" "$(port_of "$name")")" >> "$state/env.new"
  done
  mv "$state/env.new" "$state/env"
}

address_setting() {
  case $1 in kafka) echo TEST_KAFKA_BROKERS ;; *) echo "TEST_${1^^}_URL" ;; esac
}

down() {
  local name
  for name in "$@"; do stop "$name"; done
  [ ! -f "$state/env" ] || write_addresses
  [ -s "$state/env" ] || rm -f "$state/env"
}

# Succeeds when all that are asked for are up.
status() {
  ask 3 "$@" > "$state/answers" || true
  table "$state/answers" "$@"
}

# A line for each server, from what `ask` printed. Succeeds when all are up.
table() {
  local answers=$1 name word said all=0
  shift
  printf '%-8s %-5s %-40s %s\n' SERVICE STATE ADDRESS VERSION
  for name in "$@"; do
    IFS=$'\t' read -r _ word said < <(grep "^$name"$'\t' "$answers")
    if [ "$word" = up ]; then said="$("${name}_kind")${said:+ ($said)}"; else all=1; fi
    printf '%-8s %-5s %-40s %s\n' "$name" "$word" "$("${name}_address" "$(port_of "$name")")" "$said"
  done
  return "$all"
}

verb=${1:-}
[ $# -eq 0 ] || shift
for name in "$@"; do
  [[ " ${names[*]} " == *" $name "* ]] || fail "there is no server named $name; there are: ${names[*]}."
done
[ $# -gt 0 ] || set -- "${names[@]}"
case $verb in
  up | down | status) "$verb" "$@" ;;
  *) fail 'say up, down or status, and after it names when not all are meant (mongo mariadb redis kafka).' ;;
esac
