/**
 * The keys of the configuration file and what each may hold.
 *
 * Invariant: a key that is not here is refused, and a key that is here does something. A message is
 * the end of a sentence: `must be …`, or what the given value is or does; problems.ts completes it.
 */
import * as z from 'zod';
import { parseShard, type Shard } from '../../engine/shard.js';
import { type ByteString, fromBytes } from '../../php/byte-string.js';
import { parseDuration } from '../../text/duration.js';
import { profileNames } from '../profiles.js';
import { sharedLifetimes } from './configuration.js';

/** An absolute directory, as bytes. */
const directory = z
  .string({ error: 'must be a path in quotes' })
  .refine((path) => path.startsWith('/'), {
    error: 'must be an absolute path, one that begins with /',
    abort: true,
  })
  .refine((path) => !path.includes('\0'), { error: 'contains a NUL byte' })
  .transform((path): ByteString => fromBytes(Buffer.from(path)));

const grace = z.unknown().transform((value, context): number => {
  return seconds(value, 0, 'must be a duration, as 300 or "5m"', context);
});

const lifetime = z.unknown().transform((value, context): number | 'never' => {
  if (value === 'never') return value;
  return seconds(value, 1, 'must be a duration, as 1440, "24m" or "1d", or "never"', context);
});

/** Whole seconds, from a number or from text with units. */
function seconds(
  value: unknown,
  minSeconds: number,
  accepted: string,
  context: z.RefinementCtx,
): number {
  const text = typeof value === 'number' ? String(value) : value;
  const read = typeof text === 'string' ? parseDuration(text, minSeconds) : undefined;
  if (typeof read === 'number') return read;
  const message = read === undefined ? accepted : `${read.reason}; ${read.remedy}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

const shard = z.unknown().transform((value, context): Shard => {
  const read = parseShard(typeof value === 'string' ? value : '');
  if ('count' in read) return read;
  const message =
    typeof value === 'string' ? `${read.reason}; ${read.remedy}` : 'must be text, as "0/16"';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const directories = z.array(directory, { error: 'must be a list: ["/path", "/another"]' });

const yesOrNo = z.boolean({ error: 'must be true or false' }).optional();

const discover = z.strictObject(
  {
    ini: yesOrNo,
    run_php: yesOrNo,
    fpm: yesOrNo,
    apache: yesOrNo,
    user_files: yesOrNo,
    processes: yesOrNo,
    document_roots: directories.optional(),
  },
  { error: 'must be a table: [discover]' },
);

/** One `[[store]]`. */
export const storeFields = z.strictObject({
  path: directory.optional(),
  save_path: z.string({ error: 'must be text in quotes' }).optional(),
  profile: oneOf(profileNames).optional(),
  // What CodeIgniter allows in a cookie's name; without a prefix any file might be a session.
  prefix: z
    .string({ error: 'must be text in quotes' })
    .regex(/^[A-Za-z0-9_-]{1,100}$/, { error: 'must be 1 to 100 letters, digits, _ or -' })
    .optional(),
  lifetime: lifetime.optional(),
  grace: grace.optional(),
});

const text = z.string({ error: 'must be text in quotes' }).min(1, { error: 'is empty' });

/** A directory as text: what a database's driver, and no system call of ours, is told. */
const plainPath = text.refine((path) => path.startsWith('/') && !path.includes('\0'), {
  error: 'must be an absolute path, one that begins with /',
});

/** One `[[store]]` that is a table; checkTable() says which of them go together. */
export const tableFields = z.strictObject({
  database: text.optional(),
  app: plainPath.optional(),
  password_file: plainPath.optional(),
  credential: text.optional(),
  password_variable: text.optional(),
  profile: text.optional(),
  table: text.optional(),
  id: z
    .union([text, z.array(text).min(1)], { error: 'must be a column, or a list of columns' })
    .optional(),
  time: text.optional(),
  unit: oneOf(['seconds', 'milliseconds']).optional(),
  means: oneOf(['last-write', 'expiry']).optional(),
  where: text.optional(),
  columns: z
    .record(z.string(), text, { error: 'must be a table, as { time = "last_used" }' })
    .optional(),
  lifetime: lifetime.optional(),
  grace: grace.optional(),
});

/** The document but for its stores, which are checked one by one. */
export const documentFields = z.strictObject({
  shared_lifetime: oneOf(sharedLifetimes).optional(),
  grace: grace.optional(),
  shard: shard.optional(),
  exclude: directories.optional(),
  discover: discover.optional(),
  store: z
    .array(z.looseObject({}, { error: 'must be a table' }), {
      error: 'must be an array of tables: write [[store]], with two brackets',
    })
    .optional(),
});

/** What a `[[store]]` that is a table is called. */
export const tableHeading = '[[store]] of a table';

/** Every table by the name that people write, and its keys. */
export const knownKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(documentFields.shape)],
  ['[discover]', Object.keys(discover.shape)],
  ['[[store]]', Object.keys(storeFields.shape)],
  [tableHeading, Object.keys(tableFields.shape)],
]);

function oneOf<const T extends readonly string[]>(values: T) {
  const quoted = values.map((value) => `"${value}"`).join(', ');
  return z.enum(values, { error: `must be one of ${quoted}` });
}
