import { cpus } from 'node:os';

/** CPU seconds that the whole machine has worked. */
function machineSeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

export interface Turn {
  readonly milliseconds: number;
  /** Of all threads: less touched by what else runs than the time on the clock. */
  readonly cpuMilliseconds: number;
  /** Cores that something else kept busy meanwhile: above a tenth or so the time means little. */
  readonly otherCores: number;
}

/** Times one turn. @param ownSeconds CPU seconds that the turn itself used. */
export async function takeTurn<T>(work: () => Promise<T>, timeOf: (result: T) => { milliseconds: number; cpuSeconds: number } | undefined): Promise<Turn & { readonly result: T }> {
  const machine = machineSeconds();
  const own = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const elapsed = performance.now() - start;
  const used = process.cpuUsage(own);
  const there = timeOf(result);
  const ours = (used.user + used.system) / 1e6;
  const busy = machineSeconds() - machine - ours - (there?.cpuSeconds ?? 0);
  return { result, milliseconds: there?.milliseconds ?? elapsed, cpuMilliseconds: 1000 * (there?.cpuSeconds ?? ours), otherCores: Math.max(0, busy / (elapsed / 1000)) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Summary {
  readonly median: number;
  readonly minimum: number;
  readonly cpu: number;
  readonly otherCores: number;
}

export function summarise(turns: readonly Turn[]): Summary {
  return {
    median: median(turns.map(({ milliseconds }) => milliseconds)),
    minimum: Math.min(...turns.map(({ milliseconds }) => milliseconds)),
    cpu: median(turns.map(({ cpuMilliseconds }) => cpuMilliseconds)),
    otherCores: median(turns.map(({ otherCores }) => otherCores)),
  };
}

/** One row of the table that goes into the README. */
export function row(name: string, { median: middle, minimum, cpu, otherCores }: Summary, digits: number, extra: readonly string[] = []): string {
  return `| ${[name, `${middle.toFixed(digits)} (${minimum.toFixed(digits)})`, cpu.toFixed(digits), ...extra, otherCores.toFixed(2)].join(' | ')} |`;
}
