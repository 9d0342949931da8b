import { texts } from './catalogue.ts';

/** Second step: the drive, or a file instead. */
export const stickTexts = texts({
  'stick.title': { en: 'Sticks', ja: 'USBメモリ' },
  'stick.choose': { en: 'Choose USB sticks', ja: 'USBメモリを選択' },
  'stick.none': { en: 'Plug in a USB stick', ja: 'USBメモリを挿してください' },
  'stick.none.hint': { en: 'It appears here by itself.', ja: '自動的にここに表示されます。' },
  'stick.serial': { en: '…{{serial}}', ja: '…{{serial}}' },
  'stick.serial.none': { en: 'no serial', ja: 'シリアルなし' },
  'stick.port': { en: 'USB port {{port}}', ja: 'USBポート {{port}}' },
  'stick.labels': {
    en: 'volume name now: “{{labels}}”',
    ja: '現在のボリューム名「{{labels}}」',
  },
  'stick.labels.none': { en: 'no volume name', ja: 'ボリューム名なし' },
  'stick.cache': { en: 'offline OTA image', ja: 'オフラインOTAイメージ' },
  'stick.cache.of': {
    en: 'offline OTA image: {{images}}',
    ja: 'オフラインOTAイメージ: {{images}}',
  },
  'stick.relation.same': { en: '(same versions as this set)', ja: '(今回と同じバージョン)' },
  'stick.relation.older': { en: '(older than this set)', ja: '(今回より古い)' },
  'stick.relation.newer': { en: '(newer than this set)', ja: '(今回より新しい)' },
  'stick.relation.other': { en: '(differs from this set)', ja: '(今回と異なる内容)' },
  'stick.all': {
    en: { one: 'Choose it', other: 'Choose all {{count, number}}' },
    ja: '{{count, number}}本すべてを選択',
  },
  'stick.hidden': {
    en: { one: '1 drive hidden: why?', other: '{{count, number}} drives hidden: why?' },
    ja: '非表示のドライブ{{count, number}}台: 理由',
  },
  'stick.hidden.title': {
    en: 'Drives that cannot be chosen',
    ja: '選択できないドライブ',
  },
  'stick.shared-usb': {
    en: {
      one: 'One of these sticks is behind a hub.',
      other:
        '{{count, number}} of these sticks share one USB connection. In sockets of the computer itself they are written faster.',
    },
    ja: '選択したUSBメモリのうち{{count, number}}本は1つのUSB接続を共有しています。コンピューター本体のポートに挿すと速く書き込めます。',
  },
  'stick.file': { en: 'Save as a file…', ja: 'ファイルとして保存…' },
  'stick.file.tar': { en: 'A tar file…', ja: 'tarファイル…' },
  'stick.file.img': { en: 'A disk image (.img)…', ja: 'ディスクイメージ (.img)…' },
  'stick.file.folder': { en: 'A folder…', ja: 'フォルダー…' },
  'stick.file.chosen': { en: 'Also saved as a file', ja: 'ファイルとしても保存' },
  'stick.file.only': { en: 'Saved as a file', ja: 'ファイルとして保存' },
  'stick.file.remove': { en: 'Do not save the file', ja: 'ファイルの保存をやめる' },
  'stick.clear': { en: 'Choose no stick', ja: 'USBメモリの選択を解除' },
  'stick.unplugged': {
    en: '{{name}} was unplugged. Plug it in again, or choose another stick.',
    ja: '{{name}} が抜かれました。もう一度挿すか、別のUSBメモリを選択してください。',
  },
});
