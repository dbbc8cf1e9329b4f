# MariaDB from Debian, with the durability and the strictness of a real one.

mariadb_port=21306
mariadb_packages() { printf '%s\n' 'mariadbd mariadb-server-core' 'my_print_defaults mariadb-client-core'; }
mariadb_address() { echo "mysql://flow:flow@127.0.0.1:$1/flow"; }
mariadb_kind() { echo MariaDB; }

start_mariadb() {
  local home=$state/mariadb as=()
  [ "$(id -u)" != 0 ] || as=(--user=root)
  if [ ! -d "$home/data/mysql" ]; then
    rm -rf "$home/data"
    mariadb-install-db --no-defaults "${as[@]}" --datadir="$home/data.new" --skip-test-db > "$home/install.log" 2>&1 || {
      tail -n 25 "$home/install.log" >&2
      fail 'mariadb-install-db failed.'
    }
    mv "$home/data.new" "$home/data"
  fi
  cat > "$home/init.sql" << 'SQL'
CREATE DATABASE IF NOT EXISTS flow CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS flow@'%' IDENTIFIED BY 'flow';
GRANT ALL ON *.* TO flow@'%';
SQL
  # The socket is in the data folder: its whole path would be too long in a deep checkout.
  launch mariadb mariadbd --no-defaults "${as[@]}" --datadir="$home/data" --init-file="$home/init.sql" \
    --bind-address=127.0.0.1 --port="$1" --socket=mariadb.sock --pid-file=mariadb.pid --skip-name-resolve \
    --character-set-server=utf8mb4 --innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=128M
}
