import { texts } from './catalogue.ts';

/** Sets of images that go onto a stick together. */
export const setTexts = texts({
  'sets.menu': { en: 'Sets', ja: 'セット' },
  'sets.open': { en: 'Open a set', ja: 'セットを開く' },
  'sets.last': { en: 'Last set', ja: '前回のセット' },
  'sets.last.open': { en: 'Use the last set', ja: '前回のセットを使用' },
  'sets.use': { en: 'Use {{name}}', ja: '{{name}} を使用' },
  'sets.save': { en: 'Save these images as a set…', ja: 'このイメージをセットとして保存…' },
  'sets.name': { en: 'Name of the set', ja: 'セットの名前' },
  'sets.name.save': { en: 'Save set', ja: 'セットを保存' },
  'sets.name.taken': {
    en: 'A set of this name is there. Saving replaces it.',
    ja: '同じ名前のセットがあります。保存すると置き換わります。',
  },
  'sets.export': { en: 'Export these images as a set file…', ja: 'セットをファイルに書き出す…' },
  'sets.export.name': { en: 'Image set', ja: 'イメージのセット' },
  'sets.import': { en: 'Open a set file…', ja: 'セットのファイルを開く…' },
  'sets.remove': { en: 'Remove saved sets…', ja: '保存したセットを削除…' },
  'sets.remove.hint': {
    en: 'The image files stay where they are.',
    ja: 'イメージのファイルは削除されません。',
  },
  'sets.remove.end': { en: 'Done', ja: '完了' },
});
