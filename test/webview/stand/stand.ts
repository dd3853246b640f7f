/**
 * A stand for panels: the built panel in a headless Chromium, on the page that VS Code would show (same text, same content policy),
 * with VS Code's theme variables and a host that is played by the test. For quick tests and pictures without VS Code.
 */
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pageText, type PanelName } from '../../../src/extension/panels/page.ts';
import { themes, type ThemeName } from './themes.ts';

/** Debian's; another may be named. */
const browserPath = process.env.SCRKD_CHROMIUM ?? '/usr/bin/chromium';
const origin = 'https://stand.invalid';
/** Tests and benchmarks are started in the project's folder. */
const built = resolve('dist/webview');
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf', '.map': 'application/json' };

/** Why panel tests are skipped here; undefined where they run. Where `CI` is set a missing browser is a failure instead. */
export const noBrowser: string | undefined = existsSync(browserPath) || process.env.CI !== undefined ? undefined : `no browser at ${browserPath}: install chromium, or name one in SCRKD_CHROMIUM`;

export interface StandOptions {
  readonly panel: PanelName;
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What the panel had kept before the reload. */
  readonly state?: unknown;
  readonly reducedMotion?: boolean;
  /** Device pixels per CSS pixel. */
  readonly scale?: number;
  /** Answers that are given in the page itself, for measuring without what carries messages into it. */
  readonly played?: readonly PlayedAnswer[];
}

/** To the first message of a type. */
export interface PlayedAnswer {
  readonly to: string;
  /** Milliseconds that the host takes. */
  readonly after: number;
  readonly messages: readonly unknown[];
}

/** The browser of a test file: opened once, closed by `close`. */
export class Stand {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<Stand> {
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
    return new Stand(await chromium.launch({ executablePath: browserPath, args }));
  }

  /** Opens a panel in a page of its own. */
  async open<ToHost, ToPanel>(options: StandOptions): Promise<StandPanel<ToHost, ToPanel>> {
    const page = await this.#browser.newPage({
      viewport: { width: options.width ?? 1200, height: options.height ?? 800 },
      reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
      deviceScaleFactor: options.scale ?? 1,
    });
    return StandPanel.open(page, options);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** An open panel and the host's side of its channel. */
