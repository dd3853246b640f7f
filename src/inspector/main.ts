/**
 * The inspector process: loads networks out of checkpoints and answers what only they can tell. Forked by the extension when
 * something has to be computed that no capture holds; ends with its parent.
 */
import { constants, setPriority } from 'node:os';
import { messageOf, reasonOf } from '../base/errors.ts';
import type { HostToInspector, InspectorToHostProcess } from '../protocol/inspector.ts';
import { Answers } from './answers.ts';

// Whatever trains or is typed comes first.
try {
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Not allowed here: then at the usual priority.
}

let answers: Answers | undefined;

process.on('message', (message: HostToInspector) => {
  switch (message.type) {
    case 'open':
      answers = new Answers(message.networks, message.memoryBytes);
      return;
    case 'cancel':
      answers?.cancel(message.id);
      return;
    case 'ask':
      void answer(message);
      return;
  }
});
process.on('disconnect', () => process.exit(0));

async function answer({ id, question, file }: Extract<HostToInspector, { type: 'ask' }>): Promise<void> {
  try {
    const given = await answers?.answer(id, question, file);
    if (given !== undefined) send({ type: 'answer', id, answer: given });
  } catch (error) {
    send({ type: 'failed', id, reason: reasonOf(error) ?? 'failed', message: messageOf(error) });
  }
}

function send(message: InspectorToHostProcess): void {
  process.send?.(message);
}
