import type { DriveExclusions } from '../../errors/drive.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const driveExclusionMessages: ErrorCatalogue<DriveExclusions> = {
  'drive-is-system': {
    en: {
      what: '{{drive}} belongs to the system of this computer.',
      next: 'It can never be erased here. Choose a USB stick.',
    },
    ja: {
      what: '{{drive}} はこのコンピューターのシステムが使用しています。',
      next: 'このアプリでは消去できません。USBメモリを選択してください。',
    },
  },
  'drive-may-be-system': {
    en: {
      what: 'This computer does not tell which disks all of its system is on, and {{drive}} may be one of them.',
      next: 'If it is your USB stick, open it in the file manager first, so that it is known as yours. Otherwise choose another drive.',
    },
    ja: {
      what: 'このコンピューターのシステムがどのディスクにあるか、すべては確認できません。{{drive}} がその1つである可能性があります。',
      next: 'お使いのUSBメモリであれば、先にファイルマネージャーで開いてください。そうでなければ別のドライブを選択してください。',
    },
  },
  'drive-is-swap': {
    en: {
      what: '{{drive}} is used as memory (swap) by this computer.',
      next: 'It can not be erased while it is in use. Choose a USB stick.',
    },
    ja: {
      what: '{{drive}} はこのコンピューターのスワップ領域として使用中です。',
      next: '使用中は消去できません。USBメモリを選択してください。',
    },
  },
  'drive-mounted-elsewhere': {
    en: {
      what: '{{drive}} is in use at {{mount}}, which is not a folder for removable drives.',
      next: 'If it is really the right drive, unmount it first; otherwise choose another one.',
    },
    ja: {
      what: '{{drive}} は、リムーバブルドライブ用ではないフォルダー {{mount}} で使用中です。',
      next: '正しいドライブであれば、先にマウントを解除してください。そうでなければ別のドライブを選択してください。',
    },
  },
  'drive-held': {
    en: {
      what: '{{drive}} is in use by {{holder}} (a volume, loop device or mount that is made of it).',
      next: 'Close, detach or unmount that first, or choose another drive.',
    },
    ja: {
      what: '{{drive}} は {{holder}}(このドライブを使うボリューム、ループデバイス、またはマウント)が使用中です。',
      next: '先にその使用を終了(ロック、切り離し、またはマウント解除)するか、別のドライブを選択してください。',
    },
  },
  'drive-is-internal': {
    en: {
      what: '{{drive}} is built into this computer.',
      next: 'Choose a USB stick or an SD card.',
    },
    ja: {
      what: '{{drive}} はこのコンピューターに内蔵されています。',
      next: 'USBメモリまたはSDカードを選択してください。',
    },
  },
  'drive-is-loop': {
    en: {
      what: '{{drive}} is a file that poses as a drive (a loop device).',
      next: 'Choose a USB stick. On the command line, --allow-fixed permits loop devices.',
    },
    ja: {
      what: '{{drive}} はドライブとして扱われているファイル(ループデバイス)です。',
      next: 'USBメモリを選択してください。コマンドラインでは --allow-fixed で許可できます。',
    },
  },
  'drive-read-only': {
    en: {
      what: '{{drive}} is write-protected.',
      next: 'Slide its write protection switch, or choose another drive.',
    },
    ja: {
      what: '{{drive}} は書き込みが禁止されています。',
      next: '書き込み禁止スイッチを解除するか、別のドライブを選択してください。',
    },
  },
  'drive-empty-reader': {
    en: {
      what: 'There is no card in {{drive}}.',
      next: 'Insert a card.',
    },
    ja: {
      what: '{{drive}} にカードが入っていません。',
      next: 'カードを挿入してください。',
    },
  },
  'drive-too-small': {
    en: {
      what: '{{drive}} holds {{size, bytes}}, but {{needed, bytes}} are needed.',
      next: 'Choose a larger drive, or fewer images.',
    },
    ja: {
      what: '{{drive}} の容量は {{size, bytes}} ですが、{{needed, bytes}} が必要です。',
      next: '容量の大きいドライブを選択するか、イメージを減らしてください。',
    },
  },
};
