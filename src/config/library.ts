/** The other configs that one config leads to, each read and resolved once. */
import * as l10n from '@vscode/l10n';
import { messageOf } from '../base/errors.ts';
import type { Providers } from './providers.ts';
import type { ResolvedConfig } from './resolve.ts';

/** Configs that refer to configs can lead on for ever (a folder linked into itself); no experiment has so many. */
const mostFiles = 64;

export type TextOrReason = { readonly text: string } | { readonly reason: string };

export class Library {
  readonly #texts = new Map<string, Promise<TextOrReason>>();
  readonly #resolved = new Map<string, Promise<ResolvedConfig>>();

  constructor(readonly providers: Providers) {}

  /** A file's text, or in words why there is none. */
  read(file: string): Promise<TextOrReason> {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const text = this.#texts.size < mostFiles ? this.#readNow(file) : Promise.resolve({ reason: l10n.t('more than {0} configs refer to each other', mostFiles) });
    this.#texts.set(file, text);
    return text;
  }

  /** What `resolve` makes of a file, asked at most once. */
  resolved(file: string, resolve: () => Promise<ResolvedConfig>): Promise<ResolvedConfig> {
    const known = this.#resolved.get(file) ?? resolve();
    this.#resolved.set(file, known);
    return known;
  }

  async #readNow(file: string): Promise<TextOrReason> {
    if (this.providers.readText === undefined) return { reason: l10n.t('no files can be read here') };
    try {
      return { text: await this.providers.readText(file) };
    } catch (error) {
      return { reason: messageOf(error).replace(/\.$/, '') };
    }
  }
}
