/** Weights of networks out of files of any format: the one place where a file that a person names becomes a network. */
import * as l10n from '@vscode/l10n';
import type { HostTensor } from '../engine/engine.ts';
import { withTensorFile } from '../formats/open-tensor-file.ts';
import { readFloat32, type TensorFile } from '../formats/tensor-file.ts';
import { viewTensors } from '../formats/tensor-view.ts';
import type { EncoderSpec } from '../models/model.ts';
import { fits, matchParameters, partsOf, type MatchReport, type Misshapen, type PartName } from '../models/state-dict.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { TrainingError } from './errors.ts';
import { likenessOf, type Likeness, type NetworkIdentity } from './known-networks.ts';
import { networkRecord } from './network-record.ts';
import type { Weights } from './predictor.ts';
import { definePrediction, type NetworkDefinition } from './step.ts';

/** The metadata entry that names the network in a file of weights alone. */
export const networkKey = 'scrkd.network';
/** That of a training's checkpoint. */
const checkpointKey = 'scrkd';

/** A network within a file. */
export interface NetworkPart {
  readonly name: PartName;
  /** Its tensors, under the network's own names. */
  readonly tensors: TensorFile;
}

export function networkParts(file: TensorFile): NetworkPart[] {
  return partsOf(file.tensors.keys()).parts.map(({ name, tensors }) => ({ name, tensors: viewTensors(file, tensors) }));
}

/**
 * The weights of a network out of a file that may hold several: of the one that fits.
 * @throws TrainingError `checkpoint-mismatch` naming what is missing or mis-shaped, or what the file holds instead; FormatError
 */
export async function readNetworkWeights(file: TensorFile, parameters: readonly ParameterSpec[]): Promise<Weights> {
  const parts = networkParts(file).map((part) => ({ part, report: matchParameters(part.tensors.tensors, parameters) }));
  const [best] = parts.sort((a, b) => lacks(a.report) - lacks(b.report) || a.report.unexpected.length - b.report.unexpected.length);
  if (best === undefined) throw new TrainingError('checkpoint-mismatch', l10n.t('{0}: holds no weights.', file.path));
  const { part, report } = best;
  if (lacks(report) > 0) throw mismatch(file.path, report, parameters.length);
  refuseAnother(part.tensors, report);
  return readTensors(part.tensors, parameters);
}

/** A plain network's tensors are all in a distilled one that computes something else. */
function refuseAnother(tensors: TensorFile, { unexpected }: MatchReport): void {
  if (unexpected.length === 0) return;
  const likeness = likenessOf(tensors.tensors);
  if (likeness?.kind !== 'network' || !fits(likeness.report)) return;
  const deployed = new Set(deployedParameters(likeness.network).map(({ name }) => name));
  const used = unexpected.filter((name) => deployed.has(name));
  if (used.length === 0) return;
  throw new TrainingError('checkpoint-mismatch', l10n.t('{0}: holds {1}, which is another network: it has {2} more tensors, e.g. {3}.', tensors.path, identityText(likeness.network), used.length, used[0]!));
}

/** `pspnet { backbone: resnet50, width: 1 } distilled by scrkd` */
export function identityText({ model, options, adapter }: NetworkIdentity): string {
  const choices = Object.entries(options).map(([option, value]) => `${option}: ${String(value)}`);
  const name = `${model} { ${choices.join(', ')} }`;
  return adapter === undefined ? name : l10n.t('{0} distilled by {1}', name, adapter.method);
}

/** A network with what a file says of the size of its images. */
export type FoundNetwork = NetworkIdentity & Partial<Pick<NetworkDefinition, 'height' | 'width'>>;

/** What network a file holds: what it says itself, else what its tensors are; undefined where neither tells. */
export function networkOfFile(file: TensorFile): FoundNetwork | undefined {
  return recordedNetwork(file) ?? recognisedNetwork(networkParts(file)[0]);
}

function recognisedNetwork(part: NetworkPart | undefined): NetworkIdentity | undefined {
  const likeness: Likeness | undefined = part && likenessOf(part.tensors.tensors);
  return likeness?.kind === 'network' && fits(likeness.report) ? likeness.network : undefined;
}

/** @throws TrainingError `checkpoint-mismatch` for a record that this version cannot read */
function recordedNetwork(file: TensorFile): NetworkDefinition | undefined {
  const own = file.metadata[networkKey];
  const text = own ?? file.metadata[checkpointKey];
  if (text === undefined) return undefined;
  const parsed = networkRecord.safeParse(networkField(text, own === undefined));
  if (parsed.success) return parsed.data;
  throw new TrainingError('checkpoint-mismatch', l10n.t('{0}: what it says of its network is not of a form that this version reads.', file.path), { cause: parsed.error });
}

