/** SCRKD's open points decided: from the options of a config to what the losses do. */
import type { ScrkdOptions } from '../../config/catalog/scrkd.ts';
import type { NetworkShape } from '../method.ts';

export interface MvcdRule {
  /** Whose grid the correlations are taken at: the teacher's features are pooled down, or the student's enlarged. */
  readonly at: 'student' | 'teacher';
  /** Stage numbers, 1 the finest. */
  readonly stages: readonly number[];
}

export interface MsfdRule {
  /** How the student's stages are weighted: by cosine similarity of the refined maps, or by the paper's learned affinity of the aligned ones. */
  readonly weighting: 'cosine' | 'learned-affinity';
  /** The pyramid of the error: levels weighted ½, ¼, … and normalised, or the plain sum over five levels. */
  readonly pyramid: 'halving' | 'uniform';
  /** How the teacher's next stage is brought to the student's grid. */
  readonly target: 'pooled' | 'bilinear';
  /** Which stage of the teacher a student's stage learns from: the next coarser one (default), or that of the same number. */
  readonly pairing?: 'next-stage' | 'same-stage';
}

export interface DsdRule {
  readonly direction: 'teacher-to-student' | 'student-to-teacher';
  /** The temperature divides the logits of the softmax, or (official code) its output, where it is a mere factor. */
  readonly temperature: 'inside' | 'outside';
}

export interface ScrkdRule {
  readonly mvcd: MvcdRule;
  readonly msfd: MsfdRule;
  readonly dsd: DsdRule;
  /** Which end of the teacher's features is taken for stage 1; `deepest-first` is a mistake of the official SegFormer. Default: finest first. */
  readonly teacherOrder?: 'finest-first' | 'deepest-first';
}

/**
 * The official code has two variants of its PSPNet losses: `SCRKD5` for 224 → 112 (correlations on all stages, targets of the
 * same grid) and `SCRKD52` for every other pair of sizes (the finest stage left out to save memory, targets pooled).
 */
function isSmallPair(student: NetworkShape, teacher: NetworkShape): boolean {
  return student.height === 112 && student.width === 112 && teacher.height === 224 && teacher.width === 224;
}

/** SegFormer's features all lie on the finest grid. */
function isFlat({ features }: NetworkShape): boolean {
  return features.every(({ stride }) => stride === features[0]?.stride);
}

/** The shift by one stage and the correlations at the teacher's size are of the official PSPNet, whose every head teaches. */
function isPyramidOfHeads({ heads }: NetworkShape): boolean {
  return heads.length > 1;
}

function mvcdRule(options: ScrkdOptions, student: NetworkShape, teacher: NetworkShape): MvcdRule {
  const all = student.features.map((_, index) => index + 1);
  if (options.mvcdSize === 'default' || !isPyramidOfHeads(student)) return { at: 'student', stages: all };
  return { at: 'teacher', stages: isSmallPair(student, teacher) ? all : all.slice(1) };
}

export function scrkdRule(options: ScrkdOptions, student: NetworkShape, teacher: NetworkShape): ScrkdRule {
  return {
    mvcd: mvcdRule(options, student, teacher),
    msfd: {
      weighting: options.msfdWeighting === 'paper' ? 'learned-affinity' : 'cosine',
      pyramid: options.msfdPyramid === 'paper' ? 'uniform' : 'halving',
      target: options.msfdPairing === 'official' && isPyramidOfHeads(student) && isSmallPair(student, teacher) ? 'bilinear' : 'pooled',
      ...(!isPyramidOfHeads(student) && { pairing: 'same-stage' as const }),
    },
    dsd: {
      direction: options.dsdDirection === 'paper' ? 'student-to-teacher' : 'teacher-to-student',
      temperature: options.dsdTemperature === 'official' ? 'outside' : 'inside',
    },
    ...(options.msfdPairing === 'official' && isFlat(teacher) && { teacherOrder: 'deepest-first' as const }),
  };
}
