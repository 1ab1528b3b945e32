<?php
/*
 * Writes to the sessions that it is told of, each by a request of its own: php session-visits.php STORE
 *
 * Reads lines "ID TOKEN", and answers each when the session has been written and closed.
 */
declare(strict_types=1);

ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.use_strict_mode', '0');
ini_set('session.gc_probability', '0');
session_save_path($argv[1]);
echo "ready\n";
while (($line = fgets(STDIN)) !== false) {
    [$id, $token] = explode(' ', rtrim($line));
    session_id($id);
    session_start();
    $_SESSION['token'] = $token;
    session_write_close();
    echo "done\n";
}
