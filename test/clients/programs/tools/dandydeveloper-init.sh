#!/bin/bash
# What the init container of the DandyDeveloper chart does to the file: two lines are put in front of the
# settings of the master that they name, the second with a blank at its end.
set -eu
read -r host port quorum < <(awk '/^sentinel monitor mymaster / {print $4, $5, $6}' "$FILE")
sed -i "/^sentinel monitor/d" "$FILE"
sed -i "1s/^/sentinel myid $(echo "$PORT" | sha1sum | cut -c1-40)\\n/" "$FILE"
sed -i "2s/^/sentinel monitor mymaster $host $port $quorum \\n/" "$FILE"
echo "        maxclients 10000" >> "$FILE"
echo "    requirepass replace-default-sentinel-auth" >> "$FILE"
sed -i "s/replace-default-sentinel-auth/$PASSWORD/" "$FILE"
echo "sentinel announce-ip 127.0.0.1" >> "$FILE"
echo "sentinel announce-port $PORT" >> "$FILE"
