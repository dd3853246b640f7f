/** A trainer that never ends: steps, a checkpoint after each fifth, a heartbeat of its state after each. Killed by its test. */
import { RunWriter } from '../../../src/runs/run-writer.ts';
import { openNewestCheckpoint } from '../../../src/runs/checkpoints.ts';
import { exampleStep, exampleTensors } from '../support/example-run.ts';

const writer = await RunWriter.open(process.argv[2]!);
const { checkpoint } = await openNewestCheckpoint(writer.folder);
let step = checkpoint?.info.step ?? 0;
await checkpoint?.tensors.close();
if (checkpoint !== undefined) writer.append({ type: 'resume', checkpoint: checkpoint.name, epoch: checkpoint.info.epoch, step });
writer.setState('running');
process.stdout.write('running\n');
for (;;) {
  step++;
  writer.append(exampleStep(step));
  writer.progress({ step });
  if (step % 5 !== 0) continue;
  await writer.checkpoints.write({ kinds: ['last', 'best'], epoch: 1, step, training: { position: step }, tensors: exampleTensors(step, 300_000) });
}