export class StandPanel<ToHost, ToPanel> {
  /** What went wrong in the page: errors, and what the content policy refused. Every test ends with this being empty. */
  readonly problems: string[] = [];
  /** What the panel sent, in order. */
  readonly received: ToHost[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.problems.push(message.text());
    });
    page.on('pageerror', (error) => this.problems.push(error.message));
  }

  static async open<ToHost, ToPanel>(page: Page, options: StandOptions): Promise<StandPanel<ToHost, ToPanel>> {
    const stand = new StandPanel<ToHost, ToPanel>(page);
    await page.exposeFunction('standReceive', (text: string) => {
      stand.received.push(JSON.parse(text, unpackBuffers) as ToHost);
      for (const wake of stand.#waiting.splice(0)) wake();
    });
    await page.addInitScript(playHost, { kept: options.state ?? null, theme: themes[options.theme ?? 'dark'], played: JSON.stringify(options.played ?? [], packArrays) });
    await page.route('**/*', async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/') {
        const body = pageText({ panel: options.panel, language: 'en', nonce: 'stand', source: origin, resource: (file) => `${origin}/${file}` });
        await route.fulfill({ body, contentType: 'text/html' });
        return;
      }
      const file = join(built, pathname);
      if (!existsSync(file)) return route.fulfill({ status: 404, body: '' });
      await route.fulfill({ body: readFileSync(file), contentType: types[extname(file)] ?? 'application/octet-stream' });
    });
    await page.goto(`${origin}/`);
    return stand;
  }

  /** Plays a message of the host, and waits until what it changes is drawn. Typed arrays arrive as typed arrays, as they do in VS Code. */
  async post(message: ToPanel): Promise<void> {
    await this.page.evaluate((text) => (window as unknown as { standPost(text: string): void }).standPost(text), JSON.stringify(message, packArrays));
    await this.settle();
  }

  /** Milliseconds from the first message that was answered as `played` until the frame is done that shows the last answer. */
  async playedMs(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as { standPlayed: Promise<number> }).standPlayed);
  }

  /** Waits until the panel has sent a message that fits; returns the first. */
  async receive<M extends ToHost>(fits: (message: ToHost) => message is M): Promise<M>;
  async receive(fits: (message: ToHost) => boolean): Promise<ToHost>;
  async receive(fits: (message: ToHost) => boolean): Promise<ToHost> {
    for (;;) {
      const found = this.received.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits until what was asked for is drawn. */
  async settle(): Promise<void> {
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }

  /** What the panel has kept for its next life. */
  async kept(): Promise<unknown> {
    return this.page.evaluate(() => (window as unknown as { standKept(): unknown }).standKept());
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

/** JSON with typed arrays, whose numbers may be NaN: as base64 of their bytes. */
function packArrays(_key: string, value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { standArray: 'ArrayBuffer', base64: Buffer.from(value).toString('base64') };
  if (!ArrayBuffer.isView(value)) return value;
  return { standArray: value.constructor.name, base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
}

/** The other way: buffers that a panel sent. */
function unpackBuffers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('standArray' in value) || !('base64' in value)) return value;
  return new Uint8Array(Buffer.from(value.base64 as string, 'base64')).buffer;
}

/** Runs in the page before its scripts: VS Code's function, and its variables on the document. */
function playHost({ kept, theme, played }: { kept: unknown; theme: { kinds: string; variables: Record<string, string> }; played: string }): void {
  let state = kept;
  const scope = window as unknown as Record<string, unknown>;
  const receive = scope['standReceive'] as (text: string) => void;
  /** Buffers as base64: what leaves the page is text. */
  const packed = (_key: string, value: unknown): unknown => {
    if (!(value instanceof ArrayBuffer)) return value;
    let binary = '';
    const bytes = new Uint8Array(value);
    for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    return { standArray: 'ArrayBuffer', base64: btoa(binary) };
  };
  const dispatch = (messages: readonly unknown[]): void => {
    for (const data of messages) window.dispatchEvent(new MessageEvent('message', { data }));
  };
  scope['acquireVsCodeApi'] = () => {
    delete scope['acquireVsCodeApi'];
    return {
      postMessage: (message: unknown) => {
        receive(JSON.stringify(message, packed));
        play((message as { type: string }).type);
      },
      getState: () => state ?? undefined,
      setState: (next: unknown) => {
        state = structuredClone(next);
        return next;
      },
    };
  };
  scope['standKept'] = () => state;
  const unpacked = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('standArray' in value) || !('base64' in value)) return value;
    const bytes = Uint8Array.from(atob(value.base64 as string), (character) => character.charCodeAt(0));
    if (value.standArray === 'ArrayBuffer') return bytes.buffer;
    const kind = scope[value.standArray as string] as new (buffer: ArrayBuffer) => unknown;
    return new kind(bytes.buffer);
  };
  scope['standPost'] = (text: string): void => dispatch([JSON.parse(text, unpacked)]);
  const answers = JSON.parse(played, unpacked) as { to: string; after: number; messages: readonly unknown[] }[];
  let isShown = (_ms: number): void => {};
  scope['standPlayed'] = new Promise<number>((resolve) => (isShown = resolve));
  let firstAt: number | undefined;
  const play = (type: string): void => {
    const at = answers.findIndex(({ to }) => to === type);
    const [answer] = at === -1 ? [] : answers.splice(at, 1);
    if (answer === undefined) return;
    const start = (firstAt ??= performance.now());
    const isLast = answers.length === 0;
    setTimeout(() => {
      dispatch(answer.messages);
      if (isLast) requestAnimationFrame(() => setTimeout(() => isShown(performance.now() - start)));
    }, answer.after);
  };
  // Before the panel's script runs, as in VS Code.
  const waiting = new MutationObserver(() => {
    const { body } = document as { body: HTMLElement | null };
    if (body === null) return;
    waiting.disconnect();
    for (const [name, value] of Object.entries(theme.variables)) document.documentElement.style.setProperty(name, value);
    body.className = theme.kinds;
  });
  waiting.observe(document, { childList: true, subtree: true });
}
