/** Tries to go on with a run, and prints why not. */
import { RunsError } from '../../../src/runs/errors.ts';
import { RunWriter } from '../../../src/runs/run-writer.ts';

try {
  (await RunWriter.open(process.argv[2]!)).close();
  process.stdout.write('opened\n');
} catch (error) {
  process.stdout.write(error instanceof RunsError ? `${error.reason} ${error.path}\n` : `${String(error)}\n`);
}
