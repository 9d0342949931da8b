import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext } from 'playwright';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Path of an installed Chromium; null where there is none. */
export function findChromium(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  return [...(named === undefined ? [] : [named]), ...CANDIDATES].find(existsSync) ?? null;
}

/** Chromium opens app windows, those without an address bar, for schemes of the web only: `about:` is none. */
const EMPTY_PAGE = 'data:text/html,';

export interface Browser {
  readonly context: BrowserContext;
  /** Where tests connect: the same browser, driven by two. */
  readonly devtools: string;
  close(): Promise<void>;
}

/** Starts Chromium as the app's window: headless for tests, as an app window for people. */
export async function startChromium(width: number, height: number): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('Chromium is not installed');
  const profile = await mkdtemp(path.join(tmpdir(), 'ota-host-chromium-'));
  const headless = process.env['OTA_HOST_HEADED'] === undefined;
  const starting = chromium.launchPersistentContext(profile, {
    executablePath,
    // Milliseconds; for hangs alone.
    timeout: 120_000,
    headless,
    viewport: headless ? { width, height } : null,
    colorScheme: null,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--remote-debugging-port=0',
      `--window-size=${width},${height}`,
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(headless ? [] : [`--app=${EMPTY_PAGE}`]),
    ],
  });
  const context = await starting.catch(sayWithoutSandbox);
  const active = await readFile(path.join(profile, 'DevToolsActivePort'), 'utf8');
  return {
    context,
    devtools: `http://127.0.0.1:${active.split('\n')[0] ?? ''}`,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An ordinary user without user namespaces (a container) needs Debian's helper, which root has to install. */
function sayWithoutSandbox(error: unknown): never {
  if (String(error).includes('No usable sandbox'))
    throw new Error(
      'Chromium’s sandbox cannot be used here: on Debian run `sudo apt-get install chromium-sandbox`',
    );
  throw error;
}
