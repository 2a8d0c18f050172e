#!/bin/bash
# What Bitnami's chart asks a Sentinel and its file: probes, the master's address, awk over the file.
set -u
cli() { timeout -s 15 5 redis-cli -h 127.0.0.1 -p "$PORT" "$@"; }

# Liveness and readiness want exactly this word.
response=$(cli ping)
if [ "$response" = PONG ]; then echo "probe: alive"; else echo "probe: '$response'"; fi

# Two lines into an array: host, then port.
info=($(cli sentinel get-master-addr-by-name mymaster))
echo "master: ${#info[@]} words: ${info[0]} ${info[1]}"
echo "unknown master: '$(cli sentinel get-master-addr-by-name nobody)'"

# The file is read by name, through the link that its folder is.
echo "awk: $(awk '/monitor/ {print $4}' "$FILE")"
port=$(awk '/monitor/ {print $5}' "$FILE")
if [ "$port" = "${info[1]}" ]; then echo "awk: the port that it answers"; else echo "awk: port $port"; fi
echo "grep: $(grep -c '^sentinel monitor mymaster ' "$FILE")"
