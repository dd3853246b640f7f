/** What the language server and its client say to each other beyond the Language Server Protocol. */

/** `initializationOptions`. */
export interface ServerOptions {
  /** Address of the folder with diagnostics.md: findings link to their explanation there. */
  readonly docs?: string;
  /** The client's command that asks for completions again, such as `editor.action.triggerSuggest`. */
  readonly retriggerCommand?: string;
}

/** From the client: runs, datasets or checkpoints have changed; what depends on them is asked for again. */
export const refreshNotification = 'scrkd/refresh';
