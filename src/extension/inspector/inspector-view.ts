/** One inspector: a webview, wherever it lives, and the run it shows. */
import * as vscode from 'vscode';
import { messageOf, reasonOf, unreachable } from '../../base/errors.ts';
import type { ArmRole, InspectorSnapshot, InspectorTab, InspectorToHost, InspectorToPanel } from '../../protocol/inspector.ts';
import { isAlive } from '../../runs/liveness.ts';
import { readNotes, readState } from '../../runs/read-run.ts';
import { writeNotes } from '../../runs/run-writer.ts';
import type { Host } from '../host.ts';
import { panelHtml, panelResources } from '../panels/html.ts';
import { InspectedRun } from './inspected-run.ts';
import { InspectorProcess } from './inspector-process.ts';
import { saveFiles } from './save-files.ts';

/** How often a run that trains is looked at. */
const pollMs = 2_000;

type CapturesWish = Extract<InspectorToHost, { type: 'captures' }>;

export class InspectorView implements vscode.Disposable {
  readonly #subscriptions: vscode.Disposable[] = [];
  #folder: string | undefined;
  /** Read while the webview still loads. */
  #opening: { readonly folder: string; readonly read: Promise<RunRead> } | undefined;
  #run: InspectedRun | undefined;
  /** As the panel knows it. */
  #snapshot: InspectorSnapshot | undefined;
  #tab: InspectorTab | undefined;
  #epoch: number | undefined;
  #ready = false;
  #ticket = 0;
  #signature = '';
  #poll: NodeJS.Timeout | undefined;
  #process: InspectorProcess | undefined;
  #titled: (title: string) => void;

  constructor(
    private readonly host: Host,
    private readonly webview: vscode.Webview,
    private readonly chooseRun: () => Promise<string | undefined>,
    titled: (title: string) => void,
  ) {
    this.#titled = titled;
    webview.options = { enableScripts: true, localResourceRoots: panelResources(host.extensionUri) };
    this.#subscriptions.push(webview.onDidReceiveMessage((message: InspectorToHost) => void this.#answer(message).catch((error: unknown) => host.log.error(messageOf(error)))));
    webview.html = panelHtml(webview, host.extensionUri, 'inspector');
  }

  get folder(): string | undefined {
    return this.#folder;
  }

