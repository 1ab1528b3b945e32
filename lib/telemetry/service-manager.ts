/**
 * Messages to the service manager: sd_notify(3), for systemd's Type=notify and WatchdogSec=.
 *
 * Invariant: without NOTIFY_SOCKET nothing is sent; a message that cannot be sent stops nothing, and is
 * reported once. The event loop feeds the watchdog. So systemd restarts a monitor whose loop stands still,
 * but not one with a store that hangs.
 */
import { loadAddon } from '../native/load.js';
import { systemReason } from '../text/system-reason.js';

export interface ServiceManager {
  /** All is set up: the unit is started. */
  ready(): void;
  /** @param text makes a line for `systemctl status`; not called where nobody listens */
  status(text: () => string): void;
  /** The configuration is read anew until ready() is called. */
  reloading(): void;
  stopping(): void;
  /** Feeds the watchdog no more. */
  close(): void;
}

export interface ServiceManagerOptions {
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly pid: number;
  /** Told why nothing could be told. */
  readonly onTrouble: (text: string) => void;
}

/** Speaks to the manager that started this process, if one did that listens. */
export function serviceManager({
  environment,
  pid,
  onTrouble,
}: ServiceManagerOptions): ServiceManager {
  const address = environment['NOTIFY_SOCKET'];
  if (address === undefined || address === '') return silent;
  const { notify } = loadAddon();
  let isBroken = false;
  const tell = (message: string) => {
    const failure = notify(address, message);
    if (failure < 0 && !isBroken) {
      const reason = systemReason(-failure, String(-failure));
      onTrouble(`the service manager at ${address} cannot be reached: ${reason}`);
    }
    isBroken = failure < 0;
  };
  const periodMs = watchdogPeriodMs(environment, pid);
  const watchdog =
    periodMs === null ? undefined : setInterval(() => tell('WATCHDOG=1'), periodMs).unref();
  return {
    ready: () => tell('READY=1'),
    status: (text) => tell(`STATUS=${text().replaceAll('\n', ' ')}`),
    reloading: () => tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
    close: () => clearInterval(watchdog),
  };
}

const silent: ServiceManager = {
  ready: () => {},
  status: () => {},
  reloading: () => {},
  stopping: () => {},
  close: () => {},
};

/** A third of the time after which the manager gives up; null: it does not watch this process. */
function watchdogPeriodMs(
  { WATCHDOG_USEC: usec, WATCHDOG_PID: watched }: Readonly<NodeJS.ProcessEnv>,
  pid: number,
): number | null {
  if (usec === undefined || !/^[1-9]\d*$/.test(usec)) return null;
  if (watched !== undefined && watched !== String(pid)) return null;
  return Math.max(1, Number(usec) / 3000);
}
