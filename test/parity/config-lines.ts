import { DIRECTIVES } from "../../src/config/directives.ts";

/** Single lines, each asked alone whether the two programs take it, and if not, why. */

/** What is put behind the name of every generic directive. */
const SAMPLES = ["", '""', "yes", "-1", "1kb", "zz", "1 2"];

const NAMES = DIRECTIVES.flatMap(({ name, aliases }) => [name, ...aliases]);

const GENERIC = NAMES.flatMap((name) => SAMPLES.map((sample) => `${name} ${sample}`));

const MORE = String.raw`
PORT 0
Port 65535
port 65536
port 1 # no comment
port "1
port '1'2
port "1"2
port "1" 
port 1"2"
port "\x31"
port '\x31'
port "1\n"
port
"port" 1
'port' 1
"" 1
''
nosuch
nosuch 1
x.y
x.y 1
x.y ""
include
include a b
include nosuch.conf
include nosuch*.conf
loadmodule
loadmodule /nowhere.so a
dir /
dir /nowhere
dir nosuch
dir ""
user ops +ping|
user ops +sentinel|masters|x
bind 127.0.0.1 ::1
bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17
bind "127.0.0.1 ::1"
bind "127.0.0.1  ::1"
save 900 1
save 900
save 900 1 300 10
save 0 1
save 900 x
replicaof 127.0.0.1 6379
slaveof no one
replicaof a b
replicaof a 65536
replicaof a -1
replicaof a b c
rename-command ping pong
rename-command PING ""
rename-command get x
rename-command ping info
rename-command ping
client-output-buffer-limit normal 0 0 0
client-output-buffer-limit slave 1mb 1kb 60 pubsub 1 2 3
client-output-buffer-limit normal 0 0
client-output-buffer-limit master 0 0 0
client-output-buffer-limit normal x 0 0
client-output-buffer-limit normal 0 0 -1
client-output-buffer-limit normal -1 0 0
client-output-buffer-limit "normal 0 0 0"
notify-keyspace-events KEA
notify-keyspace-events Q
oom-score-adj-values 0 200 800
oom-score-adj-values 0 200
oom-score-adj-values 0 200 8000
oom-score-adj-values 0 200 x
oom-score-adj-values 800 200 0
latency-tracking-info-percentiles 50 99 99.9
latency-tracking-info-percentiles 101
latency-tracking-info-percentiles x
latency-tracking-info-percentiles -1
loglevel debug
loglevel DEBUG
loglevel nothing
supervised auto
supervised systemd
syslog-facility local7
syslog-facility local8
acl-pubsub-default allchannels
tls-auth-clients optional
tls-protocols "TLSv1.2 TLSv1.3"
tls-protocols SSLv3
unixsocketperm 777
unixsocketperm 1000
unixsocketperm 9
maxmemory 1GB
maxmemory 1tb
maxmemory 5%
maxmemory-clients 5%
maxmemory-clients 101%
maxmemory-clients -5%
shutdown-on-sigint save nosave
shutdown-on-sigterm now force
shutdown-on-sigterm default now
proc-title-template {title}
proc-title-template {nosuch}
proc-title-template "{title} "
proc-title-template "{title} x"
proc-title-template " "
proc-title-template {unixsocket}
proc-title-template {config-file}
proc-title-template "{title}}"
proc-title-template "{title} {{"
proc-title-template "{title} {"
cluster-announce-hostname host.example
cluster-announce-hostname a_b
dbfilename a/b
appendfilename a/b
appendfilename ""
appenddirname a/b
syslog-ident ""
requirepass ""
requirepass a\b
aclfile nosuch.acl
list-max-ziplist-entries 5
list-max-ziplist-value 5 6
lua-replicate-commands yes
user
user default
user ops on >x ~* &* +@all
user ops on nopass allkeys allchannels allcommands
user ops on >x <y
user ops on #abc
user ops bad
user ""
user "" on
user ops on >x >y <x
user ops on #2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 <x
user ops on >x !2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
user ops on +@nosuch
user ops +sentinel|nosuch
user ops +sentinel|
user ops -ping|
user ops (+ping on)
user ops on ( +ping )
user ops on ~a (~b) (%R~c &d)
user ops on ~a ~* ~b
user ops ~* ~b
user ops &* &b
user ops allchannels &b
user ops +get|
user ops +
user ops -
user ops ~
user ops &
user ops >
user ops %R~x
user ops %X~x
user ops %RW~x %W~y
user ops (+ping ~a) on
user ops (+ping
user ops (+ping ~a zz)
user ops )
user ops clearselectors reset off
user ops sanitize-payload skip-sanitize-payload
user "a b" on
user default on nopass
user ON
user ops resetkeys resetchannels resetpass nocommands
user ops !0000000000000000000000000000000000000000000000000000000000000000
user ops #0000000000000000000000000000000000000000000000000000000000000000
user ops #000000000000000000000000000000000000000000000000000000000000000G
user ops ""
user ops on "" ~a
user ops "(\"\" +ping)"
user ops ("" +ping)
user ops allkeys "~a b"
user ops ~* "~a b"
user ops "~a b"
user ops allkeys %x~a
user ops ~* %R~a
user ops %x~a
user ops %
user ops %R
user ops %~a
user ops %RR~a
user ops %rw~a
user ops ~* ~* allkeys
user ops &* "&a b"
user ops "&a b"
user ops allkeys reset ~a
user ops allchannels reset &a
user ops allkeys resetkeys ~a
user ops #0000000000000000000000000000000000000000000000000000000000000000 <x
user ops #0000000000000000000000000000000000000000000000000000000000000000 <x foo
user ops >x nopass <x
user ops >x resetpass <x
user ops >x reset <x
user ops <x
user ops "(~* ~a)"
user ops (~* ~a)
user ops "(\"a)"
user ops ()
user ops ( )
user ops (>x)
user ops (reset)
user ops ((+ping))
user ops on +ping)
user ops "+ping|a b"
user ops +ping|a|b
user ops +ping|a
user ops -ping|a
user ops -sentinel|masters|x
user ops +nosuch|
user ops +nosuch|a|b
user ops +sentinel|nosuch|x
user ops +@
user ops -@all|x
user ops +@all|x
user ops RESET ON ALLKEYS +@ALL
user ops ON FOO
user ops off ~a foo bar
user ops (+ping ~a) (+info zz) foo
user ops (+ping ~a) foo
`;

