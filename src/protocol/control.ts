/**
 * `control/<id>.json`: what others ask of a running trainer. A request is written under another name and renamed, so it is
 * always whole; the trainer looks between steps, answers with a `control` event and deletes the file.
 */
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { unreachable } from '../base/errors.ts';
import { parseJson, type Parsed } from './json.ts';
import { identifier } from './run.ts';

/** `stop`: checkpoint, then end. `stop-now`: end without a checkpoint. `capture`: once, after the next step. `set`: from the next step on. */
export const controlVerbs = ['pause', 'resume', 'stop', 'stop-now', 'capture', 'set'] as const;
export type ControlVerb = (typeof controlVerbs)[number];

const nothing = z.strictObject({});
const weight = z.number().min(0);
/** Schema of `LiveChanges`. */
export const liveChanges = z
  .object({
    temperature: z.number().gt(0).exactOptional(),
    learningRate: z.number().min(0).exactOptional(),
  })
  // Every other name is a term of the run's method; the trainer knows which it has.
  .catchall(weight)
  .refine((changes) => Object.keys(changes).length > 0, { error: () => l10n.t('names nothing to change') });

/** What can be turned while a run trains: weights of loss terms by their names, temperature, learning rate. Each is a scalar input of the step. */
export type LiveChanges = z.infer<typeof liveChanges>;

const request = z.discriminatedUnion('verb', [
  z.object({ v: z.literal(1), id: identifier, verb: z.literal('pause'), args: nothing }),
  z.object({ v: z.literal(1), id: identifier, verb: z.literal('resume'), args: nothing }),
  z.object({ v: z.literal(1), id: identifier, verb: z.literal('stop'), args: nothing }),
  z.object({ v: z.literal(1), id: identifier, verb: z.literal('stop-now'), args: nothing }),
  z.object({ v: z.literal(1), id: identifier, verb: z.literal('capture'), args: nothing }),
  z.object({ v: z.literal(1), id: identifier, verb: z.literal('set'), args: liveChanges }),
]);
export type ControlRequest = z.infer<typeof request>;
/** A verb with its arguments, not yet a request. */
export type ControlCommand = { [V in ControlVerb]: { verb: V; args: Extract<ControlRequest, { verb: V }>['args'] } }[ControlVerb];

export const parseControlRequest = (text: string): Parsed<ControlRequest> => parseJson(request, text);

/** Whether a request makes sense only to the process it was sent to: after a crash it must not stop or pause the next one. */
export function concernsProcess(verb: ControlVerb): boolean {
  switch (verb) {
    case 'pause':
    case 'resume':
    case 'stop':
    case 'stop-now':
      return true;
    case 'capture':
    case 'set':
      return false;
    default:
      return unreachable(verb);
  }
}
