import { Random } from '../base/random.ts';
import type { Sample, ValidationSplit } from './dataset.ts';

/**
 * Holds back `round(fraction · n)` samples of the training split, at least one where the fraction is above zero.
 * Every sample has a rank that depends on the seed and its id alone, and the lowest ranks are taken: adding or
 * removing an image moves at most a few others.
 */
export function holdOut(train: readonly Sample[], split: ValidationSplit | undefined): { train: Sample[]; validation: Sample[] } {
  const wanted = split === undefined || split.fraction === 0 ? 0 : Math.max(1, Math.round(split.fraction * train.length));
  const count = Math.min(wanted, train.length - 1); // something must be left to train on
  const ranked = train.map((sample) => ({ id: sample.id, rank: new Random(split?.seed ?? 0, 'validation', sample.id).uniform() }));
  ranked.sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  const held = new Set(ranked.slice(0, Math.max(0, count)).map(({ id }) => id));
  return {
    train: train.filter(({ id }) => !held.has(id)),
    validation: train.filter(({ id }) => held.has(id)).map((sample) => ({ ...sample, split: 'validation' as const })),
  };
}
