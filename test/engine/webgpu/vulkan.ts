/** A Vulkan to test on: the machine's, or a software one, which Debian has. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { messageOf } from '../../../src/base/errors.ts';
import { testsAll } from '../../vscode.ts';

export const root = join(import.meta.dirname, '../../..');

/** The environment in which a driver is found. */
function vulkan(): NodeJS.ProcessEnv | { readonly missing: string } {
  if (process.env['VK_DRIVER_FILES'] !== undefined) return process.env;
  try {
    const line = execFileSync(join(root, 'scripts/software-vulkan/install.sh'), [join(root, '.vscode-test/vulkan')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const variables = [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!] as const);
    return { ...process.env, ...Object.fromEntries(variables) };
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    return { missing: messageOf(error) };
  }
}

const found = testsAll ? vulkan() : { missing: 'only in npm run test:all' };

/** Why there is none. */
export const reason = 'missing' in found ? found.missing : undefined;
export const vulkanEnvironment: NodeJS.ProcessEnv = 'missing' in found ? {} : found;
