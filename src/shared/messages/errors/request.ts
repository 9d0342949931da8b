import type { RequestErrors } from '../../errors/request.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const requestMessages: ErrorCatalogue<RequestErrors> = {
  cancelled: {
    en: { what: 'It was cancelled.', next: 'Start again when you are ready.' },
    ja: { what: 'キャンセルされました。', next: '準備ができたら、もう一度開始してください。' },
  },
  internal: {
    en: {
      what: 'Something went wrong inside the program ({{detail}}).',
      next: 'Try again. If it happens again, save the log and send it to the makers.',
    },
    ja: {
      what: 'プログラム内部で問題が発生しました({{detail}})。',
      next: 'もう一度お試しください。繰り返し起きる場合は、ログを保存して開発元に送ってください。',
    },
  },
  'ecu-id-duplicate': {
    en: {
      what: 'Two images are for the same ECU “{{ecuId}}”.',
      next: 'Give each image its own ECU ID, or remove one of them.',
    },
    ja: {
      what: '同じECU「{{ecuId}}」のイメージが2つあります。',
      next: 'イメージごとに異なるECU IDを入力するか、どちらかを外してください。',
    },
  },
  'ecu-id-invalid': {
    en: {
      what: '“{{ecuId}}” cannot be an ECU ID.',
      next: 'Use letters, digits, “-”, “_” and “.”, without spaces.',
    },
    ja: {
      what: '「{{ecuId}}」はECU IDとして使用できません。',
      next: '英数字と「-」「_」「.」を使用し、空白は入れないでください。',
    },
  },
  'image-argument-malformed': {
    en: {
      what: '“{{argument}}” does not name an image.',
      next: 'Write it as <ECU ID>:<path>:<version>.',
    },
    ja: {
      what: '「{{argument}}」はイメージの指定として正しくありません。',
      next: '<ECU ID>:<パス>:<バージョン> の形で指定してください。',
    },
  },
  usage: {
    en: { what: '{{reason}}', next: 'See --help for how to use the command.' },
    ja: { what: '{{reason}}', next: '使い方は --help で確認してください。' },
  },
};
