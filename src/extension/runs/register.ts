/** The Runs view with its sorting and filter. */
import * as vscode from 'vscode';
import { unreachable } from '../../base/errors.ts';
import { isActive } from '../../protocol/run.ts';
import { standingName } from '../../protocol/standing.ts';
import type { RunStanding } from '../../runs/liveness.ts';
import { registerCommand } from '../commands.ts';
import type { Services } from '../services.ts';
import { filterChoices, isFiltering, noFilter, plainMethod, runOrders, type RunFilter, type RunOrder } from './run-list.ts';
import { RunsTree, viewMessage, type RunsNode } from './runs-tree.ts';
import { isReadable } from './runs-index.ts';

interface ViewState {
  readonly version: 1;
  readonly filter: RunFilter;
  readonly order: RunOrder;
}
const stateKey = 'scrkd.runsView';

/** What the window looked like when it was last known, so that nothing has to be searched for at its next start. */
interface WindowMemory {
  readonly version: 1;
  readonly hasConfigs: boolean;
  /** Runs went on or waited: the status bar has to find them again. */
  readonly hasActiveRuns: boolean;
}
const memoryKey = 'scrkd.window';

export function registerRunsView(services: Services): vscode.TreeView<RunsNode> {
  const { host, index, launches, places } = services;
  const tree = host.track(new RunsTree(index, launches));
  const view = host.track(vscode.window.createTreeView('scrkd.runs', { treeDataProvider: tree, canSelectMany: true, showCollapseAll: true }));
  const kept = host.state.get<ViewState>(stateKey);
  if (kept?.version === 1) tree.show(kept.filter, kept.order);

  let memory: WindowMemory = host.state.get<WindowMemory>(memoryKey) ?? { version: 1, hasConfigs: false, hasActiveRuns: false };
  const remember = (now: Partial<WindowMemory>): void => {
    const next = { ...memory, ...now };
    if (next.hasConfigs === memory.hasConfigs && next.hasActiveRuns === memory.hasActiveRuns) return;
    memory = next;
    void host.state.update(memoryKey, memory);
  };

  const update = (): void => {
    // Empty where there is none: a view whose message has been deleted takes no other.
    const message = viewMessage(tree, index) ?? '';
    if (message !== view.message) view.message = message;
    const active = index.runs.filter(isReadable).filter(({ standing }) => standing === 'running' || standing === 'paused' || standing === 'queued').length;
    view.badge = active === 0 ? undefined : { value: active, tooltip: active === 1 ? vscode.l10n.t('1 run in progress') : vscode.l10n.t('{0} runs in progress', active) };
    void vscode.commands.executeCommand('setContext', 'scrkd.filtering', isFiltering(tree.filter));
    void vscode.commands.executeCommand('setContext', 'scrkd.hasRuns', index.runs.length > 0);
  };
  host.track(
    index.onDidChange(() => {
      update();
      remember({ hasActiveRuns: index.runs.some((run) => isReadable(run) && isActive(run.state.state)) });
    }),
  );

  const show = (filter: RunFilter, order: RunOrder): void => {
    tree.show(filter, order);
    update();
    void host.state.update(stateKey, { version: 1, filter, order } satisfies ViewState);
  };

  const noteConfigs = async (configs: number): Promise<void> => {
    remember({ hasConfigs: configs > 0 });
    await vscode.commands.executeCommand('setContext', 'scrkd.hasConfigs', configs > 0);
    await launches.find(await places.directories());
    if (configs > 0) await index.ready();
    update();
  };
  host.track(places.onDidFind((configs) => void noteConfigs(configs.length)));
  host.track(places.onDidChange(() => void places.configs()));
  // The window is searched when somebody looks at runs or opens a config, not because it was opened.
  const look = (): void =>
    void vscode.window.withProgress({ location: { viewId: 'scrkd.runs' } }, async () => {
      await places.configs();
      await index.ready();
      update();
    });
  host.track(view.onDidChangeVisibility(({ visible }) => visible && look()));
  const noteDocument = ({ languageId }: vscode.TextDocument): void => {
    if (languageId === 'scrkd') void places.configs();
  };
  host.track(vscode.workspace.onDidOpenTextDocument(noteDocument));
  vscode.workspace.textDocuments.forEach(noteDocument);
  void vscode.commands.executeCommand('setContext', 'scrkd.hasConfigs', memory.hasConfigs);
  if (view.visible || memory.hasActiveRuns) look();

  registerCommand(host, 'scrkd.refreshRuns', () => index.refresh());
  registerCommand(host, 'scrkd.clearFilter', () => show(noFilter, tree.order));
  registerCommand(host, 'scrkd.filterRuns', async () => {
    await index.ready();
    const filter = await askFilter(tree.filter, filterChoices(index.runs));
    if (filter !== undefined) show(filter, tree.order);
  });
  registerCommand(host, 'scrkd.sortRuns', async () => {
    const items = runOrders.map((order) => ({ label: `${order === tree.order ? '$(check) ' : ''}${orderText(order)}`, order }));
    const chosen = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Sort runs by') });
    if (chosen !== undefined) show(tree.filter, chosen.order);
  });
  return view;
}

type ListName = 'standings' | 'datasets' | 'models' | 'methods';

interface FilterItem extends vscode.QuickPickItem {
  readonly list?: ListName;
  readonly value?: string;
}

/** One list with everything that can be ticked; what is typed and fits nothing becomes the text. */
function askFilter(now: RunFilter, choices: ReturnType<typeof filterChoices>): Promise<RunFilter | undefined> {
  const items: FilterItem[] = [];
  const add = (list: ListName, title: string, values: readonly string[], text: (value: string) => string = (value) => value): void => {
    if (values.length === 0) return;
    items.push({ label: title, kind: vscode.QuickPickItemKind.Separator }, ...values.map((value) => ({ label: text(value), list, value })));
  };
  add('standings', vscode.l10n.t('State'), choices.standings, (value) => standingName(value as RunStanding));
  add('datasets', vscode.l10n.t('Dataset'), choices.datasets);
  add('models', vscode.l10n.t('Model'), choices.models);
  add('methods', vscode.l10n.t('Method'), choices.methods, (value) => (value === plainMethod ? vscode.l10n.t('plain, without a teacher') : value));
  const pick = vscode.window.createQuickPick<FilterItem>();
  pick.title = vscode.l10n.t('Filter Runs');
  pick.placeholder = vscode.l10n.t('Tick what to show; or type words that a name, tag or note contains, and press Enter');
  pick.canSelectMany = true;
  pick.items = items;
  pick.selectedItems = items.filter(({ list, value }) => list !== undefined && value !== undefined && (now[list] as readonly string[]).includes(value));
  pick.value = now.text;
  return new Promise((resolve) => {
    let ticked = pick.selectedItems;
    pick.onDidChangeSelection((selected) => (ticked = selected));
    pick.onDidAccept(() => {
      const chosen = (list: ListName): string[] => ticked.flatMap((item) => (item.list === list && item.value !== undefined ? [item.value] : []));
      resolve({ standings: chosen('standings') as RunStanding[], datasets: chosen('datasets'), models: chosen('models'), methods: chosen('methods'), text: pick.value.trim() });
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

function orderText(order: RunOrder): string {
  switch (order) {
    case 'newest':
      return vscode.l10n.t('Newest first');
    case 'oldest':
      return vscode.l10n.t('Oldest first');
    case 'name':
      return vscode.l10n.t('Name');
    case 'best':
      return vscode.l10n.t('Best metric');
    case 'state':
      return vscode.l10n.t('State');
    default:
      return unreachable(order);
  }
}
