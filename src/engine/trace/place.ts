/** Where in the step's source something went wrong, read from a stack. */
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../base/errors.ts';
import { EngineError } from '../errors.ts';

/** Frames of tfjs, of this engine and of Node are not the step's. */
const machinery = /node_modules|tfjs|[\\/]src[\\/]engine[\\/]|node:internal|^native/;
/** tfjs names the function of each public operation like this, bundled or not. */
const operationFrame = /(\w+)__op$/;

interface Frame {
  readonly name: string;
  readonly file: string;
  readonly place: string;
}

function framesOf(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split('\n')) {
    const match = /^\s+at (?:(?:async )?(?:new )?(.*?) )?\(?((?:file:\/\/)?(?:[A-Za-z]:)?[^():]+|native):(\d+:\d+)\)?$/.exec(line);
    if (match) frames.push({ name: match[1] ?? '', file: match[2]!.replace(/^file:\/\//, ''), place: match[3]! });
  }
  return frames;
}

interface Origin {
  readonly operation?: string | undefined;
  readonly place?: string | undefined;
}

/** The outermost public operation above the first frame of the step's own source, and that frame's file:line:column. */
export function originOf(error: unknown): Origin {
  const frames = framesOf(error instanceof Error ? (error.stack ?? '') : '');
  const own = frames.findIndex((frame) => !machinery.test(frame.file) && !operationFrame.test(frame.name));
  const operation = frames
    .slice(0, own < 0 ? frames.length : own)
    .map((frame) => operationFrame.exec(frame.name)?.[1])
    .findLast((name) => name !== undefined);
  const place = own < 0 ? undefined : `${frames[own]!.file}:${frames[own]!.place}`;
  return { operation, place };
}

function isMachinery(error: unknown): boolean {
  const first = framesOf(error instanceof Error ? (error.stack ?? '') : '')[0];
  return first !== undefined && machinery.test(first.file);
}

/**
 * The error to report for something thrown while a step was traced. What the step's own code threw is passed on as it is;
 * what tfjs or the recorder threw becomes an EngineError that names the operation and the place.
 */
export function located(error: unknown): unknown {
  const { operation: called, place } = originOf(error);
  if (error instanceof EngineError) {
    if (error.place !== undefined || place === undefined) return error;
    const operation = error.operation ?? called;
    return new EngineError(error.reason, `${error.message} (${l10n.t('at {0}', place)})`, { operation, place, cause: error });
  }
  const message = messageOf(error);
  const missing = /Kernel '(\w+)' not registered|gradient function not found for (\w+)|Cannot compute gradient[^:]*: gradient function not found for (\w+)/.exec(message);
  if (missing) {
    const kernel = missing[1] ?? missing[2] ?? missing[3]!;
    const operation = called ?? kernel;
    const shown = operation === kernel ? operation : `${operation} (${kernel})`;
    return new EngineError('unsupported-operation', l10n.t('The operation "{0}" cannot be recorded (at {1}).', shown, place ?? '?'), { operation, place, cause: error });
  }
  if (called === undefined && !isMachinery(error)) return error;
  const operation = called ?? 'step';
  return new EngineError(called === undefined ? 'step' : 'shape', l10n.t('"{0}" failed: {1} (at {2})', operation, message, place ?? '?'), { operation, place, cause: error });
}
