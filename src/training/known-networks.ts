/** Recognises networks by the names and shapes of their tensors. */
import { methodNames, methods } from '../config/catalog/methods.ts';
import { modelNames, models, type ModelName, type ModelOptionsOf } from '../config/catalog/models.ts';
import type { PspnetOptions } from '../config/catalog/pspnet.ts';
import { createNetwork, type NetworkDefinition } from '../distillation/network.ts';
import { scaledChannels } from '../models/model.ts';
import { resnetParameters, type ResnetName } from '../models/resnet.ts';
import { matchParameters, type MatchReport } from '../models/state-dict.ts';

export type TensorShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** A network without the size of its images, which weights do not tell. */
export type NetworkIdentity = Omit<NetworkDefinition, 'height' | 'width'>;

/** What the tensors of a file are most like, and how they fit it. */
export type Likeness =
  | { readonly kind: 'network'; readonly network: NetworkIdentity; readonly report: MatchReport }
  /** An encoder with torchvision's names, for `init.backbone`; its classifier is not counted as unexpected. */
  | { readonly kind: 'backbone'; readonly backbone: ResnetName; readonly report: MatchReport };

/** Sides at which candidates are built; the networks so far have no parameters that depend on it. */
const anySide = 448;

/** The network that fits best; undefined when nothing known has a tensor in common with these. */
export function likenessOf(tensors: TensorShapes): Likeness | undefined {
  const candidates = [...networkCandidates(tensors), ...backboneCandidates(tensors)];
  return candidates.filter(({ report }) => report.matched.length > 0).sort((a, b) => faults(a.report) - faults(b.report))[0];
}

function faults({ missing, unexpected, misshapen }: MatchReport): number {
  return missing.length + unexpected.length + misshapen.length;
}

function networkCandidates(tensors: TensorShapes): Likeness[] {
  return modelNames.flatMap((model) =>
    candidateOptions[model](tensors).flatMap((options) =>
      [undefined, ...adapters].map((adapter): Likeness => {
        const network: NetworkIdentity = { model, options, ...(adapter && { adapter }) };
        const { parameters } = createNetwork({ ...network, height: anySide, width: anySide });
        return { kind: 'network', network, report: matchParameters(tensors, parameters) };
      }),
    ),
  );
}

/** Options of a model that the tensors speak for; none where they are not of this model. */
const candidateOptions: { readonly [Name in ModelName]: (tensors: TensorShapes) => readonly ModelOptionsOf[Name][] } = { pspnet: pspnetCandidates };

/** The forms of an adapter that differ in parameters; its other options do not show in weights. */
const adapters: readonly NonNullable<NetworkDefinition['adapter']>[] = methodNames.flatMap((method) => {
  const { networkForms = [] } = methods[method];
  return networkForms.map((options) => ({ method, options }));
});

function pspnetCandidates(tensors: TensorShapes): PspnetOptions[] {
  const channels = tensors.get('fuse1.fuse.weight')?.shape[0];
  if (channels === undefined) return [];
  const backbone: ResnetName = tensors.has('bkbone.layer1.0.conv3.weight') ? 'resnet50' : 'resnet18';
  const stem = tensors.get('bkbone.conv1.weight')?.shape[0];
  const widths = widthsOf(channels).filter((width) => stem === undefined || scaledChannels(64, width) === stem);
  // Several widths round to the same channels: one of them, the roundest, is as good as any.
  return (widths.length > 0 ? widths.slice(0, 1) : [models.pspnet.defaults.width]).map((width) => ({ backbone, width }));
}

/** Width factors that make these of 256 channels, round numbers first. */
function widthsOf(channels: number): number[] {
  const steps = [1 / 8, 1 / 10, 1 / 16, 1 / 20, 1 / 32, 1 / 100];
  return steps.flatMap((step) => {
    const nearest = Math.round(channels / 256 / step);
    return [nearest, nearest - 1, nearest + 1, nearest - 2, nearest + 2].map((count) => Number((count * step).toFixed(5))).filter((width) => width > 0 && width <= 2 && scaledChannels(256, width) === channels);
  });
}

function backboneCandidates(tensors: TensorShapes): Likeness[] {
  if (!tensors.has('layer1.0.conv1.weight')) return [];
  const encoder = new Map([...tensors].filter(([name]) => !name.startsWith('fc.')).map(([name, tensor]) => [`bkbone.${name}`, tensor]));
  return (['resnet50', 'resnet18'] as const).map((backbone) => ({ kind: 'backbone', backbone, report: matchParameters(encoder, resnetParameters('bkbone', backbone, 1)) }));
}
