import { execFileSync } from 'node:child_process';

/** Tests of the command line and of the decoding workers run the bundle, as users do. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
