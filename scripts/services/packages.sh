# What the servers are made of: Debian's packages, and jars from Maven Central that are fetched once for all checkouts.

cache=${SERVICES_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nowhere}/.cache}/flow-automation-services}
mkdir -p "$cache" 2> /dev/null && [ -w "$cache" ] || cache=$state/cache

# Installs what any of these servers lacks, all at once: a part names a command that must be there and the package that brings it.
install_packages() {
  local name command package lacking=()
  for name in "$@"; do
    while read -r command package; do
      [ -z "$command" ] || command -v "$command" > /dev/null || lacking+=("$package")
    done < <("${name}_packages")
  done
  [ ${#lacking[@]} -gt 0 ] || return 0
  local install=(apt-get install -y -q --no-install-recommends "${lacking[@]}")
  [ "$(id -u)" = 0 ] || fail "packages are missing; run: sudo ${install[*]}"
  echo "Installing ${lacking[*]} ..."
  "${install[@]}" > "$state/apt.log" 2>&1 || { apt-get update -q && "${install[@]}"; } > "$state/apt.log" 2>&1 || {
    tail -n 15 "$state/apt.log" >&2
    fail "these packages cannot be installed: ${lacking[*]}"
  }
}

# Commands and packages of what runs on Java: the compiler and Maven only as long as the jars are not there.
java_packages() {
  echo 'java openjdk-17-jre-headless'
  [ -d "$(jars_folder "$1")" ] || printf '%s\n' 'javac openjdk-17-jdk-headless' 'mvn maven'
}

jars_folder() {
  echo "$cache/$1-$(cat "$parts/$1"/pom.xml "$parts/$1"/*.java 2> /dev/null | sha256sum | cut -c 1-16)"
}

# The jars of the part's pom, and its own class when it has one. The folder appears when it is whole.
fetch_jars() {
  local folder new
  folder=$(jars_folder "$1")
  [ ! -d "$folder" ] || return 0
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/new.XXXXXX")
  echo "Fetching the jars of $1 ..."
  mvn -q -B -f "$parts/$1/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$new" \
    > "$state/mvn.log" 2>&1 || {
    tail -n 15 "$state/mvn.log" >&2
    rm -rf "$new"
    fail "Maven could not fetch the jars of $1 from Maven Central."
  }
  if compgen -G "$parts/$1/*.java" > /dev/null; then javac -cp "$new/*" -d "$new" "$parts/$1"/*.java; fi
  mv -T "$new" "$folder" 2> /dev/null || rm -rf "$new" # Another checkout was faster.
}

pom_version() {
  sed -n 's:.*<version>\([^<]*\)</version>.*:\1:p' "$parts/$1/pom.xml" | tail -n +2 | head -n 1
}
