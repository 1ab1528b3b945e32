/**
 * Session IDs and contents as PHP makes them with its default settings.
 *
 * Invariant: the contents are in PHP's own format (`session.serialize_handler = php`): for each key
 * of $_SESSION `key|` and the value as serialize() writes it.
 */
import type { Random } from './random.js';

/** `session.sid_bits_per_character` = 5, and 6 now and then. */
const commonAlphabet = '0123456789abcdefghijklmnopqrstuv';
const widestAlphabet = `${commonAlphabet}wxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,`;

const idLength = 32;
const pages = ['/', '/basket', '/account', '/search?q=tea', '/checkout'] as const;

export function randomSessionId(random: Random): string {
  return random.text(random.fraction() < 0.1 ? widestAlphabet : commonAlphabet, idLength);
}

/** What a shop's visitor may leave behind: some dozens to some thousands of bytes. */
export function randomSessionData(random: Random): string {
  const user = random.text('abcdefghijklmnopqrstuvwxyz', random.integer(3, 12));
  const page = pages[random.integer(0, pages.length - 1)] ?? pages[0];
  const basket = Array.from(
    { length: random.integer(0, 4) },
    (_, index) => `i:${index};i:${random.integer(1000, 9999)};`,
  );
  const notes =
    random.fraction() < 0.05 ? serializedText('x'.repeat(random.integer(1, 8000))) : 'N;';
  return (
    `user|${serializedText(user)}` +
    `visits|i:${random.integer(1, 500)};` +
    `page|${serializedText(page)}` +
    `basket|a:${basket.length}:{${basket.join('')}}` +
    `notes|${notes}`
  );
}

function serializedText(text: string): string {
  return `s:${Buffer.byteLength(text)}:"${text}";`;
}
