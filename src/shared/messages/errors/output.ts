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
      what: 'ファイル名 {{name}} が {{limit, number}} バイトを超えているため、ext4に保存できません。',
      next: 'このファイルの名前を短くして、イメージを作り直してください。',
    },
  },
  'output-too-many-files': {
    en: {
      what: 'The images hold more files than one folder can take ({{limit, number}}).',
      next: 'Choose fewer images for one stick.',
    },
    ja: {
      what: 'イメージのファイル数が1つのフォルダーの上限({{limit, number}} 件)を超えています。',
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
      what: 'The filesystem on {{target}} is beyond what can be checked here: {{what}}, at most {{limit, number}}.',
      next: 'Do not use it in a vehicle. Write it again with this app.',
    },
    ja: {
      what: '{{target}} のファイルシステムは確認できる範囲を超えています: {{what}}(最大 {{limit, number}})。',
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
      next: 'Do not use it in a vehicle. Write it again; if it fails again, use another USB stick.',
    },
    ja: {
      what: '{{target}} の内容が書き込んだデータと一致しません({{faults, number}} 件、最初の1件: {{first}})。',
      next: '車両で使用しないでください。もう一度書き込み、繰り返し失敗する場合は別のUSBメモリを使用してください。',
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
