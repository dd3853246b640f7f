/** Runs the bundled command line in processes of their own. Knows nothing of VS Code. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { ScrkdError } from '../../base/errors.ts';
import { identityOf } from '../../runs/liveness.ts';
import { createLaunchFiles, type LaunchRecord } from './launch-record.ts';

/** `not-started`: the system refused. `failed`: it ended with an exit code; the message is what it said. `cancelled`: by the caller's signal. */
export type CommandLineReason = 'not-started' | 'failed' | 'cancelled';

export class CommandLineError extends ScrkdError<CommandLineReason> {
  constructor(
    readonly reason: CommandLineReason,
    message: string,
    /** Where it ended with one. */
    readonly exitCode?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Exit codes beside 0 that are an answer and no failure. */
  readonly expected?: readonly number[];
  /** Told of each complete line, of both streams. */
  readonly onLine?: (line: string) => void;
}

export interface StartedLaunch {
  readonly record: LaunchRecord;
  /** Resolves with the exit code while this host lives to see it; null where a signal ended the process. */
  readonly ended: Promise<number | null>;
}

/** How long a cancelled command may take to end by itself, in milliseconds. */
const cancelGraceMs = 3_000;

export class CommandLine {
  /** @param script `dist/cli.js` @param node the Node to run it under, asked for at every start */
  constructor(
    private readonly script: string,
    private readonly node: () => string,
  ) {}

  /**
   * Runs a command to its end and returns what it said.
   * @throws CommandLineError
   */
  run(args: readonly string[], { cwd, signal, expected = [], onLine }: CommandOptions = {}): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(cancelled());
        return;
      }
      const child = spawn(this.node(), [this.script, ...args], { cwd: cwd ?? dirname(this.script), env: environment(), stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
      const stdout = collect(child, 'stdout', onLine);
      const stderr = collect(child, 'stderr', onLine);
      let kill: NodeJS.Timeout | undefined;
      const cancel = (): void => {
        child.kill('SIGINT');
        kill = setTimeout(() => child.kill('SIGKILL'), cancelGraceMs);
      };
      signal?.addEventListener('abort', cancel, { once: true });
      const settle = (): void => {
        clearTimeout(kill);
        signal?.removeEventListener('abort', cancel);
      };
      child.once('error', (cause) => {
        settle();
        reject(this.#notStarted(cause));
      });
      child.once('close', (code) => {
        settle();
        if (signal?.aborted === true) reject(cancelled());
        else if (code === 0 || (code !== null && expected.includes(code))) resolve({ code, stdout: stdout(), stderr: stderr() });
        else reject(new CommandLineError('failed', failure(onLine === undefined, stderr(), stdout()) ?? l10n.t('scrkd {0} ended with exit code {1}.', args[0] ?? '', String(code)), code ?? undefined));
      });
    });
  }

  /**
   * Starts a launch that lives on without this host: in a process group of its own, with its output in a file beside the runs.
   * @throws CommandLineError `not-started`; RunsError where the output's file cannot be made
   */
  async launch(args: readonly string[], { subject, runsDirectory, cwd }: { readonly subject: string; readonly runsDirectory: string; readonly cwd: string }): Promise<StartedLaunch> {
    const files = createLaunchFiles(runsDirectory);
    try {
      const child = spawn(this.node(), [this.script, ...args], { cwd, env: environment(), detached: true, stdio: ['ignore', files.descriptor, files.descriptor], windowsHide: true });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (cause) => reject(this.#notStarted(cause)));
      });
      child.unref();
      return { record: files.write({ subject, process: identityOf(child.pid!) }), ended };
    } finally {
      closeSync(files.descriptor);
    }
  }

  #notStarted(cause: Error): CommandLineError {
    return new CommandLineError('not-started', l10n.t('{0} could not be started: {1}. The setting "scrkd.nodePath" names the Node to run under.', this.node(), cause.message), undefined, { cause });
  }
}

/** `dist/cli.js` of the extension. */
export function scriptOf(extensionPath: string): string {
  return join(extensionPath, 'dist', 'cli.js');
}

/** In Electron the host's executable is only a Node when it is told so; what is meant for the host's own debugging is not handed on. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VSCODE_INSPECTOR_OPTIONS: _inspector, ...rest } = process.env;
  return { ...rest, ELECTRON_RUN_AS_NODE: '1' };
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr', onLine: ((line: string) => void) | undefined): () => string {
  let text = '';
  let line = '';
  child[stream]?.setEncoding('utf8');
  child[stream]?.on('data', (piece: string) => {
    text += piece;
    if (onLine === undefined) return;
    const lines = (line + piece).split(/\r?\n|\r/);
    line = lines.pop()!;
    for (const each of lines) onLine(each);
  });
  return () => text;
}

function cancelled(): CommandLineError {
  return new CommandLineError('cancelled', l10n.t('Cancelled.'));
}

/** What a command failed of: the end of what it said, or its last line alone where everything else was told as it came. */
function failure(isNews: boolean, ...texts: readonly string[]): string | undefined {
  const words = lastWords(...texts);
  return isNews ? words : words?.slice(words.lastIndexOf('\n') + 1);
}

/** The end of what a failed command said: its error, without progress before it and without a stack after it. */
export function lastWords(...texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const lines = text.split(/\r?\n|\r/).map((line) => line.trimEnd()).filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
    if (lines.length > 0) return lines.slice(-6).join('\n');
  }
  return undefined;
}
