import { once } from 'node:events';
import { resolve } from 'node:path';
import type { JobContext } from '../jobs/index.ts';
import { updateRequestYaml } from '../serve/base-url.ts';
import { openServer } from '../serve/open-server.ts';
import { proveImage } from '../serve/prove-image.ts';
import type { LiveOutput } from './live-output.ts';
import type { Reporter } from './reporter.ts';
import type { ServeCommand } from './serve-arguments.ts';
import { resolvedOptions, tellServer } from './server-output.ts';
import { TrafficReporter } from './traffic-reporter.ts';

const LOOPBACK = '127.0.0.1';

/** Verifies an image and serves it until the person ends that. */
export async function runServe(
  { image, serve }: ServeCommand,
  around: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
  context: JobContext,
  { reporter, output }: { readonly reporter: Reporter; readonly output: LiveOutput },
): Promise<void> {
  const path = resolve(around.cwd, image);
  const proved = await proveImage(path, context, (report) => reporter.checked(report));
  try {
    const traffic = new TrafficReporter(output);
    const { cwd, env } = around;
    const options = { ...resolvedOptions(serve, cwd), address: serve.address ?? LOOPBACK };
    const server = await openServer(proved.served, options, env, traffic.onEvent);
    traffic.start(true);
    try {
      const { address, port, updates } = server;
      const { t } = output.translator;
      tellServer(server, output);
      output.result(t('serve.ready', { file: path, address: `${address}:${port}` }));
      for (const { ecuId, version, url } of updates)
        output.result(`  ${t('serve.ecu', { ecuId, version, url })}`);
      output.result(t('serve.request-file'));
      for (const line of updateRequestYaml(updates).trimEnd().split('\n')) output.result(line);
      if (!around.signal.aborted) await once(around.signal, 'abort');
    } finally {
      await server.close();
      traffic.stop();
    }
    output.notice(output.translator.t('serve.ended'));
  } finally {
    await proved.close();
  }
}
