import type { Evaluator, MetricsProtocol } from './metrics.ts';

/** Starts the evaluation of a set of images under one protocol. */
export declare function createEvaluator(protocol: MetricsProtocol): Evaluator;
