import type { ElevationErrors } from '../../errors/drive.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const elevationMessages: ErrorCatalogue<ElevationErrors> = {
  'elevation-cancelled': {
    en: {
      what: 'The password dialog was closed. Nothing was written.',
      next: 'Start writing again and enter your password to allow it.',
    },
    ja: {
      what: 'パスワードの入力画面が閉じられました。何も書き込んでいません。',
      next: 'もう一度書き込みを開始し、パスワードを入力して許可してください。',
    },
  },
  'elevation-refused': {
    en: {
      what: 'This computer does not allow you to write to drives, or the password was wrong. Nothing was written.',
      next: 'Try again with the right password, or ask whoever administers this computer.',
    },
    ja: {
      what: 'ドライブへの書き込みが許可されていないか、パスワードが正しくありません。何も書き込んでいません。',
      next: '正しいパスワードでやり直すか、このコンピューターの管理者に相談してください。',
    },
  },
  'elevation-missing': {
    en: {
      what: 'This computer has no way to ask for permission to write to drives ({{what}} is missing).',
      next: 'Ask whoever administers this computer to install polkit with pkexec and an authentication agent.',
    },
    ja: {
      what: 'このコンピューターには、ドライブへの書き込みの許可を求める仕組みがありません({{what}} が見つかりません)。',
      next: 'polkit(pkexec)と認証エージェントの導入を、このコンピューターの管理者に依頼してください。',
    },
  },
  'elevation-broken': {
    en: {
      what: 'The program that writes to drives did not start ({{detail}}). Nothing was written.',
      next: 'Install the app again. If it stays so, report it with the log.',
    },
    ja: {
      what: 'ドライブに書き込むプログラムが起動しませんでした({{detail}})。何も書き込んでいません。',
      next: 'アプリを再インストールしてください。解決しない場合は、ログを添えてご報告ください。',
    },
  },
  'writer-refused': {
    en: {
      what: 'The program that writes to drives did not accept its task ({{reason}}). Nothing was written.',
      next: 'Start the app again. If it stays so, report it with the log.',
    },
    ja: {
      what: 'ドライブに書き込むプログラムが処理を受け付けませんでした({{reason}})。何も書き込んでいません。',
      next: 'アプリを再起動してください。解決しない場合は、ログを添えてご報告ください。',
    },
  },
  'writer-lost': {
    en: {
      what: 'The program that writes to {{drive}} ended unexpectedly.',
      next: 'Plug the stick in again, then start once more.',
    },
    ja: {
      what: '{{drive}} に書き込むプログラムが予期せず終了しました。',
      next: 'USBメモリを挿し直してから、やり直してください。',
    },
  },
};
