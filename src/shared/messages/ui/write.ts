import { texts } from './catalogue.ts';

/** Third step: confirm, progress, result. */
export const writeTexts = texts({
  'write.title': { en: 'Write', ja: '書き込み' },
  'write.size': { en: '{{size, bytes}}', ja: '{{size, bytes}}' },
  'write.shared': { en: '{{size, bytes}} saved by sharing', ja: '共有により {{size, bytes}} 節約' },
  'write.erases': { en: 'Erases {{name}}', ja: '{{name}} を消去します' },
  'write.saves': { en: 'Saves {{path, file}}', ja: '{{path, file}} を保存します' },
  'write.preview': { en: 'Preview manifest', ja: 'マニフェストを確認' },
  'write.start.drive': { en: 'Erase and write…', ja: '消去して書き込む…' },
  'write.start.file': { en: 'Save', ja: '保存' },
  'write.need.images': { en: 'Add an OTA image first.', ja: 'まずOTAイメージを追加してください。' },
  'write.need.wait': {
    en: 'The images are still being checked.',
    ja: 'イメージを確認しています。お待ちください。',
  },
  'write.need.fix': {
    en: 'An image needs your attention.',
    ja: '確認が必要なイメージがあります。',
  },
  'write.need.list': {
    en: 'Without the list of drives, only a file can be saved.',
    ja: 'ドライブの一覧を取得できないため、ファイルとしてのみ保存できます。',
  },
  'write.need.target': { en: 'Choose a stick.', ja: 'USBメモリを選択してください。' },

  'confirm.title': {
    en: 'Erase everything on {{name}}?',
    ja: '{{name}} の中のデータをすべて消去しますか?',
  },
  'confirm.title.several': {
    en: {
      one: 'Erase everything on one stick?',
      other: 'Erase everything on {{count, number}} sticks?',
    },
    ja: 'USBメモリ {{count, number}} 本の中のデータをすべて消去しますか?',
  },
  'confirm.body.several': {
    en: 'Everything on all of them will be erased and cannot be brought back.',
    ja: 'すべてのUSBメモリの中のデータが消去され、元に戻せません。',
  },
  'confirm.drives': { en: 'Sticks to erase', ja: '消去するUSBメモリ' },
  'confirm.body': {
    en: 'Everything on it will be erased and cannot be brought back.',
    ja: '中のデータはすべて消去され、元に戻せません。',
  },
  'confirm.contains': { en: 'On it now', ja: '現在の内容' },
  'confirm.goes': { en: 'Will be written', ja: '書き込む内容' },
  'confirm.also': { en: 'Also saved', ja: '同時に保存' },
  'confirm.serial': { en: 'Serial', ja: 'シリアル' },
  'confirm.size': { en: 'Size', ja: '容量' },
  'confirm.type': {
    en: 'This drive is unusually large. Type “{{model}}” to go on.',
    ja: '容量の大きいドライブです。続けるには「{{model}}」と入力してください。',
  },
  'confirm.hold': { en: 'Hold to erase and write', ja: '長押しで消去して書き込む' },
  'confirm.calm.hint': {
    en: 'Press once; it starts after two seconds. Press again to stop.',
    ja: '一度押すと2秒後に開始します。もう一度押すと中止します。',
  },
  'confirm.hold.hint': {
    en: 'Hold the button, or the space bar, for two seconds.',
    ja: 'ボタンまたはスペースキーを2秒間押し続けてください。',
  },
  'confirm.count': { en: 'Erase and write', ja: '消去して書き込む' },
  'confirm.counting': {
    en: 'Starting in {{seconds, number}} s – press to stop',
    ja: '{{seconds, number}} 秒後に開始します。押すと中止します',
  },

  'job.bytes': {
    en: '{{done, bytes}} of {{total, bytes}}',
    ja: '{{total, bytes}} 中 {{done, bytes}}',
  },
  'job.left': { en: '{{time}} left', ja: '残り {{time}}' },
  'job.stop': { en: 'Stop…', ja: '中止…' },
  'job.stopping': { en: 'Stopping…', ja: '中止しています…' },
  'job.stop.title': { en: 'Stop now?', ja: '中止しますか?' },
  'job.stop.drive': {
    en: 'The stick will not be usable as OTA cache. It must be written again.',
    ja: '中止すると、USBメモリはOTAキャッシュとして使用できなくなります。もう一度書き込む必要があります。',
  },
  'job.stop.file': { en: 'No file will be left.', ja: 'ファイルは残りません。' },
  'job.stop.yes': { en: 'Stop', ja: '中止する' },
  'job.stop.no': { en: 'Keep going', ja: '続ける' },
  'job.password': {
    en: 'Your computer may ask for a password. Nothing is erased before that.',
    ja: 'パスワードの入力を求められることがあります。それまでは何も消去されません。',
  },
  'job.exact': {
    en: '{{done, number}} of {{total, number}} bytes',
    ja: '{{total, number}} バイト中 {{done, number}} バイト',
  },
  'job.stay': { en: 'Do not unplug the stick.', ja: 'USBメモリを抜かないでください。' },
  'job.progress': { en: 'Progress', ja: '進行状況' },
  'job.working': { en: 'Starting', ja: '開始しています' },

  'lanes.label': { en: 'Sticks', ja: 'USBメモリ' },
  'lanes.stop': { en: 'Stop {{name}}', ja: '{{name}} を中止' },
  'lanes.stop.title': { en: 'Stop {{name}}?', ja: '{{name}} の書き込みを中止しますか?' },
  'lanes.stop.others': { en: 'The other sticks go on.', ja: '他のUSBメモリの書き込みは続きます。' },

  'done.drives': {
    en: {
      one: 'One stick verified and ejected. It is safe to unplug.',
      other: 'All {{count, number}} sticks verified and ejected. They are safe to unplug.',
    },
    ja: 'USBメモリ {{count, number}} 本の検証と取り出しが完了しました。取り外しても安全です。',
  },
  'done.drives.stay': {
    en: {
      one: 'One stick verified. Eject it before you unplug it.',
      other: 'All {{count, number}} sticks verified. Eject them before you unplug them.',
    },
    ja: 'USBメモリ {{count, number}} 本の検証が完了しました。抜く前に取り出してください。',
  },
  'done.partial': {
    en: '{{done, number}} of {{count, number}} sticks are complete',
    ja: 'USBメモリ {{count, number}} 本中 {{done, number}} 本が完了しました',
  },
  'done.drive': {
    en: 'Verified and ejected. It is safe to unplug.',
    ja: '検証と取り出しが完了しました。取り外しても安全です。',
  },
  'done.drive.stays': {
    en: 'Verified. Eject it before you unplug it.',
    ja: '検証が完了しました。抜く前に取り出してください。',
  },
  'done.file': {
    en: 'Saved. The contents were checked while writing.',
    ja: '保存しました。内容は書き込み時に確認済みです。',
  },
  'done.format': {
    en: 'Do not format it when your computer asks.',
    ja: 'コンピューターにフォーマットを求められても、フォーマットしないでください。',
  },
  'done.took': { en: '{{size, bytes}} in {{time}}', ja: '{{size, bytes}}、所要時間 {{time}}' },
  'done.another': { en: 'Make another', ja: 'もう1本作成' },
  'done.another.file': { en: 'Done', ja: '完了' },
  'done.eject': { en: 'Eject', ja: '取り出し' },
  'done.ejecting': { en: 'Ejecting…', ja: '取り出しています…' },
  'done.show': { en: 'Show in folder', ja: 'フォルダーで表示' },
  'done.report': { en: 'Save report…', ja: 'レポートを保存…' },
  'report.verified': { en: 'Written and verified', ja: '書き込みと検証が完了しました' },
  'report.partial': {
    en: 'Written in part: not every output is complete',
    ja: '一部のみ書き込みました。完了していないものがあります',
  },
  'report.saved': { en: 'Written', ja: '書き込みが完了しました' },

  'failed.title': { en: 'It did not work', ja: '完了できませんでした' },
  'failed.cancelled': { en: 'Stopped', ja: '中止しました' },
  'failed.unmodified': {
    en: 'Nothing on the stick was changed.',
    ja: 'USBメモリの内容は変更されていません。',
  },
  'failed.modified': {
    en: 'The stick is not usable as OTA cache. It must be written again.',
    ja: 'USBメモリはOTAキャッシュとして使用できません。もう一度書き込んでください。',
  },
  'failed.file.kept': {
    en: '{{path, file}} was saved and can be used.',
    ja: '{{path, file}} は保存済みで、使用できます。',
  },
  'failed.file': { en: 'No file was left.', ja: 'ファイルは残っていません。' },
  'failed.removing': {
    en: 'What is not complete is being removed. You need not wait for it.',
    ja: '未完成のものを削除しています。完了を待つ必要はありません。',
  },
  'failed.again': { en: 'Try again', ja: 'もう一度' },
  'failed.repeat': {
    en: { one: 'Write the failed one again', other: 'Write the failed ones again' },
    ja: '完了していないUSBメモリにもう一度書き込む',
  },
  'failed.back': { en: 'Back to the images', ja: 'イメージに戻る' },
});
