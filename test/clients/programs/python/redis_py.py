"""A life with redis-py's Sentinel class: master_for, slave_for, discover_master, discover_slaves."""
import json
import os
import sys
import threading
import time

from redis.exceptions import RedisError
from redis.sentinel import Sentinel

WRITE_PAUSE_S = 0.02
LOOK_PAUSE_S = 0.25

name = os.environ["MASTER_NAME"]
key = "life:" + os.environ["CLIENT_NAME"]
lock = threading.Lock()


def say(**fields):
    with lock:
        sys.stdout.write('{"t":%d,%s\n' % (time.time() * 1000, json.dumps(fields)[1:]))
        sys.stdout.flush()


def settings(side):
    """Account and encryption of one side, REDIS or SENTINEL, as redis-py wants them."""
    given = {"username": os.environ.get(side + "_USERNAME"), "password": os.environ.get(side + "_PASSWORD")}
    if "TLS_CA" in os.environ:
        given.update(ssl=True, ssl_ca_certs=os.environ["TLS_CA"])
    return given


def forever(pause, act):
    while True:
        try:
            act()
        except RedisError as error:
            say(error=f"{type(error).__name__}: {error}")
        time.sleep(pause)


addresses = [tuple(address.split(":")) for address in os.environ["SENTINELS"].split(",")]
sentinel = Sentinel(
    [(host, int(port)) for host, port in addresses],
    socket_timeout=0.5,
    sentinel_kwargs=settings("SENTINEL"),
    **settings("REDIS"),
)
master = sentinel.master_for(name)
replica = sentinel.slave_for(name)
seq = 0


def write():
    global seq
    seq += 1
    master.sadd(key, seq)
    say(wrote=seq)


def look():
    replicas = [port for _, port in sentinel.discover_slaves(name)]
    say(master=sentinel.discover_master(name)[1], replicas=replicas)
    if replica.info("replication")["role"] != "slave":
        # slave_for asks for a replica when it connects, and then stays.
        replica.connection_pool.reset()
    say(read=replica.info("server")["tcp_port"])


threading.Thread(target=forever, args=(LOOK_PAUSE_S, look), daemon=True).start()
forever(WRITE_PAUSE_S, write)
