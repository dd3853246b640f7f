import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Diagnostic } from '../../config/diagnostic.ts';
import { isConfigFile } from '../../config/experiment-name.ts';
import { explain } from '../../config/explain.ts';
import { sarifLog } from '../../config/sarif.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { checkConfig } from '../load-config.ts';
import { versions } from '../version.ts';

export interface CheckFlags {
  /** One JSON object a diagnostic. */
  readonly json?: boolean;
  /** One SARIF log of all configs, for CI services. */
  readonly sarif?: boolean;
  /** Also whether the memory is enough: a trace of every stage's step, seconds each. */
  readonly memory?: boolean;
}

/** A folder stands for the configs in it. */
function configsOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path).filter(isConfigFile).sort();
  if (names.length === 0) throw new CommandError('usage', l10n.t('{0}: has no config, expected files that end with .scrkd.yaml or .scrkd.yml.', path));
  return names.map((name) => join(path, name));
}

/** `scrkd check CONFIG…`: everything that is to say about configs, without running anything. */
export async function check(paths: readonly string[], { json = false, sarif = false, memory = false }: CheckFlags): Promise<ExitCode> {
  const all: Diagnostic[] = [];
  for (const path of paths.flatMap(configsOf)) {
    const { diagnostics, sources } = await checkConfig(path, memory ? 'with-memory' : 'thorough');
    all.push(...diagnostics);
    if (sarif) continue;
    if (json) for (const diagnostic of diagnostics) process.stdout.write(`${JSON.stringify(diagnostic)}\n`);
    else process.stdout.write(diagnostics.length === 0 ? l10n.t('{0}: nothing to remark\n', path) : `${explain(diagnostics, sources)}\n\n`);
  }
  if (sarif) process.stdout.write(`${JSON.stringify(sarifLog(all, { version: versions['scrkd'] ?? '', root: process.cwd() }), null, 2)}\n`);
  return all.some(({ severity }) => severity === 'error') ? exitCodes.invalidInput : exitCodes.ok;
}
