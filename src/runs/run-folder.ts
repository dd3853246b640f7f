/** Where things are in a run folder. */
import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';

/** Longer names are cut: file systems take 255 bytes, and a suffix must fit. */
const maxNameBytes = 120;

/**
 * A file name for a name that people chose (an experiment, a stage, a sample): what a file system or a shell could take amiss
 * becomes %XX, so that different names stay different and none leaves its folder.
 */
export function fileNameFor(name: string): string {
  const bytes = [...new TextEncoder().encode(name)];
  const safe = bytes.map((byte, i) => {
    const character = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_-]/.test(character) || (character === '.' && i > 0 && i < bytes.length - 1);
    return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  const whole = safe.join('');
  if (whole.length <= maxNameBytes) return whole === '' ? '%' : whole;
  return `${whole.slice(0, maxNameBytes - 17)}~${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

/** The paths of one run. Says nothing about whether they exist. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** `<runs>/<experiment>/<stage>-<id>` */
  static of(runsDirectory: string, experiment: string, stage: string, id: string): RunFolder {
    return new RunFolder(join(runsDirectory, fileNameFor(experiment), `${fileNameFor(stage)}-${id}`));
  }

  get name(): string {
    return basename(this.path);
  }

  get manifest(): string {
    return join(this.path, 'run.json');
  }

  get state(): string {
    return join(this.path, 'state.json');
  }

  get notes(): string {
    return join(this.path, 'user.json');
  }

  get events(): string {
    return join(this.path, 'events.jsonl');
  }

  get epochs(): string {
    return join(this.path, 'epochs.jsonl');
  }

  get metrics(): string {
    return join(this.path, 'metrics.json');
  }

  get lock(): string {
    return join(this.path, 'lock');
  }

  get control(): string {
    return join(this.path, 'control');
  }

  get checkpoints(): string {
    return join(this.path, 'checkpoints');
  }

  get captures(): string {
    return join(this.path, 'captures');
  }

  get predictions(): string {
    return join(this.path, 'predictions');
  }

  get tensorBoard(): string {
    return join(this.path, 'tb');
  }

  controlRequest(id: string): string {
    return join(this.control, `${id}.json`);
  }

  checkpoint(name: string): string {
    return join(this.checkpoints, `${fileNameFor(name)}.safetensors`);
  }

  /** `captures/epoch-0012` */
  captureFolder(epoch: number): string {
    return join(this.captures, epochName(epoch));
  }

  capture(epoch: number, sample: string): string {
    return join(this.captureFolder(epoch), `${fileNameFor(sample)}.safetensors`);
  }

  /** `predictions/<protocol>/<sample>.png` */
  prediction(protocol: string, sample: string): string {
    return join(this.predictions, fileNameFor(protocol), `${fileNameFor(sample)}.png`);
  }

  /** A path in this folder, relative to it and with forward slashes, as events name files. */
  relative(path: string): string {
    return path.slice(this.path.length + 1).replaceAll('\\', '/');
  }
}

/** `epoch-0012`: names that sort by epoch. */
export function epochName(epoch: number): string {
  return `epoch-${String(epoch).padStart(4, '0')}`;
}
