<?php
/**
 * Runs the PHP text of each line (base64) as a file of its own, and answers with what it returned and set, as
 * JSON. For test/support/value-oracle.ts: the texts are made by its tests and do nothing but set values.
 */
error_reporting(0);
ini_set('display_errors', '0');

function described($value, $depth = 0) {
    // An array within itself.
    if ($depth > 30) return ['other'];
    switch (gettype($value)) {
        case 'NULL': return ['null'];
        case 'boolean': return ['bool', $value];
        case 'integer': return ['int', (string) $value];
        case 'double': return ['float', bin2hex(pack('E', $value))];
        case 'string': return ['string', base64_encode($value)];
        case 'array':
        case 'object':
            $entries = [];
            $prefix = is_object($value) ? '->' : '';
            foreach ((array) $value as $key => $each) {
                $entries[] = [base64_encode($prefix . $key), described($each, $depth + 1)];
            }
            return ['array', $entries];
        default: return ['other'];
    }
}

function described_all($values) {
    $all = [];
    foreach ($values as $name => $value) $all[base64_encode($name)] = described($value);
    return (object) $all;
}

function run($sescle_file) {
    $sescle_returned = include $sescle_file;
    $sescle_variables = get_defined_vars();
    unset($sescle_variables['sescle_file'], $sescle_variables['sescle_returned']);
    return [$sescle_returned, $sescle_variables];
}

$file = $argv[1];
while (($line = fgets(STDIN)) !== false) {
    file_put_contents($file, base64_decode(trim($line)));
    // A process of its own for each: constants and classes would stay.
    $answer = tempnam(dirname($file), 'answer');
    $child = pcntl_fork();
    if ($child === 0) {
        pcntl_alarm(10);
        $before = get_declared_classes();
        $reply = ['failed' => true];
        register_shutdown_function(function () use (&$reply, $answer) {
            file_put_contents($answer, json_encode($reply));
            posix_kill(getmypid(), SIGKILL);
        });
        ob_start();
        try {
            [$returned, $variables] = run($file);
            $classes = [];
            foreach (array_diff(get_declared_classes(), $before) as $class) {
                $classes[base64_encode($class)] = described_all(get_class_vars($class));
            }
            $constants = get_defined_constants(true)['user'] ?? [];
            $reply = [
                'failed' => false,
                'returned' => described($returned),
                'variables' => described_all($variables),
                'constants' => described_all($constants),
                'classes' => (object) $classes,
            ];
        } catch (Throwable $error) {
            $reply = ['failed' => true, 'error' => $error->getMessage()];
        }
        exit;
    }
    pcntl_waitpid($child, $status);
    // Nothing: an array within itself, of which nobody says what it holds.
    echo file_get_contents($answer) ?: '{"failed":true}', "\n";
    unlink($answer);
}
