/** Which runs the tree shows, and in which order. */
import type { RunStanding } from '../../runs/liveness.ts';
import { runName } from './run-text.ts';
import { isReadable, type IndexedRun, type ReadableRun } from './runs-index.ts';
import { stageFacts } from './stage-facts.ts';

export const runOrders = ['newest', 'oldest', 'name', 'best', 'state'] as const;
export type RunOrder = (typeof runOrders)[number];

/** Empty lists and an empty text let everything through. */
export interface RunFilter {
  readonly standings: readonly RunStanding[];
  readonly datasets: readonly string[];
  readonly models: readonly string[];
  /** `plain` for stages that are not distilled. */
  readonly methods: readonly string[];
  /** Every word has to occur in the name, experiment, stage, tags or note. */
  readonly text: string;
}

export const noFilter: RunFilter = { standings: [], datasets: [], models: [], methods: [], text: '' };
export const plainMethod = 'plain';

export function isFiltering(filter: RunFilter): boolean {
  return filter.text !== '' || [filter.standings, filter.datasets, filter.models, filter.methods].some((list) => list.length > 0);
}

/** Runs of one experiment in one runs directory. */
export interface ExperimentGroup {
  /** Unique and lasting. */
  readonly key: string;
  readonly name: string;
  readonly directory: string;
  readonly runs: readonly IndexedRun[];
}

/** The experiments with the runs that pass, those with the newest run first. Damaged runs pass only where nothing is filtered. */
export function groupRuns(runs: readonly IndexedRun[], filter: RunFilter, order: RunOrder): ExperimentGroup[] {
  const groups = new Map<string, { name: string; directory: string; runs: IndexedRun[] }>();
  const filtering = isFiltering(filter);
  for (const run of runs) {
    if (isReadable(run) ? !passes(run, filter) : filtering) continue;
    const name = isReadable(run) ? run.manifest.experiment : decodeURIComponentSafely(parentName(run.folder));
    const key = `${run.directory}\n${name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { name, directory: run.directory, runs: [run] });
    else group.runs.push(run);
  }
  const sorted = [...groups].map(([key, group]) => ({ key, ...group, runs: group.runs.sort(comparison(order)) }));
  return sorted.sort((a, b) => (order === 'name' ? a.name.localeCompare(b.name) : order === 'oldest' ? compareText(newest(a), newest(b)) : compareText(newest(b), newest(a))));
}

/** What the filter can choose from. */
export interface FilterChoices {
  readonly standings: readonly RunStanding[];
  readonly datasets: readonly string[];
  readonly models: readonly string[];
  readonly methods: readonly string[];
}

export function filterChoices(runs: readonly IndexedRun[]): FilterChoices {
  const readable = runs.filter(isReadable);
  const facts = readable.map(({ manifest }) => stageFacts(manifest));
  const distinct = <T extends string>(values: readonly (T | undefined)[]): T[] => [...new Set(values.filter((value) => value !== undefined))].sort();
  return {
    standings: distinct(readable.map(({ standing }) => standing)),
    datasets: distinct(facts.map(({ dataset }) => dataset)),
    models: distinct(facts.map(({ model }) => model)),
    methods: distinct(facts.map(({ method }) => method ?? plainMethod)),
  };
}

function passes(run: ReadableRun, filter: RunFilter): boolean {
  const { manifest, notes, standing } = run;
  const one = (list: readonly string[], value: string | undefined): boolean => list.length === 0 || (value !== undefined && list.includes(value));
  if (!one(filter.standings, standing)) return false;
  const facts = stageFacts(manifest);
  if (!one(filter.datasets, facts.dataset) || !one(filter.models, facts.model) || !one(filter.methods, facts.method ?? plainMethod)) return false;
  if (filter.text === '') return true;
  const text = [runName(run), manifest.experiment, manifest.stage, manifest.id, ...(notes.tags ?? []), notes.note ?? ''].join('\n').toLowerCase();
  return filter.text.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

const standingOrder: readonly RunStanding[] = ['running', 'paused', 'queued', 'interrupted', 'failed', 'stopped', 'finished'];

function comparison(order: RunOrder): (a: IndexedRun, b: IndexedRun) => number {
  const byAge = (a: IndexedRun, b: IndexedRun): number => compareText(idOf(b), idOf(a));
  switch (order) {
    case 'newest':
      return byAge;
    case 'oldest':
      return (a, b) => byAge(b, a);
    case 'name':
      return (a, b) => nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }) || byAge(a, b);
    case 'best':
      return (a, b) => bestOf(b) - bestOf(a) || byAge(a, b);
    case 'state':
      return (a, b) => rankOf(a) - rankOf(b) || byAge(a, b);
  }
}

function nameOf(run: IndexedRun): string {
  return isReadable(run) ? runName(run) : run.folder;
}

/** Where smaller is better (MAE), the smallest is the largest. Finite, so that differences are. */
function bestOf(run: IndexedRun): number {
  if (!isReadable(run) || run.state.best === undefined || !Number.isFinite(run.state.best.value)) return -1e9;
  return run.state.best.metric.toLowerCase() === 'mae' ? -run.state.best.value : run.state.best.value;
}

function rankOf(run: IndexedRun): number {
  return isReadable(run) ? standingOrder.indexOf(run.standing) : standingOrder.length;
}

/** Run ids sort by the time they were made. */
function idOf(run: IndexedRun): string {
  return run.folder.slice(run.folder.lastIndexOf('-') + 1);
}

function newest(group: { readonly runs: readonly IndexedRun[] }): string {
  return group.runs.map(idOf).reduce((a, b) => (a > b ? a : b), '');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function parentName(folder: string): string {
  return folder.split(/[\\/]/).at(-2) ?? folder;
}

/** Experiment folders have %XX for what file systems could take amiss. */
function decodeURIComponentSafely(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
