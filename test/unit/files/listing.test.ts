/** Batches of listed candidates are read byte for byte. */
import { expect, test } from 'vitest';
import { readListing } from '../../../lib/files/listing.js';
import { verdicts } from '../../../lib/native/boundary.js';
import { fc } from '../../support/fast-check.js';

test('every verdict and path comes out as it went in', () => {
  const entry = fc.tuple(
    fc.constantFrom(...verdicts),
    fc
      .uint8Array({ maxLength: 20 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0))),
  );
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const batch = Buffer.concat(
        entries.flatMap(([verdict, path]) => [
          Buffer.of(verdicts.indexOf(verdict)),
          path,
          Buffer.of(0),
        ]),
      );
      const told: [string, Buffer][] = [];
      void readListing(batch, (verdict, path) => told.push([verdict, path]));
      expect(told).toEqual(entries);
    }),
  );
});

test('a listing that breaks the contract is a defect, told at once', async () => {
  await expect(readListing(Buffer.from([99, 0x61, 0]), () => {})).rejects.toThrow(/malformed/);
  await expect(readListing(Buffer.from([0, 0x61]), () => {})).rejects.toThrow(/malformed/);
});
