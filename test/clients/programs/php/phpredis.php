<?php
// A life with phpredis: RedisSentinel says where, Redis connects. The Sentinel's connection is a
// persistent one, which phpredis tests with ECHO before it uses it again.
require __DIR__ . '/life.php';

function connectTo(string $host, int $port): Redis
{
    global $tlsCa;
    $redis = new Redis();
    $redis->connect(($tlsCa === null ? '' : 'tls://') . $host, $port, 0.5, null, 0, 0.5);
    $account = account('REDIS');
    if ($account !== null) {
        $redis->auth($account);
    }
    return $redis;
}

/** The first Sentinel that answers. */
function ask(callable $question): mixed
{
    global $addresses, $tlsCa;
    foreach ($addresses as [$host, $port]) {
        try {
            $host = ($tlsCa === null ? '' : 'tls://') . $host;
            $options = [0.5, 'life', 0, 0.5, ...array_filter([account('SENTINEL')])];
            $answer = $question(new RedisSentinel($host, (int) $port, ...$options));
            if ($answer) {
                return $answer;
            }
        } catch (RedisException $error) {
            say(['error' => $error->getMessage()]);
        }
    }
    throw new RedisException('no Sentinel knows');
}

function replicaPorts(RedisSentinel $sentinel): array
{
    global $masterName;
    $healthy = array_filter(
        $sentinel->slaves($masterName),
        fn ($row) => !preg_match('/down|disconnected/', $row['flags'])
    );
    return array_map(fn ($row) => (int) $row['port'], array_values($healthy));
}

$master = null;

$write = function (int $seq) use (&$master, $key, $masterName): void {
    try {
        $master ??= connectTo(...ask(fn ($sentinel) => $sentinel->getMasterAddrByName($masterName)));
        if ($master->sAdd($key, $seq) === false) {
            throw new RedisException($master->getLastError());
        }
    } catch (RedisException $error) {
        $master = null;
        throw $error;
    }
};

$look = function () use ($masterName): array {
    $replicas = ask(replicaPorts(...));
    [, $port] = ask(fn ($sentinel) => $sentinel->getMasterAddrByName($masterName));
    $read = connectTo('127.0.0.1', $replicas[array_rand($replicas)])->info('server')['tcp_port'];
    return ['master' => (int) $port, 'replicas' => $replicas, 'read' => (int) $read];
};

live($write, $look);
