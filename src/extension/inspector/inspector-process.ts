/** The extension's side of the inspector process: started when something has to be computed, ended with its panel. */
import { fork, type ChildProcess } from 'node:child_process';
import { freemem } from 'node:os';
import * as vscode from 'vscode';
import { unreachable } from '../../base/errors.ts';
import type { HostToInspector, InspectorAnswer, InspectorQuestion, InspectorToHostProcess } from '../../protocol/inspector.ts';
import type { Host } from '../host.ts';
import { networksOf } from './arms.ts';
import type { InspectedRun } from './inspected-run.ts';

/** The process may keep and use this share of the memory that is free when it starts. */
const memoryShare = 0.25;
const maxMemoryBytes = 4 * 1024 ** 3;

interface Waiting {
  readonly resolve: (answer: InspectorAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class InspectorProcess implements vscode.Disposable {
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;

  constructor(
    private readonly host: Host,
    private readonly run: InspectedRun,
  ) {}

  /** @throws Error with the process's words; `Canceled` when the question was withdrawn */
  async ask(id: number, question: InspectorQuestion): Promise<InspectorAnswer> {
    const sample = 'sample' in question ? await this.run.sample(question.sample) : undefined;
    const child = (this.#child ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(child, { type: 'ask', id, question, file: sample && { image: sample.image, mask: sample.mask } });
    });
  }

  cancel(id: number): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (this.#child !== undefined) this.#send(this.#child, { type: 'cancel', id });
    waiting.reject(new Error(vscode.l10n.t('Cancelled.')));
  }

  dispose(): void {
    this.#child?.kill();
    this.#child = undefined;
    this.#failAll(vscode.l10n.t('The inspector was closed.'));
  }

  #start(): ChildProcess {
    const entry = vscode.Uri.joinPath(this.host.extensionUri, 'dist', 'inspector.js').fsPath;
    const child = fork(entry, [], { serialization: 'advanced', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    let stderr = '';
    child.stdout?.on('data', (data: Buffer) => this.host.log.debug(`inspector: ${data.toString().trimEnd()}`));
    child.stderr?.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-4_000)));
    child.on('message', (message: InspectorToHostProcess) => this.#receive(message));
    child.on('error', (error) => this.#ended(child, error.message));
    child.on('exit', (code, signal) => this.#ended(child, vscode.l10n.t('The inspector process ended ({0}). {1}', signal ?? code ?? '', stderr.trim())));
    this.#send(child, { type: 'open', networks: networksOf(this.run.comparison), memoryBytes: Math.min(maxMemoryBytes, freemem() * memoryShare) });
    return child;
  }

  #receive(message: InspectorToHostProcess): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (waiting === undefined) return;
    switch (message.type) {
      case 'answer':
        waiting.resolve(message.answer);
        return;
      case 'failed':
        waiting.reject(new Error(message.message));
        return;
      default:
        unreachable(message);
    }
  }

  #ended(child: ChildProcess, message: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#failAll(message);
  }

  #failAll(message: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(message));
    this.#waiting.clear();
  }

  #send(child: ChildProcess, message: HostToInspector): void {
    child.send(message, (error) => {
      if (error !== null) this.#ended(child, error.message);
    });
  }
}
