import { texts } from './catalogue.ts';

/** Sticks that are refreshed: what they hold already is kept. */
export const refreshTexts = texts({
  'cli.option.refresh': {
    en: 'with -w: write only what the sticks do not hold already; everything on them is proved all the same, and what is no part of the new image is lost. A stick that cannot be refreshed is written as a whole',
    ja: '-w と共に指定: USBメモリにまだ入っていないデータだけを書き込みます。その場合も全データを検証し、新しいイメージに含まれないデータは失われます。更新できないUSBメモリには、すべてのデータを書き込みます',
  },
  'cli.erase.refresh': {
    en: 'This drive will be updated to the new image. Everything else on it will be erased:',
    ja: 'このドライブは新しいイメージに更新されます。それ以外のデータはすべて消去されます:',
  },
  'cli.erase.refresh.several': {
    en: 'All of these drives will be updated to the new image. Everything else on them will be erased:',
    ja: '次のすべてのドライブは新しいイメージに更新されます。それ以外のデータはすべて消去されます:',
  },
  'refresh.updates': {
    en: {
      one: 'Updates one stick: what it holds already is kept, everything else on it is erased',
      other:
        'Updates {{count, number}} sticks: what they hold already is kept, everything else on them is erased',
    },
    ja: 'USBメモリ{{count, number}}本を更新します。新しいイメージと同じデータはそのまま使用し、それ以外はすべて消去します',
  },
  'refresh.anew': { en: 'Write it all anew', ja: 'すべて書き込み直す' },
  'refresh.start': { en: 'Update…', ja: '更新…' },
  'refresh.title': {
    en: { one: 'Update the stick?', other: 'Update {{count, number}} sticks?' },
    ja: 'USBメモリ{{count, number}}本を更新しますか?',
  },
  'refresh.body': {
    en: {
      one: 'Everything that is no part of the new image will be erased and cannot be brought back. Where an update is not possible, all of it is written anew.',
      other:
        'Everything that is no part of the new image will be erased from all of them and cannot be brought back. Where an update is not possible, all of it is written anew.',
    },
    ja: '新しいイメージに含まれないデータはすべて消去され、元に戻せません。更新できない場合は、すべて書き込み直します。',
  },
  'refresh.drives': {
    en: { one: 'Will be updated', other: 'Will be updated ({{count, number}})' },
    ja: '更新するUSBメモリ({{count, number}}本)',
  },
  'refresh.hold': { en: 'Hold 2 s to update', ja: '2秒長押しで更新' },
  'refresh.plain': { en: 'Update', ja: '更新する' },
  'refresh.sure': {
    en: 'Confirm once more: what is listed above is updated now, and everything else on it is erased.',
    ja: 'もう一度確認してください。上の一覧にあるUSBメモリを今すぐ更新し、それ以外のデータを消去します。',
  },
  'refresh.sure.yes': { en: 'Yes, update', ja: 'はい、更新する' },
  'refresh.new': {
    en: '{{percent}} new: {{written, bytes}} to write, {{kept, bytes}} stay',
    ja: '新しいデータは{{percent}}: {{written, bytes}} を書き込み、{{kept, bytes}} はそのまま使用します',
  },
  'refresh.refreshed': {
    en: 'updated: {{written, bytes}} written, {{kept, bytes}} kept',
    ja: '更新: {{written, bytes}} を書き込み、{{kept, bytes}} はそのまま使用',
  },
  'refresh.whole.not-ours': {
    en: 'written as a whole: no offline OTA image was on it',
    ja: 'すべて書き込み: オフラインOTAイメージが入っていませんでした',
  },
  'refresh.whole.unsound': {
    en: 'written as a whole: its filesystem was damaged or of another kind',
    ja: 'すべて書き込み: ファイルシステムが壊れているか、異なる種類でした',
  },
  'refresh.whole.unreadable': {
    en: 'written as a whole: what was on it could not be read',
    ja: 'すべて書き込み: 以前の内容を読み取れませんでした',
  },
  'refresh.whole.fragmented': {
    en: 'written as a whole: its free space was in too many pieces',
    ja: 'すべて書き込み: 空き領域が細かく分かれていました',
  },
  'refresh.whole.mostly-new': {
    en: 'written as a whole: most of the image is new',
    ja: 'すべて書き込み: イメージの大部分が新しいデータでした',
  },
});
