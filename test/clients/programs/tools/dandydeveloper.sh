#!/bin/bash
# What the DandyDeveloper chart sends: inline words as HAProxy and nc write them, a failover whose
# refusal is grepped for, a reset.
set -u
cli() { redis-cli -h 127.0.0.1 -p "$PORT" "$@"; }

exec 3<>"/dev/tcp/127.0.0.1/$PORT"
printf 'PING\r\nSENTINEL get-master-addr-by-name mymaster\r\nQUIT\r\nPING\n' >&3
for _ in 1 2 3 4 5 6 7 8; do
  read -r -t 5 line <&3 || line="nothing"
  echo "inline: ${line%$'\r'}"
done
exec 3>&-

echo "unknown: $(cli sentinel failover nobody)"
if cli sentinel failover mymaster | grep -q NOGOODSLAVE; then echo "failover: refused"; else echo "failover: begun"; fi
