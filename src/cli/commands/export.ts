import * as l10n from '@vscode/l10n';
import { sha256OfFile } from '../../base/sha256.ts';
import { saveFile } from '../../data/png.ts';
import { exportOnnx } from '../../training/export-onnx.ts';
import { identityText, loadNetwork } from '../../training/network-weights.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { parseResolution, weightsFileOf } from '../network-source.ts';
import { versions } from '../version.ts';

export interface ExportOptions {
  readonly out: string;
  readonly resolution?: string;
  readonly json?: boolean;
}

/** `scrkd export RUN|FILE --out model.onnx` */
export async function exportModel(source: string, { out, resolution, json }: ExportOptions): Promise<ExitCode> {
  const file = weightsFileOf(source);
  const loaded = await loadNetwork(file, parseResolution(resolution));
  const { network } = loaded;
  const model = exportOnnx(loaded, { 'weights.sha256': await sha256OfFile(file), 'scrkd.version': versions['scrkd'] ?? '' });
  await saveFile(out, model);
  if (json) process.stdout.write(`${JSON.stringify({ file: out, bytes: model.length, network })}\n`);
  else process.stdout.write(l10n.t('{0}: {1}, image [1, 3, {2}, {3}] -> saliency [1, 1, {2}, {3}], {4} MB\n', out, identityText(network), network.height, network.width, (model.length / 1e6).toFixed(1)));
  return exitCodes.ok;
}
