/** What the process says to scripts. Documented in docs/command-line.md; never renumber. */
export const exitCodes = {
  ok: 0,
  /** Something failed that has no code of its own. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The config, a dataset or a checkpoint is not usable; nothing was trained. */
  invalidInput: 3,
  /** Training stopped because a loss was not finite. */
  notFinite: 4,
  /** The run folder is locked by a live process. */
  locked: 5,
  /** The disk is full or not writable. */
  storage: 6,
  /** Stopped on request (Ctrl-C or `control stop`) after writing a checkpoint; `scrkd resume` goes on. */
  stopped: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
