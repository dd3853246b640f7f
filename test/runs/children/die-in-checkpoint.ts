/** Writes one checkpoint and is killed when half of it is on the disk. */
import { RunWriter } from '../../../src/runs/run-writer.ts';
import { exampleStep, exampleTensors } from '../support/example-run.ts';

const writer = await RunWriter.open(process.argv[2]!);
writer.append(exampleStep(2));
const last = { name: 'last', dtype: 'I32', shape: [1000], data: () => { process.kill(process.pid, 'SIGKILL'); return new Int32Array(1000); } } as const;
await writer.checkpoints.write({ kinds: ['last'], epoch: 1, step: 2, training: {}, tensors: [...exampleTensors(2, 500_000), last] });
