# Redis from Debian, as the dispatch queue wants it: nothing is evicted, and what was written is kept over a restart.

redis_port=21379
redis_packages() { echo 'redis-server redis-server'; }
redis_address() { echo "redis://127.0.0.1:$1/0"; }
redis_kind() { echo Redis; }

start_redis() {
  launch redis redis-server --bind 127.0.0.1 --port "$1" --dir "$state/redis" --daemonize no \
    --appendonly yes --appendfsync everysec --save '' --maxmemory-policy noeviction
}
