import type { OutputErrors } from '../../errors/output.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const outputMessages: ErrorCatalogue<OutputErrors> = {
  'output-exists': {
    en: {
      what: '{{path}} already exists.',
      next: 'Choose another name, or delete the old one first.',
    },
    ja: {
      what: '{{path}} はすでに存在します。',
      next: '別の名前を選択するか、古いものを先に削除してください。',
    },
  },
  'output-folder-missing': {
    en: {
      what: 'The folder {{folder}} for {{path}} does not exist.',
      next: 'Make the folder first, or choose another one.',
    },
    ja: {
      what: '{{path}} の保存先フォルダー {{folder}} がありません。',
      next: '先にフォルダーを作成するか、別のフォルダーを選択してください。',
    },
  },
  'output-folder-is-file': {
    en: {
      what: '{{folder}} is not a folder, so {{path}} cannot be saved in it.',
      next: 'Choose a folder to save to.',
    },
    ja: {
      what: '{{folder}} はフォルダーではないため、{{path}} を保存できません。',
      next: '保存先のフォルダーを選択してください。',
    },
  },
  'output-folder-full': {
    en: {
      what: 'The folder {{folder}} cannot take any more entries, so {{path}} cannot be saved in it.',
      next: 'Choose another folder, or delete old ones in it.',
    },
    ja: {
      what: 'フォルダー {{folder}} の項目数が上限に達しているため、{{path}} を保存できません。',
      next: '別のフォルダーを選択するか、その中の古いフォルダーを削除してください。',
    },
  },
  'output-link-to-nothing': {
    en: {
      what: '{{path}} is a link to something that does not exist.',
      next: 'Delete the link, or choose another name.',
    },
    ja: {
      what: '{{path}} は、存在しないものへのリンクです。',
      next: 'リンクを削除するか、別の名前を選択してください。',
    },
  },
  'output-in-image': {
    en: {
      what: '{{path}} would be inside the OTA image {{image}}.',
      next: 'Choose a place outside the folder of the image.',
    },
    ja: {
      what: '{{path}} は、OTAイメージ {{image}} の中になります。',
      next: 'イメージのフォルダーの外を選択してください。',
    },
  },
  'output-path-too-long': {
    en: {
      what: 'The name {{path}} is longer than its drive can store.',
      next: 'Choose a shorter name.',
    },
    ja: {
      what: '{{path}} は、ドライブに保存できる名前の長さを超えています。',
      next: 'より短い名前を選択してください。',
    },
  },
  'output-read-only': {
    en: {
      what: '{{path}} cannot be written: its drive is read-only.',
      next: 'Switch off the write protection of the drive, or choose another place to save to.',
    },
    ja: {
      what: 'ドライブが読み取り専用のため、{{path}} に書き込めません。',
      next: 'ドライブの書き込み禁止を解除するか、別の保存先を選択してください。',
    },
  },
  'output-unwritable': {
    en: {
      what: '{{path}} cannot be written ({{reason}}).',
      next: 'Choose another place to save to.',
    },
    ja: {
      what: '{{path}} に書き込めません({{reason}})。',
      next: '別の保存先を選択してください。',
    },
  },
  'output-blocked-by-windows': {
    en: {
      what: 'Windows does not let this app write {{path}}.',
      next: 'Choose another place to save to, or allow the app in Windows Security under “Controlled folder access”.',
    },
    ja: {
      what: 'Windowsが {{path}} への書き込みを許可していません。',
      next: '別の保存先を選択するか、「Windows セキュリティ」の「コントロールされたフォルダー アクセス」でこのアプリを許可してください。',
    },
  },
  'output-blocked-by-macos': {
    en: {
      what: 'macOS does not let this app write {{path}}.',
      next: 'Choose another place to save to, or allow the app in System Settings › Privacy & Security › Files & Folders.',
    },
    ja: {
      what: 'macOSが {{path}} への書き込みを許可していません。',
      next: '別の保存先を選択するか、「システム設定」→「プライバシーとセキュリティ」→「ファイルとフォルダ」でこのアプリを許可してください。',
    },
  },
  'output-no-space': {
    en: {
      what: '{{path}} needs {{needed, bytes}}, but only {{free, bytes}} are free.',
      next: 'Make room there, or choose another place to save to.',
    },
    ja: {
      what: '{{path}} には {{needed, bytes}} が必要ですが、空きは {{free, bytes}} です。',
      next: '空き容量を増やすか、別の保存先を選択してください。',
    },
  },
  'output-full': {
    en: {
      what: 'The disk was full before {{path}} was complete.',
      next: 'Make room there, or choose another place to save to.',
    },
    ja: {
      what: '{{path}} の書き込み中にディスクがいっぱいになりました。',
      next: '空き容量を増やすか、別の保存先を選択してください。',
    },
  },
  'output-over-quota': {
    en: {
      what: 'Your share of the drive (quota) was used up before {{path}} was complete.',
      next: 'Delete files of yours there, ask for a larger share, or choose another place to save to.',
    },
    ja: {
      what: '{{path}} の書き込み中に、ドライブの割り当て容量を使い切りました。',
      next: '不要なファイルを削除するか、割り当て容量を増やしてもらうか、別の保存先を選択してください。',
    },
  },
  'output-file-too-large': {
    en: {
      what: '{{path}} is larger than a single file may be there.',
      next: 'Save a folder instead, choose another drive, or raise the limit for the size of a file (ulimit -f).',
    },
    ja: {
      what: '{{path}} は、保存先で1つのファイルに許される大きさを超えています。',
      next: '代わりにフォルダーとして保存するか、別のドライブを選択するか、ファイルサイズの制限(ulimit -f)を緩めてください。',
    },
  },
  'output-too-large-for-fat': {
    en: {
      what: '{{path}} is larger than 4 GiB, and its drive is formatted as FAT32, which holds no larger file.',
      next: 'Save a folder instead, or choose a drive that is formatted as exFAT, NTFS or ext4.',
    },
    ja: {
      what: '{{path}} は4 GiBを超えていますが、ドライブの形式(FAT32)ではそれより大きいファイルを保存できません。',
      next: '代わりにフォルダーとして保存するか、exFAT、NTFS、ext4のいずれかの形式のドライブを選択してください。',
    },
  },
  'stream-unread': {
    en: {
      what: 'The program that reads {{path}} ended before all of it was written.',
      next: 'Do not use what it has got: the archive is cut off. Start again with a reader that takes all of it.',
    },
    ja: {
      what: '書き込みが終わる前に、{{path}} を読み取るプログラムが終了しました。',
      next: '読み取られたアーカイブは途中で切れているため、使用しないでください。最後まで読み取るプログラムで、もう一度開始してください。',
    },
  },
  'output-write-failed': {
    en: {
      what: 'Writing to {{path}} failed ({{reason}}).',
      next: 'Check that the drive is connected, then try again. If it fails again, use another drive.',
    },
    ja: {
      what: '{{path}} への書き込みに失敗しました({{reason}})。',
      next: 'ドライブの接続を確認して、もう一度お試しください。繰り返し失敗する場合は、別のドライブを使用してください。',
    },
  },
  'output-size-too-small': {
    en: {
      what: '{{path}} has {{size, bytes}}, but the images need {{needed, bytes}}.',
      next: 'Use a larger drive or size, or fewer images.',
    },
    ja: {
      what: '{{path}} は {{size, bytes}} ですが、イメージには {{needed, bytes}} が必要です。',
      next: 'より大きいドライブやサイズを使用するか、イメージを減らしてください。',
    },
  },
  'output-name-too-long': {
    en: {
      what: 'The file name {{name}} is longer than {{limit, number}} bytes, which ext4 cannot store.',
      next: 'Make the image again with a shorter name for this file.',
    },
    ja: {
      what: 'ファイル名 {{name}} が{{limit, number}}バイトを超えているため、ext4に保存できません。',
      next: 'このファイルの名前を短くして、イメージを作り直してください。',
    },
  },
  'output-too-many-files': {
    en: {
      what: 'The images hold more files than one folder can take ({{limit, number}}).',
      next: 'Choose fewer images for one stick.',
    },
    ja: {
      what: 'イメージのファイル数が1つのフォルダーの上限({{limit, number}}件)を超えています。',
      next: '1本のUSBメモリに入れるイメージを減らしてください。',
    },
  },
  'filesystem-absent': {
    en: {
      what: '{{target}} holds no finished ext4 filesystem.',
      next: 'If it was being written, write it again. Otherwise check that you chose the right stick or file.',
    },
    ja: {
      what: '{{target}} に完成したext4ファイルシステムがありません。',
      next: '書き込みの途中だった場合は、もう一度書き込んでください。それ以外の場合は、正しいUSBメモリまたはファイルを選択したか確認してください。',
    },
  },
  'filesystem-unsupported': {
    en: {
      what: 'The filesystem on {{target}} uses a feature that cannot be checked here ({{feature}}).',
      next: 'Write the stick with this app, then check it again.',
    },
    ja: {
      what: '{{target}} のファイルシステムは、確認できない機能({{feature}})を使用しています。',
      next: 'このアプリでUSBメモリに書き込んでから、もう一度確認してください。',
    },
  },
  'filesystem-damaged': {
    en: {
      what: 'The filesystem on {{target}} is damaged: {{what}} ({{reason}}).',
      next: 'Do not use it in a vehicle. Write it again; if it fails again, use another USB stick.',
    },
    ja: {
      what: '{{target}} のファイルシステムが壊れています: {{what}}({{reason}})。',
      next: '車両で使用しないでください。もう一度書き込み、繰り返し失敗する場合は別のUSBメモリを使用してください。',
    },
  },
  'filesystem-limit': {
    en: {
      what: 'The filesystem on {{target}} is beyond what can be checked here: {{what, detail}}, at most {{limit, number}}.',
      next: 'Do not use it in a vehicle. Write it again with this app.',
    },
    ja: {
      what: '{{target}} のファイルシステムは確認できる範囲を超えています: {{what, detail}}(最大 {{limit, number}})。',
      next: '車両で使用しないでください。このアプリでもう一度書き込んでください。',
    },
  },
  'filesystem-path-missing': {
    en: {
      what: '{{target}} does not hold {{path}}.',
      next: 'Do not use it in a vehicle. Write it again.',
    },
    ja: {
      what: '{{target}} に {{path}} がありません。',
      next: '車両で使用しないでください。もう一度書き込んでください。',
    },
  },
  'verify-failed': {
    en: {
      what: '{{target}} does not hold what was written (faults: {{faults, number}}; the first is {{first}}).',
      next: 'Do not use it in a vehicle. Write it again; if a USB stick fails again, use another one.',
    },
    ja: {
      what: '{{target}} の内容が書き込んだデータと一致しません({{faults, number}}件、最初の1件: {{first}})。',
      next: '車両で使用しないでください。もう一度書き込み、USBメモリで繰り返し失敗する場合は別のUSBメモリを使用してください。',
    },
  },
  'verify-incomplete': {
    en: {
      what: '{{target}} holds an offline OTA image that is not complete.',
      next: 'Do not use it in a vehicle. Write it again.',
    },
    ja: {
      what: '{{target}} のオフラインOTAイメージは不完全です。',
      next: '車両で使用しないでください。もう一度書き込んでください。',
    },
  },
  'verify-not-an-image': {
    en: {
      what: '{{target}} holds no offline OTA image.',
      next: 'Check that you chose the right stick or file.',
    },
    ja: {
      what: '{{target}} にオフラインOTAイメージはありません。',
      next: '正しいUSBメモリまたはファイルを選択したか確認してください。',
    },
  },
  'verify-ota-image': {
    en: {
      what: '{{target}} is an OTA image, not an offline OTA image.',
      next: 'Build an offline OTA image of it first; that one can be checked.',
    },
    ja: {
      what: '{{target}} はOTAイメージであり、オフラインOTAイメージではありません。',
      next: '先にこのイメージからオフラインOTAイメージを作成し、作成したものを検証してください。',
    },
  },
};
