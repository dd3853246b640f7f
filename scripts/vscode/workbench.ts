/** The workbench of VS Code in a browser, used as a person uses it: keyboard, mouse, and what can be seen. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { launchChromium } from './browser.ts';
import type { Server } from './server.ts';

export interface WorkbenchOptions {
  /** Path of a folder or of a `.code-workspace` file. */
  readonly workspace: string;
  /** Pixels; default 1440 x 900. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Parameters for the window, such as the tests that it runs. */
  readonly payload?: readonly (readonly [string, string])[];
  /** Device pixels of a pixel; 2 makes sharp pictures. */
  readonly scale?: number;
  /** Called with the page before it loads. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Where `screenshot` puts its pictures; ignored by git. */
export const screenshotFolder = join(process.cwd(), '.vscode-test/screenshots');

/** Milliseconds that are waited before it is called broken. Long, for a loaded machine is slow, not wrong. */
const patience = 90_000;

export class Workbench implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(
    readonly server: Server,
    readonly page: Page,
    browser: Browser,
  ) {
    this.#browser = browser;
  }

  /** Opens a window and waits until it can be used. */
  static async open(server: Server, { workspace, size = { width: 1440, height: 900 }, scale = 1, payload, prepare }: WorkbenchOptions): Promise<Workbench> {
    const browser = await launchChromium();
    try {
      const context = await browser.newContext({ viewport: size, deviceScaleFactor: scale, permissions: ['clipboard-read', 'clipboard-write'] });
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
      await prepare?.(page);
      const workbench = new Workbench(server, page, browser);
      await page.goto(windowAddress(server, workspace, payload));
      if (payload === undefined) await workbench.#ready();
      return workbench;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** Loads the window again, as "Developer: Reload Window" does. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load', { timeout: 60_000 });
    await this.run('Developer: Reload Window');
    await loaded;
    await this.#ready();
  }

  async #ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor({ timeout: 60_000 });
    // Explorer's rows or its "no folder" view: the window has restored what it shows.
    await this.page.locator('.part.sidebar .pane-body').first().waitFor();
  }

  // ---- Commands and questions

  /** Runs a command of the palette by its full title, e.g. `SCRKD: Show Stage Graph`. Waits for commands that arrive late. */
  async run(title: string): Promise<void> {
    const { page } = this;
    const row = page.locator('.quick-input-widget .quick-input-list .monaco-list-row').filter({ has: page.locator('.label-name', { hasText: exactly(title) }) });
    await until(`the command "${title}" in the palette`, async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('F1');
      if (!(await appears(this.quickInput, 5000))) return false;
      // A question that was being closed can be taken for the palette: then once more.
      if (!(await this.#fill(`>${title}`))) return false;
      // The palette does not look again while it is open.
      return appears(row, 2000);
    });
    await row.first().click();
  }

  /** Text field of the palette, of quick picks and of input boxes. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"]) input[type="text"], .quick-input-widget:not([style*="display: none"]) .quick-input-filter input').first();
  }

  /** Types into the open field; false where it closes meanwhile. */
  #fill(text: string): Promise<boolean> {
    return this.quickInput.fill(text, { timeout: 5000 }).then(() => true, () => false);
  }

  /** Rows of the open quick pick. */
  get quickPicks(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
  }

  /** Chooses the row of the open quick pick that contains the text. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickPicks.filter({ hasText: text }).first().click();
  }

  /** Types into the open input box and accepts. */
  async answer(text: string): Promise<void> {
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The modal dialog that contains the text; its buttons by `dialog(…).getByRole('button', { name })`. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** The notification that contains the text. */
  toast(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  // ---- Views

  /** Shows a view container by the label of its icon in the activity bar, e.g. `SCRKD`. */
  async showContainer(label: string): Promise<void> {
    const icon = this.page.locator('.activitybar .action-item').filter({ has: this.page.locator(`a[aria-label^="${label}"]`) }).first();
    await icon.waitFor();
    const expanded = async (): Promise<boolean> => (await icon.getAttribute('aria-expanded')) === 'true';
    // A window that is still restoring what it showed may have its icon hide the container: then once more.
    await until(`the container "${label}"`, async () => {
      if (await expanded()) return true;
      await icon.click();
      await sleep(300);
      return expanded();
    });
  }

  /** A view of the side bar by its title, e.g. `Runs`. */
  view(title: string): Locator {
    return this.page.locator('.part.sidebar .pane').filter({ has: this.page.locator(`.pane-header[aria-label^="${title}"]`) });
  }

  /** Rows of a tree that contain the text. */
  row(text: string | RegExp, view?: string): Locator {
    return (view === undefined ? this.page.locator('.part.sidebar') : this.view(view)).locator('.pane-body .monaco-list-row').filter({ hasText: text });
  }

  /** Runs an action of a row's context menu. */
  async menu(row: Locator, action: string): Promise<void> {
    await row.click({ button: 'right' });
    // By its label: beside it may stand a key.
    const item = this.page.locator('.monaco-menu .action-item').filter({ has: this.page.locator('.action-label', { hasText: exactly(action) }) }).first();
    await item.waitFor();
    // A menu takes no notice of the mouse in its first moments, lest the click that opened it choose something.
    await until(`the action "${action}" of the menu`, async () => {
      await item.click({ timeout: 2000 }).catch(() => undefined); // gone with the click before
      return item.waitFor({ state: 'hidden', timeout: 300 }).then(() => true, () => false);
    });
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text });
  }

  // ---- Editors

  /** Opens a file by its name, through Quick Open. */
  async openFile(name: string): Promise<void> {
    const { page } = this;
    await until(`the file "${name}" in Quick Open`, async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+P');
      if (!(await appears(this.quickInput, 5000))) return false;
      if (!(await this.#fill(name))) return false;
      return appears(this.quickPicks.filter({ hasText: name }), 3000);
    });
    await this.quickPicks.filter({ hasText: name }).first().click();
    await this.tab(name).waitFor();
    await page.locator('.editor-group-container.active .monaco-editor .view-line').first().waitFor();
  }

  tab(label: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: label });
  }

  /** The active text editor. */
  get editor(): Locator {
    return this.page.locator('.editor-group-container.active .monaco-editor').first();
  }

  /** Puts the cursor at a place of the text editor in the first group, both counted from 1. By keys alone: a click waits for whatever covers the text. */
  async goTo(line: number, column = 1): Promise<void> {
    const { page } = this;
    // A panel that opens meanwhile takes the focus, which closes the question: then once more.
    await until(`the cursor in line ${line}`, async () => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+1');
      if (!(await appears(page.locator('.editor-group-container.active .monaco-editor.focused'), 2000))) return false;
      await page.keyboard.press('Control+G');
      if (!(await appears(this.quickInput, 5000)) || !(await this.#fill(`:${line}:${column}`))) return false;
      await page.keyboard.press('Enter');
      return appears(this.statusBarItem(new RegExp(`^Ln ${line}, `)), 2000);
    });
  }

  /** Contents of a webview; where several are open, the one that contains the selector. */
  async webview(containing = 'body'): Promise<FrameLocator> {
    const { page } = this;
    let found: FrameLocator | undefined;
    await until(`a webview with "${containing}"`, async () => {
      const outer = page.locator('iframe.webview.ready');
      for (let index = 0; index < (await outer.count()); index++) {
        const frame = outer.nth(index).contentFrame().frameLocator('iframe#active-frame');
        if ((await frame.locator(containing).count().catch(() => 0)) > 0) found = frame;
      }
      return found !== undefined;
    });
    return found!;
  }

  // ---- Pictures and settings

  /** A picture in `.vscode-test/screenshots/`; returns its path. */
  async screenshot(name: string): Promise<string> {
    await mkdir(screenshotFolder, { recursive: true });
    const path = join(screenshotFolder, `${name}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }

  /** Changes the colours of the window. */
  async useTheme(kind: ThemeKind): Promise<void> {
    const { label, class: mark } = themes[kind];
    // A panel that is restored meanwhile takes the focus, which closes the list: then once more.
    await until(`the theme "${label}" in the list`, async () => {
      await this.run('Preferences: Color Theme');
      if (!(await this.#fill(label))) return false;
      return appears(this.quickPicks.filter({ hasText: label }), 5000);
    });
    await this.pick(label);
    await this.page.locator(`.monaco-workbench.${mark}`).waitFor();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** The usual theme of each kind by its label, with the class that it gives the window. */
const themes = {
  dark: { label: 'Dark Modern', class: 'vs-dark' },
  light: { label: 'Light Modern', class: 'vs' },
  'high-contrast': { label: 'Dark High Contrast', class: 'hc-black' },
  'high-contrast-light': { label: 'Light High Contrast', class: 'hc-light' },
} as const;
export type ThemeKind = keyof typeof themes;

/** Address of a window on a folder or a `.code-workspace` file of this machine. */
export function windowAddress(server: Server, workspace: string, payload?: readonly (readonly [string, string])[]): string {
  const query = new URLSearchParams({ [workspace.endsWith('.code-workspace') ? 'workspace' : 'folder']: workspace });
  if (payload !== undefined) query.set('payload', JSON.stringify(payload));
  return `${server.address}/?${query.toString()}`;
}

/**
 * Waits until a condition holds, asking again and again.
 * @throws Error that names what was waited for
 */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeout = patience): Promise<void> {
  const end = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${Math.round(timeout / 1000)} s in vain for ${what}.`);
    await sleep(100);
  }
}

function appears(element: Locator, timeout: number): Promise<boolean> {
  return element.first().waitFor({ timeout }).then(() => true, () => false);
}

function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
}
