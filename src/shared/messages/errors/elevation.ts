import type { ElevationErrors } from '../../errors/drive.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const elevationMessages: ErrorCatalogue<ElevationErrors> = {
  'elevation-cancelled': {
    en: {
      what: 'The password dialog was closed. Nothing was changed.',
      next: 'Try again and enter your password to allow it.',
    },
    ja: {
      what: 'パスワードの入力画面が閉じられました。何も変更していません。',
      next: 'もう一度実行し、パスワードを入力して許可してください。',
    },
  },
  'elevation-refused': {
    en: {
      what: 'This computer does not allow you to read and write drives, or the password was wrong. Nothing was changed.',
      next: 'Try again with the right password, or ask whoever administers this computer.',
    },
    ja: {
      what: 'ドライブの読み書きが許可されていないか、パスワードが正しくありません。何も変更していません。',
      next: '正しいパスワードでやり直すか、このコンピューターの管理者に相談してください。',
    },
  },
  'elevation-missing': {
    en: {
      what: 'This computer has no way to ask for permission to read and write drives ({{what}} is missing).',
      next: 'Ask whoever administers this computer to install polkit with pkexec and an authentication agent.',
    },
    ja: {
      what: 'このコンピューターには、ドライブの読み書きの許可を求める仕組みがありません({{what}} が見つかりません)。',
      next: 'polkit(pkexec)と認証エージェントの導入を、このコンピューターの管理者に依頼してください。',
    },
  },
  'elevation-broken': {
    en: {
      what: 'The program that reads and writes drives did not start ({{detail}}). Nothing was changed.',
      next: 'Install the app again. If it stays so, report it with the log.',
    },
    ja: {
      what: 'ドライブを読み書きするプログラムが起動しませんでした({{detail}})。何も変更していません。',
      next: 'アプリを再インストールしてください。解決しない場合は、ログを添えてご報告ください。',
    },
  },
  'elevation-unreadable': {
    en: {
      what: 'The program that reads and writes drives lies where the administrator (root) cannot read it: {{path}}. Nothing was changed.',
      next: 'Move the app to a folder on a disk of this computer, or install its package, then start again.',
    },
    ja: {
      what: 'ドライブを読み書きするプログラムが、管理者(root)の読み取れない場所にあります: {{path}}。何も変更していません。',
      next: 'アプリをこのコンピューターのディスク上のフォルダーに移すか、パッケージをインストールしてから、もう一度実行してください。',
    },
  },
  'writer-refused': {
    en: {
      what: 'The program that reads and writes drives did not accept its task ({{reason}}). Nothing was changed.',
      next: 'Start the app again. If it stays so, report it with the log.',
    },
    ja: {
      what: 'ドライブを読み書きするプログラムが処理を受け付けませんでした({{reason}})。何も変更していません。',
      next: 'アプリを再起動してください。解決しない場合は、ログを添えてご報告ください。',
    },
  },
  'writer-lost': {
    en: {
      what: 'The program that reads and writes {{drive}} ended unexpectedly.',
      next: 'Plug the stick in again, then start once more.',
    },
    ja: {
      what: '{{drive}} を読み書きするプログラムが予期せず終了しました。',
      next: 'USBメモリを挿し直してから、やり直してください。',
    },
  },
};
