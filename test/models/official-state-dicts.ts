/** The state dicts of the official networks, by the names of their listings in test/fixtures/state-dicts. */
import { readFileSync } from 'node:fs';
import { isBatchCount } from '../../src/models/state-dict.ts';

export interface OfficialTensor {
  readonly name: string;
  /** [] of a batch norm's count of batches. */
  readonly shape: readonly number[];
}

/** In the order in which PyTorch has them; every line is `name (sides)`. */
export function officialStateDict(listing: string): OfficialTensor[] {
  const lines = readFileSync(new URL(`../fixtures/state-dicts/${listing}.txt`, import.meta.url), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, name, sides] = /^(\S+) \((.*)\)$/.exec(line)!;
    return { name: name!, shape: sides!.split(',').filter((side) => side.trim() !== '').map(Number) };
  });
}

/** Without the counts of batches, which nothing here reads. */
export function officialParameters(listing: string): OfficialTensor[] {
  return officialStateDict(listing).filter(({ name }) => !isBatchCount(name));
}
