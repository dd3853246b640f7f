/** `tb/`: a run's curves for TensorBoard, one file an attempt. A mirror of the event log and never a source: nothing here reads it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { EventFile } from '../formats/tensorboard/event-file.ts';
import type { TensorBoardEvent } from '../formats/tensorboard/event.ts';
import type { RunEvent } from '../protocol/events.ts';
import type { RunFolder } from './run-folder.ts';

/** Writes the scalars of events as they come. When that fails it says so once, writes no more, and never throws. */
export class TensorBoardMirror implements Disposable {
  readonly #onProblem: (message: string) => void;
  #folder: RunFolder | undefined;
  #file: EventFile | undefined;
  #broken = false;

  constructor(onProblem: (message: string) => void) {
    this.#onProblem = onProblem;
  }

  /** Where the curves go, which is known once the run is there; events before that are not mirrored. */
  begin(folder: RunFolder): void {
    this.#folder = folder;
  }

  /** To be called with every event of the run's log, in its order. */
  write(event: RunEvent): void {
    const mirrored = mirroredEvent(event);
    if (mirrored === undefined || this.#folder === undefined || this.#broken) return;
    const time = Date.parse(event.time) / 1000;
    try {
      this.#file ??= openFile(this.#folder, event.attempt, time);
      this.#file.append(mirrored, time);
    } catch (error) {
      this.#broken = true;
      this.#onProblem(messageOf(error));
    }
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }
}

/** TensorBoard reads the files of a folder in the order of their names: attempts have it, clocks may not. */
function openFile(folder: RunFolder, attempt: number, time: number): EventFile {
  mkdirSync(folder.tensorBoard, { recursive: true });
  return new EventFile(join(folder.tensorBoard, `events.out.tfevents.attempt-${String(attempt).padStart(4, '0')}`), time);
}

/** Everything is over optimizer steps, so that a resumed run replaces what the killed attempt did after its checkpoint. */
function mirroredEvent(event: RunEvent): TensorBoardEvent | undefined {
  switch (event.type) {
    case 'step': {
      const { terms, weights, total, learningRate, temperature, imagesPerSecond } = event;
      const values = { 'loss/total': total, ...tagged('loss', terms), ...tagged('weight', weights), 'training/learning-rate': learningRate, 'training/images-per-second': imagesPerSecond };
      return scalars(event.step, temperature === undefined ? values : { ...values, 'training/temperature': temperature });
    }
    case 'epoch':
      return scalars(event.step, { 'epoch-loss/total': event.total, ...tagged('epoch-loss', event.terms), 'training/epoch': event.epoch });
    case 'evaluation':
      return scalars(event.step, tagged(`${event.split}-${event.protocol}`, event.metrics));
    case 'resume':
      return { kind: 'session-start', step: event.step + 1 };
    case 'capture':
    case 'checkpoint':
    case 'control':
    case 'log':
    case 'state':
      return undefined;
  }
}

function scalars(step: number, values: Readonly<Record<string, number>>): TensorBoardEvent {
  return { kind: 'scalars', step, values };
}

function tagged(group: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]));
}
