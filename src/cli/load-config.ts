import { access, readFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import type { Experiment } from '../config/experiment.ts';
import { explain } from '../config/explain.ts';
import type { Providers } from '../config/providers.ts';
import { resolveExperiment, type ResolvedConfig } from '../config/resolve.ts';
import { CommandError } from './errors.ts';

/** What the config service may ask of this machine. */
const providers: Providers = {
  readText: (path) => readFile(path, 'utf8'),
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  checkpointHeader: async (path) => {
    const { networkParts, networkOfFile } = await import('../training/network-weights.ts');
    const { withTensorFile } = await import('../formats/open-tensor-file.ts');
    // Of a file with several networks the stage takes the one that fits, which is seen when it is loaded.
    const network = await withTensorFile(path, (file) => Promise.resolve(networkParts(file).length > 1 ? undefined : networkOfFile(file)));
    if (network === undefined) return {};
    const { height, width } = network;
    return {
      model: { name: network.model, options: network.options },
      ...(height === undefined || width === undefined ? {} : { resolution: { height, width } }),
      ...(network.adapter === undefined ? {} : { method: network.adapter.method }),
    };
  },
};

/** Reads and checks a config file. @throws CommandError `unreadable` */
export async function checkConfig(path: string): Promise<ResolvedConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CommandError('unreadable', l10n.t('{0}: cannot be read ({1}).', path, messageOf(cause)), { cause });
  }
  return resolveExperiment({ text, path }, providers);
}

/**
 * The experiment of a config file; what is to say about it goes to `warn`.
 * @throws CommandError `invalid-config` with every error explained, `unreadable`
 */
export async function loadExperiment(path: string, warn: (text: string) => void): Promise<Experiment> {
  const { experiment, diagnostics, sources } = await checkConfig(path);
  if (experiment === undefined) throw new CommandError('invalid-config', explain(diagnostics, sources));
  const notable = diagnostics.filter(({ severity }) => severity !== 'information');
  if (notable.length > 0) warn(explain(notable, sources));
  return experiment;
}
