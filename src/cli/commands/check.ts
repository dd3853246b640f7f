import * as l10n from '@vscode/l10n';
import { explain } from '../../config/explain.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { checkConfig } from '../load-config.ts';

/** `scrkd check CONFIG…`: everything that is to say about configs, without running anything. */
export async function check(paths: readonly string[], { json }: { readonly json?: boolean }): Promise<ExitCode> {
  let failed = false;
  for (const path of paths) {
    const { diagnostics, sources } = await checkConfig(path);
    failed ||= diagnostics.some(({ severity }) => severity === 'error');
    if (json) for (const diagnostic of diagnostics) process.stdout.write(`${JSON.stringify(diagnostic)}\n`);
    else process.stdout.write(diagnostics.length === 0 ? l10n.t('{0}: nothing to remark\n', path) : `${explain(diagnostics, sources)}\n\n`);
  }
  return failed ? exitCodes.invalidInput : exitCodes.ok;
}