  /** Shows a run, or another tab of the same. */
  async show(folder: string | undefined, tab: InspectorTab | undefined, epoch?: number): Promise<void> {
    this.#epoch = epoch;
    this.#tab = tab ?? this.#tab;
    if (folder !== undefined && folder !== this.#folder) this.#folder = folder;
    if (this.#ready) await this.#open();
    else if (this.#folder !== undefined) {
      this.#opening = { folder: this.#folder, read: readRun(this.#folder) };
      // Told when the panel is there.
      this.#opening.read.catch(() => undefined);
    }
  }

  dispose(): void {
    this.#folder = undefined;
    clearInterval(this.#poll);
    this.#ticket++;
    this.#process?.dispose();
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #open(): Promise<void> {
    clearInterval(this.#poll);
    const folder = this.#folder;
    if (folder === undefined) {
      this.#post({ type: 'no-run', reason: 'none-chosen', message: '' });
      return;
    }
    try {
      const shown = this.#run?.folder.path === folder ? this.#run : undefined;
      if (shown === undefined) {
        this.#process?.dispose();
        this.#process = undefined;
      }
      const read = this.#opening?.folder === folder ? this.#opening.read : readRun(folder, shown);
      this.#opening = undefined;
      const { run, signature, snapshot } = await read;
      // Another was chosen meanwhile, or the view is gone.
      if (folder !== this.#folder) return;
      this.#run = run;
      this.#signature = signature;
      this.#titled(`${snapshot.experiment} / ${shortName(snapshot.run)}`);
      this.#postRun(snapshot);
      if (this.#tab !== undefined) this.#post({ type: 'show', tab: this.#tab, epoch: this.#epoch });
      this.#tab = undefined;
    } catch (error) {
      if (folder === this.#folder) this.#post({ type: 'no-run', reason: 'unreadable', message: messageOf(error) });
      return;
    }
    clearInterval(this.#poll);
    this.#poll = setInterval(() => void this.#look().catch((error: unknown) => this.host.log.error(messageOf(error))), pollMs);
  }

  /** A whole snapshot whenever something happened: an epoch ended, a run of the comparison began. */
  async #look(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const signature = await run.signature();
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#postRun(await run.snapshot());
  }

  async #answer(message: InspectorToHost): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#folder ??= message.folder;
        await this.#open();
        return;
      case 'captures':
        await this.#stream(message);
        return;
      case 'file':
        await this.#file(message.sample, message.kind);
        return;
      case 'ask':
        await this.#ask(message);
        return;
      case 'cancel':
        this.#process?.cancel(message.id);
        return;
      case 'pin':
        await this.#pin(message.sample, message.pinned);
        return;
      case 'choose-run': {
        const folder = await this.chooseRun();
        if (folder !== undefined) await this.show(folder, undefined);
        return;
      }
      case 'save':
        await saveFiles(message.name, message.files, this.#folder);
        return;
      default:
        unreachable(message);
    }
  }

  /** Nearest epochs first, frozen networks before all; ends when the panel wishes for something else. */
  async #stream({ ticket, sample, epoch, operand, have, limit }: CapturesWish): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#ticket = ticket;
    const known = new Set(have);
    const wishes: { role: ArmRole; epoch: number }[] = [];
    for (const arm of this.#snapshot?.arms ?? []) {
      const epochs = arm.frozen ? [0] : arm.captured;
      for (const captured of epochs) if (!known.has(`${arm.role}/${captured}`)) wishes.push({ role: arm.role, epoch: captured });
    }
    const frozen = (role: ArmRole): boolean => run.arm(role)?.frozen !== undefined;
    const rank = (wish: { role: ArmRole; epoch: number }): number => (frozen(wish.role) ? -1 : Math.abs(wish.epoch - epoch));
    wishes.sort((a, b) => rank(a) - rank(b));
    let bytes = 0;
    const send = async (wish: { role: ArmRole; epoch: number }): Promise<void> => {
      const read = await run.capture(wish.role, wish.epoch, sample, operand);
      if (this.#ticket !== ticket) return;
      if ('capture' in read) {
        bytes += read.capture.bytes.byteLength;
        await this.#post({ type: 'capture', ticket, ...wish, views: read.capture.views, bytes: read.capture.bytes });
      } else await this.#post({ type: 'no-capture', ticket, ...wish, ...read });
    };
    // What is shown first at once, for it is waited for; then one after the other, so that a slow connection is not flooded.
    const shown = wishes.filter((wish) => rank(wish) <= 0);
    await Promise.all(shown.map(send));
    for (const wish of wishes.slice(shown.length)) {
      if (this.#ticket !== ticket || bytes > limit) break;
      await send(wish);
    }
    if (this.#ticket === ticket) this.#post({ type: 'captures-end', ticket });
  }

  async #file(sample: string, kind: 'image' | 'mask'): Promise<void> {
    try {
      const bytes = await this.#run?.file(sample, kind);
      if (bytes !== undefined) this.#post({ type: 'file', sample, kind, bytes: bytes.buffer });
    } catch (error) {
      this.#post({ type: 'no-file', sample, kind, message: messageOf(error) });
    }
  }

  async #ask({ id, question }: Extract<InspectorToHost, { type: 'ask' }>): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    try {
      if (!vscode.workspace.isTrusted) throw new Error(vscode.l10n.t('Nothing is computed in a folder that is not trusted. What the trainer captured is shown.'));
      // Ranking only reads files; everything else would compete with a trainer.
      const busy = question.kind === 'scores' ? undefined : run.comparison.arms.find(({ folder }) => isAlive(readState(folder)));
      if (busy !== undefined) {
        throw new Error(vscode.l10n.t('{0} is training: the device is left to it, and only what it captured is shown. Pin the sample to have it captured, or come back when it is done.', busy.folder.name));
      }
      this.#process ??= new InspectorProcess(this.host, run);
      const answer = await this.#process.ask(id, question);
      this.#post({ type: 'answer', id, answer });
    } catch (error) {
      this.#post({ type: 'failed', id, reason: reasonOf(error) ?? 'failed', message: messageOf(error) });
    }
  }

  /** Written to every run of the comparison that has captures of its own to make. */
  async #pin(sample: string, pinned: boolean): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    for (const { folder, frozen } of run.comparison.arms) {
      if (frozen !== undefined) continue;
      const notes = readNotes(folder);
      const pins = (notes.pins ?? []).filter((id) => id !== sample);
      writeNotes(folder, { ...notes, pins: pinned ? [...pins, sample] : pins });
    }
    this.#postRun(await run.snapshot());
  }

  #postRun(snapshot: InspectorSnapshot): void {
    this.#snapshot = snapshot;
    this.#post({ type: 'run', snapshot });
  }

  #post(message: InspectorToPanel): Thenable<boolean> {
    return this.webview.postMessage(message);
  }
}

interface RunRead {
  readonly run: InspectedRun;
  /** Taken before the snapshot: what happens in between is looked at again. */
  readonly signature: string;
  readonly snapshot: InspectorSnapshot;
}

/** @param opened the run, where it is open already @throws RunsError */
async function readRun(folder: string, opened?: InspectedRun): Promise<RunRead> {
  const run = opened ?? (await InspectedRun.open(folder));
  const signature = await run.signature();
  return { run, signature, snapshot: await run.snapshot() };
}

/** `student-499w` of `student-01M8…499W`: enough of an id to tell runs apart. */
function shortName(run: string): string {
  return run.replace(/-[0-9A-HJKMNP-TV-Z]{22}([0-9A-HJKMNP-TV-Z]{4})$/, (_, end: string) => `-${end.toLowerCase()}`);
}
