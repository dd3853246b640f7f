/** SCRKD: saliency cross-resolution knowledge distillation (IEEE TGRS 2025), assembled from its parts. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ScrkdOptions } from '../../config/catalog/scrkd.ts';
import { studentMaps, teacherMaps } from '../maps.ts';
import type { Method } from '../method.ts';
import { whyMismatched } from '../mismatch.ts';
import { aggregationParameters, branchParameters, disentangle } from './disentangle.ts';
import { dsdLoss } from './dsd.ts';
import { msfdLoss, msfdParameters } from './msfd.ts';
import { mvcdLoss } from './mvcd.ts';
import { scrkdRule, type ScrkdRule } from './rule.ts';
import { scrkdTransfers } from './transfers.ts';

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
    loss: ({ layers, student, teacher, studentShape, teacherShape, temperature }) => {
      const rule = explicitRule ?? scrkdRule(options, studentShape, teacherShape);
      const { D2, D3 } = student.operands as { D2: readonly Tensor4D[]; D3: readonly Tensor4D[] };
      const taught = rule.teacherOrder === 'deepest-first' ? teacher.features.toReversed() : teacher.features;
      return {
        mvcd: mvcdLoss(D2, taught, rule.mvcd),
        msfd: msfdLoss(layers, D3, taught, rule.msfd),
        dsd: dsdLoss(studentMaps(student), teacherMaps(teacher, teacherShape), temperature, rule.dsd),
      };
    },
  };
}
