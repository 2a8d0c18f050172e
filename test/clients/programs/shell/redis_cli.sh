#!/bin/bash
# A life as shell scripts lead it: one redis-cli for each question and for each write.
# RESP=3 gives every redis-cli -3.
set -u
write_pause_s=0.05
look_every_ms=500

key="life:$CLIENT_NAME"
options=(--no-auth-warning -e)
[ "${RESP:-2}" = 3 ] && options+=(-3)
[ -n "${TLS_CA:-}" ] && options+=(--tls --cacert "$TLS_CA")
IFS=, read -ra sentinels <<<"$SENTINELS"

account() { # side
  local user="$1_USERNAME" password="$1_PASSWORD"
  [ -n "${!user:-}" ] && printf '%s\n' --user "${!user}"
  [ -n "${!password:-}" ] && printf '%s\n' --pass "${!password}"
}
mapfile -t redis_account < <(account REDIS)
mapfile -t sentinel_account < <(account SENTINEL)

now_ms() { local t=${EPOCHREALTIME/[.,]/}; ms=$((t / 1000)); }

say() {
  now_ms
  printf '{"t":%d,%s}\n' "$ms" "$1"
}

say_error() { say "\"error\":\"$(printf %s "$1" | tr -d '"\\' | tr '\n' ' ')\""; }

ask() { # words of the question; the first Sentinel that answers
  local address
  for address in "${sentinels[@]}"; do
    redis-cli -h "${address%:*}" -p "${address#*:}" "${options[@]}" "${sentinel_account[@]}" \
      SENTINEL "$@" "$MASTER_NAME" 2>/dev/null && return
  done
  return 1
}

on() { # port, words
  local port=$1
  shift
  redis-cli -h 127.0.0.1 -p "$port" "${options[@]}" "${redis_account[@]}" "$@" 2>&1
}

master_port() { ask get-master-addr-by-name | tail -n 1 | tr -cd 0-9; }

# A name and its value stand on two lines, with RESP3 on one.
replica_ports() {
  ask replicas | tr -d '\r' | awk '
    $0 == "port" || $0 == "flags" { name = $0; getline; value = $0 }
    NF == 2 { name = $1; value = $2 }
    name == "port" { port = value }
    name == "flags" && value !~ /down|disconnected/ { ports[++count] = port }
    { name = "" }
    END { for (i = 1; i <= count; i++) printf "%s%s", (i > 1 ? "," : ""), ports[i] }'
}

look() {
  local master replicas read
  master=$(master_port)
  replicas=$(replica_ports)
  if [ -z "$master" ]; then say_error "no Sentinel answers"; return; fi
  say "\"master\":$master,\"replicas\":[$replicas]"
  [ -z "$replicas" ] && return
  read=$(on "${replicas%%,*}" INFO server | tr -d '\r' | sed -n 's/^tcp_port://p')
  [ -n "$read" ] && say "\"read\":$read"
}

looked_at=0
master=
for ((seq = 1; ; seq++)); do
  now_ms
  if ((ms - looked_at >= look_every_ms)); then
    looked_at=$ms
    look
  fi
  [ -n "$master" ] || master=$(master_port)
  if answer=$(on "${master:-0}" SADD "$key" "$seq"); then
    say "\"wrote\":$seq"
  else
    say_error "$answer"
    master=
  fi
  sleep "$write_pause_s"
done
