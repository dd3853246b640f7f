/** Writes events until the disk (here: a limit on file sizes) is full, then tries a checkpoint; prints what came of it. */
import { RunsError } from '../../../src/runs/errors.ts';
import { RunWriter } from '../../../src/runs/run-writer.ts';
import { exampleStep, exampleTensors } from '../support/example-run.ts';

const writer = await RunWriter.open(process.argv[2]!);
const reasons: string[] = [];
const note = (error: unknown): void => void reasons.push(error instanceof RunsError ? `${error.reason} ${writer.folder.relative(error.path)}` : String(error));
let step = 0;
while (reasons.length === 0) {
  try {
    writer.append(exampleStep(step + 1));
    step++;
  } catch (error) {
    note(error);
  }
}
try {
  writer.append({ type: 'log', level: 'info', message: 'x'.repeat(100_000) });
} catch (error) {
  note(error);
}
await writer.checkpoints.write({ kinds: ['last'], epoch: 1, step, training: {}, tensors: exampleTensors(2, 50_000) }).catch(note);
try {
  writer.setState('failed', { error: { reason: 'disk-full', message: 'full' } });
} catch (error) {
  note(error);
}
process.stdout.write(`${JSON.stringify({ step, reasons })}\n`);
