/**
 * Certificates of a test's own, made by openssl.
 *
 * Invariant: an authority signs for the names that it is asked for, and nobody else trusts it.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const days = ['-days', '2'];
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export class Authority {
  readonly certificate: string;
  readonly #directory: string;
  readonly #key: string;
  readonly #name: string;

  /** @param directory there */
  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
    this.certificate = join(directory, `${name}.pem`);
    this.#key = join(directory, `${name}.key`);
    const subject = ['-subj', `/CN=${name}`];
    openssl(
      'req',
      '-x509',
      ...key,
      ...days,
      ...subject,
      '-keyout',
      this.#key,
      '-out',
      this.certificate,
    );
    chmodSync(this.certificate, 0o644);
  }

  /** A server's key and certificate, which only `uid` can read. */
  sign(host: string, uid: number): { readonly key: string; readonly certificate: string } {
    const file = (ending: string) => join(this.#directory, `${this.#name}-${host}.${ending}`);
    const [keyFile, request, certificate, names] = ['key', 'csr', 'pem', 'names'].map(file) as [
      string,
      string,
      string,
      string,
    ];
    writeFileSync(names, `subjectAltName=DNS:${host}\n`);
    openssl('req', ...key, '-subj', `/CN=${host}`, '-keyout', keyFile, '-out', request);
    openssl(
      ...['x509', '-req', '-in', request, ...days, '-extfile', names, '-out', certificate],
      ...['-CA', this.certificate, '-CAkey', this.#key, '-CAcreateserial'],
    );
    chmodSync(keyFile, 0o600);
    for (const path of [keyFile, certificate]) chownSync(path, uid, uid);
    return { key: keyFile, certificate };
  }
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
