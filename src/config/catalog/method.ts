/** What the config knows of a distillation method: its fields, its terms with their weights, and what it needs of a pair of networks. */
import * as z from 'zod';
import { unreachable } from '../../base/errors.ts';
import type { Preset, Resolution } from '../experiment.ts';

/** Networks whose coefficients the official code has; the others take those of the family they are nearest to. */
export type Family = 'pspnet' | 'segformer' | 'transxnet';

export interface Term {
  readonly description: string;
  /** Factor of the term in the objective, by the student's family. */
  readonly weights: Readonly<Record<Family, number>>;
  /** What acts on this term alone, in `distill`. */
  readonly settings?: readonly (readonly string[])[];
}

/** The pair's sizes in pixels. */
export interface SizePair {
  readonly student: Resolution;
  readonly teacher: Resolution;
  /** Of the teacher's finest saliency map, as methods compare it. */
  readonly teacherMap: Resolution;
}

export interface MethodEntry<Options extends object = object> {
  readonly title: string;
  readonly description: string;
  readonly source: string;
  /** Points with more than one answer. A name means the same in every method that has it. */
  readonly options: z.ZodObject<Record<keyof Options & string, z.ZodEnum>>;
  readonly presets: Readonly<Record<Preset, Options>>;
  readonly terms: Readonly<Record<string, Term>>;
  /** Temperature by the student's family; absent: the method has none. */
  readonly temperature?: Readonly<Record<Family, number>>;
  /** By family: where the official code's coefficients and temperature differ from the paper's, which are used otherwise. */
  readonly official?: Readonly<Partial<Record<Family, { readonly weights?: Readonly<Record<string, number>>; readonly temperature?: number }>>>;
  /** Whether layers of the method stay in the student at inference. */
  readonly staysInNetwork: boolean;
  /** Options that change which parameters stay in the network, in all combinations; for recognising weights. */
  readonly networkForms?: readonly Options[];
  /**
   * What it compares: `none` of the decoder's features; features of any number of channels; features of equal channels, the
   * stages that both have; or all of equally many stages with equal channels.
   */
  readonly features: 'none' | 'any-channels' | 'equal-channels' | 'equal-stages';
  /** One layer of it takes the features of several stages: all of a network's stages need the same channels. */
  readonly mixesStages?: true;
  /** The teacher sees a larger image than the student. */
  readonly needsLargerTeacher: boolean;
  /** Why these sizes cannot be distilled, in a sentence; nothing where they can. */
  sizeProblem?(sizes: SizePair, options: Options): string | undefined;
  /** By option: what its value reproduces that is a mistake of the official code. */
  officialBugs(options: Options, temperature: number, family: Family): Readonly<Record<string, string>>;
}

/**
 * What a method minds in the decoder channels of a pair of networks, finest stage first: that the student's own stages differ where one
 * layer takes several, or that the pair's differ where they are compared without a projection.
 */
export function channelProblem({ features, mixesStages }: Pick<MethodEntry, 'features' | 'mixesStages'>, student: readonly number[], teacher: readonly number[]): 'mixed-stages' | 'unequal-pair' | undefined {
  if (mixesStages === true && new Set(student).size > 1) return 'mixed-stages';
  switch (features) {
    case 'none':
    case 'any-channels':
      return undefined;
    case 'equal-channels':
      return student.every((channels, stage) => channels === (teacher[stage] ?? channels)) ? undefined : 'unequal-pair';
    case 'equal-stages':
      return student.length === teacher.length && student.every((channels, stage) => channels === teacher[stage]) ? undefined : 'unequal-pair';
    default:
      return unreachable(features);
  }
}

/** The same for every network. */
export function everywhere(value: number): Readonly<Record<Family, number>> {
  return { pspnet: value, segformer: value, transxnet: value };
}

export const oursOrOfficial = ['default', 'official'] as const;

export const teacherModeField = z.enum(oursOrOfficial).meta({
  description: 'How the teacher runs. default: frozen, evaluation mode. official: batch norm in training mode.',
  default: 'default',
  source: 'official training scripts',
});

export const stageOrderField = z.enum(oursOrOfficial).meta({
  description: "How a stage's number is counted. default: finest first. official: as the official code lists the features, which for SegFormer is deepest first.",
  default: 'default',
  source: 'official code',
});

export const teacherModeBug = 'the teacher runs with batch statistics and its running statistics drift, because the script sets the whole model to training mode';
const stageOrderBug = 'the features are listed deepest first, so that the method reads another stage than it means';

export interface TeacherModeOption {
  readonly teacherMode: (typeof oursOrOfficial)[number];
}

/** The mistakes that several methods share. */
export function commonBugs(options: Partial<TeacherModeOption & { readonly stageOrder: (typeof oursOrOfficial)[number] }>, family: Family): Record<string, string> {
  return {
    ...(options.teacherMode === 'official' && { teacherMode: teacherModeBug }),
    ...(options.stageOrder === 'official' && family === 'segformer' && { stageOrder: stageOrderBug }),
  };
}

export const kdDescription = 'Divergence of the saliency maps, softmax over the pixels.';

/** Distillation of logits as the official code adds it to several methods. */
export const kdTerm: Term = { description: kdDescription, weights: everywhere(0.1), settings: [['temperature']] };
