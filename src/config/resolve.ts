/** The config service's main entry: from a text to an experiment and everything that is to say about it. */
import * as path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { CheckContext } from './checks/context.ts';
import { checkEnvironment } from './checks/environment.ts';
import { checkFairness } from './checks/fairness.ts';
import { checkUnusedStages, trainingOrder } from './checks/graph.ts';
import { checkNetworks } from './checks/networks.ts';
import { checkTraining } from './checks/training.ts';
import { defaults } from './defaults.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Experiment, Stage } from './experiment.ts';
import { givenStages, type UseChain } from './given.ts';
import { Library } from './library.ts';
import { beside, loadTree } from './load.ts';
import type { Providers } from './providers.ts';
import { Report } from './report.ts';
import type { ConfigFile } from './schema.ts';
import { captures, checkpoints, dataset, evaluation, selection, teacherOutputs } from './sections.ts';
import { buildStage } from './stages.ts';
import { keyAt, nodeAt, placeAt, type MapNode } from './tree.ts';
import { validate } from './validate.ts';

/** A config's text and the path it was read from. */
export interface ConfigSource {
  readonly text: string;
  readonly path: string;
}

export interface ResolvedConfig {
  /** Absent when there is an error among the diagnostics. */
  readonly experiment?: Experiment;
  /** What could be made of a config with errors, for an editor to explain it; stages that have them are absent. Never trained. */
  readonly draft?: Experiment;
  /** The content with its places, that of extended files included; absent when nothing could be read. */
  readonly tree?: MapNode;
  /** The config's own first, then those of the files it extends; each file's by place. */
  readonly diagnostics: readonly Diagnostic[];
  /** The text of every file that was read, for showing diagnostics. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads, checks and resolves a config. Pure but for the providers; nothing in a text makes it throw. */
export function resolveExperiment(source: ConfigSource, providers: Providers = {}): Promise<ResolvedConfig> {
  return resolve({ text: source.text, path: path.normalize(source.path) }, new Library(providers), []);
}

/** `usedBy` are the configs whose stages are being looked up through `use`, outermost first. */
async function resolve(source: ConfigSource, library: Library, usedBy: UseChain): Promise<ResolvedConfig> {
  const report = new Report();
  const sources = new Map<string, string>();
  const tree = await loadTree(source.path, source.text, { library, report, sources });
  const experiment = tree === undefined || report.isUnreadable ? undefined : await build(source.path, tree, report, library, usedBy);
  const isValid = experiment !== undefined && !report.hasErrors;
  return {
    ...(isValid && { experiment }),
    ...(experiment !== undefined && { draft: experiment }),
    ...(tree !== undefined && { tree }),
    diagnostics: report.sorted(source.path),
    sources,
  };
}

async function build(file: string, tree: MapNode, report: Report, library: Library, usedBy: UseChain): Promise<Experiment | undefined> {
  if (isNewer(tree, report)) return undefined;
  const config = validate(tree, report);
  if (config === undefined) return undefined;
  const stages = await buildStages(file, tree, config, report, library, usedBy);
  const experiment: Experiment = {
    version: 1,
    name: config.experiment,
    file,
    directory: path.dirname(file),
    preset: config.preset ?? defaults.preset,
    engine: config.engine ?? defaults.engine,
    device: config.device ?? defaults.device,
    memory: config.memory ?? defaults.memory,
    ...teacherOutputs(config),
    ...(config.threads !== undefined && { threads: config.threads }),
    dataset: dataset(config, (written) => beside(placeAt(tree, ['dataset', 'root']).source.path, written)),
    stages,
    captures: captures(config),
    checkpoints: checkpoints(config),
    evaluation: evaluation(config),
  };
  const context: CheckContext = { tree, config, stages, report };
  checkUnusedStages(context);
  checkNetworks(context);
  checkTraining(context);
  checkFairness(context);
  await checkEnvironment(context, experiment, library.providers);
  return experiment;
}

/** A later version may mean anything by a field, so nothing else is said about such a file. */
function isNewer(tree: MapNode, report: Report): boolean {
  const version = nodeAt(tree, ['version']);
  if (version?.kind !== 'scalar' || typeof version.value !== 'number' || version.value <= defaults.version) return false;
  report.add('newer-version', placeAt(tree, ['version']), ['version'], l10n.t('The config has version {0}; this program knows version {1}.', version.value, defaults.version));
  return true;
}

async function buildStages(file: string, tree: MapNode, config: ConfigFile, report: Report, library: Library, usedBy: UseChain): Promise<Stage[]> {
  const files = new Map(Object.entries(config.stages));
  if (nodeAt(tree, ['stages'])?.kind === 'map' && files.size === 0 && !report.hasErrors) {
    report.add('no-stages', keyAt(tree, ['stages']) ?? placeAt(tree, ['stages']), ['stages'], l10n.t('There are no stages: name at least one network.'));
  }
  const given = await givenStages({ tree, stages: files, report, library, chain: [...usedBy, file], resolve });
  const chosen = selection(config);
  const stages: Stage[] = [];
  for (const name of trainingOrder(tree, files, report)) {
    const written = files.get(name);
    if (written === undefined) continue;
    const own = written.use === undefined ? buildStage(name, written, config, chosen) : undefined;
    const stage = given.get(name)?.(own) ?? own;
    if (stage !== undefined) stages.push(withPaths(tree, stage));
  }
  return stages;
}

/** A path is relative to the file it is written in, which may be one that this config extends. */
function withPaths(tree: MapNode, stage: Stage): Stage {
  if (stage.init === undefined || stage.given !== undefined) return stage;
  const { source } = placeAt(tree, ['stages', stage.name, 'init', 'backbone']);
  return { ...stage, init: { backbone: beside(source.path, stage.init.backbone) } };
}
