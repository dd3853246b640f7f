/** The preview of a sample: one panel, which shows the sample chosen last. */
import { basename, relative } from 'node:path';
import * as vscode from 'vscode';
import { unreachable } from '../../base/errors.ts';
import type { Sample } from '../../dataset/dataset.ts';
import type { FromPreview, ToPreview } from '../../protocol/preview.ts';
import type { Host } from '../host.ts';
import { panelHtml, panelResources } from '../panels/html.ts';
import { boxesOf } from './coco-boxes.ts';
import type { DatasetsIndex } from './datasets-index.ts';

interface Shown {
  readonly root: string;
  readonly sample: Sample;
}

export class PreviewPanel implements vscode.Disposable {
  #panel: vscode.WebviewPanel | undefined;
  #shown: Shown | undefined;
  #roots = '';

  constructor(
    private readonly host: Host,
    private readonly index: DatasetsIndex,
  ) {}

  async show(shown: Shown): Promise<void> {
    this.#shown = shown;
    // What a panel may load is settled when it is made: another dataset needs another panel.
    if (this.#panel !== undefined && this.#roots !== shown.root) this.#panel.dispose();
    this.#panel ??= this.#create(shown.root);
    this.#panel.title = shown.sample.id;
    this.#panel.reveal(undefined, true);
    await this.#send();
  }

  dispose(): void {
    this.#panel?.dispose();
  }

  #create(root: string): vscode.WebviewPanel {
    this.#roots = root;
    const panel = vscode.window.createWebviewPanel('scrkd.preview', vscode.l10n.t('Sample'), { viewColumn: vscode.ViewColumn.Active, preserveFocus: true }, { enableScripts: true, localResourceRoots: [...panelResources(this.host.extensionUri), vscode.Uri.file(root)] });
    panel.webview.onDidReceiveMessage((message: FromPreview) => {
      switch (message.type) {
        case 'ready':
          return void this.#send();
        case 'step':
          return void this.#step(message.by);
        default:
          return unreachable(message);
      }
    });
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = undefined;
    });
    panel.webview.html = panelHtml(panel.webview, this.host.extensionUri, 'preview');
    return panel;
  }

  async #step(by: 1 | -1): Promise<void> {
    if (this.#shown === undefined) return;
    const { root, sample } = this.#shown;
    const next = this.#siblings()[this.#siblings().findIndex(({ id }) => id === sample.id) + by];
    if (next !== undefined) await this.show({ root, sample: next });
  }

  #siblings(): readonly Sample[] {
    const dataset = this.index.datasets.find(({ root }) => root === this.#shown?.root);
    return dataset?.content.kind === 'listed' && this.#shown !== undefined ? dataset.content.splits[this.#shown.sample.split] : [];
  }

  async #send(): Promise<void> {
    const [panel, shown] = [this.#panel, this.#shown];
    if (panel === undefined || shown === undefined) return;
    const { root, sample } = shown;
    const boxes = await boxesOf(root, sample.image);
    if (this.#shown !== shown || this.#panel !== panel) return; // another sample was chosen meanwhile
    const siblings = this.#siblings();
    const address = (path: string): string => panel.webview.asWebviewUri(vscode.Uri.file(path)).toString();
    const problems = this.index.datasets.find((dataset) => dataset.root === root)?.check?.problems.filter(({ id, split }) => id === sample.id && split === sample.split) ?? [];
    await panel.webview.postMessage({
      type: 'sample',
      id: sample.id,
      dataset: basename(root),
      split: sample.split,
      image: address(sample.image),
      mask: address(sample.mask),
      imageName: relative(root, sample.image),
      maskName: relative(root, sample.mask),
      boxes,
      problems: problems.map(({ message }) => message),
      position: Math.max(0, siblings.findIndex(({ id }) => id === sample.id)),
      count: siblings.length,
    } satisfies ToPreview);
  }
}
