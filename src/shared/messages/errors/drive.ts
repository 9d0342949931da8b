import type { DriveErrors } from '../../errors/drive.ts';
import type { ErrorCatalogue } from './catalogue.ts';
import { driveExclusionMessages } from './drive-exclusions.ts';
import { elevationMessages } from './elevation.ts';

export const driveMessages: ErrorCatalogue<DriveErrors> = {
  ...driveExclusionMessages,
  ...elevationMessages,
  'drive-not-found': {
    en: {
      what: 'There is no drive at {{path}}.',
      next: 'Plug the USB stick in again and look for it in the list of drives.',
    },
    ja: {
      what: '{{path}} にドライブが見つかりません。',
      next: 'USBメモリを挿し直して、ドライブの一覧を確認してください。',
    },
  },
  'drive-not-a-device': {
    en: {
      what: '{{path}} is not a drive.',
      next: 'Name a drive such as /dev/sdb. To make a file, use -o with a name that ends in .img.',
    },
    ja: {
      what: '{{path}} はドライブではありません。',
      next: '/dev/sdb のようなドライブを指定してください。ファイルを作成する場合は、-o に .img で終わる名前を指定してください。',
    },
  },
  'drive-list-failed': {
    en: {
      what: 'The drives of this computer could not be listed ({{reason}}).',
      next: 'Start the app again. If it stays so, report it with the log.',
    },
    ja: {
      what: 'このコンピューターのドライブを一覧表示できませんでした({{reason}})。',
      next: 'アプリを再起動してください。解決しない場合は、ログを添えてご報告ください。',
    },
  },
  'drive-changed': {
    en: {
      what: 'The drive that was confirmed ({{drive}}) is no longer the one at its place. Nothing was written.',
      next: 'Choose the drive from the list again.',
    },
    ja: {
      what: '確認したドライブ({{drive}})が別のドライブに変わっています。何も書き込んでいません。',
      next: '一覧からドライブを選び直してください。',
    },
  },
  'path-on-drive': {
    en: {
      what: '{{path, file}} is no longer there since {{drive}} was unmounted to be written. Nothing was written.',
      next: 'What lies on the drive itself would be erased: plug it in again, copy images from it to this computer, and choose another folder for files.',
    },
    ja: {
      what: '書き込みのために {{drive}} のマウントを解除すると、{{path, file}} にアクセスできなくなりました。何も書き込んでいません。',
      next: '書き込み先のドライブにあるファイルは消去されます。ドライブを挿し直し、イメージをこのコンピューターにコピーして、ファイルの保存先には別の場所を選んでください。',
    },
  },
  'drive-unplugged': {
    en: {
      what: '{{drive}} was unplugged or switched itself off.',
      next: 'Plug it in again, then start once more.',
    },
    ja: {
      what: '{{drive}} が取り外されたか、接続が切れました。',
      next: '挿し直してから、やり直してください。',
    },
  },
  'drive-named-twice': {
    en: {
      what: '{{drive}} was named twice: as the same drive, or as a drive and a partition on it. Nothing was written.',
      next: 'Name every drive once.',
    },
    ja: {
      what: '{{drive}} が二重に指定されています(同じドライブ、またはドライブとその中のパーティション)。何も書き込んでいません。',
      next: 'ドライブは1回ずつ指定してください。',
    },
  },
  'drive-busy': {
    en: {
      what: '{{drive}} is in use. {{user}}',
      next: 'Close the windows and programs that use the drive, and unmount or detach what is made of it. Then try again. Nothing was written.',
    },
    ja: {
      what: '{{drive}} は使用中です。{{user}}',
      next: 'ドライブを使用しているウィンドウやプログラムを閉じ、ドライブを使うボリュームなどを切り離してから、やり直してください。何も書き込んでいません。',
    },
  },
  'drive-unmount-failed': {
    en: {
      what: 'The folder {{mount}} of {{drive}} is in use. {{user}}',
      next: 'Close windows and programs that use the drive, then try again. Nothing was written.',
    },
    ja: {
      what: '{{drive}} のフォルダー {{mount}} は使用中です。{{user}}',
      next: 'ドライブを使用しているウィンドウやプログラムを閉じて、やり直してください。何も書き込んでいません。',
    },
  },
  'drive-blocked-by-windows': {
    en: {
      what: 'Windows does not let this app use {{drive}}.',
      next: 'Allow the app under “Controlled folder access” in Windows Security, and unlock the drive if BitLocker has locked it. If it stays so, ask whoever administers this computer whether a policy forbids removable storage.',
    },
    ja: {
      what: 'Windowsが {{drive}} の使用を許可していません。',
      next: '「Windows セキュリティ」の「コントロールされたフォルダー アクセス」でこのアプリを許可し、ドライブが暗号化されている場合はロックを解除してください。解決しない場合は、リムーバブル記憶域のポリシーについて、このコンピューターの管理者に相談してください。',
    },
  },
  'drive-blocked-by-macos': {
    en: {
      what: 'macOS does not let this app use {{drive}}.',
      next: 'Allow removable volumes for the app in System Settings › Privacy & Security › Files & Folders, then try again.',
    },
    ja: {
      what: 'macOSが {{drive}} の使用を許可していません。',
      next: '「システム設定」→「プライバシーとセキュリティ」→「ファイルとフォルダ」で、このアプリにリムーバブルボリュームへのアクセスを許可して、やり直してください。',
    },
  },
  'drive-open-failed': {
    en: {
      what: '{{drive}} could not be opened ({{reason}}). Nothing was written.',
      next: 'Plug the drive in again, check its write protection switch, and try again.',
    },
    ja: {
      what: '{{drive}} を開けませんでした({{reason}})。何も書き込んでいません。',
      next: 'ドライブを挿し直し、書き込み禁止スイッチを確認して、やり直してください。',
    },
  },
  'drive-write-failed': {
    en: {
      what: '{{drive}} failed to write at byte {{offset}} ({{reason}}).',
      next: 'The drive is probably worn out: use another one.',
    },
    ja: {
      what: '{{drive}} への書き込みがバイト位置 {{offset}} で失敗しました({{reason}})。',
      next: 'ドライブの寿命と思われます。別のドライブを使用してください。',
    },
  },
  'drive-read-failed': {
    en: {
      what: '{{drive}} failed to read at byte {{offset}} ({{reason}}).',
      next: 'The drive is probably worn out: use another one.',
    },
    ja: {
      what: '{{drive}} からの読み取りがバイト位置 {{offset}} で失敗しました({{reason}})。',
      next: 'ドライブの寿命と思われます。別のドライブを使用してください。',
    },
  },
  'drive-forgets': {
    en: {
      what: '{{drive}} did not keep what was written at byte {{offset}}.',
      next: 'Do not trust this drive: use another one.',
    },
    ja: {
      what: '{{drive}} は、バイト位置 {{offset}} に書き込んだ内容を保持しませんでした。',
      next: 'このドライブは信頼できません。別のドライブを使用してください。',
    },
  },
  'drive-hidden': {
    en: {
      what: 'On {{drive}} something else hides what was written, so that a vehicle would not find it: {{found}}.',
      next: 'Write it again. If this comes again, erase the drive with “wipefs --all”, or use another one.',
    },
    ja: {
      what: '{{drive}} には別の識別情報があり、書き込んだ内容を車両が検出できません: {{found}}',
      next: 'もう一度書き込んでください。同じエラーになる場合は、「wipefs --all」で消去するか、別のドライブを使用してください。',
    },
  },
  'drive-recognition-failed': {
    en: {
      what: 'This computer does not recognise what was written to {{drive}} ({{reason}}).',
      next: 'Write it again. If this comes again, use another drive.',
    },
    ja: {
      what: '{{drive}} に書き込んだ内容を、このコンピューターが認識できません({{reason}})。',
      next: 'もう一度書き込んでください。同じエラーになる場合は、別のドライブを使用してください。',
    },
  },
  'drive-counterfeit': {
    en: {
      what: '{{drive}} says that it holds {{size, bytes}}, but keeps only about {{holds, bytes}}.',
      next: 'It is a counterfeit or broken: throw it away and use another one.',
    },
    ja: {
      what: '{{drive}} は容量 {{size, bytes}} と表示されますが、実際には約 {{holds, bytes}} しか保存できません。',
      next: '偽造品または故障品です。使用をやめて、別のドライブを使用してください。',
    },
  },
  'drive-stalled': {
    en: {
      what: '{{drive}} has not answered for {{seconds}} seconds.',
      next: 'Leave it plugged in and wait; some drives pause. If it stays so, cancel and use another one.',
    },
    ja: {
      what: '{{drive}} が{{seconds}}秒間応答していません。',
      next: '挿したままお待ちください。応答が戻らない場合は、キャンセルして別のドライブを使用してください。',
    },
  },
  'drive-stands-still': {
    en: {
      what: '{{drive}} did nothing for {{seconds}} seconds and was given up, so that the other sticks could go on.',
      next: 'Plug it into another socket and write it again, or use another stick.',
    },
    ja: {
      what: '{{drive}} が{{seconds}}秒間停止したため、他のUSBメモリを続けるために書き込みを打ち切りました。',
      next: '別のポートに挿してもう一度書き込むか、別のUSBメモリを使用してください。',
    },
  },
  'drive-eject-failed': {
    en: {
      what: '{{drive}} could not be switched off ({{reason}}). What is on it is not affected.',
      next: 'Eject it in the file manager before you unplug it; on Windows with “Safely Remove Hardware”.',
    },
    ja: {
      what: '{{drive}} を取り出せませんでした({{reason}})。書き込まれている内容には影響ありません。',
      next: 'ファイルマネージャー(Windowsでは「ハードウェアの安全な取り外し」)で取り出してから、取り外してください。',
    },
  },
};
