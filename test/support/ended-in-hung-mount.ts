/**
 * Ends the command line while a thread of it waits for a file system that does not answer.
 */
import { runShell } from './cli.js';

/**
 * @param command arguments for bash, behind `sescle`
 * @returns the exit status after SIGTERM
 */
export async function endedInHungMount(command: string): Promise<number | null> {
  const { status } = await runShell(`"\${sescle[@]}" ${command} & pid=$!
until cat /proc/$pid/task/*/wchan | grep -qE 'fuse|request_wait'; do
  kill -0 $pid || break
  sleep 0.05
done
kill -TERM $pid
wait $pid`);
  return status;
}
