/** Takes locks one after another, all rounds at the same moments as its rivals; prints for each whether it won. Keeps what it won until its input ends. */
import { Lock } from '../../../src/runs/lock.ts';

const [folder, rounds, startAt] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4])];
const won: Lock[] = [];
const results: boolean[] = [];
for (let round = 0; round < rounds; round++) {
  while (Date.now() < startAt + round * 15);
  const lock = Lock.tryAcquire(`${folder}/lock-${round}`);
  if (lock instanceof Lock) won.push(lock);
  results.push(lock instanceof Lock);
}
process.stdout.write(`${JSON.stringify(results)}\n`);
process.stdin.resume().on('end', () => process.exit());
