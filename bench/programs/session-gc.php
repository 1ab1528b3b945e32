<?php
/*
 * PHP's own collector, once in each directory: php session-gc.php DIRECTORY...
 *
 * session_gc() wants an active session, so it gets one, which is destroyed afterwards.
 */
declare(strict_types=1);

foreach (array_slice($argv, 1) as $directory) {
    session_save_path($directory);
    session_id('collector');
    if (!session_start()) {
        exit(1);
    }
    $removed = session_gc();
    session_destroy();
    if ($removed === false) {
        fwrite(STDERR, "session_gc() returned false for $directory\n");
        exit(1);
    }
}
