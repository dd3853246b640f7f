/** `epochs.jsonl`: one summary line an epoch, so that curves of long runs load without the event log. */
import * as z from 'zod';
import { count, measured, moment, parseJson, toJson, type Parsed } from './json.ts';

const epochSummary = z.object({
  v: z.literal(1),
  attempt: count,
  time: moment,
  /** From 1. */
  epoch: count,
  /** Steps done at the epoch's end. */
  step: count,
  /** Mean raw loss terms. */
  terms: z.record(z.string(), measured),
  /** Mean weighted total. */
  total: measured,
  learningRate: measured,
  seconds: measured,
  imagesPerSecond: measured,
  memoryBytes: measured,
  /** Evaluations at the epoch's end: `split/protocol` → measure → value. */
  metrics: z.record(z.string(), z.record(z.string(), measured)),
});
export type EpochSummary = z.infer<typeof epochSummary>;
export type NewEpochSummary = Omit<EpochSummary, 'v' | 'attempt' | 'time'>;

export const parseEpochLine = (line: string): Parsed<EpochSummary> => parseJson(epochSummary, line);
export const formatEpochLine = (summary: EpochSummary): string => `${toJson(summary)}\n`;

/**
 * The epochs that count, in order. Every attempt goes on from a checkpoint of an earlier one, so a line takes the place
 * of what earlier lines say of its epoch and of those after it.
 */
export function mergeEpochs(lines: readonly EpochSummary[]): EpochSummary[] {
  const merged: EpochSummary[] = [];
  for (const line of lines) {
    while (merged.length > 0 && merged.at(-1)!.epoch >= line.epoch) merged.pop();
    merged.push(line);
  }
  return merged;
}
