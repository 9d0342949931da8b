/** Options of the command line, as node:util's parseArgs takes them. */
export const OPTIONS = {
  image: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o', multiple: true },
  format: { type: 'string' },
  'write-to': { type: 'string', short: 'w', multiple: true },
  'confirm-write-to': { type: 'boolean' },
  'force-write-to': { type: 'boolean' },
  'allow-fixed': { type: 'boolean' },
  'no-eject': { type: 'boolean' },
  refresh: { type: 'boolean' },
  size: { type: 'string' },
  'release-key': { type: 'string' },
  'ca-dir': { type: 'string' },
  'no-signature-check': { type: 'boolean' },
  listen: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-self': { type: 'boolean' },
  cookie: { type: 'string' },
  'no-cookie': { type: 'boolean' },
  ecu: { type: 'string', multiple: true },
  'confirm-update': { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  verbose: { type: 'boolean', short: 'v' },
  lang: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `--image`, `-o` and so on. */
export const OPTION_NAMES: ReadonlySet<string> = new Set(
  Object.entries(OPTIONS).flatMap(([name, option]) =>
    'short' in option ? [`--${name}`, `-${option.short}`] : [`--${name}`],
  ),
);
