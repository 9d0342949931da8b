import { texts } from './catalogue.ts';

/** Third step: confirm, progress, result. */
export const writeTexts = texts({
  'write.title': { en: 'Write', ja: '書き込み' },
  'write.size': { en: '{{size, bytes}}', ja: '{{size, bytes}}' },
  'write.shared': {
    en: 'Identical files stored once: −{{size, bytes}}',
    ja: '重複ファイルの統合で{{size, bytes}}削減',
  },
  'write.erases': { en: 'Erases {{name}}', ja: '{{name}} を消去します' },
  'write.erases.several': {
    en: { one: 'Erases one stick', other: 'Erases {{count, number}} sticks' },
    ja: 'USBメモリ{{count, number}}本を消去します',
  },
  'write.saves': { en: 'Saves {{path, file}}', ja: '{{path, file}} を保存します' },
  'write.preview': { en: 'Show contents', ja: '書き込む内容を表示' },
  'write.start.drive': { en: 'Erase and write…', ja: '消去して書き込む…' },
  'write.start.drives': {
    en: { one: 'Erase and write…', other: 'Erase and write {{count, number}} sticks…' },
    ja: 'USBメモリ{{count, number}}本を消去して書き込む…',
  },
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
  'write.need.fit': {
    en: 'A chosen stick cannot be used. Leave it out, or choose another one.',
    ja: '使用できないUSBメモリが選択されています。選択を外すか、別のものを選択してください。',
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
    ja: 'USBメモリ{{count, number}}本の中のデータをすべて消去しますか?',
  },
  'confirm.body.several': {
    en: 'Everything on all of them will be erased and cannot be brought back.',
    ja: 'すべてのUSBメモリの中のデータが消去され、元に戻せません。',
  },
  'confirm.drives': {
    en: { one: 'Will be erased', other: 'Will be erased ({{count, number}})' },
    ja: '消去するUSBメモリ({{count, number}}本)',
  },
  'confirm.body': {
    en: 'Everything on it will be erased and cannot be brought back.',
    ja: '中のデータはすべて消去され、元に戻せません。',
  },
  'confirm.goes': {
    en: { one: 'Will be written', other: 'Will be written ({{count, number}} ECUs)' },
    ja: '書き込む内容({{count, number}} ECU)',
  },
  'confirm.mixed-keys': {
    en: 'Development and production keys are mixed. A vehicle trusts only one of them.',
    ja: '開発用と製品用の鍵が混在しています。車両が信頼するのはどちらか一方だけです。',
  },
  'confirm.all-new': {
    en: 'None of these ECU IDs was used on this computer before.',
    ja: 'どのECU IDも、このコンピューターではまだ使用していません。',
  },
  'confirm.also': { en: 'Also saved', ja: '同時に保存' },
  'confirm.type': {
    en: 'This drive is unusually large. Type “{{model}}” to go on.',
    ja: '容量の大きいドライブです。続けるには「{{model}}」と入力してください。',
  },
  'confirm.hold': { en: 'Hold 2 s to erase and write', ja: '2秒長押しで消去・書き込み' },
  'confirm.hold.hint': {
    en: 'Hold the button, or the space bar, for two seconds.',
    ja: 'ボタンまたはスペースキーを2秒間押し続けてください。',
  },
  'confirm.cannot-hold': { en: 'Confirm without holding', ja: '長押しせずに確認する' },
  'confirm.plain': { en: 'Erase and write', ja: '消去して書き込む' },
  'confirm.sure': {
    en: 'Confirm once more: everything on what is listed above is erased now.',
    ja: 'もう一度確認してください。上の一覧にあるUSBメモリの内容を今すぐ消去します。',
  },
  'confirm.sure.no': { en: 'No, go back', ja: 'いいえ、戻る' },
  'confirm.sure.yes': { en: 'Yes, erase and write', ja: 'はい、消去して書き込む' },

  'job.bytes': {
    en: '{{done, bytes}} of {{total, bytes}}',
    ja: '{{done, bytes}} / {{total, bytes}}',
  },
  'job.left': { en: '{{time}} left', ja: '残り{{time}}' },
  'job.wait.look': {
    en: {
      one: 'Looking at what is on the stick. Nothing on it is changed yet.',
      other: 'Looking at what is on the sticks. Nothing on them is changed yet.',
    },
    ja: 'USBメモリの現在の内容を調べています。まだ何も変更していません。',
  },
  'job.wait.prepare': {
    en: { one: 'The stick is being prepared.', other: 'The sticks are being prepared.' },
    ja: 'USBメモリを準備しています。',
  },
  'job.wait.flush': {
    en: {
      one: 'Waiting for the stick: it is keeping what was written. This may take minutes.',
      other: 'Waiting for the sticks: they are keeping what was written. This may take minutes.',
    },
    ja: 'USBメモリの保存を待っています。数分かかることがあります。',
  },
  'job.wait.commit': {
    en: 'Everything is right; finishing.',
    ja: 'すべて正常です。仕上げています。',
  },
  'job.wait.eject': {
    en: { one: 'Ejecting the stick.', other: 'Ejecting the sticks.' },
    ja: 'USBメモリを取り出しています。',
  },
  'job.stop': { en: 'Stop…', ja: '中止…' },
  'job.stopping': { en: 'Stopping…', ja: '中止しています…' },
  'job.stop.title': { en: 'Stop now?', ja: '中止しますか?' },
  'job.stop.drive': {
    en: {
      one: 'The stick cannot be used then; it must be written again.',
      other: 'Sticks that are not complete cannot be used then; they must be written again.',
    },
    ja: '中止すると、書き込みの途中のUSBメモリは使用できなくなります。もう一度書き込む必要があります。',
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
    ja: '{{total, number}}バイト中{{done, number}}バイト',
  },
  'job.stay': {
    en: { one: 'Do not unplug the stick.', other: 'Do not unplug the sticks.' },
    ja: 'USBメモリを抜かないでください。',
  },
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
    ja: 'USBメモリ{{count, number}}本の検証と取り出しが完了しました。取り外しても安全です。',
  },
  'done.drives.stay': {
    en: {
      one: 'One stick verified. Eject it before you unplug it.',
      other: 'All {{count, number}} sticks verified. Eject them before you unplug them.',
    },
    ja: 'USBメモリ{{count, number}}本の検証が完了しました。抜く前に取り出してください。',
  },
  'done.partial': {
    en: '{{done, number}} of {{count, number}} sticks are complete',
    ja: 'USBメモリ{{count, number}}本中{{done, number}}本が完了しました',
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
    en: 'If Windows offers to format it, press Cancel',
    ja: 'フォーマットを求められたら「キャンセル」を押してください',
  },
  'done.took': { en: '{{size, bytes}} in {{time}}', ja: '{{size, bytes}}、所要時間 {{time}}' },
  'today.sticks': {
    en: { one: '1 stick today', other: '{{count, number}} sticks today' },
    ja: '本日作成したUSBメモリ: {{count, number}}本',
  },
  'done.today': { en: 'stick {{number, number}} today', ja: '本日{{number, number}}本目' },
  'done.today.several': {
    en: 'sticks {{first, number}} to {{last, number}} today',
    ja: '本日{{first, number}}〜{{last, number}}本目',
  },
  'done.last.show': { en: 'Show the result', ja: '結果を表示' },
  'done.another': { en: 'More sticks', ja: '続けて作成' },
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

  'failed.title': {
    en: { one: 'The stick was not made', other: 'The sticks were not made' },
    ja: '書き込みを完了できませんでした',
  },
  'failed.title.file': { en: 'The file was not saved', ja: 'ファイルを保存できませんでした' },
  'failed.cancelled': { en: 'Stopped', ja: '中止しました' },
  'failed.unmodified': {
    en: 'Nothing on the stick was changed.',
    ja: 'USBメモリの内容は変更されていません。',
  },
  'failed.modified': {
    en: 'Do not use this stick; write it again.',
    ja: 'このUSBメモリは使用できません。もう一度書き込んでください。',
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
  'failed.repeat': {
    en: { one: 'Write it again', other: 'Write the failed ones again' },
    ja: 'もう一度書き込む',
  },
  'failed.remedy.another': { en: 'Choose another stick', ja: '別のUSBメモリを選択' },
  'failed.remedy.images': { en: 'Read the images again', ja: 'イメージをもう一度読み取る' },
  'failed.remedy.back': { en: 'Back to the images', ja: 'イメージに戻る' },

  'announce.running': { en: '{{phase}}: {{percent}}', ja: '{{phase}}: {{percent}}' },
  'announce.ready': {
    en: { one: 'The image is checked.', other: 'All {{count, number}} images are checked.' },
    ja: 'イメージ{{count, number}}件の確認が完了しました。',
  },
});
