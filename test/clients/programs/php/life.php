<?php
// What the PHP programs share: settings, the journal, the two rhythms of a life.

const WRITE_PAUSE_US = 20_000;
const LOOK_PAUSE_MS = 250;

$masterName = getenv('MASTER_NAME');
$key = 'life:' . getenv('CLIENT_NAME');
$addresses = array_map(fn ($address) => explode(':', $address), explode(',', getenv('SENTINELS')));
$tlsCa = getenv('TLS_CA') ?: null;

/** [user, password], [password], or null where the scenery has no accounts. */
function account(string $side): ?array
{
    $given = array_filter([getenv("{$side}_USERNAME"), getenv("{$side}_PASSWORD")]);
    return $given === [] ? null : array_values($given);
}

function nowMs(): int
{
    return (int) (microtime(true) * 1000);
}

function say(array $fields): void
{
    fwrite(STDOUT, json_encode(['t' => nowMs()] + $fields) . "\n");
}

/** Writes all the time, and looks at the topology now and then, in one thread as PHP has it. */
function live(callable $write, callable $look): never
{
    $lookedAt = 0;
    for ($seq = 1; ; $seq++) {
        try {
            $write($seq);
            say(['wrote' => $seq]);
            if (nowMs() - $lookedAt >= LOOK_PAUSE_MS) {
                $lookedAt = nowMs();
                say($look());
            }
        } catch (Exception $error) {
            say(['error' => get_class($error) . ': ' . $error->getMessage()]);
        }
        usleep(WRITE_PAUSE_US);
    }
}
