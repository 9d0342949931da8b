import { texts } from './catalogue.ts';

/** First step: the images and their rows. */
export const imageTexts = texts({
  'images.title': { en: 'Images', ja: 'イメージ' },
  'images.drop': { en: 'Drop OTA images here', ja: 'ここにOTAイメージをドロップ' },
  'images.drop.more': { en: 'Drop more images here', ja: '追加のイメージをここにドロップ' },
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
  'images.ecu.of': { en: 'ECU ID of {{name}}', ja: '{{name}} のECU ID' },
  'images.version.of': { en: 'Version of {{name}}', ja: '{{name}} のバージョン' },
  'images.ecu.missing.short': { en: 'ECU ID missing', ja: 'ECU ID未入力' },
  'images.ecu.invalid.short': { en: 'ECU ID not possible', ja: 'ECU IDが不正' },
  'images.ecu.duplicate.short': { en: 'Same ECU twice', ja: 'ECUが重複' },
  'images.ecu.none.short': { en: 'Nothing chosen', ja: '未選択' },
  'images.ecu.both.short': { en: 'Development and production', ja: '開発用と製品用が重複' },
  'images.ecu.missing': { en: 'Enter the ECU ID.', ja: 'ECU IDを入力してください。' },
  'images.ecu.invalid': {
    en: 'Only letters, digits, spaces, “-”, “_” and “.”; at most 64, the first a letter or digit.',
    ja: '文字、数字、空白、「-」「_」「.」だけ使用できます(64文字まで、先頭は文字か数字)。',
  },
  'images.ecu.duplicate': {
    en: 'Another image is for this ECU: change one ID, or remove an image.',
    ja: '同じECUのイメージがあります。IDを変更するか、どちらかを外してください。',
  },
  'images.ecu.none': {
    en: 'Choose what to take, or remove the image.',
    ja: '書き込むものを選択するか、このイメージを外してください。',
  },
  'images.ecu.both': {
    en: 'Development and production for one ECU: keep one of them.',
    ja: '同じECUの開発用と製品用が選択されています。どちらか一方にしてください。',
  },
  'images.ecu.guess.short': { en: 'ID guessed', ja: 'IDは推定' },
  'images.ecu.new.short': { en: 'new ECU', ja: '新しいECU' },
  'images.ecu.guess': {
    en: '“{{ecuId}}” is from the file name and was not used on this computer before. With a wrong ID the vehicle takes nothing from the stick.',
    ja: '「{{ecuId}}」はファイル名から推定したECU IDで、このコンピューターではまだ使用していません。IDが違うと、車両はこのイメージを使用しません。',
  },
  'images.ecu.new': {
    en: '“{{ecuId}}” was not used on this computer before. With a wrong ID the vehicle takes nothing from the stick.',
    ja: '「{{ecuId}}」はこのコンピューターではまだ使用していないECU IDです。IDが違うと、車両はこのイメージを使用しません。',
  },
  'images.ecu.confirm': { en: 'This ID is right', ja: 'このIDで正しい' },
  'images.payloads': { en: 'Take from this image', ja: 'このイメージから書き込むもの' },
  'images.payload.dev': { en: 'development', ja: '開発用' },
  'images.payload.prd': { en: 'production', ja: '製品用' },
  'images.busy': {
    en: 'A job is running. Add images when it is done.',
    ja: '処理を実行中です。完了してからイメージを追加してください。',
  },
  'images.remove': { en: 'Remove {{name}}', ja: '{{name}} を外す' },
  'images.order': {
    en: 'Alt with the up or down arrow moves the image.',
    ja: 'Altキーと上下の矢印キーで順序を変更できます。',
  },
  'images.moved': {
    en: '{{name}} is number {{position, number}} of {{count, number}} now.',
    ja: '{{name}} を{{count, number}}個中{{position, number}}番目に移動しました。',
  },
  'images.replaced': {
    en: '{{ecuId}} is {{after}} now, instead of {{before}}.',
    ja: '{{ecuId}} を {{before}} から {{after}} に置き換えました。',
  },
  'images.replaced.older': {
    en: '{{ecuId}} is {{after}} now: older than {{before}}, which was there.',
    ja: '{{ecuId}} を {{before}} から、それより古い {{after}} に置き換えました。',
  },
  'images.replaced.several': {
    en: {
      one: 'One image took the place of the one before: {{ecuIds}}.',
      other: '{{count, number}} images took the place of those before: {{ecuIds}}.',
    },
    ja: '{{count, number}}個のイメージを置き換えました: {{ecuIds}}',
  },
  'images.undo.removed': { en: 'The image was removed.', ja: 'イメージを外しました。' },
  'images.undo.opened': {
    en: 'The set took the place of the images that were here.',
    ja: '一覧のイメージをセットに置き換えました。',
  },
  'images.undo': { en: 'Undo', ja: '元に戻す' },
  'images.all': { en: 'All images: {{warning}}', ja: 'すべてのイメージ: {{warning}}' },
  'images.warnings': {
    en: { one: '1 warning', other: '{{count, number}} warnings' },
    ja: '注意{{count, number}}件',
  },
  'images.changed.short': { en: 'not as in the set', ja: 'セットと相違' },
  'images.changed': {
    en: 'This is not the image that the set was saved with. Use it if you expect a new one; else get the old one.',
    ja: 'セットを保存したときとは別のイメージです。更新した場合はそのまま使用し、それ以外は元のイメージを用意してください。',
  },
  'images.said': { en: 'Images that were read', ja: '読み取ったイメージ' },
  'images.said.ready': { en: '{{name}}: contents OK', ja: '{{name}}: 内容は正常' },
  'images.said.failed': { en: '{{name}}: cannot be used', ja: '{{name}}: 使用できません' },
  'images.again': { en: 'Read again', ja: 'もう一度読み取る' },
  'images.reading': { en: 'Reading {{percent}}', ja: '読み取り中 {{percent}}' },
  'images.checking': { en: 'Checking contents {{percent}}', ja: '内容を確認中 {{percent}}' },
  'images.ready': { en: 'Contents OK', ja: '内容は正常' },
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
