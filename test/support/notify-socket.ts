/**
 * A service manager's socket, and what arrives at it.
 *
 * Invariant: it is closed when the test has finished.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Node has no datagrams of AF_UNIX. */
const receiver = `
import socket, sys
address = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\\0" + address[1:] if address.startswith("@") else address)
print("bound", flush=True)
while True: print(receiver.recv(4096).decode().replace("\\n", "|"), flush=True)
`;

/** @returns once it listens at the address, as NOTIFY_SOCKET has it */
export async function listen(address: string): Promise<{ told: () => string[] }> {
  const child: ChildProcess = spawn('python3', ['-c', receiver, address]);
  onTestFinished(() => void child.kill());
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  if (child.stdout === null) throw new Error('python3 has no output');
  await once(child.stdout, 'data');
  return { told: () => text.split('\n').slice(1, -1) };
}
