#!/bin/bash
# What Telegraf, Datadog and OpenTelemetry ask, and redis-cli --stat: every section of INFO by name, the
# masters with their replicas and Sentinels, the quorum. Without the fields that Redis 7.0 does not have.
set -u
cli() { redis-cli -h 127.0.0.1 -p "$PORT" "$@"; }

cli info all | tr -d '\r' | grep '^# '
cli info all | tr -d '\r' | grep -E '^(redis_mode|tcp_port|connected_clients|sentinel_[a-z_]+|master0):?' |
  grep -vE '^sentinel_(save_status|total_tilt):' | sed -E 's/^(connected_clients:).*/\1N/'
for what in masters "sentinels mymaster" "replicas mymaster"; do
  cli sentinel $what | grep -xE 'name|flags|num-slaves|num-other-sentinels|quorum|master-link-status' | sort | uniq -c
done
cli sentinel replicas mymaster | grep -A1 -x master-link-status | sort | uniq -c
echo "ckquorum: $(cli sentinel ckquorum mymaster)"
timeout 3 stdbuf -oL redis-cli -h 127.0.0.1 -p "$PORT" --stat | sed -n 2p | tr -s ' '
