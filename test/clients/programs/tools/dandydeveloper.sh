#!/bin/bash
# What the DandyDeveloper chart sends: its probe, the master's address through grep, inline words as HAProxy
# writes them, a failover whose refusal is grepped for, a reset.
set -u
cli() { redis-cli -h localhost -p "$PORT" -a "$PASSWORD" --no-auth-warning "$@"; }
master() {
  cli sentinel get-master-addr-by-name mymaster |
    grep -E '[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}'
}
port() { cli sentinel get-master-addr-by-name mymaster | tail -n 1; }

response=$(cli ping)
if [ "$response" = PONG ]; then echo "probe: response=$response"; else echo "probe: '$response'"; fi
echo "master: $(master)"
if [ "$(redis-cli -h localhost -p "$PORT" ping)" = PONG ]; then echo "open to all"; else echo "closed"; fi

exec 3<>"/dev/tcp/127.0.0.1/$PORT"
printf 'AUTH %s\r\nPING\r\nSENTINEL get-master-addr-by-name mymaster\r\nQUIT\r\nPING\n' "$PASSWORD" >&3
for _ in 1 2 3 4 5 6 7 8 9; do
  read -r -t 5 line <&3 || line="nothing"
  echo "inline: ${line%$'\r'}"
done
exec 3>&-

echo "unknown: $(cli sentinel failover nobody)"
echo "a master without replicas: $(cli sentinel monitor lonely 127.0.0.1 "$LONELY" 1)"
for _ in $(seq 100); do
  cli sentinel master lonely | grep -qx master && break
  sleep 0.1
done
if cli sentinel failover lonely | grep -q NOGOODSLAVE; then echo "lonely: refused"; else echo "lonely: begun"; fi
before=$(port)
if cli sentinel failover mymaster | grep -q NOGOODSLAVE; then echo "failover: refused"; else echo "failover: begun"; fi
for _ in $(seq 300); do
  [ "$(port)" != "$before" ] && break
  sleep 0.1
done
if [ "$(port)" != "$before" ]; then echo "another master: $(master)"; else echo "the same master"; fi
echo "reset: $(cli sentinel reset mymaster)"
