/**
 * A FastCGI client for one request at a time: enough to have a php-fpm pool run a script and to
 * read what it printed (https://fastcgi-archives.github.io/FastCGI_Specification.html).
 *
 * Invariant: the connection is closed when the promise settles; a response without an end is an
 * error, never a shorter text.
 */
import { connect } from 'node:net';

const version = 1;
const typeBeginRequest = 1;
const typeEndRequest = 3;
const typeParams = 4;
const typeStdin = 5;
const typeStdout = 6;
const typeStderr = 7;
const roleResponder = 1;
const headerBytes = 8;
const requestId = 1;

export interface FastCgiResponse {
  /** What the script printed, without the headers before it. */
  readonly body: string;
  readonly stderr: string;
}

/** Has the pool that listens on a unix socket run a script, named by its path. */
export function runByFastCgi(
  socket: string,
  script: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<FastCgiResponse> {
  const params = {
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: 'GET',
    SCRIPT_FILENAME: script,
    SCRIPT_NAME: script,
    REQUEST_URI: script,
    SERVER_PROTOCOL: 'HTTP/1.1',
    QUERY_STRING: '',
    ...variables,
  };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const connection = connect(socket);
    connection.on('error', reject);
    connection.on('data', (chunk) => chunks.push(chunk));
    connection.on('close', () => {
      const response = decode(Buffer.concat(chunks));
      if (response === undefined) reject(new Error(`${socket}: the response has no end`));
      else resolve(response);
    });
    connection.write(
      Buffer.concat([
        record(typeBeginRequest, Buffer.from([0, roleResponder, 0, 0, 0, 0, 0, 0])),
        record(typeParams, Buffer.concat(Object.entries(params).map(pair))),
        record(typeParams, Buffer.alloc(0)),
        record(typeStdin, Buffer.alloc(0)),
      ]),
    );
  });
}

function record(type: number, content: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(version, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(requestId, 2);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function pair([name, value]: [string, string]): Buffer {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE((Buffer.byteLength(name) | 0x8000_0000) >>> 0, 0);
  lengths.writeUInt32BE((Buffer.byteLength(value) | 0x8000_0000) >>> 0, 4);
  return Buffer.concat([lengths, Buffer.from(name), Buffer.from(value)]);
}

function decode(bytes: Buffer): FastCgiResponse | undefined {
  let stdout = '';
  let stderr = '';
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const type = bytes.readUInt8(at + 1);
    const start = at + headerBytes;
    const end = start + bytes.readUInt16BE(at + 4);
    const content = bytes.subarray(start, end).toString('latin1');
    if (type === typeStdout) stdout += content;
    if (type === typeStderr) stderr += content;
    if (type === typeEndRequest) {
      return { body: stdout.slice(stdout.indexOf('\r\n\r\n') + 4), stderr };
    }
    at = end + bytes.readUInt8(at + 6);
  }
  return undefined;
}
