import { texts } from './catalogue.ts';

/** First step: the images and their cards. */
export const imageTexts = texts({
  'images.title': { en: 'Images', ja: 'イメージ' },
  'images.drop': { en: 'Drop OTA images here', ja: 'ここにOTAイメージをドロップ' },
  'images.drop.more': { en: 'Drop more images here', ja: 'さらに追加する場合はここにドロップ' },
  'images.drop.kinds': {
    en: '.tar, .tgz, .tar.zst, .zip, a folder, or a finished image (.img, .tar)',
    ja: '.tar、.tgz、.tar.zst、.zip、フォルダー、または作成済みのイメージ (.img、.tar)',
  },
  'images.choose': { en: 'Choose images', ja: 'イメージを選択' },
  'images.choose.files': { en: 'Choose files…', ja: 'ファイルを選択…' },
  'images.choose.folder': { en: 'Choose a folder…', ja: 'フォルダーを選択…' },
  'images.choose.all': { en: 'All files', ja: 'すべてのファイル' },
  'images.list': { en: 'Chosen images', ja: '選択したイメージ' },
  'images.ecu': { en: 'ECU ID', ja: 'ECU ID' },
  'images.version': { en: 'Version', ja: 'バージョン' },
  'images.version.none': { en: 'none', ja: 'なし' },
  'images.ecu.missing': { en: 'Enter the ECU ID.', ja: 'ECU IDを入力してください。' },
  'images.ecu.invalid': {
    en: 'Only letters, digits, spaces, “-”, “_” and “.”; at most 64.',
    ja: '文字、数字、空白、「-」「_」「.」だけ使用できます(64文字まで)。',
  },
  'images.ecu.duplicate': {
    en: 'Another image has this ECU ID.',
    ja: '同じECU IDのイメージがあります。',
  },
  'images.ecu.none': {
    en: 'Choose what to take, or remove the image.',
    ja: '書き込むものを選択するか、このイメージを外してください。',
  },
  'images.ecu.both': {
    en: 'Development and production for one ECU: keep one of them.',
    ja: '同じECUの開発用と製品用が選択されています。どちらか一方にしてください。',
  },
  'images.payloads': { en: 'Take from this image', ja: 'このイメージから書き込むもの' },
  'images.payload.dev': { en: 'development', ja: '開発用' },
  'images.payload.prd': { en: 'production', ja: '製品用' },
  'images.busy': {
    en: 'A job is running. Add images when it is done.',
    ja: '処理を実行中です。完了してからイメージを追加してください。',
  },
  'images.remove': { en: 'Remove {{name}}', ja: '{{name}} を外す' },
  'images.up': { en: 'Move {{name}} up', ja: '{{name}} を上へ移動' },
  'images.down': { en: 'Move {{name}} down', ja: '{{name}} を下へ移動' },
  'images.again': { en: 'Read again', ja: 'もう一度読み取る' },
  'images.reading': { en: 'Reading {{percent}}', ja: '読み取り中 {{percent}}' },
  'images.checking': { en: 'Checking contents {{percent}}', ja: '内容を確認中 {{percent}}' },
  'images.ready': { en: 'Checked', ja: '確認済み' },
  'images.failed': { en: 'Cannot be used', ja: '使用できません' },
  'images.finished': {
    en: 'Finished offline OTA image',
    ja: '作成済みのオフラインOTAイメージ',
  },
  'images.finished.made': { en: 'made {{made}}', ja: '作成日時: {{made}}' },
  'images.signer': { en: 'signed by {{signer}}', ja: '署名者: {{signer}}' },
  'images.already': {
    en: '{{name}} is already in the list.',
    ja: '{{name}} はすでに一覧にあります。',
  },
  'images.too-many': {
    en: 'No more than {{count, number}} images at a time.',
    ja: '一度に追加できるイメージは{{count, number}}個までです。',
  },
});
