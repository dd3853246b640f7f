/** SCRKD: saliency cross-resolution knowledge distillation (IEEE TGRS 2025), assembled from its parts. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import type { ScrkdOptions } from '../../config/catalog/scrkd.ts';
import { resizeBilinear } from '../../nn/resize.ts';
import type { Method, NetworkShape, TeacherObservation } from '../method.ts';
import { aggregationParameters, branchParameters, disentangle } from './disentangle.ts';
import { dsdLoss } from './dsd.ts';
import { msfdLoss, msfdParameters } from './msfd.ts';
import { mvcdLoss } from './mvcd.ts';
import { scrkdRule, type ScrkdRule } from './rule.ts';

function mismatch(student: NetworkShape, teacher: NetworkShape): string | undefined {
  const channels = (shape: NetworkShape): string => shape.features.map((feature) => feature.channels).join(', ');
  if (channels(student) === channels(teacher)) return undefined;
  return l10n.t('SCRKD needs decoder features of equal channels: the teacher has {0}, the student {1}.', channels(teacher), channels(student));
}

/**
 * A plain teacher gives its maps at stage size; one that was itself distilled gives them at its input size, as in the official
 * cascade.
 */
function teacherMaps({ logits, inputGrid }: TeacherObservation, { isAdapted }: NetworkShape): readonly Tensor4D[] {
  return isAdapted ? logits.map((map) => resizeBilinear(map, inputGrid)) : logits;
}

/** @param explicitRule in place of what the options say for the pair of sizes; parity with a given variant of the official code needs it. */
export function scrkd(options: ScrkdOptions, explicitRule?: ScrkdRule): Method {
  return {
    name: 'scrkd',
    roles: ['teacher'],
    terms: ['mvcd', 'msfd', 'dsd'],
    operands: ['D2', 'D3'],
    teacherStatistics: options.teacherMode === 'official' ? 'batch' : 'running',
    parameters: (student) => [...branchParameters(student), ...msfdParameters(student, options), ...aggregationParameters(student, options)],
    mismatch,
    adapt: disentangle,
    headWeights: ({ heads }) => heads.map(({ lossWeight }, index) => (options.headWeights === 'paper' ? 0.5 ** index : lossWeight)),
    loss: ({ layers, student, teacher, studentShape, teacherShape, temperature }) => {
      const rule = explicitRule ?? scrkdRule(options, studentShape, teacherShape);
      const { D2, D3 } = student.operands as { D2: readonly Tensor4D[]; D3: readonly Tensor4D[] };
      const studentMaps = student.logits.map((map) => resizeBilinear(map, student.inputGrid));
      return {
        mvcd: mvcdLoss(D2, teacher.features, rule.mvcd),
        msfd: msfdLoss(layers, D3, teacher.features, rule.msfd),
        dsd: dsdLoss(studentMaps, teacherMaps(teacher, teacherShape), temperature, rule.dsd),
      };
    },
  };
}
