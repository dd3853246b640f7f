import { setTimeout as sleep } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { controlVerbs, liveChanges, type ControlCommand, type ControlVerb } from '../../protocol/control.ts';
import type { ControlEvent } from '../../protocol/events.ts';
import { sendControl } from '../../runs/control.ts';
import { openRunFolder, readEvents } from '../../runs/read-run.ts';
import type { RunFolder } from '../../runs/run-folder.ts';
import { CommandError } from '../errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

/** How long an answer is waited for: a large step takes a quarter of a minute, and answers come between steps. */
const answerTimeoutMs = 120_000;
const answerPollMs = 250;

/** `scrkd control RUN VERB [name=value …]`: asks a running trainer and waits for its answer. */
export async function control(path: string, verb: string, settings: readonly string[], { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const folder = openRunFolder(path);
  const command = commandOf(verb, settings);
  const { offset } = await readEvents(folder);
  const answer = await answerTo(folder, sendControl(folder, command), offset);
  if (json) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else process.stdout.write(`${answer.outcome === 'accepted' ? l10n.t('{0}: accepted at step {1}', verb, answer.step) : l10n.t('{0}: refused at step {1}: {2}', verb, answer.step, answer.reason ?? '')}\n`);
  return answer.outcome === 'accepted' ? exitCodes.ok : exitCodes.failed;
}

function commandOf(verb: string, settings: readonly string[]): ControlCommand {
  if (!isVerb(verb)) throw new CommandError('usage', l10n.t('unknown verb "{0}"; expected one of {1}.', verb, controlVerbs.join(', ')));
  if (verb !== 'set') {
    if (settings.length > 0) throw new CommandError('usage', l10n.t('"{0}" takes no settings.', verb));
    return { verb, args: {} };
  }
  const values = settings.map((setting) => {
    const [name = '', value = ''] = setting.split('=');
    if (value === '' || !Number.isFinite(Number(value))) throw new CommandError('usage', l10n.t('"{0}": expected name=number, e.g. dsd=5.', setting));
    return [name, Number(value)] as const;
  });
  const parsed = liveChanges.safeParse(Object.fromEntries(values));
  if (!parsed.success) throw new CommandError('usage', l10n.t('set: {0}; expected loss terms with weights from 0, temperature or learningRate.', parsed.error.issues[0]?.message ?? ''));
  return { verb, args: parsed.data };
}

function isVerb(verb: string): verb is ControlVerb {
  return (controlVerbs as readonly string[]).includes(verb);
}

async function answerTo(folder: RunFolder, id: string, fromOffset: number): Promise<ControlEvent> {
  const deadline = performance.now() + answerTimeoutMs;
  let offset = fromOffset;
  while (performance.now() < deadline) {
    const read = await readEvents(folder, { fromOffset: offset });
    offset = read.offset;
    const answer = read.events.find((event): event is ControlEvent => event.type === 'control' && event.id === id);
    if (answer !== undefined) return answer;
    await sleep(answerPollMs);
  }
  throw new CommandError('unreadable', l10n.t('{0}: no answer within two minutes; the request stays and is answered after the current step.', folder.path));
}
