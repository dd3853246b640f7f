/** SCRKD: saliency cross-resolution knowledge distillation (IEEE TGRS 2025), assembled from its parts. */
import type { Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ScrkdOptions } from '../../config/catalog/scrkd.ts';
import { studentMaps, teacherMaps } from '../maps.ts';
import type { Method } from '../method.ts';
import { whyMismatched } from '../mismatch.ts';
import type { Correlations } from './correlation.ts';
import { aggregationParameters, branchParameters, disentangle } from './disentangle.ts';
import { dsdLoss } from './dsd.ts';
import { msfdLoss, msfdParameters, msfdTarget } from './msfd.ts';
import { mvcdLoss, teacherCorrelations } from './mvcd.ts';
import { scrkdRule, type ScrkdRule } from './rule.ts';
import { scrkdTransfers } from './transfers.ts';

type View = keyof Correlations;

/** What the losses read of the teacher, see `condense`. */
const correlationName = (stage: number, view: View): string => `correlation${stage}.${view}`;
const targetName = (level: number): string => `target${level}`;

/** @param explicitRule in place of what the options say for the pair of sizes; parity with a given variant of the official code needs it. */
export function scrkd(options: ScrkdOptions, explicitRule?: ScrkdRule): Method {
  return {
    name: 'scrkd',
    roles: ['teacher'],
    terms: ['mvcd', 'msfd', 'dsd'],
    operands: ['D2', 'D3'],
    teacherStatistics: options.teacherMode === 'official' ? 'batch' : 'running',
    parameters: (student) => [...branchParameters(student), ...msfdParameters(student, options), ...aggregationParameters(student, options)],
    mismatch: (student, teacher) => whyMismatched('scrkd', options, student, teacher),
    transfers: (student, teacher) => scrkdTransfers(explicitRule ?? scrkdRule(options, student, teacher), student, teacher),
    adapt: disentangle,
    headWeights: ({ heads }) => heads.map(({ lossWeight }, index) => (options.headWeights === 'paper' ? 0.5 ** index : lossWeight)),
    condense: ({ features, logits, inputGrid }, student, teacher) => {
      const rule = explicitRule ?? scrkdRule(options, student, teacher);
      const taught = rule.teacherOrder === 'deepest-first' ? features.toReversed() : features;
      const correlations = rule.mvcd.stages.flatMap((stage) =>
        Object.entries(teacherCorrelations(taught[stage - 1]!, student.grids[stage - 1]!, rule.mvcd.at)).map(([view, matrix]) => [correlationName(stage, view as View), matrix as Tensor] as const),
      );
      const targets = student.grids.map((grid, index) => [targetName(index + 1), msfdTarget(taught, index + 1, grid, rule.msfd)] as const);
      return { features: [], logits, inputGrid, extracts: Object.fromEntries<Tensor>([...correlations, ...targets]) };
    },
    loss: ({ layers, student, teacher, studentShape, teacherShape, temperature }) => {
      const rule = explicitRule ?? scrkdRule(options, studentShape, teacherShape);
      const { D2, D3 } = student.operands as { D2: readonly Tensor4D[]; D3: readonly Tensor4D[] };
      const extract = (name: string): Tensor => teacher.extracts![name]!;
      const correlationsOf = (stage: number): Correlations => {
        const of = (view: View): Tensor3D => extract(correlationName(stage, view)) as Tensor3D;
        return { channel: of('channel'), height: of('height'), width: of('width') };
      };
      return {
        mvcd: mvcdLoss(D2, correlationsOf, rule.mvcd),
        msfd: msfdLoss(layers, D3, (level) => extract(targetName(level)) as Tensor4D, rule.msfd),
        dsd: dsdLoss(studentMaps(student), teacherMaps(teacher, teacherShape), temperature, rule.dsd),
      };
    },
  };
}
