import type { Server } from './server.ts';
import { Workbench } from './workbench.ts';

export interface TestWindowOptions {
  /** Path of the folder that the window opens. */
  readonly workspace: string;
  /** Path of the folder of the extension. */
  readonly extension: string;
  /** Path of the module whose `run` the extension host calls, as VS Code does with tests. */
  readonly tests: string;
  /** Called with each line of the host's console. */
  readonly onLine: (line: string) => void;
  /** Called with the code with which the run ends. */
  readonly onExit: (code: number) => void;
}

/** Opens a window whose extension host runs a module. @param server started with `runsTests` */
export function openTestWindow(server: Server, { workspace, extension, tests, onLine, onExit }: TestWindowOptions): Promise<Workbench> {
  const remote = (path: string): string => `vscode-remote://${server.authority}${path}`;
  return Workbench.open(server, {
    workspace,
    payload: [
      ['extensionDevelopmentPath', remote(extension)],
      ['extensionTestsPath', remote(tests)],
      ['skipWelcome', 'true'],
    ],
    prepare: async (page) => {
      await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => onLine(args.map(String).join(' ')));
      await page.exposeFunction('codeAutomationExit', onExit);
    },
  });
}
