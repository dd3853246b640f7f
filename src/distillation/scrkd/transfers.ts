/** Which features SCRKD compares with which, and on which grid: for panels that show what is transferred. */
import type { FeatureSize, Transfer } from '../../config/description.ts';
import type { NetworkShape } from '../method.ts';
import type { ScrkdRule } from './rule.ts';

/** Of every term, finest first; the same choices as `mvcdLoss`, `msfdLoss` and `dsdLoss` make. */
export function scrkdTransfers(rule: ScrkdRule, student: NetworkShape, teacher: NetworkShape): Transfer[] {
  const size = ({ features, grids }: NetworkShape, index: number): FeatureSize => ({ height: grids[index]![0], width: grids[index]![1], channels: features[index]!.channels });
  const mvcd = rule.mvcd.stages.map((stage): Transfer => {
    const [of, from] = [size(student, stage - 1), size(teacher, stage - 1)];
    return { term: 'mvcd', student: { name: `D2.${stage}`, ...of }, teacher: { name: `F.${stage}`, ...from }, comparedOn: rule.mvcd.at === 'student' ? of : from };
  });
  const msfd = student.features.map((_, index): Transfer => {
    const next = Math.min(index + 1, teacher.features.length - 1);
    const of = size(student, index);
    return { term: 'msfd', student: { name: `D3.${index + 1}`, ...of }, teacher: { name: `F.${next + 1}`, ...size(teacher, next) }, comparedOn: of };
  });
  const dsd = teacher.heads.map((_, index): Transfer => {
    // A plain teacher gives its maps at stage size, a distilled one at its input's.
    const map = teacher.isAdapted ? { height: teacher.height, width: teacher.width, channels: 1 } : { ...size(teacher, index), channels: 1 };
    return { term: 'dsd', student: { name: `logit.${index + 1}`, height: student.height, width: student.width, channels: 1 }, teacher: { name: `logit.${index + 1}`, ...map }, comparedOn: map };
  });
  return [...mvcd, ...msfd, ...dsd];
}
