/** Holds locks until it is killed. */
import { Lock } from '../../../src/runs/lock.ts';

for (let round = 0; round < Number(process.argv[3]); round++) Lock.acquire(`${process.argv[2]!}/lock-${round}`);
process.stdout.write('holding\n');
process.stdin.resume();
