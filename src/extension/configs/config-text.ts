/** The text of a new config. */
import { coefficientsOf, methods, type MethodName } from '../../config/catalog/methods.ts';
import { models, type ModelName } from '../../config/catalog/models.ts';
import { heldOut } from './fitting.ts';

export interface NewConfig {
  readonly experiment: string;
  /** As written: relative to the config. */
  readonly dataset: string;
  readonly model: ModelName;
  /** Options of the model that differ from its defaults, e.g. `backbone: resnet18, width: 0.25`. */
  readonly modelOptions?: string;
  readonly teacher: number;
  readonly student: number;
  readonly method: MethodName;
  readonly epochs: number;
  readonly batchSize: number;
}

/** A commented config of a teacher, its student and the student without a teacher. */
export function newConfigText({ experiment, dataset, model, modelOptions, teacher, student, method, epochs, batchSize }: NewConfig): string {
  const network = modelOptions === undefined ? model : `{ name: ${model}, ${modelOptions} }`;
  return `# Distils a teacher that sees ${teacher} x ${teacher} pixels into a student that sees ${student} x ${student}.
# Hover over a field for its meaning and default; every field: docs/config.md of SCRKD.
version: 1
experiment: ${quoted(experiment)}

# Images and masks; layouts of ORSSD, EORSSD and ORSI-4199 are recognised. Validation images choose the best checkpoint.
dataset: { root: ${quoted(dataset)}, validation: { fraction: ${heldOut.fraction}, seed: ${heldOut.seed} } }

stages:
  # Trained first, then frozen. "checkpoint: FILE" takes trained weights instead; "init: { backbone: FILE }" starts from ImageNet's.
  teacher:
    model: ${network}
    resolution: ${teacher}

  # Learns from the masks and from the teacher.
  student:
    model: ${network}
    resolution: ${student}
    distill:
      from: teacher
      method: ${method}
${weightLines(method, model)}
  # The same network without a teacher: what distillation is compared with.
  baseline:
    model: ${network}
    resolution: ${student}

training:
  epochs: ${epochs}
  batchSize: ${batchSize}
  # For random weights. From ImageNet's ("init") the paper takes 2.0e-5.
  optimizer: { learningRate: 1.0e-3 }
  seed: 2025

# What the inspector shows: correlation maps, features, logits and saliency of these test samples.
captures: { samples: 4, every: ${Math.max(1, Math.round(epochs / 10))} }
`;
}

/** The factors of the method's own terms, as they are for the network, each with what it weighs. */
function weightLines(method: MethodName, model: ModelName): string {
  const weights = Object.entries(coefficientsOf(method, models[model].family));
  if (weights.length === 0) return '';
  const width = Math.max(...weights.map(([term, weight]) => `${term}: ${weight}`.length));
  const lines = weights.map(([term, weight]) => `        ${`${term}: ${weight}`.padEnd(width)} # ${methods[method].terms[term]!.description}`);
  return ['      # Factors of its losses beside the one against the masks.', '      weights:', ...lines, ''].join('\n');
}

/** A YAML scalar, quoted where it could be taken for something else. */
function quoted(text: string): string {
  return /^[A-Za-z./][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}
