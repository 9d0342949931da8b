import { texts } from './catalogue.ts';

/** Names of the product's states, as data types have them. */
export const labelTexts = texts({
  'app.name': { en: 'Offline OTA Image Builder', ja: 'オフラインOTAイメージビルダー' },

  'phase.inspect': { en: 'Reading images', ja: 'イメージの読み取り' },
  'phase.check': { en: 'Checking contents', ja: '内容の確認' },
  'phase.look': { en: 'Looking at stick', ja: 'USBメモリの読み取り' },
  'phase.prepare': { en: 'Preparing', ja: '準備' },
  'phase.write': { en: 'Writing', ja: '書き込み' },
  'phase.flush': { en: 'Waiting for stick', ja: 'USBメモリの保存待ち' },
  'phase.verify': { en: 'Verifying', ja: '検証' },
  'phase.commit': { en: 'Finishing', ja: '仕上げ' },
  'phase.eject': { en: 'Ejecting', ja: '取り出し' },

  'lane.waiting': { en: 'waiting', ja: '待機中' },
  'lane.running': { en: 'starting', ja: '開始しています' },
  'lane.done': { en: 'complete', ja: '完了' },
  'lane.failed': { en: 'failed', ja: '失敗' },
  'lane.cancelled': { en: 'stopped', ja: '中止' },
  'lane.slowest': { en: 'the others wait for this one', ja: '他はこの書き込みを待っています' },

  'signature.anchored': { en: 'signed by a trusted CA', ja: '署名確認済み(信頼済みCA)' },
  'signature.unanchored': { en: 'signed, signer not verified', ja: '署名あり(署名者は未確認)' },
  'signature.unchecked': { en: 'signature not checked', ja: '署名は未確認' },

  'warning.signature-unanchored': {
    en: 'The signature is valid, but no CA folder is set, so it is not known who signed.',
    ja: '署名は有効ですが、CAフォルダーが設定されていないため、署名者を確認できません。',
  },
  'warning.signature-unchecked': {
    en: 'The signature was not checked.',
    ja: '署名は確認されていません。',
  },
  'warning.certificate-expires-soon': {
    en: 'The signing certificate is valid until {{validTo, date}}.',
    ja: '署名証明書の有効期限は {{validTo, date}} です。',
  },
  'warning.unlisted-members': {
    en: {
      one: 'One file in the image is not in its lists and is left out.',
      other: '{{count, number}} files in the image are not in its lists and are left out.',
    },
    ja: '一覧にないファイルが{{count, number}}件あり、書き込みから除かれます。',
  },
  'warning.sizes-not-listed': {
    en: {
      one: 'The image does not list the size of one file.',
      other: 'The image does not list the sizes of {{count, number}} files.',
    },
    ja: 'サイズの記載がないファイルが{{count, number}}件あります。',
  },
  'warning.entries-unknown': {
    en: {
      one: 'One entry of the image is of a kind that this program does not write to sticks ({{types}}). All others are used.',
      other:
        '{{count, number}} entries of the image are of kinds that this program does not write to sticks ({{types}}). All others are used.',
    },
    ja: 'このプログラムが書き込まない種類の項目が{{count, number}}件あります({{types}})。他の項目はすべて使用します。',
  },

  'ca.without-root': {
    en: {
      one: 'The CA folder has no {{names}}.root.pem, so the intermediate certificate of that name is not used.',
      other:
        'The CA folder has no root certificates (.root.pem) for {{names}}, so their intermediate certificates are not used.',
    },
    ja: 'CAフォルダーに {{names}} のルート証明書(.root.pem)がないため、その中間証明書は使用しません。',
  },

  'fault.missing': { en: 'missing', ja: '不足' },
  'fault.corrupt': { en: 'damaged', ja: '破損' },
  'fault.unexpected': { en: 'not expected', ja: '想定外' },
  'fault.size': { en: 'wrong size', ja: 'サイズ不一致' },
  'fault.manifest': { en: 'wrong manifest', ja: 'マニフェスト不正' },
  'fault.structure': { en: 'damaged structure', ja: '構造の破損' },

  'output.tar': { en: 'tar file', ja: 'tarファイル' },
  'output.folder': { en: 'folder', ja: 'フォルダー' },
  'output.img': { en: 'disk image file', ja: 'ディスクイメージ' },
  'output.drive': { en: 'USB stick', ja: 'USBメモリ' },

  'count.files': {
    en: { one: '1 file', other: '{{count, number}} files' },
    ja: '{{count, number}}ファイル',
  },
  'count.images': {
    en: { one: '1 image', other: '{{count, number}} images' },
    ja: '{{count, number}}イメージ',
  },
  'count.faults': {
    en: { one: '1 fault', other: '{{count, number}} faults' },
    ja: '{{count, number}}件の問題',
  },
});
