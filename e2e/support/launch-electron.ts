import { existsSync } from 'node:fs';
import path from 'node:path';
import { _electron } from '@playwright/test';
import { electronRuntime } from '../../scripts/electron-runtime.ts';
import { dropFiles, ROOT, type Ask, type LaunchOptions, type RunningApp } from './running-app.ts';

/** Where npm puts Electron's runtime, when it can be had. */
export const RUNTIME = electronRuntime(ROOT);

/** Whether the specs run on Electron itself; OTA_E2E_HOST=1 asks for the stand-in all the same. */
export const onElectron = existsSync(RUNTIME) && process.env['OTA_E2E_HOST'] === undefined;

/** Starts the built app on Electron's own runtime. */
export async function launchElectron(
  options: LaunchOptions,
  userData: string,
): Promise<RunningApp> {
  const locale = options.locale ?? 'en';
  const app = await _electron.launch({
    executablePath: RUNTIME,
    args: [
      path.join(ROOT, 'e2e/host/on-electron.js'),
      ...(options.args ?? []),
      `--user-data-dir=${userData}`,
      `--lang=${locale}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    env: {
      ...(process.env as Record<string, string>),
      // Linux takes the language from here.
      LANGUAGE: locale,
      LC_ALL: `${locale.replace('-', '_')}.UTF-8`,
      ...(options.backend === undefined ? {} : { OTA_HOST_BACKEND: options.backend.href }),
      ...options.env,
    },
  });
  const child = app.process();
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ask = ((name: string, ...args: unknown[]) =>
    app.evaluate(
      (_electron, [what, given]) => {
        const { otaControl } = globalThis as unknown as {
          otaControl: Record<string, (...all: unknown[]) => unknown>;
        };
        return otaControl[what]?.(...given);
      },
      [name, args] as const,
    )) as Ask;
  const page = await app.firstWindow();
  return {
    page,
    userData,
    ask,
    drop: (selector, paths) => dropFiles(page, selector, paths),
    currentPage: () => Promise.resolve(app.windows().at(-1) ?? page),
    exited,
    close: async () => {
      // The window asks when a job runs; a test that ends does not want to be asked.
      await app.evaluate(({ app: electronApp }) => electronApp.exit(0)).catch(() => undefined);
      await exited;
    },
  };
}
