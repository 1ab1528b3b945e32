<?php
/**
 * Requests that open and write expired sessions through a real framework's handler, around the moment in which
 * each comes to be due. The task is JSON in $argv[2]; frameworks lie below $argv[1]. Prints one line a request:
 * the id, milliseconds, and what went wrong if anything did.
 */
error_reporting(E_ALL & ~E_DEPRECATED & ~E_WARNING);
$root = $argv[1] . '/usr/share/php';
$task = json_decode($argv[2], true);

spl_autoload_register(function ($class) use ($root) {
    $path = str_replace('\\', '/', $class);
    $collections = preg_replace('#^Illuminate/Support/(Arr|Collection|Enumerable|HigherOrder\w+|LazyCollection|ItemNotFound\w+|MultipleItems\w+|Traits/EnumeratesValues)#', 'Illuminate/Collections/$1', $path);
    $macroable = preg_replace('#^Illuminate/Support/Traits/Macroable#', 'Illuminate/Macroable/Traits/Macroable', $path);
    foreach ([$path, $collections, $macroable] as $each) {
        if (is_file("$root/$each.php")) {
            require_once "$root/$each.php";
            return;
        }
    }
});

$pdo = new PDO($task['dsn'], 'visitor', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
if ($task['framework'] === 'symfony') {
    $handler = new Symfony\Component\HttpFoundation\Session\Storage\Handler\PdoSessionHandler($pdo, ['db_table' => $task['table']]);
} else {
    require_once "$root/Illuminate/Collections/helpers.php";
    require_once "$root/Illuminate/Support/helpers.php";
    $class = 'Illuminate\\Database\\' . ($task['server'] === 'MariaDB' ? 'MySqlConnection' : 'PostgresConnection');
    $connection = new $class($pdo, 'shop');
}
ini_set('session.gc_maxlifetime', '1440');
mt_srand($task['worker']);

if ($task['collects'] ?? false) {
    // The framework's own collector, once a second, as its lottery would have it on a busy site.
    $end = microtime(true) + $task['seconds'];
    while (microtime(true) < $end) {
        if ($task['framework'] === 'symfony') {
            $handler->open('', 'x');
            $handler->gc(1440);
            $handler->close();
        } else {
            (new Illuminate\Session\DatabaseSessionHandler($connection, $task['table'], 24))->gc(1440);
        }
        usleep(1000000);
    }
    exit;
}

$visits = [];
for ($n = $task['worker']; $n < $task['count']; $n += $task['workers']) {
    // The row is due in a whole second; the request comes up to 0.2 s before that and 0.8 s behind it.
    $visits[$n] = $task['first'] + intdiv($n, $task['rate']) - 0.2 + mt_rand(0, 1000) / 1000;
}
asort($visits);
foreach ($visits as $n => $at) {
    $id = "session$n";
    $wait = $at - microtime(true);
    if ($wait > 0) usleep((int) ($wait * 1e6));
    $began = microtime(true);
    $problem = '';
    try {
        if ($task['framework'] !== 'symfony') {
            // Each request has a handler of its own.
            $handler = new Illuminate\Session\DatabaseSessionHandler($connection, $task['table'], 24);
        }
        $handler->open('', 'x');
        $handler->read($id);
        usleep(2000);
        $handler->write($id, "written $n");
        $handler->close();
    } catch (Throwable $error) {
        $problem = get_class($error) . ': ' . $error->getMessage();
        try { if ($pdo->inTransaction()) $pdo->rollBack(); } catch (Throwable $also) {}
        if ($task['framework'] === 'symfony') {
            $handler = new Symfony\Component\HttpFoundation\Session\Storage\Handler\PdoSessionHandler($pdo, ['db_table' => $task['table']]);
        }
    }
    echo json_encode([$id, round((microtime(true) - $began) * 1000, 3), $problem]), "\n";
}
