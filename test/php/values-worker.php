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

$sescle_file = $argv[1];
while (($sescle_line = fgets(STDIN)) !== false) {
    file_put_contents($sescle_file, base64_decode(trim($sescle_line)));
    // A process of its own for each: constants and classes would stay.
    $sescle_answer = tempnam(dirname($sescle_file), 'answer');
    $sescle_child = pcntl_fork();
    if ($sescle_child === 0) {
        pcntl_alarm(10);
        $sescle_before = [get_defined_vars(), get_declared_classes()];
        $sescle_reply = ['failed' => true];
        register_shutdown_function(function () use (&$sescle_reply, $sescle_answer) {
            file_put_contents($sescle_answer, json_encode($sescle_reply));
            posix_kill(getmypid(), SIGKILL);
        });
        ob_start();
        try {
            // Not within a function: what is global there is not here.
            $sescle_returned = include $sescle_file;
            $sescle_variables = array_diff_key(get_defined_vars(), $sescle_before[0]);
            unset($sescle_variables['sescle_before'], $sescle_variables['sescle_returned'], $sescle_variables['sescle_reply']);
            $sescle_classes = [];
            foreach (array_diff(get_declared_classes(), $sescle_before[1]) as $sescle_class) {
                $sescle_classes[base64_encode($sescle_class)] = described_all(get_class_vars($sescle_class));
            }
            $sescle_reply = [
                'failed' => false,
                'returned' => described($sescle_returned),
                'variables' => described_all($sescle_variables),
                'constants' => described_all(get_defined_constants(true)['user'] ?? []),
                'classes' => (object) $sescle_classes,
                'ini' => ini_get('session.gc_maxlifetime'),
            ];
        } catch (Throwable $sescle_error) {
            $sescle_reply = ['failed' => true, 'error' => $sescle_error->getMessage()];
        }
        exit;
    }
    pcntl_waitpid($sescle_child, $sescle_status);
    // Nothing: an array within itself, of which nobody says what it holds.
    // By its descriptor: after an echo PHP refuses to change settings of sessions.
    fwrite(STDOUT, (file_get_contents($sescle_answer) ?: '{"failed":true}') . "\n");
    unlink($sescle_answer);
}
