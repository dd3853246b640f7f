/** Recognises networks by the names and shapes of their tensors. */
import { methodNames, methods } from '../config/catalog/methods.ts';
import { modelNames } from '../config/catalog/models.ts';
import { createNetwork, type NetworkDefinition } from '../distillation/network.ts';
import type { TensorShapes } from '../models/model.ts';
import { createModel, encodersOf, recogniseModel } from '../models/registry.ts';
import { matchParameters, type MatchReport } from '../models/state-dict.ts';

export type { TensorShapes };

/** A network without the size of its images, which weights do not tell. */
export type NetworkIdentity = Omit<NetworkDefinition, 'height' | 'width'>;

/** What the tensors of a file are most like, and how they fit it. */
export type Likeness =
  | { readonly kind: 'network'; readonly network: NetworkIdentity; readonly report: MatchReport }
  /** The encoder of this network with the names that its original has, for `init.backbone`; its classifier is not counted as unexpected. */
  | { readonly kind: 'backbone'; readonly network: NetworkIdentity; readonly report: MatchReport };

/** Sides at which candidates are built; where parameters depend on it, the options say on which. */
const anySide = 448;

/** The network that fits best; undefined when nothing known has a tensor in common with these. */
export function likenessOf(tensors: TensorShapes): Likeness | undefined {
  const candidates = [...networkCandidates(tensors), ...backboneCandidates(tensors)];
  return candidates.filter(({ report }) => report.matched.length > 0).sort((a, b) => faults(a.report) - faults(b.report))[0];
}

/** How many maps the heads of a network give that is ours in everything but that; undefined where more differs. */
export function classesOf({ report: { missing, unexpected, misshapen } }: Likeness): number | undefined {
  const [first] = misshapen;
  if (first === undefined || missing.length > 0 || unexpected.length > 0) return undefined;
  // A head gives one map: the weights and the bias of its convolution have one row.
  const [classes] = first.found;
  const areHeads = misshapen.every(({ found, expected }) => expected[0] === 1 && found[0] === classes && found.slice(1).join() === expected.slice(1).join());
  return areHeads ? classes : undefined;
}

function faults({ missing, unexpected, misshapen }: MatchReport): number {
  return missing.length + unexpected.length + misshapen.length;
}

function networkCandidates(tensors: TensorShapes): Likeness[] {
  return modelNames.flatMap((model) =>
    recogniseModel(model, tensors).flatMap((options) =>
      [undefined, ...adapters].map((adapter): Likeness => {
        const network: NetworkIdentity = { model, options, ...(adapter && { adapter }) };
        const { parameters } = createNetwork({ ...network, height: anySide, width: anySide });
        return { kind: 'network', network, report: matchParameters(tensors, parameters) };
      }),
    ),
  );
}

/** The forms of an adapter that differ in parameters; its other options do not show in weights. */
const adapters: readonly NonNullable<NetworkDefinition['adapter']>[] = methodNames.flatMap((method) => {
  const { networkForms = [] } = methods[method];
  return networkForms.map((options) => ({ method, options }));
});

function backboneCandidates(tensors: TensorShapes): Likeness[] {
  return modelNames.flatMap((model) =>
    encodersOf(model).map((options): Likeness => {
      const network = createModel(model, options);
      const { encoder } = network;
      const ofEncoder = new Map([...tensors].filter(([name]) => !encoder.classifier.some((prefix) => name.startsWith(prefix))).map(([name, tensor]) => [encoder.prefix + name, tensor]));
      return { kind: 'backbone', network: { model, options }, report: matchParameters(ofEncoder, network.parameters(anySide, anySide).filter(({ name }) => encoder.owns(name))) };
    }),
  );
}
