<?php
/**
 * The collectors of real frameworks, out of Debian's packages unpacked below $argv[1]. Each line of input is a
 * task as JSON: which framework, where its table is, and the lifetime that PHP would give its gc(). The answer
 * is a line too, with the ids that the framework's reader accepted before it collected, where the two may differ.
 * The clock is the one that the process sees (test/support/frameworks.ts has it stand still).
 */
error_reporting(E_ALL & ~E_DEPRECATED & ~E_WARNING);
ob_start();
ini_set('display_errors', '0');
ini_set('log_errors', '0');
$root = $argv[1] . '/usr/share';

spl_autoload_register(function ($class) use ($root) {
    $path = str_replace('\\', '/', $class);
    foreach ([$path, preg_replace('#^Illuminate/Support/(Arr|Collection|Enumerable|HigherOrder\w+|LazyCollection|ItemNotFound\w+|MultipleItems\w+)#', 'Illuminate/Collections/$1', $path),
        preg_replace('#^Illuminate/Support/Traits/(Macroable|EnumeratesValues)#', 'Illuminate/Macroable/Traits/$1', $path),
        preg_replace('#^Illuminate/Support/Traits/(EnumeratesValues)#', 'Illuminate/Collections/Traits/$1', $path)] as $each) {
        $file = "$root/php/$each.php";
        if (is_file($file)) {
            require_once $file;
            return;
        }
    }
});

