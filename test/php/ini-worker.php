<?php
/*
 * PHP's own ini parser at the tests' command: one base64 text a line in, one JSON answer a line out.
 *
 * The parser is called through FFI with a callback of ours, as PHP calls it for php.ini: so every
 * entry is seen in its order, and those before a syntax error too, which parse_ini_string() would
 * throw away. `string` is parse_ini_string()'s answer, `quantity` that of ini_parse_quantity().
 */
declare(strict_types=1);

$ffi = FFI::cdef('
    typedef struct { uint32_t refcount; uint32_t type; uint64_t hash; size_t length; char value[1]; } string;
    typedef struct { union { int64_t number; string *string; } as; uint32_t type; uint32_t extra; } zval;
    typedef void (*callback)(zval *, zval *, zval *, int, void *);
    int zend_parse_ini_string(const char *text, bool unbuffered, int mode, callback, void *arg);
');

$warning = null;
set_error_handler(function (int $level, string $message) use (&$warning): bool {
    $warning ??= $message;
    return true;
});

function text(?FFI\CData $zval): ?string
{
    return $zval === null ? null : FFI::string(FFI::addr($zval->as->string->value[0]), $zval->as->string->length);
}

function entries(FFI $ffi, string $text): array
{
    $entries = [];
    $section = null;
    $seen = function ($key, $value, $offset, int $kind) use (&$entries, &$section): void {
        if ($kind === 2) {
            $section = text($key);
        } elseif ($value !== null) {
            $offset = $kind === 3 ? text($offset) : null;
            $entries[] = array_map(
                fn (?string $part) => $part === null ? null : base64_encode($part),
                [$section, text($key), $offset, text($value)],
            );
        }
    };
    $failed = $ffi->zend_parse_ini_string($text . str_repeat("\0", 64), false, 0, $seen, null);
    return ['entries' => $entries, 'failed' => $failed !== 0];
}

function quantity(string $text): array
{
    return ['value' => (string) ini_parse_quantity($text)];
}

/** JSON has no bytes: every string in base64. */
function encoded(array|string|false $value): mixed
{
    if (is_string($value)) return base64_encode($value);
    if ($value === false) return null;
    $pairs = [];
    foreach ($value as $key => $item) $pairs[] = [base64_encode((string) $key), encoded($item)];
    return $pairs;
}

while (($line = fgets(STDIN)) !== false) {
    $warning = null;
    [$do, $text] = explode(' ', rtrim($line, "\n"));
    $text = base64_decode($text, true);
    $answer = match ($do) {
        'entries' => entries($ffi, $text),
        'string' => ['value' => encoded(parse_ini_string($text, true, INI_SCANNER_NORMAL))],
        'quantity' => quantity($text),
        'environment' => putenv($text),
    };
    fwrite(STDOUT, json_encode([...(array) $answer, 'warning' => $warning === null ? null : base64_encode($warning)], JSON_THROW_ON_ERROR) . "\n");
}
