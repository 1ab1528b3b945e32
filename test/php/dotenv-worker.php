<?php
/**
 * Reads .env texts as their applications' own readers do, out of Debian's packages unpacked below $argv[1]: one
 * JSON object a line, `which` and `text` (base64); the answer is a line too. For
 * test/unit/apps/dotenv/real-readers.test.ts. Nothing is run: Symfony's commands need a package that is not there.
 */
error_reporting(0);
spl_autoload_register(function ($class) use ($argv) {
    $file = "$argv[1]/usr/share/php/" . str_replace('\\', '/', $class) . '.php';
    if (is_file($file)) require_once $file;
});

// Symfony's reader goes round for ever at some texts that end within a value.
pcntl_async_signals(true);
pcntl_signal(SIGALRM, function () {
    throw new Exception('endless');
});

while (($line = fgets(STDIN)) !== false) {
    ['which' => $which, 'text' => $text] = json_decode($line, true);
    $text = base64_decode($text);
    pcntl_alarm(1);
    try {
        $values = $which === 'phpdotenv'
            ? Dotenv\Dotenv::parse($text)
            : (new Symfony\Component\Dotenv\Dotenv())->parse($text);
        $encoded = [];
        foreach ($values as $name => $value) $encoded[base64_encode($name)] = $value === null ? null : base64_encode($value);
        echo json_encode(['values' => (object) $encoded]), "\n";
    } catch (Throwable $error) {
        echo json_encode(['failed' => true, 'endless' => $error->getMessage() === 'endless']), "\n";
    }
    pcntl_alarm(0);
}
