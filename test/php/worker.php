<?php
/*
 * Real PHP at the tests' command: reads one JSON request a line from standard input, answers one
 * JSON line each. It never ends by itself, so a session that it holds open stays locked until the
 * test says otherwise: no test has to sleep.
 *
 * Nothing is ever echoed: after output PHP refuses to change session settings ("headers already
 * sent"). Answers are written to the descriptor instead.
 */
declare(strict_types=1);

$warnings = [];
set_error_handler(function (int $level, string $message) use (&$warnings): bool {
    $warnings[] = $message;
    return true;
});

/** Opens a session. The settings can only be changed while no session is active. */
function start(array $request): array
{
    ini_set('session.save_path', $request['savePath']);
    session_id($request['id']);
    $_SESSION = [];
    $started = session_start($request['options'] ?? []);
    return ['started' => $started, 'data' => (object) $_SESSION];
}

/** Writes whole sessions: opened, filled and closed, one after the other. */
function write(array $request): int
{
    foreach ($request['sessions'] as $session) {
        if (!start($session)['started']) {
            throw new RuntimeException("cannot start {$session['id']} in {$session['savePath']}");
        }
        $_SESSION = $session['data'];
        session_write_close();
    }
    return count($request['sessions']);
}

/**
 * PHP's own collector. session_gc() wants an active session, so it gets one, which is destroyed
 * afterwards. `before` and `after` enclose the second that the collector took for now. It asks C's
 * time(), which Linux answers from the last clock tick: for up to 10 ms it is behind PHP's time().
 */
function collect(array $store): array
{
    ini_set('session.gc_maxlifetime', (string) $store['maxLifetimeSeconds']);
    if (ini_get('session.gc_maxlifetime') !== (string) $store['maxLifetimeSeconds']) {
        throw new RuntimeException("PHP refused the lifetime {$store['maxLifetimeSeconds']}");
    }
    if (!start(['savePath' => $store['savePath'], 'id' => 'collector'])['started']) {
        throw new RuntimeException("cannot start a session in {$store['savePath']}");
    }
    $before = (int) floor(microtime(true) - 0.02);
    $removed = session_gc();
    $after = time();
    session_destroy();
    return ['before' => $before, 'after' => $after, 'removed' => $removed];
}

function answer(array $request): mixed
{
    return match ($request['do']) {
        'start' => start($request),
        'write' => write($request),
        'put' => $_SESSION[$request['key']] = $request['value'],
        'close' => session_write_close(),
        'destroy' => session_destroy(),
        'collect' => array_map('collect', $request['stores']),
    };
}

while (($line = fgets(STDIN)) !== false) {
    $warnings = [];
    try {
        $reply = ['value' => answer(json_decode($line, true, 16, JSON_THROW_ON_ERROR))];
    } catch (Throwable $problem) {
        $reply = ['problem' => $problem->getMessage()];
    }
    fwrite(STDOUT, json_encode($reply + ['warnings' => $warnings], JSON_THROW_ON_ERROR) . "\n");
}
