<?php
// A life with Predis: its replication "sentinel" sends writes to the master, reads to a replica.
require '/usr/share/php/Predis/Autoloader.php';
require __DIR__ . '/life.php';

Predis\Autoloader::register();

$parameters = ['timeout' => 0.5, 'read_write_timeout' => 0.5]
    + ($tlsCa === null ? [] : ['scheme' => 'tls', 'ssl' => ['cafile' => $tlsCa]]);
$nodes = array_map(
    fn ($address) => ['host' => $address[0], 'port' => (int) $address[1]] + $parameters,
    $addresses
);
$client = new Predis\Client($nodes, [
    'replication' => 'sentinel',
    'service' => $masterName,
    'parameters' => $parameters,
]);

$look = function () use ($client, $key): array {
    $replication = $client->getConnection();
    $replication->querySentinel();
    $master = $replication->getMaster() ?? throw new Predis\ClientException('no master known');
    $replicas = array_map(
        fn ($node) => (int) $node->getParameters()->port,
        array_values($replication->getSlaves())
    );
    // A read goes to a replica, whose connection is the current one until the next write.
    $client->scard($key);
    return [
        'master' => (int) $master->getParameters()->port,
        'replicas' => $replicas,
        'read' => (int) $replication->getCurrent()->getParameters()->port,
    ];
};

live(fn (int $seq) => $client->sadd($key, [$seq]), $look);
