/** The configs that are open, with what is known of each version of their texts. */
import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Providers } from '../config/providers.ts';
import { resolveExperiment, type ResolvedConfig } from '../config/resolve.ts';
import { configDocument, type ConfigDocument } from '../config/service/document.ts';
import type { MapNode } from '../config/tree.ts';

interface OpenConfig {
  readonly text: TextDocument;
  readonly version: number;
  readonly document: ConfigDocument;
  resolved?: Promise<ResolvedConfig>;
}

export class Configs {
  readonly #open = new Map<string, OpenConfig>();
  /** Content of a config when it could last be read: what stands in extended files is completed from it. */
  readonly #lastTrees = new Map<string, MapNode>();
  readonly #providers: Providers;
  readonly #textOf: (uri: string) => TextDocument | undefined;

  constructor(textOf: (uri: string) => TextDocument | undefined, providers: Providers) {
    this.#textOf = textOf;
    this.#providers = providers;
  }

  /** The current text of an open config; undefined when it is not open. */
  document(uri: string): ConfigDocument | undefined {
    return this.#current(uri)?.document;
  }

  /** What is made of the current text, once for each version and state of the disk. */
  resolved(uri: string): Promise<ResolvedConfig> | undefined {
    const config = this.#current(uri);
    if (config === undefined) return undefined;
    config.resolved ??= this.#resolve(uri, config.document);
    return config.resolved;
  }

  lastTree(uri: string): MapNode | undefined {
    return this.#lastTrees.get(uri);
  }

  /** Something that configs are checked against has changed. */
  forget(): void {
    for (const config of this.#open.values()) delete config.resolved;
  }

  close(uri: string): void {
    this.#open.delete(uri);
    this.#lastTrees.delete(uri);
  }

  uriOfOpen(file: string): string | undefined {
    return [...this.#open].find(([, { document }]) => document.path === file)?.[0];
  }

  #current(uri: string): OpenConfig | undefined {
    const text = this.#textOf(uri);
    if (text === undefined) return undefined;
    const known = this.#open.get(uri);
    if (known?.text === text && known.version === text.version) return known;
    const config: OpenConfig = { text, version: text.version, document: configDocument(pathOf(uri), text.getText()) };
    this.#open.set(uri, config);
    return config;
  }

  async #resolve(uri: string, document: ConfigDocument): Promise<ResolvedConfig> {
    const resolved = await resolveExperiment({ text: document.text, path: document.path }, this.#providers);
    if (resolved.tree !== undefined) this.#lastTrees.set(uri, resolved.tree);
    return resolved;
  }
}

/** A text that was never saved stands in no folder: its address is its path. */
export function pathOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}
