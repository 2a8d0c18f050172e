#!/bin/bash
# What OT's operator does: it looks at INFO and MASTER, and sets a master up from nothing; the file
# that it writes holds masterauth, include, tls-replication beside the Sentinel's own lines.
set -u
cli() { redis-cli -h 127.0.0.1 -p "$PORT" "$@"; }

if [[ -n "$PASSWORD" ]]; then export REDISCLI_AUTH="$PASSWORD"; fi
echo "probe: $(cli ping)"

echo "mode: $(cli info server | tr -d '\r' | grep -x 'redis_mode:sentinel')"
cli info sentinel | tr -d '\r' | grep -E '^(sentinel_masters|sentinel_tilt):'
read -r -d '' host port < <(cli sentinel get-master-addr-by-name mymaster; printf '\0')
echo "master before: $(cli SENTINEL MASTER other)"
echo "monitor: $(cli SENTINEL MONITOR other "$host" "$port" 2)"
for setting in "down-after-milliseconds 5000" "parallel-syncs 1" "failover-timeout 10000" \
  "auth-pass secret" "auth-user operator" "quorum 1" "master-reboot-down-after-period 0" \
  "resolve-hostnames yes" "down-after-milliseconds none"; do
  echo "set $setting: $(cli SENTINEL SET other $setting)"
done
echo "master after: $(cli SENTINEL MASTER other | sed -n '1,2p' | tr '\n' ' ')"
echo "reset: $(cli SENTINEL RESET other)"
echo "remove: $(cli SENTINEL REMOVE other)"
for key in down-after-milliseconds parallel-syncs failover-timeout; do
  echo "set $key: $(cli SENTINEL SET mymaster $key 7000)"
done
grep -E '^(masterauth|tls-replication|include) ' "$FILE" | sed 's#/.*/#/#'
grep -c '^sentinel monitor ' "$FILE"
