/** The config language in the editor: its server starts when the first config is opened, and is shown and restarted here. */
import * as vscode from 'vscode';
import { messageOf } from '../../base/errors.ts';
import type { LensTarget } from '../../config/service/lenses.ts';
import { graphChangedNotification } from '../../protocol/graph.ts';
import { refreshNotification } from '../../protocol/language-server.ts';
import type { Host } from '../host.ts';
import { registerDryRun } from './dry-run.ts';
import type { LensArgument, RunArgument } from '../run-argument.ts';
import { isReadable, type RunsIndex } from '../runs/runs-index.ts';
import type { Services } from '../services.ts';
import type { Client, ClientState } from './client.ts';

export const languageId = 'scrkd';

export interface Language {
  /** Asks the server, which is started when it is not running; rejects when it cannot be. */
  request<Answer>(method: string, params: object, token?: vscode.CancellationToken): Promise<Answer>;
  /** What the server says of configs may have changed, although their texts have not. */
  readonly onDidChange: vscode.Event<void>;
}

/** Registers the language's commands and its status. Nothing is loaded before a config is open. */
export function registerLanguage({ host, index }: Services): Language {
  const status = host.track(vscode.languages.createLanguageStatusItem('scrkd.server', { language: languageId }));
  status.name = vscode.l10n.t('SCRKD language server');
  const show = (state: ClientState, problem?: string): void => {
    status.busy = state === 'starting';
    status.text = { starting: vscode.l10n.t('SCRKD is starting'), running: vscode.l10n.t('SCRKD checks this config'), stopped: vscode.l10n.t('SCRKD checks are off') }[state];
    status.severity = state === 'stopped' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    status.detail = problem ?? '';
    status.command = { command: 'scrkd.restartLanguageServer', title: vscode.l10n.t('Restart') };
  };

  const changed = host.track(new vscode.EventEmitter<void>());
  let started: Promise<Client> | undefined;
  const start = (): Promise<Client> => {
    started ??= startClient(host, index, show, () => changed.fire()).catch((error: unknown) => {
      started = undefined;
      show('stopped', messageOf(error));
      host.log.error(`language server: ${messageOf(error)}`);
      throw error;
    });
    return started;
  };
  const startForConfig = (document: vscode.TextDocument): void => {
    if (document.languageId === languageId) void start().catch(() => undefined); // the status says so
  };

  const settings = (section: string): boolean => vscode.workspace.getConfiguration('scrkd').get(section, true);
  host.track(vscode.workspace.onDidOpenTextDocument(startForConfig));
  host.track(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('scrkd.codeLens') || change.affectsConfiguration('scrkd.inlayHints')) void started?.then((client) => client.notify(refreshNotification));
      if (change.affectsConfiguration('scrkd.codeLens') && !settings('codeLens.enabled')) void started?.then((client) => client.refreshLenses());
    }),
  );
  host.track(
    vscode.commands.registerCommand('scrkd.restartLanguageServer', async () => {
      const running = await started?.catch(() => undefined);
      await (running === undefined ? start() : running.restart());
    }),
  );
  host.track(
    vscode.commands.registerCommand('scrkd.explainFinding', (code: unknown) =>
      vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.joinPath(host.extensionUri, 'docs', 'diagnostics.md').with({ fragment: typeof code === 'string' ? code : '' })),
    ),
  );
  registerDryRun(host);
  host.track({ dispose: () => void started?.then((client) => client.stop()).catch(() => undefined) });
  for (const document of vscode.workspace.textDocuments) startForConfig(document);
  return { request: async (method, params, token) => (await start()).request(method, params, token), onDidChange: changed.event };
}

async function startClient(host: Host, index: RunsIndex, show: (state: ClientState) => void, onChange: () => void): Promise<Client> {
  show('starting');
  const { createClient } = await import('./client.ts');
  const settings = (section: string): boolean => vscode.workspace.getConfiguration('scrkd').get(section, true);
  const client = createClient({
    server: vscode.Uri.joinPath(host.extensionUri, 'dist', 'language-server.js').fsPath,
    log: host.log,
    initialization: { retriggerCommand: 'editor.action.triggerSuggest' },
    onState: show,
    shows: { lenses: () => settings('codeLens.enabled'), hints: () => settings('inlayHints.enabled') },
    lens: asCommand,
    explanation: (code) => vscode.Uri.parse(`command:scrkd.explainFinding?${encodeURIComponent(JSON.stringify([code]))}`),
  });
  client.onNotification(graphChangedNotification, onChange);
  await client.start();
  watchRuns(host, index, () => void client.notify(refreshNotification));
  return client;
}

/** Lenses offer to resume and to open runs, hints tell how long epochs take, from the first on: they are asked for again when that has changed. */
function watchRuns(host: Host, index: RunsIndex, onChange: () => void): void {
  const standings = (): string => index.runs.map((run) => (isReadable(run) ? `${run.folder} ${run.standing} ${run.state.epoch > 0}` : run.folder)).join('\n');
  let known = '';
  const look = (): void => {
    const now = standings();
    if (now === known) return;
    known = now;
    onChange();
  };
  host.track(index.onDidChange(look));
  void index.ready().then(look);
}

/** Commands on runs take the run, commands on configs the config and perhaps a stage. */
function asCommand(lens: vscode.CodeLens): vscode.CodeLens {
  const { command } = lens;
  const target = command?.arguments?.[0] as LensTarget | undefined;
  if (command === undefined || target === undefined) return lens;
  const argument: RunArgument | LensArgument = target.run !== undefined ? { folder: target.run } : { config: vscode.Uri.file(target.config), ...(target.stage !== undefined && { stage: target.stage }) };
  return new vscode.CodeLens(lens.range, { ...command, arguments: [argument] });
}