function pdo(array $task): PDO {
    $pdo = new PDO($task['dsn'], $task['user'], '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    foreach ($task['init'] as $statement) $pdo->exec($statement);
    if ($task['server'] === 'sqlite') {
        // SQLite asks the kernel itself what time it is.
        $pdo->sqliteCreateFunction('datetime', function ($moment, $change = '') {
            if ($moment !== 'now') throw new Exception("datetime($moment)");
            return gmdate('Y-m-d H:i:s', time() + (int) $change);
        });
    }
    return $pdo;
}

/** What tt-rss calls its database by. */
class Db {
    public static $pdo;
    public static function pdo() { return self::$pdo; }
}

$collectors = [
    'symfony' => function (array $task) {
        $handler = new Symfony\Component\HttpFoundation\Session\Storage\Handler\PdoSessionHandler(pdo($task), ['db_table' => $task['table'], 'lock_mode' => 0]);
        $handler->open('', 'PHPSESSID');
        $handler->gc($task['lifetime']);
        $handler->close();
    },
    'laravel' => function (array $task) use ($root) {
        require_once "$root/php/Illuminate/Collections/helpers.php";
        require_once "$root/php/Illuminate/Support/helpers.php";
        $classes = ['mysql' => 'MySqlConnection', 'postgresql' => 'PostgresConnection', 'sqlite' => 'SQLiteConnection'];
        $class = 'Illuminate\\Database\\' . $classes[$task['server']];
        $connection = new $class(pdo($task), $task['database']);
        $handler = new Illuminate\Session\DatabaseSessionHandler($connection, $task['table'], intdiv($task['lifetime'], 60));
        $ids = $connection->table($task['table'])->pluck('id')->all();
        $accepted = array_filter($ids, fn ($id) => $handler->read($id) !== '');
        $handler->gc($task['lifetime']);
        return array_values($accepted);
    },
    'tt-rss' => function (array $task) use ($root) {
        Db::$pdo = pdo($task);
        if (!function_exists('ttrss_gc')) {
            // The file itself starts a session; of it the one function is run.
            $code = file_get_contents("$root/tt-rss/www/include/sessions.php");
            preg_match('/function ttrss_gc .*?\n\t\}/s', $code, $match);
            eval($match[0]);
        }
        ttrss_gc($task['lifetime']);
    },
    'roundcube' => function (array $task) use ($root) {
        if (!class_exists('rcube', false)) {
            define('RCUBE_INSTALL_PATH', "$root/roundcube/");
            define('RCUBE_CONFIG_DIR', '/nonexistent/');
            require_once "$root/roundcube/program/lib/Roundcube/bootstrap.php";
            ini_set('display_errors', '0');
        }
        $names = ['mysql' => 'rcube_db_mysql', 'postgresql' => 'rcube_db_pgsql', 'sqlite' => 'rcube_db_sqlite'];
        foreach (['', '_param', "_{$task['server']}"] as $part) {
            $part = ['_mysql' => 'mysql', '_postgresql' => 'pgsql', '_sqlite' => 'sqlite', '_param' => 'param'][$part] ?? '';
            require_once $part === '' ? "$root/roundcube/program/lib/Roundcube/rcube_db.php" : "$root/roundcube/program/lib/Roundcube/db/$part.php";
        }
        require_once "$root/roundcube/program/lib/Roundcube/rcube_session.php";
        require_once "$root/roundcube/program/lib/Roundcube/session/db.php";
        $db = (new ReflectionClass($names[$task['server']]))->newInstanceWithoutConstructor();
        $set = function (string $class, object $object, string $name, $value) {
            $property = new ReflectionProperty($class, $name);
            $property->setAccessible(true);
            $property->setValue($object, $value);
        };
        // Only where it connects to, and how it quotes and prefixes, is not taken from its configuration.
        $set('rcube_db', $db, 'dbh', pdo($task));
        $set('rcube_db', $db, 'db_connected', true);
        $set('rcube_db', $db, 'db_mode', 'w');
        $set('rcube_db', $db, 'db_dsnw_array', []);
        $set('rcube_db', $db, 'options', ['table_prefix' => '', 'identifier_start' => $task['server'] === 'mysql' ? '`' : '"', 'identifier_end' => $task['server'] === 'mysql' ? '`' : '"']);
        $session = (new ReflectionClass('rcube_session_db'))->newInstanceWithoutConstructor();
        $set('rcube_session_db', $session, 'db', $db);
        $set('rcube_session', $session, 'gc_enabled', $task['lifetime']);
        $session->gc_db();
        if ($db->is_error()) throw new Exception($db->is_error());
    },
    'adodb' => function (array $task) use ($root) {
        require_once "$root/php/adodb/adodb.inc.php";
        require_once "$root/php/adodb/session/adodb-session2.php";
        ADODB_Session::table($task['table']);
        collectWithAdodb($task);
    },
];

function collectWithAdodb(array $task): void {
    $drivers = ['mysql' => 'mysqli', 'postgresql' => 'postgres9'];
    $conn = NewADOConnection($drivers[$task['server']]);
    if ($task['server'] === 'mysql') {
        $conn->socket = $task['socket'];
        $ok = $conn->Connect('localhost', $task['user'], '', $task['database']);
    } else {
        $ok = $conn->Connect("host={$task['socket']} dbname={$task['database']} user={$task['user']}");
    }
    if (!$ok) throw new Exception($conn->ErrorMsg());
    foreach ($task['init'] as $statement) $conn->Execute($statement);
    // The one moment that SQL has a word for, which no setting can have stand still.
    if ($task['server'] === 'postgresql') $conn->sysTimeStamp = "to_timestamp({$task['now']})::timestamp";
    $GLOBALS['ADODB_SESS_CONN'] = $conn;
    // It takes a thousand at a time, of which a request does one.
    for ($round = 0; $round < 100; $round++) {
        $before = (int) $conn->GetOne("SELECT COUNT(*) FROM {$task['table']}");
        ADODB_Session::gc($task['lifetime']);
        if ((int) $conn->GetOne("SELECT COUNT(*) FROM {$task['table']}") === $before) break;
    }
    $conn->Close();
}

while (($line = fgets(STDIN)) !== false) {
    $task = json_decode($line, true);
    try {
        $accepted = $collectors[$task['framework']]($task);
        $answer = ['time' => time(), 'accepted' => $accepted ?? []];
    } catch (Throwable $error) {
        $answer = ['problem' => get_class($error) . ': ' . $error->getMessage() . ' at ' . $error->getFile() . ':' . $error->getLine()];
    }
    ob_clean();
    fwrite(STDOUT, json_encode($answer) . "\n");
}
