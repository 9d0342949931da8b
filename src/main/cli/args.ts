import { parseArgs } from 'node:util';
import { builderError } from '../../shared/errors.ts';
import { languageOf, type Language } from '../../shared/messages/index.ts';

export type ReleaseKey = 'dev' | 'prd';
export type OutputFormat = 'tar' | 'folder' | 'img';

/** How results are told. */
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
      readonly writeTo: string | null;
      readonly confirmed: boolean;
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
  | { readonly kind: 'verify'; readonly paths: readonly string[] };

const OPTIONS = {
  image: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o', multiple: true },
  format: { type: 'string' },
  'write-to': { type: 'string', short: 'w', multiple: true },
  'confirm-write-to': { type: 'boolean' },
  'force-write-to': { type: 'boolean' },
  'release-key': { type: 'string' },
  'ca-dir': { type: 'string' },
  'no-signature-check': { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  verbose: { type: 'boolean', short: 'v' },
  lang: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads only how to speak, so that also an error in the rest is told in the right way. */
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

/** @throws the `usage-…` errors. */
export function readCommand(argv: readonly string[]): Command {
  const { values, positionals } = parseStrictly(argv);
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
    case undefined:
      break;
    default:
      throw builderError('usage-option', { detail: `unknown command: ${command}` });
  }
  const images = values.image ?? [];
  const outputs = values.output ?? [];
  const [writeTo, ...more] = values['write-to'] ?? [];
  const confirmed = values['confirm-write-to'] === true || values['force-write-to'] === true;
  if (more.length > 0) throw builderError('usage-one-drive', {});
  if (confirmed && writeTo === undefined) throw builderError('usage-confirm-without-drive', {});
  if (images.length === 0) throw builderError('usage-no-image', {});
  if (outputs.length === 0 && writeTo === undefined) throw builderError('usage-no-output', {});
  const format = readFormat(values.format);
  const releaseKey = readReleaseKey(values['release-key']);
  const chosen = { images, outputs, format, releaseKey, writeTo: writeTo ?? null, confirmed };
  return { kind: 'build', ...chosen, ...trust };
}

function parseStrictly(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw builderError('usage-option', { detail }, error);
  }
}

function readFormat(format: string | undefined): OutputFormat | null {
  if (format === undefined || format === 'tar' || format === 'folder' || format === 'img')
    return format ?? null;
  throw builderError('usage-option', { detail: `--format: ${format}` });
}

function readReleaseKey(key: string | undefined): ReleaseKey | null {
  if (key === undefined || key === 'dev' || key === 'prd') return key ?? null;
  throw builderError('usage-option', { detail: `--release-key: ${key}` });
}
