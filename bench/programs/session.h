/*
 * What a benchmark's session is called: the name that PHP gives it with Debian's php.ini
 * (session.sid_length 26, 5 bits a character).
 *
 * Invariant: a name depends on (seed, index) alone, so that every sample has the same files and the
 * load generator can ask for sessions that fill made.
 */
#ifndef SESCLE_BENCH_SESSION_H
#define SESCLE_BENCH_SESSION_H

#include <stdint.h>
#include <string.h>

#define SESSION_PREFIX "sess_"
#define SESSION_PREFIX_LENGTH 5
#define SESSION_ID_LENGTH 26
#define SESSION_NAME_SIZE (SESSION_PREFIX_LENGTH + SESSION_ID_LENGTH + 1)
#define SESSION_ALPHABET "0123456789abcdefghijklmnopqrstuv"
#define SESSION_ALPHABET_LENGTH 32

/* splitmix64's output function (https://prng.di.unimi.it/splitmix64.c). */
static inline uint64_t session_mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

/* Writes the name of a session, `sess_` and all, with a NUL behind it. */
static inline void session_name(uint64_t seed, uint64_t index, char name[SESSION_NAME_SIZE]) {
  memcpy(name, SESSION_PREFIX, SESSION_PREFIX_LENGTH);
  uint64_t bits = 0;
  for (int i = 0; i < SESSION_ID_LENGTH; i++) {
    if (i % 12 == 0) bits = session_mix(session_mix(seed) + index * 4 + (uint64_t)i / 12);
    name[SESSION_PREFIX_LENGTH + i] = SESSION_ALPHABET[bits % SESSION_ALPHABET_LENGTH];
    bits /= SESSION_ALPHABET_LENGTH;
  }
  name[SESSION_NAME_SIZE - 1] = '\0';
}

/* A number for a name. The sum of those of many names says which files they are, in any order. */
static inline uint64_t session_fingerprint(const char* name) {
  uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */
  for (; *name != '\0'; name++) hash = (hash ^ (unsigned char)*name) * 0x100000001b3U;
  return session_mix(hash);
}

#endif
