import { texts } from './catalogue.ts';

/** The window's frame, and what belongs to no single screen. */
export const appTexts = texts({
  'nav.label': { en: 'More', ja: 'その他' },
  'nav.back': { en: 'Back', ja: '戻る' },
  'nav.check': { en: 'Check a stick', ja: '検査' },
  'nav.history': { en: 'History', ja: '履歴' },
  'nav.settings': { en: 'Settings', ja: '設定' },
  'nav.job': { en: 'Back to the running job', ja: '実行中の処理に戻る' },
  'flow.done': { en: 'done', ja: '完了' },
  'flow.unfold': { en: 'Show {{step}}', ja: '{{step}}を表示' },
  'common.again': { en: 'Try again', ja: 'もう一度試す' },
  'common.cancel': { en: 'Cancel', ja: 'キャンセル' },
  'common.copy': { en: 'Copy', ja: 'コピー' },
  'common.copied': { en: 'Copied', ja: 'コピーしました' },
  'common.dismiss': { en: 'Dismiss this message', ja: 'メッセージを閉じる' },
  'common.saved': { en: 'Saved as {{path}}', ja: '{{path}} に保存しました' },

  'broken.title': {
    en: 'This window has stopped working',
    ja: 'このウィンドウで問題が発生しました',
  },
  'broken.job': {
    en: 'If something is being written or checked, that goes on. Do not unplug the stick.',
    ja: '書き込みや検査の途中だった場合、その処理は続いています。USBメモリを抜かないでください。',
  },
  'broken.next': {
    en: 'Load the window again: it shows the job as it is then. Images have to be added again.',
    ja: 'ウィンドウを再読み込みすると、処理の現在の状態が表示されます。イメージはもう一度追加してください。',
  },
  'broken.again': {
    en: 'If this happens again, save the log in the settings and send it to the makers with this line:',
    ja: '繰り返し発生する場合は、設定画面でログを保存し、次の行とともに開発元にお送りください。',
  },
  'broken.reload': { en: 'Load the window again', ja: 'ウィンドウを再読み込み' },

  'fatal.start.title': { en: 'The app cannot start', ja: 'アプリを起動できません' },
  'fatal.start': {
    en: 'Start it again. If this happens again, send this to the makers:\n\n{{detail}}',
    ja: 'もう一度起動してください。繰り返し発生する場合は、次の内容を開発元にお送りください。\n\n{{detail}}',
  },
  'fatal.faults.title': { en: 'The app has to close', ja: 'アプリを終了します' },
  'fatal.faults': {
    en: 'Errors keep coming back. What runs is stopped, and what is half-made is removed. Start the app again. If this happens again, send this to the makers:\n\n{{detail}}',
    ja: 'エラーが繰り返し発生しています。実行中の処理を中止し、未完成のものを削除します。アプリをもう一度起動してください。繰り返し発生する場合は、次の内容を開発元にお送りください。\n\n{{detail}}',
  },
  'fatal.page.title': { en: 'The window cannot be shown', ja: 'ウィンドウを表示できません' },
  'fatal.page': {
    en: 'A job that runs goes on while you read this: do not unplug the stick. Try again, or close the app: then the job stops. ({{detail}})',
    ja: '実行中の処理は続いています。USBメモリを抜かないでください。もう一度試すか、アプリを終了してください。終了すると処理は中止されます。({{detail}})',
  },
  'fatal.page.close': { en: 'Close the app', ja: 'アプリを終了' },

  'closing.title': { en: 'Stop and close?', ja: '中止して閉じますか?' },
  'closing.body': {
    en: 'A job is still running. If you close now, it stops.',
    ja: '処理を実行中です。今閉じると中止されます。',
  },
  'closing.soon.title': { en: 'Close when it is done?', ja: '完了後に閉じますか?' },
  'closing.soon': {
    en: 'The job is almost done. The window closes when it is.',
    ja: 'まもなく完了します。完了後にウィンドウを閉じます。',
  },
  'closing.soon.yes': { en: 'Close then', ja: '完了後に閉じる' },
  'closing.stop': { en: 'Stop and close', ja: '中止して閉じる' },
  'closing.stay': { en: 'Keep going', ja: '続ける' },

  'notify.verified': {
    en: '{{name}} is written and verified. It is safe to unplug.',
    ja: '{{name}} の書き込みと検証が完了しました。取り外しても安全です。',
  },
  'notify.verified.stays': {
    en: '{{name}} is written and verified. Eject it before you unplug it.',
    ja: '{{name}} の書き込みと検証が完了しました。抜く前に取り出してください。',
  },
  'notify.partial': {
    en: '{{done, number}} of {{count, number}} sticks are written and verified.',
    ja: 'USBメモリ{{count, number}}本中{{done, number}}本の書き込みと検証が完了しました。',
  },
  'notify.saved': { en: '{{name}} is saved.', ja: '{{name}} を保存しました。' },
  'notify.checked': {
    en: '{{done, number}} of {{count, number}} checked are complete.',
    ja: '検査した{{count, number}}件中{{done, number}}件が車両で使用できます。',
  },
  'notify.complete': {
    en: '{{name}} is complete: ready for the vehicle.',
    ja: '{{name}} は問題ありません。車両で使用できます。',
  },
  'notify.incomplete': {
    en: 'Do not use {{name}}: it is not complete.',
    ja: '{{name}} は使用できません。内容に問題があります。',
  },

  'menu.edit': { en: 'Edit', ja: '編集' },
  'menu.undo': { en: 'Undo', ja: '元に戻す' },
  'menu.redo': { en: 'Redo', ja: 'やり直す' },
  'menu.cut': { en: 'Cut', ja: '切り取り' },
  'menu.paste': { en: 'Paste', ja: '貼り付け' },
  'menu.select-all': { en: 'Select all', ja: 'すべて選択' },
  'menu.view': { en: 'View', ja: '表示' },
  'menu.zoom-in': { en: 'Larger', ja: '拡大' },
  'menu.zoom-out': { en: 'Smaller', ja: '縮小' },
  'menu.zoom-reset': { en: 'Actual size', ja: '実際のサイズ' },
  'menu.full-screen': { en: 'Full screen', ja: '全画面表示' },
  'menu.hide': { en: 'Hide', ja: '隠す' },
  'menu.minimise': { en: 'Minimise', ja: '最小化' },
  'menu.quit': { en: 'Quit', ja: '終了' },
});