function networkField(text: string, isCheckpoint: boolean): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isCheckpoint) return value;
  for (const key of ['training', 'network']) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return value;
}

export interface LoadedNetwork {
  readonly network: NetworkDefinition;
  readonly weights: Weights;
}

/**
 * A network with its weights out of any file, ready to run.
 * @param resolution of its images, for files that do not say; it wins over what they say
 * @throws TrainingError `checkpoint-mismatch` for an unknown network, `resolution-unknown`; FormatError
 */
export async function loadNetwork(path: string, resolution?: { readonly height: number; readonly width: number }): Promise<LoadedNetwork> {
  return withTensorFile(path, async (file) => {
    const found = networkOfFile(file);
    if (found === undefined) throw new TrainingError('checkpoint-mismatch', l10n.t('{0}: its tensors are not those of a network known here; see `scrkd weights inspect`.', path));
    const { height, width } = resolution ?? found;
    if (height === undefined || width === undefined) throw new TrainingError('resolution-unknown', l10n.t('{0}: does not say the size of the images it was trained with; give it with --resolution.', path));
    const network = { ...found, height, width };
    return { network, weights: await readNetworkWeights(file, definePrediction(network, 1).parameters) };
  });
}

/** What came of looking for a backbone's weights in a file. */
export interface BackboneWeights {
  readonly weights: Weights;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/**
 * Weights of a model's encoder, under the names that its original has (`layer1.0.conv1.weight` of torchvision's ResNet,
 * `patch_embed1.proj.weight` of `mit_b1.pth`), or a whole network whose encoder is taken. Tensors that the encoder lacks, such as a
 * classifier's, are reported, not refused.
 * @throws TrainingError `checkpoint-mismatch` where nothing fits, or a tensor has another shape; FormatError
 */
export async function readBackbone(path: string, parameters: readonly ParameterSpec[], { prefix, owns }: EncoderSpec): Promise<BackboneWeights> {
  const wanted = parameters.filter(({ name }) => owns(name));
  return withTensorFile(path, async (file) => {
    const names = networkParts(file)[0]?.tensors ?? file;
    const isWhole = [...names.tensors.keys()].some((name) => name.startsWith(prefix));
    const encoder = isWhole ? names : viewTensors(names, new Map([...names.tensors.keys()].map((name) => [prefix + name, name])));
    const report = matchParameters(encoder.tensors, wanted);
    if (report.matched.length === 0 || report.misshapen.length > 0) throw mismatch(path, report, wanted.length);
    const matched = new Set(report.matched);
    return {
      weights: await readTensors(encoder, wanted.filter(({ name }) => matched.has(name))),
      missing: report.missing,
      unexpected: report.unexpected.map((name) => (isWhole ? name : name.slice(prefix.length))),
    };
  });
}

/** Reads tensors that are known to be there with their shapes. */
async function readTensors(file: TensorFile, wanted: readonly ParameterSpec[]): Promise<Weights> {
  const found: Record<string, HostTensor> = {};
  for (const { name, shape } of wanted) found[name] = { shape, dtype: 'float32', data: (await readFloat32(file, name)).data };
  return found;
}

function deployedParameters(network: NetworkIdentity): readonly ParameterSpec[] {
  return definePrediction({ ...network, height: 448, width: 448 }, 1).parameters;
}

function lacks({ missing, misshapen }: MatchReport): number {
  return missing.length + misshapen.length;
}

function mismatch(path: string, { missing, misshapen }: Pick<MatchReport, 'missing' | 'misshapen'>, wanted: number): TrainingError {
  const parts = [
    l10n.t('{0}: holds other weights than this network needs.', path),
    ...(missing.length > 0 ? [l10n.t('{0} of {1} tensors are missing, e.g. {2}.', missing.length, wanted, missing.slice(0, 3).join(', '))] : []),
    ...(misshapen.length > 0 ? [l10n.t('{0} have another shape, e.g. {1}.', misshapen.length, misshapenText(misshapen[0]!))] : []),
  ];
  return new TrainingError('checkpoint-mismatch', parts.join(' '));
}

export function misshapenText({ name, found, expected }: Misshapen): string {
  return l10n.t('{0}: found [{1}], expected [{2}]', name, found.join(', '), expected.join(', '));
}
