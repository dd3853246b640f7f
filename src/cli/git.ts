import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The revision of the folder's repository; undefined outside one, or without git. */
export async function gitRevision(folder: string): Promise<{ revision: string; dirty: boolean } | undefined> {
  try {
    const options = { cwd: folder === '' ? '.' : folder };
    const revision = (await run('git', ['rev-parse', 'HEAD'], options)).stdout.trim();
    const changes = (await run('git', ['status', '--porcelain', '--untracked-files=no'], options)).stdout.trim();
    return { revision, dirty: changes !== '' };
  } catch {
    return undefined;
  }
}
