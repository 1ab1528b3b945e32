/**
 * Where the status server listens: `127.0.0.1:9184`, `[::1]:9184`, `unix:/run/sescle/http.sock`.
 *
 * Invariant: an address is what was written, never a name that somebody resolves nor a default: to be
 * reached from other machines, that address has to be written out.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export type ListenAddress =
  | {
      readonly kind: 'tcp';
      /** An IP address; IPv6 without brackets. */
      readonly host: string;
      /** 0: one that is free. */
      readonly port: number;
    }
  | { readonly kind: 'unix'; readonly path: string };

/** Why a text is no address to listen on. */
export interface AddressFault {
  /** What is said of the text: `has no port`. */
  readonly reason: string;
  readonly remedy: string;
}

const forms = '127.0.0.1:9184, [::1]:9184 or unix:/run/sescle/http.sock';

/** sockaddr_un's sun_path, less the byte that ends it (unix(7)); libuv may cut off what is longer. */
const maxSocketPathBytes = 107;

const unixPrefix = 'unix:';

/** @param text as it was given to `--http` */
export function parseListenAddress(text: string): ListenAddress | AddressFault {
  if (text.startsWith(unixPrefix)) return socketAddress(text.slice(unixPrefix.length));
  if (/^[0-9]+$/.test(text) || /^(\*|):[0-9]+$/.test(text)) {
    return fault('names no address; sescle never listens on all addresses unasked', text);
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  if (isIPv6(text)) return { reason: 'is not clear', remedy: `write brackets: [${text}]:9184` };
  if (!(bracketed === undefined ? isIPv4(host) : isIPv6(host) && !host.includes('%'))) {
    return fault('is not an address to listen on', text);
  }
  if (port === undefined) return { reason: 'has no port', remedy: `write ${text}:9184` };
  if (Number(port) > 65_535) {
    return {
      reason: 'has no valid port',
      remedy: 'write a port of at most 65535',
    };
  }
  return { kind: 'tcp', host, port: Number(port) };
}

/** Numbers and names are a common mistake, and what was meant can be told. */
function fault(reason: string, text: string): AddressFault {
  const port = /(?:^|:)([0-9]{1,5})$/.exec(text)?.[1];
  return {
    reason,
    remedy: `write ${port === undefined ? forms : `127.0.0.1:${port}`}`,
  };
}

function socketAddress(path: string): ListenAddress | AddressFault {
  if (!path.startsWith('/') || path.includes('\0') || path.endsWith('/')) {
    return {
      reason: 'names no absolute path',
      remedy: 'write unix:/run/sescle/http.sock',
    };
  }
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    return {
      reason: 'is too long for a socket',
      remedy: `give a path of at most ${maxSocketPathBytes} bytes`,
    };
  }
  return { kind: 'unix', path };
}

/** As `127.0.0.1:9184`, what parseListenAddress() reads back. */
export function listenAddressText(address: ListenAddress): string {
  if (address.kind === 'unix') return `${unixPrefix}${address.path}`;
  const host = isIPv6(address.host) ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** Whether only this machine can reach it. Where it is false, whoever listens should be warned. */
export function isLoopback(address: ListenAddress): boolean {
  return address.kind === 'unix' || isLoopbackHost(address.host);
}

function isLoopbackHost(host: string): boolean {
  // Made here, not when this is loaded: it takes Node 3 ms, which a sweep need not spend.
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return includes(loopback, host);
}

function includes(list: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether a request is meant for this server. A page of evil.example whose name is made to lead here
 * (DNS rebinding) makes the browser send that name; an address cannot be made to lead elsewhere.
 *
 * @param header the Host of the request
 */
export function isHostAllowed(header: string | undefined, address: ListenAddress): boolean {
  if (address.kind === 'unix') return true;
  const [, bracketed, plain = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]@/]+))(?::[0-9]+)?$/i.exec(header ?? '') ?? [];
  const host = bracketed ?? plain;
  if (host.toLowerCase() === 'localhost' || isLoopbackHost(host)) return true;
  if (isIP(host) === 0) return false;
  // The addresses that mean every address of the machine.
  const unspecified = new BlockList();
  unspecified.addAddress('0.0.0.0', 'ipv4');
  unspecified.addAddress('::', 'ipv6');
  if (includes(unspecified, address.host)) return true;
  const written = new BlockList();
  written.addAddress(address.host, isIPv6(address.host) ? 'ipv6' : 'ipv4');
  return includes(written, host);
}
