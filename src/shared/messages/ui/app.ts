import { texts } from './catalogue.ts';

/** The window's frame, and what belongs to no single screen. */
export const appTexts = texts({
  'nav.label': { en: 'More', ja: 'その他' },
  'nav.back': { en: 'Back', ja: '戻る' },
  'nav.check': { en: 'Check', ja: '確認' },
  'nav.history': { en: 'History', ja: '履歴' },
  'nav.settings': { en: 'Settings', ja: '設定' },
  'nav.job': { en: 'Back to the running job', ja: '実行中の処理に戻る' },
  'common.cancel': { en: 'Cancel', ja: 'キャンセル' },
  'common.close': { en: 'Close', ja: '閉じる' },
  'common.copy': { en: 'Copy', ja: 'コピー' },
  'common.copied': { en: 'Copied', ja: 'コピーしました' },
  'common.details': { en: 'Details', ja: '詳細' },
  'common.remove': { en: 'Remove', ja: '外す' },
  'common.dismiss': { en: 'Dismiss this message', ja: 'メッセージを閉じる' },
  'common.saved': { en: 'Saved as {{path}}', ja: '{{path}} に保存しました' },

  'closing.title': { en: 'Stop and close?', ja: '中止して閉じますか?' },
  'closing.body': {
    en: 'A job is still running. If you close now it stops, and the stick must be written again.',
    ja: '処理を実行中です。今閉じると中止され、USBメモリにもう一度書き込む必要があります。',
  },
  'closing.stop': { en: 'Stop and close', ja: '中止して閉じる' },
  'closing.stay': { en: 'Keep going', ja: '続ける' },

  'notify.verified': {
    en: '{{name}} is written and verified.',
    ja: '{{name}} の書き込みと検証が完了しました。',
  },
  'notify.checked': { en: '{{name}} was checked.', ja: '{{name}} の確認が完了しました。' },
});
