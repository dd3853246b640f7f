/** The Datasets view: folders, their splits with counts, their samples in pages, and what the last check found. */
import { relative } from 'node:path';
import * as vscode from 'vscode';
import { unreachable } from '../../base/errors.ts';
import type { DatasetProblem, Sample, Split } from '../../dataset/dataset.ts';
import type { DatasetsIndex, KnownDataset } from './datasets-index.ts';

export type DatasetsNode =
  | { readonly kind: 'dataset'; readonly dataset: KnownDataset; readonly root: string }
  | { readonly kind: 'split'; readonly dataset: KnownDataset; readonly root: string; readonly split: Split; readonly samples: readonly Sample[] }
  | { readonly kind: 'sample'; readonly root: string; readonly sample: Sample; readonly problem: DatasetProblem | undefined }
  | { readonly kind: 'more'; readonly root: string; readonly split: Split; readonly left: number }
  | { readonly kind: 'problems'; readonly root: string; readonly problems: readonly DatasetProblem[] }
  | { readonly kind: 'problem'; readonly root: string; readonly dataset: KnownDataset; readonly problem: DatasetProblem };

/** Samples that one "more" brings. */
export const pageSize = 200;

export class DatasetsTree implements vscode.TreeDataProvider<DatasetsNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<DatasetsNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #subscription: { dispose(): void };
  /** Samples shown of a split, by folder and split. */
  readonly #shown = new Map<string, number>();

  constructor(private readonly index: DatasetsIndex) {
    this.#subscription = index.onDidChange(() => this.#changed.fire(undefined));
  }

  showMore(root: string, split: Split): void {
    const key = `${root}\n${split}`;
    this.#shown.set(key, (this.#shown.get(key) ?? pageSize) + pageSize);
    this.#changed.fire(undefined);
  }

  async getChildren(node?: DatasetsNode): Promise<DatasetsNode[]> {
    if (node === undefined) {
      await this.index.ready();
      return this.index.datasets.map((dataset) => ({ kind: 'dataset', dataset, root: dataset.root }));
    }
    switch (node.kind) {
      case 'dataset':
        return childrenOf(node.dataset);
      case 'split': {
        const { root, split, samples, dataset } = node;
        const shown = this.#shown.get(`${root}\n${split}`) ?? pageSize;
        const problems = new Map(dataset.check?.problems.filter((problem) => problem.split === split).map((problem) => [problem.id, problem]));
        const rows = samples.slice(0, shown).map((sample): DatasetsNode => ({ kind: 'sample', root, sample, problem: problems.get(sample.id) }));
        return samples.length > shown ? [...rows, { kind: 'more', root, split, left: samples.length - shown }] : rows;
      }
      case 'problems': {
        const dataset = this.index.datasets.find(({ root }) => root === node.root);
        return dataset === undefined ? [] : node.problems.slice(0, 1_000).map((problem) => ({ kind: 'problem', root: node.root, dataset, problem }));
      }
      case 'sample':
      case 'more':
      case 'problem':
        return [];
      default:
        return unreachable(node);
    }
  }

  getTreeItem(node: DatasetsNode): vscode.TreeItem {
    switch (node.kind) {
      case 'dataset':
        return datasetItem(node.dataset);
      case 'split': {
        const item = new vscode.TreeItem(splitText(node.split), vscode.TreeItemCollapsibleState.Collapsed);
        item.id = `${node.root}\n${node.split}`;
        item.iconPath = new vscode.ThemeIcon('folder');
        const problems = node.dataset.check?.problems.filter(({ split }) => split === node.split).length ?? 0;
        item.description = problems === 0 ? String(node.samples.length) : `${node.samples.length} · ${problemsText(problems)}`;
        return item;
      }
      case 'sample': {
        const item = new vscode.TreeItem(node.sample.id);
        item.id = `${node.root}\n${node.sample.split}\n${node.sample.id}`;
        item.iconPath = node.problem === undefined ? new vscode.ThemeIcon('file-media') : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
        if (node.problem !== undefined) item.description = node.problem.message;
        item.contextValue = 'scrkd.sample';
        item.tooltip = relative(node.root, node.sample.image);
        item.command = { command: 'scrkd.previewSample', title: vscode.l10n.t('Preview Sample'), arguments: [node] };
        return item;
      }
      case 'more': {
        const item = new vscode.TreeItem(vscode.l10n.t('{0} more', node.left));
        item.iconPath = new vscode.ThemeIcon('ellipsis');
        item.command = { command: 'scrkd.moreSamples', title: vscode.l10n.t('Show More'), arguments: [node] };
        return item;
      }
      case 'problems': {
        const item = new vscode.TreeItem(problemsText(node.problems.length), vscode.TreeItemCollapsibleState.Collapsed);
        item.id = `${node.root}\nproblems`;
        item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
        item.description = [...new Set(node.problems.map(({ kind }) => kind))].join(', ');
        return item;
      }
      case 'problem': {
        const item = new vscode.TreeItem(node.problem.id);
        item.description = node.problem.message;
        item.tooltip = node.problem.message;
        item.iconPath = new vscode.ThemeIcon('warning');
        const sample = sampleOf(node.dataset, node.problem);
        if (sample !== undefined) item.command = { command: 'scrkd.previewSample', title: vscode.l10n.t('Preview Sample'), arguments: [{ root: node.root, sample }] };
        return item;
      }
      default:
        return unreachable(node);
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}

function childrenOf(dataset: KnownDataset): DatasetsNode[] {
  const { content, root, check } = dataset;
  if (content.kind === 'unreadable') return [];
  const splits = (['train', 'validation', 'test'] as const).flatMap((split): DatasetsNode[] => (content.splits[split].length === 0 ? [] : [{ kind: 'split', dataset, root, split, samples: content.splits[split] }]));
  return check === undefined || check.problems.length === 0 ? splits : [...splits, { kind: 'problems', root, problems: check.problems }];
}

function datasetItem({ root, name, content, check }: KnownDataset): vscode.TreeItem {
  const item = new vscode.TreeItem(name, content.kind === 'listed' ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None);
  item.id = root;
  item.contextValue = 'scrkd.dataset';
  if (content.kind === 'unreadable') {
    item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    item.description = content.message;
    item.tooltip = content.message;
    return item;
  }
  item.iconPath = new vscode.ThemeIcon('database');
  item.tooltip = root;
  const { train, validation, test } = content.splits;
  const count = vscode.l10n.t('{0} samples', train.length + validation.length + test.length);
  item.description = check === undefined ? count : `${count} · ${check.problems.length === 0 ? vscode.l10n.t('no problems') : problemsText(check.problems.length)}`;
  return item;
}

function sampleOf({ content }: KnownDataset, { id, split }: DatasetProblem): Sample | undefined {
  return content.kind === 'listed' ? content.splits[split].find((sample) => sample.id === id) : undefined;
}

function problemsText(count: number): string {
  return count === 1 ? vscode.l10n.t('1 problem') : vscode.l10n.t('{0} problems', count);
}

function splitText(split: Split): string {
  switch (split) {
    case 'train':
      return vscode.l10n.t('train');
    case 'validation':
      return vscode.l10n.t('validation');
    case 'test':
      return vscode.l10n.t('test');
    default:
      return unreachable(split);
  }
}
