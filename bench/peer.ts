/** A Python program that answers every line with a line of JSON, to take turns with. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Answer = Readonly<Record<string, unknown>>;

export interface Peer {
  /** What it says of itself. */
  readonly name: string;
  ask(): Promise<Answer>;
  end(): void;
}

export async function startPeer(python: string, args: readonly string[]): Promise<Peer> {
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const failure = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${python} ended with status ${code ?? 'unknown'}.`)));
  });
  failure.catch(() => undefined); // it also ends when it is told to
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<Answer> => {
    const line: IteratorResult<string> = await Promise.race([lines.next(), failure]);
    if (line.done === true) return failure;
    return JSON.parse(line.value) as Answer;
  };
  const { ready } = await answer();
  return {
    name: String(ready),
    ask: () => {
      child.stdin.write('\n');
      return answer();
    },
    end: () => child.stdin.end(),
  };
}
