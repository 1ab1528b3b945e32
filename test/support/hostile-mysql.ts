/**
 * What calls itself a MySQL server and is none.
 *
 * Invariant: it ends with the test. What clients sent is kept, so that a test can look for what they must
 * not have sent.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What it does once a client has connected. */
export type Malice =
  /** Says nothing. */
  | 'silent'
  /** Says what is no protocol. */
  | 'garbage'
  /** Logs anyone in, and answers every statement with a request for a file of the client's. */
  | 'infile'
  /** Logs anyone in, and answers a statement with packets that do not end. */
  | 'flood'
  /** Asks for the password in clear text. */
  | 'clear-text'
  /** Logs anyone in, and never answers a statement. */
  | 'deaf';

const okPacket = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const ofAPacket = 0xffffff;

function packet(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

function handshake(): Buffer {
  const capabilities = 0xffff_f7ff & ~0x800; // all of them, TLS left out
  const head = Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.0.36\0'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
  ]);
  const flags = Buffer.alloc(18);
  flags.writeUInt16LE(capabilities & 0xffff, 0);
  flags[2] = 45;
  flags.writeUInt16LE(2, 3);
  flags.writeUInt16LE((capabilities >>> 16) & 0xffff, 5);
  flags[7] = 21;
  return Buffer.concat([
    head,
    flags,
    Buffer.from('123456789012\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
}

export class HostileMysql {
  readonly #malice: Malice;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #heard: Buffer[] = [];

  constructor(malice: Malice) {
    this.#malice = malice;
    this.#server = createServer((socket) => this.#serve(socket));
    onTestFinished(() => {
      for (const socket of this.#sockets) socket.destroy();
      this.#server.close();
    });
  }

  /** All that clients have sent. */
  heard(): Buffer {
    return Buffer.concat(this.#heard);
  }

  async address(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as { port: number };
    return `mysql://root@127.0.0.1:${port}/shop`;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => this.#heard.push(data));
    if (this.#malice === 'silent') return;
    if (this.#malice === 'garbage') {
      socket.write(Buffer.alloc(64 * 1024, 0xa5));
      return;
    }
    socket.write(packet(0, handshake()));
    socket.once('data', () => this.#greet(socket));
  }

  #greet(socket: Socket): void {
    if (this.#malice === 'clear-text') {
      socket.write(
        packet(2, Buffer.concat([Buffer.from([0xfe]), Buffer.from('mysql_clear_password\0')])),
      );
      return;
    }
    socket.write(packet(2, okPacket));
    socket.on('data', () => {
      if (this.#malice === 'infile')
        socket.write(packet(1, Buffer.from('\u00fb/etc/passwd', 'latin1')));
      else if (this.#malice === 'flood') this.#flood(socket);
    });
  }

  #flood(socket: Socket): void {
    const header = Buffer.from([0xff, 0xff, 0xff, 1]);
    const body = Buffer.alloc(ofAPacket);
    const more = () => {
      while (!socket.destroyed && socket.write(header) && socket.write(body));
      if (!socket.destroyed) socket.once('drain', more);
    };
    more();
  }
}
