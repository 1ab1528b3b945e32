/**
 * Which rows of a table fall into a shard.
 *
 * Invariant: the rule and the key of native/core/shard.cpp: SipHash-1-3 of the id, modulo the number of
 * shards. It must never change: hosts of one table may run several versions.
 */
import type { Shard } from '../engine/shard.js';

const key = [158n, 0n] as const;
const mask = 2n ** 64n - 1n;

export function isInShard(id: string, { index, count }: Shard): boolean {
  return count === 1 || sipHash(Buffer.from(id)) % BigInt(count) === BigInt(index);
}

/** SipHash-1-3; see native/core/sip_hash.h. */
export function sipHash(bytes: Buffer): bigint {
  let [v0, v1] = [key[0] ^ 0x736f6d6570736575n, key[1] ^ 0x646f72616e646f6dn];
  let [v2, v3] = [key[0] ^ 0x6c7967656e657261n, key[1] ^ 0x7465646279746573n];
  const round = () => {
    v0 = (v0 + v1) & mask;
    v1 = rotateLeft(v1, 13n) ^ v0;
    v0 = rotateLeft(v0, 32n);
    v2 = (v2 + v3) & mask;
    v3 = rotateLeft(v3, 16n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = rotateLeft(v3, 21n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = rotateLeft(v1, 17n) ^ v2;
    v2 = rotateLeft(v2, 32n);
  };
  const absorb = (word: bigint) => {
    v3 ^= word;
    round();
    v0 ^= word;
  };
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) absorb(bytes.readBigUInt64LE(at));
  const last = Buffer.alloc(8);
  bytes.copy(last, 0, whole);
  absorb(last.readBigUInt64LE() | (BigInt(bytes.length & 0xff) << 56n));
  v2 ^= 0xffn;
  for (let rounds = 0; rounds < 3; rounds += 1) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

function rotateLeft(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & mask;
}
