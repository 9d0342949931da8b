import type { ImageErrors } from '../../errors/image.ts';
import type { ErrorCatalogue } from './catalogue.ts';

const GET_AGAIN = {
  en: 'Get the file again. If the problem stays, tell whoever made the image.',
  ja: 'ファイルを入手し直してください。問題が続く場合は、イメージの作成者に連絡してください。',
} as const;
const DO_NOT_USE = {
  en: 'Do not use this image. Tell whoever gave it to you.',
  ja: 'このイメージは使用しないで、提供元に連絡してください。',
} as const;
/** Of a finished image; whoever built it can build it again. */
const COPY_AGAIN = {
  en: 'Copy or download it again, or build it again.',
  ja: 'コピーまたはダウンロードし直すか、もう一度作成してください。',
} as const;

export const imageMessages: ErrorCatalogue<ImageErrors> = {
  'not-an-image': {
    en: {
      what: '{{file, file}} is not an OTA image: it has no OTA metadata inside.',
      next: 'Check that you chose the right file. An OTA image is often called “…_image.tgz”.',
    },
    ja: {
      what: '{{file, file}} はOTAイメージではありません。OTAのメタデータが入っていません。',
      next: '正しいファイルを選択したか確認してください。OTAイメージの名前は「…_image.tgz」のような形です。',
    },
  },
  'metadata-invalid': {
    en: {
      what: 'The metadata in {{file, file}} cannot be understood ({{reason}}).',
      next: GET_AGAIN.en,
    },
    ja: {
      what: '{{file, file}} のメタデータを解釈できません({{reason}})。',
      next: GET_AGAIN.ja,
    },
  },
  'metadata-version-unsupported': {
    en: {
      what: '{{file, file}} has metadata of version {{version}}, which this program does not know.',
      next: 'Look for a newer version of this program.',
    },
    ja: {
      what: '{{file, file}} のメタデータのバージョン {{version}} には対応していません。',
      next: 'このプログラムの新しいバージョンを確認してください。',
    },
  },
  'name-unsafe': {
    en: {
      what: 'The metadata in {{file, file}} names an unsafe path ({{claim}}: “{{name}}”).',
      next: DO_NOT_USE.en,
    },
    ja: {
      what: '{{file, file}} のメタデータに安全でないパスがあります({{claim}}:「{{name}}」)。',
      next: DO_NOT_USE.ja,
    },
  },
  'metafile-missing': {
    en: { what: '{{name}} is missing from {{file, file}}.', next: GET_AGAIN.en },
    ja: { what: '{{file, file}} に {{name}} がありません。', next: GET_AGAIN.ja },
  },
  'metafile-hash-mismatch': {
    en: {
      what: '{{name}} in {{file, file}} is not what the signed metadata says.',
      next: DO_NOT_USE.en,
    },
    ja: {
      what: '{{file, file}} の {{name}} が署名済みメタデータと一致しません。',
      next: DO_NOT_USE.ja,
    },
  },
  'line-invalid': {
    en: {
      what: 'Line {{line, number}} of {{name}} in {{file, file}} cannot be understood.',
      next: GET_AGAIN.en,
    },
    ja: {
      what: '{{file, file}} の {{name}} の{{line, number}}行目を解釈できません。',
      next: GET_AGAIN.ja,
    },
  },
  'table-limit': {
    en: {
      what: '{{name}} in {{file, file}} has more than {{limit, number}} entries.',
      next: 'This is not a usual OTA image. Check that it is the right file.',
    },
    ja: {
      what: '{{file, file}} の {{name}} が{{limit, number}}件を超えています。',
      next: '通常のOTAイメージではありません。正しいファイルか確認してください。',
    },
  },
  'certificate-invalid': {
    en: {
      what: 'The signing certificate in {{file, file}} cannot be used ({{reason}}).',
      next: DO_NOT_USE.en,
    },
    ja: {
      what: '{{file, file}} の署名証明書を使用できません({{reason}})。',
      next: DO_NOT_USE.ja,
    },
  },
  'certificate-not-yet-valid': {
    en: {
      what: 'The signing certificate of {{file, file}} is valid only from {{validFrom, dateTime}} on.',
      next: 'Look at this computer’s clock: it is probably behind. If it is right, use the image from then on.',
    },
    ja: {
      what: '{{file, file}} の署名証明書は {{validFrom, dateTime}} から有効です。',
      next: 'このコンピューターの時計が遅れていないか確認してください。時計が正しい場合は、この日時以降にイメージを使用してください。',
    },
  },
  'certificate-expired': {
    en: {
      what: 'The signing certificate of {{file, file}} was valid until {{validTo, date}}.',
      next: 'Check the clock of this computer. If it is right, ask for an image that was signed again.',
    },
    ja: {
      what: '{{file, file}} の署名証明書の有効期限は {{validTo, date}} でした。',
      next: 'このコンピューターの時計を確認してください。正しい場合は、署名し直したイメージを依頼してください。',
    },
  },
  'signature-invalid': {
    en: {
      what: 'The signature of {{file, file}} is invalid: the image was changed after signing.',
      next: DO_NOT_USE.en,
    },
    ja: {
      what: '{{file, file}} の署名が不正です。署名後にイメージが変更されています。',
      next: DO_NOT_USE.ja,
    },
  },
  'signature-untrusted': {
    en: {
      what: '{{file, file}} was signed, but by none of the CAs in {{caDir}}.',
      next: 'Check that the image is for your vehicles, or add its CA to the CA folder.',
    },
    ja: {
      what: '{{file, file}} の署名は {{caDir}} のどのCAのものでもありません。',
      next: 'お使いの車両用のイメージか確認するか、CAフォルダーに該当のCAを追加してください。',
    },
  },
  'ca-unreadable': {
    en: {
      what: 'The CA folder {{dir}} cannot be used ({{reason}}).',
      next: 'Choose another CA folder in the settings. It holds <name>.root.pem and <name>.intermediate.pem.',
    },
    ja: {
      what: 'CAフォルダー {{dir}} を使用できません({{reason}})。',
      next: '設定で別のCAフォルダーを選択してください。<名前>.root.pem と <名前>.intermediate.pem が必要です。',
    },
  },
  'blob-missing': {
    en: {
      what: '{{file, file}} lacks files that the vehicle needs (missing: {{count, number}}; the first is {{path}}).',
      next: GET_AGAIN.en,
    },
    ja: {
      what: '{{file, file}} に車両が必要とするファイルが{{count, number}}件足りません(最初の1件: {{path}})。',
      next: GET_AGAIN.ja,
    },
  },
  'blob-size-mismatch': {
    en: {
      what: '{{path}} in {{file, file}} has {{actual, bytes}} instead of {{expected, bytes}}.',
      next: GET_AGAIN.en,
    },
    ja: {
      what: '{{file, file}} の {{path}} のサイズが {{expected, bytes}} ではなく {{actual, bytes}} です。',
      next: GET_AGAIN.ja,
    },
  },
  'blob-corrupt': {
    en: {
      what: 'A file in {{file, file}} is damaged ({{name}}).',
      next: GET_AGAIN.en,
    },
    ja: {
      what: '{{file, file}} の中のファイルが破損しています({{name}})。',
      next: GET_AGAIN.ja,
    },
  },
  'finished-not-alone': {
    en: {
      what: '{{file, file}} is a finished offline OTA image. It cannot be put together with other images.',
      next: 'Write it alone, or take the OTA images that it was built of.',
    },
    ja: {
      what: '{{file, file}} は作成済みのオフラインOTAイメージです。ほかのイメージと組み合わせることはできません。',
      next: 'このイメージだけを書き込むか、元のOTAイメージを使用してください。',
    },
  },
  'finished-named': {
    en: {
      what: '{{file, file}} is a finished offline OTA image. It has its ECU IDs and versions already.',
      next: 'Give its path alone, without an ECU ID, a version or a release key.',
    },
    ja: {
      what: '{{file, file}} は作成済みのオフラインOTAイメージです。ECU IDとバージョンはすでに決まっています。',
      next: 'ECU ID、バージョン、リリースキーを付けずに、パスだけを指定してください。',
    },
  },
  'finished-compressed': {
    en: {
      what: '{{file, file}} holds a finished offline OTA image, but it is compressed.',
      next: 'Unpack it, and use the folder, the .tar file or the .img file.',
    },
    ja: {
      what: '{{file, file}} には作成済みのオフラインOTAイメージが入っていますが、圧縮されています。',
      next: '展開して、フォルダー、.tarファイル、または.imgファイルを使用してください。',
    },
  },
  'finished-damaged': {
    en: {
      what: 'The offline OTA image {{file, file}} is damaged or not complete: {{what}} ({{reason}}).',
      next: COPY_AGAIN.en,
    },
    ja: {
      what: 'オフラインOTAイメージ {{file, file}} は破損しているか不完全です: {{what}}({{reason}})。',
      next: COPY_AGAIN.ja,
    },
  },
  'finished-manifest-wrong': {
    en: {
      what: 'The manifest.json of the offline OTA image {{file, file}} does not fit its files: {{reason}}.',
      next: COPY_AGAIN.en,
    },
    ja: {
      what: 'オフラインOTAイメージ {{file, file}} の manifest.json がファイルと一致しません: {{reason}}。',
      next: COPY_AGAIN.ja,
    },
  },
  'finished-file-missing': {
    en: {
      what: 'The offline OTA image {{file, file}} is not complete: {{path}} is missing (faults: {{faults, number}}).',
      next: COPY_AGAIN.en,
    },
    ja: {
      what: 'オフラインOTAイメージ {{file, file}} は不完全です: {{path}} がありません(問題:{{faults, number}}件)。',
      next: COPY_AGAIN.ja,
    },
  },
  'finished-file-foreign': {
    en: {
      what: 'The offline OTA image {{file, file}} holds something that does not belong to it: {{path}} (faults: {{faults, number}}).',
      next: COPY_AGAIN.en,
    },
    ja: {
      what: 'オフラインOTAイメージ {{file, file}} に、含まれるはずのないものがあります: {{path}}(問題:{{faults, number}}件)。',
      next: COPY_AGAIN.ja,
    },
  },
  'finished-file-wrong': {
    en: {
      what: 'The offline OTA image {{file, file}} is damaged: {{path}} (faults: {{faults, number}}).',
      next: COPY_AGAIN.en,
    },
    ja: {
      what: 'オフラインOTAイメージ {{file, file}} は破損しています: {{path}}(問題:{{faults, number}}件)。',
      next: COPY_AGAIN.ja,
    },
  },
};
