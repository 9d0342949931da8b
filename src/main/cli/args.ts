import { parseArgs } from 'node:util';
import { builderError } from '../../shared/errors.ts';
import { LANGUAGES, languageOf, type Language } from '../../shared/messages/index.ts';
import { MAX_DRIVES } from '../../shared/model/job.ts';
import type { ReleaseKey } from '../../shared/model/image-report.ts';
import { OPTIONS } from './option-names.ts';
import { readServeOptions, type ServeCommand } from './serve-arguments.ts';
import { readVehicleCommand, type LookCommand, type UpdateCommand } from './vehicle-arguments.ts';
import { isStdout } from './stdout.ts';

export type OutputFormat = 'tar' | 'folder' | 'img';

/** How results are reported. */
export interface Manner {
  readonly language: Language;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'build';
      /** As given: `<ECU_ID>:<PATH>[:<VERSION>]`. */
      readonly images: readonly string[];
      readonly outputs: readonly string[];
      readonly format: OutputFormat | null;
      /** Bytes of an image file; null: the smallest that fits plus a little. */
      readonly size: number | null;
      /** Devices of the sticks. */
      readonly writeTo: readonly string[];
      readonly confirmed: boolean;
      readonly allowFixed: boolean;
      readonly eject: boolean;
      /** Writes only what the sticks do not hold already. */
      readonly refresh: boolean;
      /** Chooses between payloads of one ECU. */
      readonly releaseKey: ReleaseKey | null;
      readonly caDir: string | null;
      readonly checkSignature: boolean;
    }
  | {
      readonly kind: 'inspect';
      readonly paths: readonly string[];
      readonly caDir: string | null;
      readonly checkSignature: boolean;
    }
  | { readonly kind: 'verify'; readonly paths: readonly string[] }
  | { readonly kind: 'drives'; readonly allowFixed: boolean }
  | ServeCommand
  | LookCommand
  | UpdateCommand;

/** Reads only how to report, so that an error in the rest is reported that way, too. */
export function readManner(argv: readonly string[], env: NodeJS.ProcessEnv): Manner {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: false });
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return {
    language: languageOf(typeof values.lang === 'string' ? values.lang : locale),
    json: values.json === true,
    quiet: values.quiet === true,
    verbose: values.verbose === true,
  };
}

/** Whether standard output is to hold an archive (`-o -`), so that all texts go to standard error. */
export function putsArchiveOnStdout(argv: readonly string[]): boolean {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: false });
  return [values.output].flat().some((output) => isStdout(String(output)));
}

/** @throws the `usage-…` errors. */
export function readCommand(argv: readonly string[]): Command {
  const { values, positionals } = parseStrictly(argv);
  assertLanguage(values.lang);
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const trust = {
    caDir: values['ca-dir'] ?? null,
    checkSignature: values['no-signature-check'] !== true,
  };
  const [command, ...paths] = positionals;
  switch (command) {
    case 'inspect':
      if (paths.length === 0) throw builderError('usage-no-path', {});
      return { kind: 'inspect', paths, ...trust };
    case 'verify':
      if (paths.length === 0) throw builderError('usage-no-path', {});
      return { kind: 'verify', paths };
    case 'drives':
      if (paths.length > 1 || (paths[0] ?? 'list') !== 'list')
        throw builderError('usage-option', { detail: `drives ${paths.join(' ')}` });
      return { kind: 'drives', allowFixed: values['allow-fixed'] === true };
    case 'serve': {
      const [image, ...more] = paths;
      if (image === undefined || more.length > 0) throw builderError('usage-one-image', {});
      return { kind: 'serve', image, serve: readServeOptions(values) };
    }
    case 'vehicle':
      return readVehicleCommand(paths, values);
    case undefined:
      break;
    default:
      throw builderError('usage-option', { detail: `unknown command: ${command}` });
  }
  const images = values.image ?? [];
  const outputs = values.output ?? [];
  const writeTo = values['write-to'] ?? [];
  const confirmed = values['confirm-write-to'] === true || values['force-write-to'] === true;
  if (writeTo.length > MAX_DRIVES)
    throw builderError('usage-too-many-drives', { most: MAX_DRIVES });
  if (confirmed && writeTo.length === 0) throw builderError('usage-confirm-without-drive', {});
  if (images.length === 0) throw builderError('usage-no-image', {});
  if (outputs.length === 0 && writeTo.length === 0) throw builderError('usage-no-output', {});
  const format = readFormat(values.format);
  const releaseKey = readReleaseKey(values['release-key']);
  return {
    kind: 'build',
    images,
    outputs,
    format,
    releaseKey,
    size: readSize(values.size),
    writeTo,
    confirmed,
    allowFixed: values['allow-fixed'] === true,
    eject: values['no-eject'] !== true,
    refresh: values.refresh === true,
    ...trust,
  };
}

function parseStrictly(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw builderError('usage-option', { detail }, error);
  }
}

function assertLanguage(language: string | undefined): void {
  if (language !== undefined && !LANGUAGES.some((known) => known === language))
    throw builderError('usage-option', { detail: `--lang: ${language}` });
}

function readFormat(format: string | undefined): OutputFormat | null {
  if (format === undefined || format === 'tar' || format === 'folder' || format === 'img')
    return format ?? null;
  throw builderError('usage-option', { detail: `--format: ${format}` });
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

/** `32G`, `32GB`, `30GiB`, `1.5 TB`: as on the label of a stick, or in powers of 1,024. */
function readSize(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([kmgt]?i?)b?$/i.exec(text) ?? [];
  const factor = SIZE_UNITS[(unit ?? '').toLowerCase()];
  const size = factor === undefined ? Number.NaN : Math.floor(Number(number) * factor);
  if (!Number.isSafeInteger(size) || size <= 0)
    throw builderError('usage-option', { detail: `--size: ${text}` });
  return size;
}

function readReleaseKey(key: string | undefined): ReleaseKey | null {
  if (key === undefined || key === 'dev' || key === 'prd') return key ?? null;
  throw builderError('usage-option', { detail: `--release-key: ${key}` });
}
