<?php
/*
 * People who visit a site: a PHP process that opens, changes and writes back sessions.
 *
 *   php visitors.php PLAN.json
 *
 * The plan: lifetime (seconds), picks ([ID, due second]: sessions that exist), touchBefore (how many
 * seconds before it is due a pick is touched, at random between the two), touchEvery (how often all
 * that are held are touched again, seconds), createEvery (seconds), keep (how many of the created are
 * held, 0 to 1; the others are left to expire). It ends when its standard input does.
 *
 * A line of output for each visit: what it was, the session's ID, and seconds since 1970 before and
 * after it.
 *
 *   new, touch   the session was there, as it should be
 *   lost         it was empty, though it could not be due by then
 *   late         it may be due by now: it is not visited, is held no longer, and tells nothing
 *   again        it was empty, and may have been due by then: it is new now, and held no longer
 *   held         at the end: a session that must be there, and the second from which it need not
 *
 * Invariant: a session is called lost only where PHP's own rule forbids its removal, by the clock of
 * whoever wrote it, with the kernel's 10 ms in its favour.
 */
declare(strict_types=1);

$plan = json_decode((string)file_get_contents($argv[1]), true, 8, JSON_THROW_ON_ERROR);

/* Reading the clock and opening the session are two things; it must not be due in between. */
const MARGIN_SECONDS = 0.25;

function tell(string $what, string $id, float $before, float $after): void
{
    // Not echo: PHP would hold its headers to be sent, and start no session any more.
    fprintf(STDOUT, "%s %s %.6F %.6F\n", $what, $id, $before, $after);
}

/* The earliest second in which what was written after $written may be removed. */
function due_after(float $written, int $lifetime): int
{
    return (int)floor($written - 0.01) + $lifetime + 1;
}

/* Returns whether the session was there with its data. */
function visit(string $id): bool
{
    session_id($id);
    if (!session_start()) {
        return false;
    }
    $was_there = isset($_SESSION['n']);
    $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
    $_SESSION['seen_at'] = microtime(true);
    session_write_close();
    return $was_there;
}

$due = [];
$queue = new SplMinHeap();
$between = fn(float $low, float $high): float => $low + ($high - $low) * mt_rand() / mt_getrandmax();
$start = microtime(true);
foreach ($plan['picks'] as [$id, $second]) {
    $due[$id] = $second;
    [$latest, $earliest] = $plan['touchBefore'];
    $queue->insert([max($start, $second - $between($latest, $earliest)), $id]);
}

$hold = function (string $id, float $before) use (&$due, $queue, $between, $plan): void {
    $due[$id] = due_after($before, $plan['lifetime']);
    $queue->insert([$before + $plan['touchEvery'] * $between(0.5, 1), $id]);
};

$touch = function (string $id) use (&$due, $hold): void {
    $before = microtime(true);
    if ($before > $due[$id] - MARGIN_SECONDS) {
        tell('late', $id, $before, $before);
        unset($due[$id]);
        return;
    }
    $was_there = visit($id);
    $after = microtime(true);
    $is_sure = $after < $due[$id];
    tell($was_there ? 'touch' : ($is_sure ? 'lost' : 'again'), $id, $before, $after);
    if ($was_there) {
        $hold($id, $before);
    } else {
        unset($due[$id]);
    }
};

$create = function () use ($hold, $between, $plan): void {
    // A capital: spread.c's names are others, and PHP's own have none.
    $id = session_create_id('V');
    $before = microtime(true);
    visit($id);
    tell('new', $id, $before, microtime(true));
    if ($between(0, 1) < $plan['keep']) {
        $hold($id, $before);
    }
};

for ($next_creation = $start;;) {
    $now = microtime(true);
    if (!$queue->isEmpty() && $queue->top()[0] <= $now) {
        $touch($queue->extract()[1]);
    } elseif ($next_creation <= $now) {
        $create();
        $next_creation += $plan['createEvery'];
    }
    $next = min($next_creation, $queue->isEmpty() ? INF : $queue->top()[0]);
    $wait = max(0, (int)(($next - microtime(true)) * 1e6));
    [$read, $write, $except] = [[STDIN], null, null];
    if (stream_select($read, $write, $except, 0, $wait) === 1) {
        break;
    }
}
$now = microtime(true);
foreach ($due as $id => $second) {
    tell('held', (string)$id, $now, $second);
}
