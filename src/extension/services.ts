/** What the parts of the extension share. Made at activation, and idle until one of them asks. */
import * as vscode from 'vscode';
import type { Host } from './host.ts';
import { CommandLine, scriptOf } from './launch/command-line.ts';
import { Launches } from './launch/launches.ts';
import { RunPlaces } from './runs/run-places.ts';
import { RunsIndex } from './runs/runs-index.ts';

export interface Services {
  readonly host: Host;
  readonly places: RunPlaces;
  readonly index: RunsIndex;
  readonly launches: Launches;
  readonly commandLine: CommandLine;
}

export function createServices(host: Host): Services {
  const places = host.track(new RunPlaces());
  const index = host.track(new RunsIndex({ directories: () => places.directories(), onProblem: (message) => host.log.warn(message) }));
  host.track(places.onDidChange(() => void index.refreshIfStarted()));
  const launches = host.track(new Launches(index));
  const commandLine = new CommandLine(scriptOf(host.extensionUri.fsPath), nodePath);
  return { host, places, index, launches, commandLine };
}

/** The Node that processes run under: the setting, or the one that runs this host. */
export function nodePath(): string {
  const chosen = vscode.workspace.getConfiguration('scrkd').get<string>('nodePath', '').trim();
  return chosen === '' ? process.execPath : chosen;
}
