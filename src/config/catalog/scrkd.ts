/** SCRKD: its options (each a point in which paper and official code differ), presets and coefficients. */
import { z } from 'zod';

export const scrkdOptions = z.strictObject({
  headWeights: z.enum(['default', 'paper']),
  gateConvolution: z.enum(['default', 'paper']),
  mvcdSize: z.enum(['default', 'official']),
  msfdWeighting: z.enum(['default', 'paper']),
  msfdPyramid: z.enum(['default', 'paper']),
  msfdPairing: z.enum(['default', 'official']),
  dsdDirection: z.enum(['default', 'paper']),
  dsdTemperature: z.enum(['default', 'official']),
  teacherMode: z.enum(['default', 'official']),
});

export type ScrkdOptions = Readonly<z.output<typeof scrkdOptions>>;
