import { describe, expect, test } from 'vitest';
import { createNetwork } from '../../src/distillation/network.ts';
import { scrkdRule } from '../../src/distillation/scrkd/rule.ts';
import { defaultOptions, plainPspnet } from '../../scripts/parity/networks.ts';

const shape = (side: number) => createNetwork(plainPspnet([side, side])).shape;
const rule = (options: Partial<typeof defaultOptions>, student = 112, teacher = 224) => scrkdRule({ ...defaultOptions, ...options }, shape(student), shape(teacher));

describe('the rule that options give', () => {
  test('default: correlations at the student\'s size on all stages, pooled targets, KL(T || S)', () => {
    expect(rule({})).toEqual({
      mvcd: { at: 'student', stages: [1, 2, 3, 4, 5] },
      msfd: { weighting: 'cosine', pyramid: 'halving', target: 'pooled' },
      dsd: { direction: 'teacher-to-student', temperature: 'inside' },
    });
  });

  test('official: the variant for 224 to 112, and the one for every other pair', () => {
    const official = { mvcdSize: 'official', msfdPairing: 'official' } as const;
    expect(rule(official).mvcd).toEqual({ at: 'teacher', stages: [1, 2, 3, 4, 5] });
    expect(rule(official).msfd.target).toBe('bilinear');
    for (const [student, teacher] of [[224, 448], [112, 448], [56, 112]] as const) {
      expect(rule(official, student, teacher).mvcd).toEqual({ at: 'teacher', stages: [2, 3, 4, 5] });
      expect(rule(official, student, teacher).msfd.target).toBe('pooled');
    }
  });

  test('the paper\'s choices', () => {
    const paper = rule({ msfdWeighting: 'paper', msfdPyramid: 'paper', dsdDirection: 'paper' });
    expect(paper.msfd).toEqual({ weighting: 'learned-affinity', pyramid: 'uniform', target: 'pooled' });
    expect(paper.dsd.direction).toBe('student-to-teacher');
    expect(rule({ dsdTemperature: 'official' }).dsd.temperature).toBe('outside');
  });
});
