import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { builderError } from '../../shared/errors.ts';
import type { Translator } from '../../shared/messages/index.ts';
import { driveName, isUnusuallyLarge } from '../../shared/model/drive.ts';
import type { ResolvedDevice } from '../drives/resolve-device.ts';
import { describeDrive } from './drive.ts';
import { printable } from './printable.ts';

interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}

/** What is asked for, and what has to be typed. */
interface Question {
  readonly prompt: string;
  readonly expected: string;
  readonly drive: string;
}

/**
 * Shows the drives and asks for the model of a single one to be typed (the path, where it has none); of several
 * for their number, and for the model of each that is unusually large.
 * @param refresh what of the new image is there is kept; everything else is lost all the same.
 * @throws `drive-not-confirmed`, also where there is no terminal to answer; `cancelled` upon Ctrl-C.
 */
export async function confirmErase(
  devices: readonly ResolvedDevice[],
  refresh: boolean,
  translator: Translator,
  { stdin: input, stderr: output, signal }: Terminal,
): Promise<void> {
  const { t } = translator;
  const title = refresh ? 'cli.erase.refresh' : 'cli.erase';
  output.write(`${t(devices.length === 1 ? title : `${title}.several`)}\n`);
  for (const { drive, identity } of devices) {
    const facts = describeDrive(drive, identity.path, identity.size, translator);
    output.write(`  ${printable(facts)}\n`);
  }
  const lines = createInterface({ input, output });
  try {
    // On a terminal readline takes Ctrl-C for itself, and no signal comes.
    const interrupted = new Promise<never>((_, reject) => {
      const cancel = (): void => reject(builderError('cancelled', {}));
      lines.once('SIGINT', cancel);
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
    });
    interrupted.catch(() => undefined);
    const answers = lines[Symbol.asyncIterator]();
    for (const { prompt, expected, drive } of questionsAbout(devices, translator)) {
      lines.setPrompt(printable(prompt));
      lines.prompt();
      const answer = await Promise.race([answers.next(), interrupted]);
      if (answer.done === true || answer.value.trim() !== expected)
        throw builderError('drive-not-confirmed', { drive });
    }
  } finally {
    lines.close();
  }
}

function questionsAbout(devices: readonly ResolvedDevice[], { t }: Translator): Question[] {
  const modelOf = ({ drive, identity }: ResolvedDevice): Question => {
    const expected = identity.model ?? identity.path;
    const prompt = t('cli.erase.prompt', { model: expected });
    return { prompt, expected, drive: driveName(drive) };
  };
  const [first] = devices;
  if (first !== undefined && devices.length === 1) return [modelOf(first)];
  const expected = String(devices.length);
  const all = devices.map(({ drive }) => driveName(drive)).join(', ');
  return [
    { prompt: t('cli.erase.prompt.count', { count: devices.length }), expected, drive: all },
    ...devices.filter(({ identity }) => isUnusuallyLarge(identity)).map(modelOf),
  ];
}
