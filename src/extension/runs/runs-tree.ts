/** The Runs view: experiments, their stages' runs, and what each has. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { messageOf, unreachable } from '../../base/errors.ts';
import { standingWord } from '../../protocol/standing.ts';
import { RunFolder } from '../../runs/run-folder.ts';
import type { Launches, PendingLaunch } from '../launch/launches.ts';
import type { RunArgument } from '../run-argument.ts';
import { capturesOf, checkpointsOf, evaluationsOf, type CheckpointDetail } from './run-details.ts';
import { groupRuns, isFiltering, noFilter, type ExperimentGroup, type RunFilter, type RunOrder } from './run-list.ts';
import { bestText, factsOf, figureText, runDescription, runIcon, runName, runTooltip } from './run-text.ts';
import { isReadable, type IndexedRun, type ReadableRun, type RunsIndex } from './runs-index.ts';
import { stageFacts } from './stage-facts.ts';

const sections = ['checkpoints', 'evaluations', 'captures'] as const;
type Section = (typeof sections)[number];

export type RunsNode =
  | { readonly kind: 'launch'; readonly launch: PendingLaunch }
  | { readonly kind: 'experiment'; readonly group: ExperimentGroup }
  | ({ readonly kind: 'run'; readonly run: IndexedRun } & RunArgument)
  | ({ readonly kind: 'section'; readonly section: Section } & RunArgument)
  | ({ readonly kind: 'checkpoint'; readonly checkpoint: CheckpointDetail } & RunArgument)
  | ({ readonly kind: 'evaluation'; readonly label: string; readonly description: string } & RunArgument)
  | ({ readonly kind: 'capture'; readonly epoch: number; readonly samples: number } & RunArgument)
  | ({ readonly kind: 'config' } & RunArgument)
  | ({ readonly kind: 'log' } & RunArgument)
  | { readonly kind: 'message'; readonly text: string };

export class RunsTree implements vscode.TreeDataProvider<RunsNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<RunsNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #subscriptions: { dispose(): void }[];
  /** The nodes that VS Code has, by id: a change of one run redraws one row. */
  readonly #shown = new Map<string, Extract<RunsNode, { kind: 'run' }>>();
  readonly #experiments = new Map<string, RunsNode>();
  #layout = '';
  #filter: RunFilter = noFilter;
  #order: RunOrder = 'newest';

  constructor(
    private readonly index: RunsIndex,
    private readonly launches: Launches,
  ) {
    this.#subscriptions = [index.onDidChange((folders) => this.#onChange(folders)), launches.onDidChange(() => this.#changed.fire(undefined))];
  }

  get filter(): RunFilter {
    return this.#filter;
  }

  get order(): RunOrder {
    return this.#order;
  }

  show(filter: RunFilter, order: RunOrder): void {
    this.#filter = filter;
    this.#order = order;
    this.#changed.fire(undefined);
  }

  /** How many runs are shown, of how many. */
  get counts(): { readonly shown: number; readonly all: number } {
    return { shown: this.#groups().reduce((sum, { runs }) => sum + runs.length, 0), all: this.index.runs.length };
  }

  async getChildren(node?: RunsNode): Promise<RunsNode[]> {
    if (node === undefined) return this.#roots();
    switch (node.kind) {
      case 'experiment':
        return node.group.runs.map((run) => this.#runNode(run));
      case 'run':
        return isReadable(node.run) ? [...sections.map((section): RunsNode => ({ kind: 'section', section, folder: node.folder })), { kind: 'config', folder: node.folder }, { kind: 'log', folder: node.folder }] : [];
      case 'section':
        return contents(node.section, node.folder).catch((error: unknown) => [{ kind: 'message', text: messageOf(error) }]);
      case 'launch':
      case 'checkpoint':
      case 'evaluation':
      case 'capture':
      case 'config':
      case 'log':
      case 'message':
        return [];
      default:
        return unreachable(node);
    }
  }

  getParent(node: RunsNode): RunsNode | undefined {
    if (node.kind === 'run') {
      const group = this.#groups().find(({ runs }) => runs.some(({ folder }) => folder === node.folder));
      return group === undefined ? undefined : this.#experimentNode(group);
    }
    return 'folder' in node ? this.#shown.get(node.folder) : undefined;
  }

  /** The node of a run, to reveal it; undefined where the filter hides it. */
  nodeOf(folder: string): RunsNode | undefined {
    const run = this.#groups().flatMap(({ runs }) => runs).find((each) => each.folder === folder);
    return run === undefined ? undefined : this.#runNode(run);
  }

  getTreeItem(node: RunsNode): vscode.TreeItem {
    switch (node.kind) {
      case 'launch':
        return launchItem(node.launch);
      case 'experiment':
        return experimentItem(node.group);
      case 'run':
        return isReadable(node.run) ? runItem(node.run) : damagedItem(node.run.folder, node.run.problem);
      case 'section':
        return this.#sectionItem(node.section, node.folder);
      case 'checkpoint':
        return checkpointItem(node.folder, node.checkpoint);
      case 'evaluation': {
        const item = leaf(node.label, 'graph', node.description);
        item.tooltip = `${node.label}\n${node.description}`;
        return item;
      }
      case 'capture': {
        const item = leaf(vscode.l10n.t('Epoch {0}', node.epoch), 'symbol-array', vscode.l10n.t('{0} samples', node.samples));
        item.command = { command: 'scrkd.showCorrelationMaps', title: vscode.l10n.t('Show Correlation Maps'), arguments: [{ folder: node.folder, epoch: node.epoch }] };
        return item;
      }
      case 'config': {
        const item = leaf(vscode.l10n.t('Configuration'), 'settings-gear');
        item.command = { command: 'scrkd.openRunConfig', title: vscode.l10n.t('Open Configuration'), arguments: [node] };
        return item;
      }
      case 'log': {
        const item = leaf(vscode.l10n.t('Log'), 'output');
        item.command = { command: 'scrkd.openLog', title: vscode.l10n.t('Open Log'), arguments: [node] };
        return item;
      }
      case 'message':
        return leaf(node.text, 'info');
      default:
        return unreachable(node);
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  async #roots(): Promise<RunsNode[]> {
    await this.index.ready();
    const groups = this.#groups();
    this.#layout = layoutOf(groups);
    this.#experiments.clear();
    return [...this.launches.pending.map((launch): RunsNode => ({ kind: 'launch', launch })), ...groups.map((group) => this.#experimentNode(group))];
  }

  #groups(): ExperimentGroup[] {
    return groupRuns(this.index.runs, this.#filter, this.#order);
  }

  #experimentNode(group: ExperimentGroup): RunsNode {
    const node: RunsNode = { kind: 'experiment', group };
    this.#experiments.set(group.key, node);
    return node;
  }

  #runNode(run: IndexedRun): RunsNode {
    const node = { kind: 'run' as const, run, folder: run.folder };
    const shown = this.#shown.get(run.folder);
    // The same object where VS Code has one, with what is known now: it is by the object that it finds the row.
    if (shown !== undefined) return Object.assign(shown, node);
    this.#shown.set(run.folder, node);
    return node;
  }

  #onChange(folders: ReadonlySet<string>): void {
    const groups = this.#groups();
    if (folders.size > 20 || layoutOf(groups) !== this.#layout) {
      this.#changed.fire(undefined);
      return;
    }
    for (const folder of folders) {
      const run = this.index.at(folder);
      if (run !== undefined && this.#shown.has(folder)) this.#changed.fire(this.#runNode(run));
    }
  }

  #sectionItem(section: Section, folder: string): vscode.TreeItem {
    const item = new vscode.TreeItem(sectionLabel(section), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `${folder}\n${section}`;
    item.iconPath = new vscode.ThemeIcon({ checkpoints: 'database', evaluations: 'graph', captures: 'symbol-array' }[section]);
    item.contextValue = `scrkd.${section}`;
    return item;
  }
}

/** What decides about the rows, apart from their texts. */
function layoutOf(groups: readonly ExperimentGroup[]): string {
  return groups.map(({ key, runs }) => `${key}\n${runs.map(({ folder }) => folder).join('\n')}`).join('\n\n');
}

async function contents(section: Section, folder: string): Promise<RunsNode[]> {
  const orNothing = (nodes: RunsNode[], text: string): RunsNode[] => (nodes.length > 0 ? nodes : [{ kind: 'message', text }]);
  switch (section) {
    case 'checkpoints':
      return orNothing((await checkpointsOf(folder)).map((checkpoint) => ({ kind: 'checkpoint', checkpoint, folder })), vscode.l10n.t('No checkpoint yet'));
    case 'captures':
      return orNothing((await capturesOf(folder)).map((capture) => ({ kind: 'capture', ...capture, folder })), vscode.l10n.t('No captures yet'));
    case 'evaluations': {
      const { final, epochs } = await evaluationsOf(folder);
      const finals = final.map(({ protocol, split, checkpoint, metrics }): RunsNode => ({ kind: 'evaluation', folder, label: `${split} · ${protocol} · ${checkpoint}`, description: figures(metrics) }));
      const during = epochs.flatMap(({ epoch, metrics }) =>
        Object.entries(metrics).map(([source, values]): RunsNode => ({ kind: 'evaluation', folder, label: vscode.l10n.t('Epoch {0}', epoch), description: `${source} · ${figures(values)}` })),
      );
      return orNothing([...finals, ...during], vscode.l10n.t('No evaluation yet'));
    }
    default:
      return unreachable(section);
  }
}

/** The measures that a row has room for. */
function figures(metrics: Readonly<Record<string, number>>): string {
  const known = ['mae', 'maxF', 's', 'meanE'].filter((name) => metrics[name] !== undefined);
  return (known.length > 0 ? known : Object.keys(metrics).slice(0, 4)).map((name) => `${name} ${figureText(metrics[name]!)}`).join(' · ');
}

function experimentItem({ key, name, directory, runs }: ExperimentGroup): vscode.TreeItem {
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `experiment ${key}`;
  item.iconPath = new vscode.ThemeIcon('layers');
  item.contextValue = 'scrkd.experiment';
  const datasets = [...new Set(runs.filter(isReadable).map(({ manifest }) => stageFacts(manifest).dataset))];
  item.description = [datasets.slice(0, 2).join(', '), runs.length === 1 ? vscode.l10n.t('1 run') : vscode.l10n.t('{0} runs', runs.length)].filter((text) => text !== '').join(' · ');
  item.tooltip = directory;
  return item;
}

function runItem(run: ReadableRun): vscode.TreeItem {
  const item = new vscode.TreeItem(runName(run), vscode.TreeItemCollapsibleState.Collapsed);
  const { icon, colour } = runIcon(run);
  item.id = run.folder;
  item.description = runDescription(run);
  item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
  item.contextValue = `scrkd.run.${run.standing}`;
  item.tooltip = new vscode.MarkdownString(runTooltip(run, (text) => text.replaceAll(/[\\`*_{}[\]()#+!<>~]/g, '\\$&')));
  item.accessibilityInformation = { label: [runName(run), standingWord(factsOf(run)), item.description, bestText(run)].filter((text) => text !== undefined).join(', ') };
  return item;
}

function damagedItem(folder: string, problem: Error): vscode.TreeItem {
  const item = leaf(basename(folder), 'error', vscode.l10n.t('damaged'));
  item.id = folder;
  item.contextValue = 'scrkd.run.damaged';
  item.tooltip = messageOf(problem);
  return item;
}

function launchItem({ subject }: PendingLaunch): vscode.TreeItem {
  const item = leaf(basename(subject), 'loading~spin', vscode.l10n.t('starting: reading the dataset'));
  item.contextValue = 'scrkd.launch';
  item.tooltip = subject;
  return item;
}

function checkpointItem(folder: string, { name, path, bytes }: CheckpointDetail): vscode.TreeItem {
  const item = leaf(name, 'save', vscode.l10n.t('{0} MB', (bytes / 1e6).toFixed(1)));
  item.id = path;
  item.contextValue = 'scrkd.checkpoint';
  item.tooltip = new RunFolder(folder).relative(path);
  return item;
}

function leaf(label: string, icon: string, description?: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label);
  item.iconPath = new vscode.ThemeIcon(icon);
  if (description !== undefined) item.description = description;
  return item;
}

function sectionLabel(section: Section): string {
  switch (section) {
    case 'checkpoints':
      return vscode.l10n.t('Checkpoints');
    case 'evaluations':
      return vscode.l10n.t('Evaluations');
    case 'captures':
      return vscode.l10n.t('Captures');
    default:
      return unreachable(section);
  }
}

/** What the view says above its rows: that a filter hides runs, that watching failed. */
export function viewMessage(tree: RunsTree, index: RunsIndex): string | undefined {
  const { shown, all } = tree.counts;
  const lines: string[] = [];
  if (isFiltering(tree.filter)) lines.push(vscode.l10n.t('{0} of {1} runs pass the filter.', shown, all));
  if (index.watching.kind === 'polling') lines.push(vscode.l10n.t('Folders cannot be watched here and are looked at every few seconds: {0}', index.watching.reason));
  return lines.length === 0 ? undefined : lines.join('\n');
}
