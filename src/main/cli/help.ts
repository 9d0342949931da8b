import type { Translator } from '../../shared/messages/index.ts';

const NAME = 'offline-ota-image-builder';

/** Columns of the first builder's manual: options stand at 2, their texts at 24, lines end at 80. */
const TEXT_COLUMN = 24;
const WIDTH = 80;

/** The manual, in the layout of the first builder's (that of Python's argparse). */
export function help({ t }: Translator): string {
  const commands = [
    ['inspect <PATH>…', t('cli.command.inspect')],
    ['verify <TARGET>…', t('cli.command.verify')],
    ['drives list', t('cli.command.drives')],
    ['serve <IMAGE>', t('cli.command.serve')],
    ['vehicle {status,watch} <ADDRESS>[:<PORT>]', t('cli.command.vehicle')],
    ['vehicle update <ADDRESS>[:<PORT>] --image <IMAGE>', t('cli.command.vehicle-update')],
  ] as const;
  const options = [
    ['-h, --help', t('cli.option.help')],
    ['--image <ECU_ID>:<PATH>[:<VERSION>]', t('cli.option.image')],
    ['-o, --output <PATH>', t('cli.option.output')],
    ['--format {tar,folder,img}', t('cli.option.format')],
    ['--size <SIZE>', t('cli.option.size')],
    ['-w, --write-to <DEVICE>', t('cli.option.write-to')],
    ['--confirm-write-to, --force-write-to', t('cli.option.confirm-write-to')],
    ['--allow-fixed', t('cli.option.allow-fixed')],
    ['--refresh', t('cli.option.refresh')],
    ['--no-eject', t('cli.option.no-eject')],
    ['--release-key {dev,prd}', t('cli.option.release-key')],
    ['--ca-dir <FOLDER>', t('cli.option.ca-dir')],
    ['--no-signature-check', t('cli.option.no-signature-check')],
    ['--listen <ADDRESS>[:<PORT>]', t('cli.option.listen')],
    ['--tls-cert <FILE>, --tls-key <FILE>', t('cli.option.tls-cert')],
    ['--tls-self', t('cli.option.tls-self')],
    ['--cookie <NAME>=<VALUE>', t('cli.option.cookie')],
    ['--no-cookie', t('cli.option.no-cookie')],
    ['--ecu <ECU_ID>', t('cli.option.ecu')],
    ['--confirm-update', t('cli.option.confirm-update')],
    ['--json', t('cli.option.json')],
    ['-q, --quiet', t('cli.option.quiet')],
    ['-v, --verbose', t('cli.option.verbose')],
    ['--lang {en,ja}', t('cli.option.lang')],
    ['--version', t('cli.option.version')],
  ] as const;
  return [
    `${t('cli.usage')}: ${NAME} [-h] --image <ECU_ID>:<PATH>[:<VERSION>]`,
    `${' '.repeat(NAME.length + 8)}[-o <PATH>] [-w <DEVICE>] [--confirm-write-to]`,
    `       ${NAME} inspect <PATH>…`,
    `       ${NAME} verify <TARGET>…`,
    `       ${NAME} drives list`,
    `       ${NAME} serve <IMAGE>`,
    `       ${NAME} vehicle {status,watch} <ADDRESS>[:<PORT>]`,
    `       ${NAME} vehicle update <ADDRESS> --image <IMAGE>`,
    '',
    ...wrap(t('cli.about'), 0),
    '',
    `${t('cli.commands')}:`,
    ...commands.flatMap(([name, text]) => entry(name, text)),
    '',
    `${t('cli.options')}:`,
    ...options.flatMap(([name, text]) => entry(name, text)),
    '',
  ].join('\n');
}

function entry(name: string, text: string): string[] {
  const [first = '', ...rest] = wrap(text, TEXT_COLUMN);
  const label = `  ${name}`;
  return label.length + 2 <= TEXT_COLUMN
    ? [label.padEnd(TEXT_COLUMN) + first.trimStart(), ...rest]
    : [label, first, ...rest];
}

/** Breaks at spaces, and between any two characters of Japanese, which has none. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  let columns = indent;
  for (const word of text.match(/[\x21-\x7e]+ ?|[^\x21-\x7e]/gu) ?? []) {
    const wide = columnsOf(word.trimEnd());
    if (columns + wide > WIDTH && line !== '') {
      lines.push(' '.repeat(indent) + line.trimEnd());
      line = '';
      columns = indent;
    }
    line += word;
    columns += columnsOf(word);
  }
  return [...lines, ' '.repeat(indent) + line.trimEnd()];
}

/** Terminals show East Asian characters two columns wide. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += character > '\u2e7f' ? 2 : 1;
  return columns;
}
