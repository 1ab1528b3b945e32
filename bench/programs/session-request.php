<?php
/* One request of the interference trial: opens a session, reads, writes and closes it. */
declare(strict_types=1);

session_id($_SERVER['QUERY_STRING']);
session_start();
$_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
$_SESSION['seen_at'] = microtime(true);
session_write_close();
echo 'n=', $_SESSION['n'];
