#!/bin/bash
# What Bitnami's container does before the start: it copies the mounted file and edits the copy, whose last
# line has no end at times.
set -eu
mounted="$(dirname "$FILE")/mounted.conf"
mv "$FILE" "$mounted"
cp "$mounted" "$FILE"
printf "\nsentinel auth-pass %s %s" mymaster "$PASSWORD" >> "$FILE"
printf "\nrequirepass %s" "$PASSWORD" >> "$FILE"
printf "\nsentinel myid %s" "$(echo "$PORT" | openssl sha1 | awk '{print $2}')" >> "$FILE"
read -r host port quorum < <(awk '/sentinel monitor mymaster / {print $4, $5, $6}' "$FILE")
sed -i -E "s/^#*\s*sentinel monitor .*/sentinel monitor mymaster $host $port $quorum/" "$FILE"
{
  echo
  echo "sentinel announce-hostnames yes"
  echo "sentinel resolve-hostnames yes"
  echo "sentinel announce-port $PORT"
  echo "sentinel announce-ip 127.0.0.1"
} >> "$FILE"
