/** `npm run parity -- FILE.json [--salt S] [--only NAME]`: reference numbers against this project's, on onnxruntime or, with `--engine tensorflow`, TensorFlow. */
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { messageOf, reasonOf } from '../../src/base/errors.ts';
import { engineFor } from '../../src/training/engine.ts';
import { formatReport } from './comparison.ts';
import { compareFile, type ParityOptions } from './record-file.ts';

const command = new Command('parity');

async function main(file: string, { engine: name, device, tolerance = '0', ...options }: ParityOptions & { readonly engine: 'onnxruntime' | 'tensorflow'; readonly device: 'cpu' | 'webgpu'; readonly tolerance?: string }): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => command.error(`${file} cannot be read: ${messageOf(error)}`, { exitCode: 2 }));
  const { engine } = await engineFor({ engine: name, device });
  let compared = 0;
  let failures = 0;
  let unavailable = 0;
  for await (const report of compareFile(engine, text, options)) {
    const comparisons = report.comparisons.map((comparison) => ({ ...comparison, passes: comparison.passes || comparison.deviation <= Number(tolerance) }));
    console.log(formatReport({ ...report, comparisons }));
    compared += comparisons.length;
    failures += comparisons.filter(({ passes }) => !passes).length;
    if (!report.isAvailable) unavailable++;
  }
  console.log(`${compared} numbers compared, ${failures} deviate, ${unavailable} records not available`);
  const isUnmet = options.only !== undefined && (unavailable > 0 || compared === 0);
  process.exitCode = failures > 0 || isUnmet ? 1 : 0;
}

await command
  .argument('<file>', 'JSON records of reference numbers')
  .option('--salt <text>', "put before every generator key, instead of the file's own")
  .addOption(new Option('--engine <name>', 'what computes').choices(['onnxruntime', 'tensorflow']).default('onnxruntime'))
  .addOption(new Option('--device <name>', 'where it computes').choices(['cpu', 'webgpu']).default('cpu'))
  .option('--tolerance <number>', 'relative deviation that passes everywhere, e.g. 1e-3 on a GPU')
  .option('--only <name>', 'only records of this name or beginning')
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    if (reasonOf(error) !== 'no-gpu') throw error;
    console.error(messageOf(error));
    process.exitCode = 3;
  });
