# Processes that services.sh started. A number alone could be somebody else's by now, so the time of its start is kept with it.

# Nothing when there is no such process, or only what is left of it (a zombie).
started_at() {
  sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | awk '$1 != "Z" { print $20 }'
}

pid_of() {
  cut -d ' ' -f 1 "$state/$1/pid"
}

is_running() {
  local pid start
  [ -f "$state/$1/pid" ] || return 1
  read -r pid start < "$state/$1/pid"
  [ -n "$start" ] && [ "$(started_at "$pid")" = "$start" ]
}

is_free() {
  ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null
}

# Starts a server that outlives this script: launch <name> <command> ...
launch() {
  local name=$1
  shift
  setsid nohup "$@" > "$state/$name/log" 2>&1 < /dev/null &
  echo "$! $(started_at $!)" > "$state/$name/pid"
}

# Ends a server that was started here, by force when it takes longer than half a minute.
stop() {
  local name=$1 pid
  if is_running "$name"; then
    pid=$(pid_of "$name")
    kill "$pid"
    for _ in {1..300}; do
      is_running "$name" || break
      sleep 0.1
    done
    if is_running "$name"; then
      echo "services.sh: $name (process $pid) did not end within 30 s and is killed." >&2
      kill -KILL "$pid"
    fi
    echo "$name ended."
  fi
  rm -f "$state/$name/pid"
}
