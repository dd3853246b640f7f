/** The datasets of a window, by the names of their files; no image is opened. Knows nothing of VS Code. */
import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { DatasetProblem, Sample, Split } from '../../dataset/dataset.ts';
import { DatasetError } from '../../dataset/errors.ts';
import { listDataset } from '../../dataset/open.ts';

export interface KnownDataset {
  /** Absolute path of the folder. */
  readonly root: string;
  readonly name: string;
  /** Where it cannot be listed: why. */
  readonly content: { readonly kind: 'listed'; readonly splits: Readonly<Record<Split, readonly Sample[]>> } | { readonly kind: 'unreadable'; readonly message: string };
  /** What the last check found; absent before one. */
  readonly check?: { readonly problems: readonly DatasetProblem[] };
}

export interface DatasetPlace {
  readonly root: string;
  /** Named by a person or a config, so that it is shown even where it is no dataset; otherwise it only looks like one. */
  readonly named: boolean;
}

export class DatasetsIndex {
  readonly #listeners = new Set<() => void>();
  #datasets: KnownDataset[] = [];
  #started: Promise<void> | undefined;

  constructor(private readonly places: () => Promise<readonly DatasetPlace[]>) {}

  get datasets(): readonly KnownDataset[] {
    return this.#datasets;
  }

  /** Looks for datasets, once; resolves when they are known. */
  ready(): Promise<void> {
    this.#started ??= this.refresh();
    return this.#started;
  }

  async refresh(): Promise<void> {
    const places = await this.places();
    const named = new Set(places.filter((place) => place.named).map(({ root }) => root));
    const found = await Promise.all([...new Set(places.map(({ root }) => root))].map((root) => this.#list(root, named.has(root))));
    this.#datasets = found.filter((dataset) => dataset !== undefined).sort((a, b) => a.name.localeCompare(b.name));
    this.#tell();
  }

  async refreshIfStarted(): Promise<void> {
    if (this.#started !== undefined) await this.refresh();
  }

  /** Notes what a check found. */
  setCheck(root: string, problems: readonly DatasetProblem[]): void {
    this.#datasets = this.#datasets.map((dataset) => (dataset.root === root ? { ...dataset, check: { problems } } : dataset));
    this.#tell();
  }

  onDidChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  async #list(root: string, named: boolean): Promise<KnownDataset | undefined> {
    const earlier = this.#datasets.find((dataset) => dataset.root === root)?.check;
    const common = { root, name: basename(root), ...(earlier !== undefined && { check: earlier }) };
    try {
      // Whatever is unpaired is the check's to report; here everything that pairs is shown.
      return { ...common, content: { kind: 'listed', splits: await listDataset({ root, tolerance: 1 }) } };
    } catch (error) {
      if (!named && error instanceof DatasetError) return undefined;
      return { ...common, content: { kind: 'unreadable', message: messageOf(error) } };
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
