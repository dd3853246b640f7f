/** Queues for the device `cpu`, tells each step, and keeps the device until a line comes in. */
import { acquireDevice } from '../../../src/runs/device-queue.ts';

const lease = await acquireDevice('cpu', { cache: process.argv[2]!, pollMs: 10, onWaiting: (ahead) => process.stdout.write(`waiting ${ahead}\n`) });
process.stdout.write('acquired\n');
process.stdin.once('data', () => {
  lease.release();
  process.stdout.write('released\n');
  process.exit();
});
