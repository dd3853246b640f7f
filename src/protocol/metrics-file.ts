/** `metrics.json`: the final numbers of a run, by protocol, split and checkpoint. Rewritten whole. */
import * as z from 'zod';
import { count, measured, parseJson, sha256, type Parsed } from './json.ts';

const metricsEntry = z.object({
  protocol: z.string(),
  split: z.string(),
  /** The checkpoint's name, e.g. `best`. */
  checkpoint: z.string(),
  /** Of the checkpoint's file: tells whether it is still the one that was evaluated. */
  sha256: sha256.exactOptional(),
  epoch: count,
  images: count,
  metrics: z.record(z.string(), measured),
  /** Named lists over thresholds, e.g. `precision`, `recall`. */
  curves: z.record(z.string(), z.array(measured)),
});
export type MetricsEntry = z.infer<typeof metricsEntry>;

const metricsFile = z.object({ v: z.literal(1), entries: z.array(metricsEntry) });
export type MetricsFile = z.infer<typeof metricsFile>;

export const parseMetrics = (text: string): Parsed<MetricsFile> => parseJson(metricsFile, text);
