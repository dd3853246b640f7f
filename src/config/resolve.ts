import type { Diagnostic } from './diagnostic.ts';
import type { Experiment } from './experiment.ts';
import type { Providers } from './providers.ts';

/** A config's text and the path it was read from. */
export interface ConfigSource {
  readonly text: string;
  readonly path: string;
}

export interface ResolvedConfig {
  /** Absent when there is an error among the diagnostics. */
  readonly experiment?: Experiment;
  /** By file, then by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** The text of every file that was read, for showing diagnostics. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads, checks and resolves a config. Pure but for the providers; never throws for anything in a text. */
export function resolveExperiment(source: ConfigSource, providers: Providers = {}): Promise<ResolvedConfig> {
  void providers;
  return Promise.resolve({ diagnostics: [], sources: new Map([[source.path, source.text]]) });
}
