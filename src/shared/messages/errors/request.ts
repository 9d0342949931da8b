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
  'stored-unreadable': {
    en: {
      what: '{{path}} could not be read ({{reason}}), so the app began without what was stored there.',
      next: 'You can go on. Check that the file and its folder belong to you and are not read-only.',
    },
    ja: {
      what: '{{path}} を読み取れなかったため({{reason}})、保存されていた内容なしで起動しました。',
      next: 'このまま使用できます。ファイルとフォルダーの所有者と、書き込みの権限を確認してください。',
    },
  },
  'fixed-settings-unreadable': {
    en: {
      what: 'Settings that the administrator fixed in {{path}} could not be read and are not applied ({{reason}}).',
      next: 'Tell the administrator of this computer. Until it is mended, check the settings yourself, above all the CA folder.',
    },
    ja: {
      what: '管理者が {{path}} で固定した設定の一部またはすべてを読み取れないため、適用していません({{reason}})。',
      next: 'このコンピューターの管理者に連絡してください。修正されるまでは、設定(特にCAフォルダー)をご自身で確認してください。',
    },
  },
  'setting-fixed': {
    en: {
      what: 'The administrator of this computer has fixed this setting in {{path}}.',
      next: 'Ask the administrator where another value is needed.',
    },
    ja: {
      what: 'この設定は、このコンピューターの管理者が {{path}} で固定しています。',
      next: '変更が必要な場合は、管理者に相談してください。',
    },
  },
  'set-unreadable': {
    en: {
      what: '{{path}} is not a set of images, or cannot be read.',
      next: 'Choose a file that was exported as a set. If it is one, export it again where it came from.',
    },
    ja: {
      what: '{{path}} はイメージのセットではないか、読み取れません。',
      next: 'セットとして書き出したファイルを選択してください。それでも読み取れない場合は、書き出し元でもう一度書き出してください。',
    },
  },
  'ecu-id-duplicate': {
    en: {
      what: 'Two images are for the same ECU “{{ecuId}}”.',
      next: 'Give each image its own ECU ID, or remove one of them. Upper and lower case count as the same.',
    },
    ja: {
      what: '同じECU「{{ecuId}}」のイメージが2つあります。',
      next: 'イメージごとに異なるECU IDを入力するか、どちらかを外してください。大文字と小文字は区別しません。',
    },
  },
  'ecu-id-invalid': {
    en: {
      what: '“{{ecuId}}” cannot be an ECU ID.',
      next: 'Use letters, digits, single spaces, “-”, “_” and “.”, at most 64; begin with a letter or digit, do not end with a space, and use no full-width letters.',
    },
    ja: {
      what: '「{{ecuId}}」はECU IDとして使用できません。',
      next: '文字、数字、空白、「-」「_」「.」を64文字まで使用し、先頭は文字か数字にしてください。末尾の空白、連続した空白、全角の英数字は使用できません。',
    },
  },
  'ecu-id-missing': {
    en: {
      what: '{{file, file}} does not say for which ECU it is.',
      next: 'Give its ECU ID with it: <ECU ID>:<path>:<version>.',
    },
    ja: {
      what: '{{file, file}} には対象のECUが書かれていません。',
      next: '<ECU ID>:<パス>:<バージョン> の形でECU IDを指定してください。',
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
  'usage-image-drive-letter': {
    en: {
      what: '“{{argument}}” is a path without the ECU ID that belongs before it.',
      next: 'Write <ECU ID>:{{argument}}, or :{{argument}} for an OTA image v1.',
    },
    ja: {
      what: '「{{argument}}」には、パスの前に付けるECU IDがありません。',
      next: '<ECU ID>:{{argument}} の形で指定してください。OTAイメージv1では :{{argument}} と指定できます。',
    },
  },
  'usage-no-image': {
    en: { what: 'No OTA image was given.', next: 'Give each one with --image <ECU_ID>:<PATH>.' },
    ja: {
      what: 'OTAイメージが指定されていません。',
      next: '--image <ECU_ID>:<PATH> で指定してください。',
    },
  },
  'usage-no-output': {
    en: {
      what: 'Nothing says where the result goes.',
      next: 'Give a file or folder with -o, or a USB stick with -w.',
    },
    ja: {
      what: '出力先が指定されていません。',
      next: '-o でファイルまたはフォルダーを、-w でUSBメモリを指定してください。',
    },
  },
  'usage-current-folder-gone': {
    en: {
      what: 'The folder in which this was started does not exist any more.',
      next: 'Go to another folder (cd) and start again.',
    },
    ja: {
      what: '実行したフォルダーは、すでに削除されています。',
      next: '別のフォルダーに移動(cd)してから、もう一度実行してください。',
    },
  },
  'usage-no-path': {
    en: { what: 'No path was given.', next: 'See --help for how to use the command.' },
    ja: { what: 'パスが指定されていません。', next: '使い方は --help で確認してください。' },
  },
  'usage-confirm-without-drive': {
    en: {
      what: '--confirm-write-to was given without a USB stick.',
      next: 'Name the stick with -w, or leave --confirm-write-to out.',
    },
    ja: {
      what: 'USBメモリの指定なしに --confirm-write-to が指定されました。',
      next: '-w でUSBメモリを指定するか、--confirm-write-to を外してください。',
    },
  },
  'drive-not-confirmed': {
    en: {
      what: 'Erasing {{drive}} was not confirmed. Nothing on it was changed.',
      next: 'Type the model as it is shown, or give --confirm-write-to.',
    },
    ja: {
      what: '{{drive}} の消去が確認されませんでした。中のデータは変更されていません。',
      next: '表示されたモデル名をそのまま入力するか、--confirm-write-to を指定してください。',
    },
  },
  'usage-too-many-drives': {
    en: {
      what: 'More than {{most, number}} USB sticks were named.',
      next: 'Write at most {{most, number}} at a time.',
    },
    ja: {
      what: '{{most, number}}本を超えるUSBメモリが指定されました。',
      next: '一度に書き込むUSBメモリは{{most, number}}本までにしてください。',
    },
  },
  'usage-output-kind': {
    en: {
      what: 'The name “{{path}}” does not say what to save.',
      next: 'End it in .tar, .img or /, or give --format.',
    },
    ja: {
      what: '「{{path}}」という名前からは保存する形式が分かりません。',
      next: '末尾を .tar、.img または / にするか、--format を指定してください。',
    },
  },
  'usage-outputs-overlap': {
    en: {
      what: '{{path}} and {{other}} cannot both be outputs: one would stand in the place of the other.',
      next: 'Give every output a place of its own.',
    },
    ja: {
      what: '{{path}} と {{other}} は場所が重なるため、両方を出力先にすることはできません。',
      next: '出力ごとに別の場所を指定してください。',
    },
  },
  'usage-output-device': {
    en: {
      what: '{{path}} is a device; -o saves to files, folders and pipes.',
      next: 'Write a USB stick with -w.',
    },
    ja: {
      what: '{{path}} はデバイスです。-o の保存先は、ファイル、フォルダー、パイプのいずれかです。',
      next: 'USBメモリに書き込むには、-w を使用してください。',
    },
  },
  'usage-stream-kind': {
    en: {
      what: '{{path}} is standard output or a pipe, which takes a tar archive only.',
      next: 'Give --format tar, or save to a file or folder.',
    },
    ja: {
      what: '{{path}} は標準出力またはパイプのため、tarアーカイブしか出力できません。',
      next: '--format tar を指定するか、ファイルまたはフォルダーに保存してください。',
    },
  },
  'usage-stdout-terminal': {
    en: {
      what: 'A tar archive is not written to a terminal.',
      next: 'Send standard output to a file or to another program.',
    },
    ja: {
      what: 'tarアーカイブは端末に出力できません。',
      next: '標準出力をファイルまたは別のプログラムに送ってください。',
    },
  },
  'usage-stdout-json': {
    en: {
      what: 'With -o -, standard output holds the tar archive, and has no place for the events of --json.',
      next: 'Leave --json out, or save to a file.',
    },
    ja: {
      what: '-o - では標準出力にtarアーカイブを書くため、--json のイベントを出力できません。',
      next: '--json を外すか、ファイルに保存してください。',
    },
  },
  'usage-inspect-device': {
    en: {
      what: '{{path}} is a device; inspect looks at files and folders.',
      next: 'To check a finished stick, use verify with its path.',
    },
    ja: {
      what: '{{path}} はデバイスです。inspect で調べられるのは、ファイルとフォルダーです。',
      next: '書き込み済みのUSBメモリを確認するには、verify にパスを指定してください。',
    },
  },
  'usage-size-without-image': {
    en: {
      what: '--size was given, but no output is an image file.',
      next: 'Save to a name ending in .img, or leave --size out.',
    },
    ja: {
      what: '--size が指定されましたが、出力にディスクイメージがありません。',
      next: '末尾が .img の名前に保存するか、--size を外してください。',
    },
  },
  'usage-option': {
    en: { what: 'Wrong argument: {{detail}}', next: 'See --help for how to use the command.' },
    ja: {
      what: '引数が正しくありません: {{detail}}',
      next: '使い方は --help で確認してください。',
    },
  },
};
