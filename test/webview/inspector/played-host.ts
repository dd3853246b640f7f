/** The extension's side of the inspector, played in a test from a real run folder: the same code reads it, without VS Code. */
import { InspectedRun } from '../../../src/extension/inspector/inspected-run.ts';
import type { InspectorAnswer, InspectorQuestion, InspectorToHost, InspectorToPanel } from '../../../src/protocol/inspector.ts';
import type { Stand, StandOptions, StandPanel } from '../stand/stand.ts';

export type InspectorPanel = StandPanel<InspectorToHost, InspectorToPanel>;

export interface PlayedInspector {
  readonly panel: InspectorPanel;
  readonly run: InspectedRun;
  /** Plays on until the panel has asked for nothing more for a moment. */
  readonly answerAll: () => Promise<void>;
}

/** Opens the inspector of a run and answers what it asks, until it is content. */
export async function playInspector(stand: Stand, folder: string, options: Omit<StandOptions, 'panel'> = {}, answer: (question: InspectorQuestion) => Promise<InspectorAnswer> = () => Promise.reject(new Error('the inspector process is not part of this test'))): Promise<PlayedInspector> {
  const panel = await stand.open<InspectorToHost, InspectorToPanel>({ panel: 'inspector', width: 1440, height: 900, ...options });
  const run = await InspectedRun.open(folder);
  let done = 0;
  const answerAll = async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; ) {
      const message = panel.received[done];
      if (message === undefined) {
        quiet++;
        await panel.settle();
        continue;
      }
      quiet = 0;
      done++;
      await play(panel, run, message, answer);
    }
  };
  await answerAll();
  return { panel, run, answerAll };
}

async function play(panel: InspectorPanel, run: InspectedRun, message: InspectorToHost, answer: (question: InspectorQuestion) => Promise<InspectorAnswer>): Promise<void> {
  switch (message.type) {
    case 'ready':
      await panel.post({ type: 'run', snapshot: await run.snapshot() });
      return;
    case 'captures': {
      const { arms } = await run.snapshot();
      const { ticket, sample, operand, have } = message;
      for (const arm of arms.toSorted((a, b) => Number(b.frozen) - Number(a.frozen))) {
        for (const epoch of arm.frozen ? [0] : arm.captured) {
          if (have.includes(`${arm.role}/${epoch}`)) continue;
          const read = await run.capture(arm.role, epoch, sample, operand);
          if ('capture' in read) await panel.post({ type: 'capture', ticket, role: arm.role, epoch, views: read.capture.views, bytes: read.capture.bytes });
          else await panel.post({ type: 'no-capture', ticket, role: arm.role, epoch, ...read });
        }
      }
      await panel.post({ type: 'captures-end', ticket });
      return;
    }
    case 'file':
      try {
        await panel.post({ type: 'file', sample: message.sample, kind: message.kind, bytes: (await run.file(message.sample, message.kind)).buffer });
      } catch (error) {
        await panel.post({ type: 'no-file', sample: message.sample, kind: message.kind, message: String(error) });
      }
      return;
    case 'ask':
      try {
        await panel.post({ type: 'answer', id: message.id, answer: await answer(message.question) });
      } catch (error) {
        await panel.post({ type: 'failed', id: message.id, reason: 'failed', message: error instanceof Error ? error.message : String(error) });
      }
      return;
    case 'pin':
    case 'cancel':
    case 'choose-run':
    case 'save':
      return;
  }
}
