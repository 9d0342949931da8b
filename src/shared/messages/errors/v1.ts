import type { V1Errors } from '../../errors/v1.ts';
import type { ErrorCatalogue } from './catalogue.ts';

const PACK_AGAIN = {
  en: 'An OTA image must not be packed again by other programs. Get the original file.',
  ja: 'OTAイメージを他のプログラムで圧縮し直さないでください。元のファイルを入手してください。',
} as const;
const TELL_MAKER = {
  en: 'Do not use this image. Tell whoever made it.',
  ja: 'このイメージは使用しないで、作成者に連絡してください。',
} as const;

export const v1Messages: ErrorCatalogue<V1Errors> = {
  'zip-encrypted': {
    en: { what: '{{file, file}} is protected by a password.', next: PACK_AGAIN.en },
    ja: { what: '{{file, file}} はパスワードで保護されています。', next: PACK_AGAIN.ja },
  },
  'zip-compressed': {
    en: {
      what: '“{{name}}” in {{file, file}} is compressed; of a zip this program reads only what is stored as it is.',
      next: 'Get the original file. Or unpack it and add the folder, or pack that again without compression (zip -0) or as a tar archive.',
    },
    ja: {
      what: '{{file, file}} の「{{name}}」が圧縮されています。読み取れるのは圧縮なしのzipだけです。',
      next: '元のファイルを入手してください。または、展開したフォルダーを追加するか、圧縮なし(zip -0)のzipかtarアーカイブにまとめ直してください。',
    },
  },
  'zip-duplicate-name': {
    en: { what: '{{file, file}} contains “{{name}}” more than once.', next: TELL_MAKER.en },
    ja: { what: '{{file, file}} に「{{name}}」が複数含まれています。', next: TELL_MAKER.ja },
  },
  'zip-size-wrong': {
    en: { what: '{{file, file}} lies about the size of “{{name}}”.', next: TELL_MAKER.en },
    ja: {
      what: '{{file, file}} の「{{name}}」のサイズの記載が正しくありません。',
      next: TELL_MAKER.ja,
    },
  },
  'zip-overlap': {
    en: {
      what: '“{{name}}” in {{file, file}} lies on top of other data. Harmful files are made like this.',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の「{{name}}」が他のデータと重なっています。有害なファイルに見られる形です。',
      next: TELL_MAKER.ja,
    },
  },
  'certificate-root-included': {
    en: {
      what: '{{file, file}} brings its own root certificate, so its signature proves nothing. Vehicles refuse it.',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} にルート証明書が含まれているため、署名を信頼できません。車両でも拒否されます。',
      next: TELL_MAKER.ja,
    },
  },
  'table-invalid': {
    en: {
      what: 'A table in {{file, file}} cannot be used ({{name}}: {{reason}}).',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の表を使用できません({{name}}: {{reason}})。',
      next: TELL_MAKER.ja,
    },
  },
  'resource-invalid': {
    en: {
      what: 'The tables of {{file, file}} contradict each other at {{resource}} ({{reason}}).',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の表に矛盾があります({{resource}}: {{reason}})。',
      next: TELL_MAKER.ja,
    },
  },
  'resource-outside': {
    en: {
      what: 'The tables of {{file, file}} point to something that is not there, at {{resource}} ({{reason}}).',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の表が存在しないものを参照しています({{resource}}: {{reason}})。',
      next: TELL_MAKER.ja,
    },
  },
  'resource-nested': {
    en: {
      what: 'In {{file, file}}, {{resource}} is made from itself or from too many layers of parts, which vehicles cannot put together ({{reason}}).',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の {{resource}} は自身または多重の部品から作られており、車両では復元できません({{reason}})。',
      next: TELL_MAKER.ja,
    },
  },
  'filter-invalid': {
    en: {
      what: '{{file, file}} describes how to make {{resource}} in a form that vehicles do not understand ({{reason}}).',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の {{resource}} の作成方法は、車両が解釈できない形式です({{reason}})。',
      next: TELL_MAKER.ja,
    },
  },
  'resource-corrupt': {
    en: {
      what: 'A file cannot be put together from its parts in {{file, file}}: the result is not {{resource}}.',
      next: TELL_MAKER.en,
    },
    ja: {
      what: '{{file, file}} の部品からファイルを復元できません。結果が {{resource}} と一致しません。',
      next: TELL_MAKER.ja,
    },
  },
  'payload-not-found': {
    en: {
      what: '{{file, file}} holds nothing for the ECU “{{ecuId}}”. It has: {{known}}.',
      next: 'Choose one of these ECU ids, or leave it out to take all of them.',
    },
    ja: {
      what: '{{file, file}} にECU「{{ecuId}}」用のデータはありません。含まれるECU: {{known}}。',
      next: 'いずれかのECU IDを選択するか、IDを省略してすべてを使用してください。',
    },
  },
  'release-key-not-found': {
    en: {
      what: '{{file, file}} holds nothing for the ECU “{{ecuId}}” with the release key “{{releaseKey}}”.',
      next: 'Choose the other release key, or get the right image.',
    },
    ja: {
      what: '{{file, file}} にECU「{{ecuId}}」のリリースキー「{{releaseKey}}」用のデータはありません。',
      next: '別のリリースキーを選択するか、正しいイメージを入手してください。',
    },
  },
  'release-key-needed': {
    en: {
      what: '{{file, file}} holds a development and a production image for the ECU “{{ecuId}}”.',
      next: 'Choose one of the two (on the command line: --release-key dev or --release-key prd).',
    },
    ja: {
      what: '{{file, file}} にはECU「{{ecuId}}」の開発用と製品用のイメージが含まれています。',
      next: 'どちらかを選択してください(コマンドラインでは --release-key dev または --release-key prd)。',
    },
  },
};
