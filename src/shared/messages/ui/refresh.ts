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
  'refresh.whole.fragmented': {
    en: 'written as a whole: its free space was in too many pieces',
    ja: 'すべて書き込み: 空き領域が細かく分かれていました',
  },
  'refresh.whole.mostly-new': {
    en: 'written as a whole: most of the image is new',
    ja: 'すべて書き込み: イメージの大部分が新しいデータでした',
  },
});