const SENTINEL = String.raw`
sentinel
SENTINEL
sentinel nosuch m
sentinel ""
sentinel monitor
sentinel monitor x 127.0.0.1 6379
sentinel monitor x 127.0.0.1 6379 2 3
sentinel monitor x 127.0.0.1 6379 0
sentinel monitor x 127.0.0.1 6379 -1
sentinel monitor x 127.0.0.1 6379 zz
sentinel monitor x 127.0.0.1 6379 2zz
sentinel monitor x 127.0.0.1 6379 " 2"
sentinel monitor x 127.0.0.1 6379 4294967297
sentinel monitor x 127.0.0.1 0 2
sentinel monitor x 127.0.0.1 zz 2
sentinel monitor x 127.0.0.1 65535 2
sentinel monitor x 127.0.0.1 65536 2
sentinel monitor x 127.0.0.1 -1 2
sentinel monitor x 127.0.0.1 65536 0
sentinel monitor x localhost 6379 2
sentinel monitor x "" 6379 2
sentinel monitor x 127.1 6379 2
sentinel monitor x 1.2.3.4.5 6379 2
sentinel monitor x 256.1.1.1 6379 2
sentinel monitor x ::1 6379 2
sentinel monitor x ::1::2 6379 2
sentinel monitor x [::1] 6379 2
sentinel monitor x fe80::1%lo 6379 2
sentinel monitor m 127.0.0.1 6380 2
sentinel MONITOR x 127.0.0.1 6379 2
sentinel monitor "x y" 127.0.0.1 6379 2
sentinel monitor "a\nb" 127.0.0.1 6379 2
sentinel monitor "" 127.0.0.1 6379 2
sentinel monitor x 127.0.0.1 6379 2 # comment
sentinel down-after-milliseconds m 0
sentinel down-after-milliseconds m -5
sentinel down-after-milliseconds m zz
sentinel down-after-milliseconds m 5zz
sentinel down-after-milliseconds m 5
sentinel down-after-milliseconds m
sentinel down-after-milliseconds m 5 5
sentinel down-after-milliseconds x 5
sentinel down-after-milliseconds M 5
sentinel DOWN-AFTER-MILLISECONDS m 5
sentinel failover-timeout m 0
sentinel failover-timeout m 1
sentinel failover-timeout x 1
sentinel failover-timeout m
sentinel parallel-syncs m 0
sentinel parallel-syncs m zz
sentinel parallel-syncs m -1
sentinel parallel-syncs x 1
sentinel parallel-syncs m
sentinel notification-script m /bin/true
sentinel notification-script m /nowhere
sentinel notification-script m /tmp
sentinel notification-script m ""
sentinel notification-script x /bin/true
sentinel client-reconfig-script m /bin/true
sentinel client-reconfig-script m /nowhere
sentinel client-reconfig-script m
sentinel auth-pass m x
sentinel auth-pass m ""
sentinel auth-pass m "a b"
sentinel auth-pass m
sentinel auth-pass m a b
sentinel auth-pass x y
sentinel auth-user m x
sentinel auth-user m ""
sentinel auth-user x y
sentinel master-reboot-down-after-period m 0
sentinel master-reboot-down-after-period m 5
sentinel master-reboot-down-after-period m -1
sentinel master-reboot-down-after-period x 5
sentinel primary-reboot-down-after-period m 0
sentinel primary-reboot-down-after-period m -1
sentinel primary-reboot-down-after-period x 5
sentinel config-epoch m 5
sentinel config-epoch m -1
sentinel config-epoch m zz
sentinel config-epoch m 18446744073709551615
sentinel config-epoch m 9223372036854775807
sentinel config-epoch x 5
sentinel leader-epoch m 5
sentinel leader-epoch m -1
sentinel leader-epoch x 5
sentinel current-epoch 5
sentinel current-epoch -1
sentinel current-epoch zz
sentinel current-epoch
sentinel current-epoch 1 2
sentinel known-replica m 127.0.0.1 1
sentinel known-replica m 127.0.0.1 70000
sentinel known-replica m 127.0.0.1 zz
sentinel known-replica m 127.0.0.1 5555
sentinel known-replica m host.invalid 1
sentinel known-replica x 127.0.0.1 1
sentinel known-replica m 127.0.0.1
sentinel known-slave m 127.0.0.1 1
sentinel known-slave m 127.0.0.1 5555
sentinel known-slave m 127.0.0.1 -1
sentinel known-sentinel m 127.0.0.1 1
sentinel known-sentinel x 127.0.0.1 1
sentinel known-sentinel m 127.0.0.1 1 2222222222222222222222222222222222222222
sentinel known-sentinel m 127.0.0.1 1 short
sentinel known-sentinel m 127.0.0.1 1 1111111111111111111111111111111111111111
sentinel known-sentinel m 127.0.0.1 99999 3333333333333333333333333333333333333333
sentinel known-sentinel m host.invalid 1 3333333333333333333333333333333333333333
sentinel known-sentinel x 127.0.0.1 1 3333333333333333333333333333333333333333
sentinel known-sentinel m
sentinel rename-command m CONFIG x
sentinel rename-command m get y
sentinel rename-command m GET y
sentinel rename-command m nosuch y
sentinel rename-command m CONFIG ""
sentinel rename-command x CONFIG x
sentinel rename-command m CONFIG
sentinel announce-ip 1.2.3.4
sentinel announce-ip ""
sentinel announce-ip not-an-ip
sentinel announce-ip
sentinel announce-ip a b
sentinel announce-port 5
sentinel announce-port zz
sentinel announce-port -5
sentinel announce-port 70000
sentinel announce-port
sentinel myid 1111111111111111111111111111111111111112
sentinel myid zz
sentinel myid zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
sentinel myid ""
sentinel myid
sentinel deny-scripts-reconfig yes
sentinel deny-scripts-reconfig NO
sentinel deny-scripts-reconfig maybe
sentinel deny-scripts-reconfig
sentinel resolve-hostnames yes
sentinel resolve-hostnames maybe
sentinel announce-hostnames yes
sentinel announce-hostnames maybe
sentinel sentinel-user u
sentinel sentinel-user ""
sentinel sentinel-pass p
sentinel sentinel-pass ""
sentinel sentinel-pass a b
sentinel ckquorum m
sentinel set m quorum 2
sentinel reset m
sentinel known-primary m 127.0.0.1 1
sentinel simulate-failure-crash-after-election
`;

/** What stands before the line, so that per-master lines have something to be about. */
export const BEFORE = [
  "sentinel monitor m 127.0.0.1 6379 2",
  "sentinel known-replica m 127.0.0.1 5555",
  `sentinel known-sentinel m 127.0.0.1 6666 ${"1".repeat(40)}`,
  "sentinel rename-command m GET x",
];

/** Refused by both after everything else: whoever comes this far took the line. */
export const AFTER = "sentinel end-of-test";

export const LINES: readonly string[] = [...GENERIC, ...[MORE, SENTINEL].flatMap(linesOf)];

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
