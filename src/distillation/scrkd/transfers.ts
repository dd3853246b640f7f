/** Which features SCRKD compares with which, and on which grid. */
import type { Transfer } from '../../config/description.ts';
import type { NetworkShape } from '../method.ts';
import { mapTransfers, namedFeatures } from '../transfers.ts';
import type { ScrkdRule } from './rule.ts';

/** Of every term, finest first; the same choices as `mvcdLoss`, `msfdLoss` and `dsdLoss` make. */
export function scrkdTransfers(rule: ScrkdRule, student: NetworkShape, teacher: NetworkShape): Transfer[] {
  const own = namedFeatures(student);
  const taught = rule.teacherOrder === 'deepest-first' ? namedFeatures(teacher).toReversed() : namedFeatures(teacher);
  const compare = (term: string, branch: string, stage: number, target: number, at: 'student' | 'teacher'): Transfer => {
    const [of, from] = [own[stage]!, taught[target]!];
    const { height, width, channels } = at === 'student' ? of : from;
    return { term, student: { ...of, name: `${branch}.${stage + 1}` }, teacher: from, comparedOn: { height, width, channels } };
  };
  const next = (stage: number): number => (rule.msfd.pairing === 'same-stage' ? stage : Math.min(stage + 1, taught.length - 1));
  return [
    ...rule.mvcd.stages.map((stage) => compare('mvcd', 'D2', stage - 1, stage - 1, rule.mvcd.at)),
    ...own.map((_, stage) => compare('msfd', 'D3', stage, next(stage), 'student')),
    ...mapTransfers('dsd', student, teacher),
  ];
}
