import type { MaskStatistics } from '../dataset/check.ts';
import { decodeMask } from './decode.ts';

/** Sums up a mask for `checkDataset`. @throws DataError `unreadable`, `too-large`, `animated` */
export async function maskStatistics(path: string): Promise<MaskStatistics> {
  const { width, height, data } = await decodeMask(path);
  let maximum = 0;
  let salient = 0;
  let undecided = 0;
  for (const value of data) {
    if (value > maximum) maximum = value;
    if (value >= 128) salient++;
    if (value >= 16 && value <= 239) undecided++;
  }
  return { width, height, maximum, salientShare: salient / data.length, undecidedShare: undecided / data.length };
}
