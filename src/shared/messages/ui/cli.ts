import { texts } from './catalogue.ts';

/** Texts of the command line. */
export const cliTexts = texts({
  'cli.usage': { en: 'usage', ja: '使い方' },
  'cli.commands': { en: 'commands', ja: 'コマンド' },
  'cli.options': { en: 'options', ja: 'オプション' },
  'cli.about': {
    en: 'Builds an offline OTA image from one or more OTA images and saves it as a file or writes it to a USB stick. Every file in it is checked on the way.',
    ja: '1つ以上のOTAイメージからオフラインOTAイメージを作成し、ファイルに保存するか、USBメモリに書き込みます。すべてのファイルを途中で検証します。',
  },
  'cli.command.inspect': {
    en: 'say what OTA images or finished offline OTA images contain, without building anything',
    ja: '何も作成せずに、OTAイメージまたは作成済みのオフラインOTAイメージの内容を表示します',
  },
  'cli.command.verify': {
    en: 'check a finished offline OTA image: every file in it is read',
    ja: '作成済みのオフラインOTAイメージを検証します(すべてのファイルを読み取ります)',
  },
  'cli.option.image': {
    en: 'OTA image for <ECU_ID>: an archive (zip, or tar, compressed or not) or a folder; give it once for each image; an OTA image v1 (zip) names its ECUs, so <PATH> or :<PATH> takes all of them; a finished offline OTA image is given alone, as <PATH>',
    ja: '<ECU_ID> 用のOTAイメージ(zipまたはtarアーカイブ、フォルダー)。イメージごとに指定します。OTAイメージv1(zip) はECU名を含むため、<PATH> または :<PATH> とするとすべて使用します。作成済みのオフラインOTAイメージは、<PATH> だけを単独で指定します',
  },
  'cli.option.output': {
    en: 'save the offline OTA image to <PATH>: a tar archive for a name ending in .tar, an image file of the stick for .img, a folder for a name ending in / or an existing empty folder; - is standard output (tar), and all texts then go to standard error; may be given several times',
    ja: 'オフラインOTAイメージを <PATH> に保存します。末尾が .tar ならtarアーカイブ、.img ならディスクイメージ、/ または空のフォルダーならフォルダーになります。- は標準出力(tar)で、メッセージは標準エラー出力に出力します。複数指定できます',
  },
  'cli.option.format': {
    en: 'what to save, whatever the name of the output says',
    ja: '出力の名前にかかわらず、保存する形式',
  },
  'cli.option.write-to': {
    en: 'write the offline OTA image to the USB stick <DEVICE>; everything on it is erased; give it up to 16 times to write several sticks at once',
    ja: 'オフラインOTAイメージをUSBメモリ <DEVICE> に書き込みます。中のデータはすべて消去されます。16回まで指定でき、複数のUSBメモリに同時に書き込みます',
  },
  'cli.command.drives': {
    en: 'list the drives, and say of each whether it can be written',
    ja: 'ドライブの一覧と、それぞれ書き込めるかどうかを表示します',
  },
  'cli.option.size': {
    en: 'size of an image file, such as 32GB or 30GiB (default: the smallest that fits, plus 5 %)',
    ja: 'ディスクイメージのサイズ。例: 32GB、30GiB(省略時: 必要最小限に5%を加えたサイズ)',
  },
  'cli.option.allow-fixed': {
    en: 'with -w: allow drives that are built in and loop devices; never a system disk',
    ja: '-w と共に指定: 内蔵ドライブとループデバイスを許可します(システムディスクは除く)',
  },
  'cli.option.no-eject': {
    en: 'with -w: leave the stick switched on',
    ja: '-w と共に指定: 書き込み後に取り出しません',
  },
  'cli.option.confirm-write-to': {
    en: 'with -w: do not ask before the sticks are erased',
    ja: '-w と共に指定: 消去の前に確認しません',
  },
  'cli.option.release-key': {
    en: 'take only development or production payloads (OTA image v1); needed where an image has both for one ECU',
    ja: '開発用 (dev) または製品用 (prd) のペイロードだけを使用します(OTAイメージv1)。1つのECUに両方ある場合は必須です',
  },
  'cli.option.ca-dir': {
    en: 'folder with <chain>.root.pem and <chain>.intermediate.pem; images that none of them signed are refused',
    ja: '<chain>.root.pem と <chain>.intermediate.pem のあるフォルダー。これらで署名されていないイメージは拒否されます',
  },
  'cli.option.no-signature-check': {
    en: 'accept images whoever signed them (not for vehicles)',
    ja: '署名を確認せずにイメージを受け入れます(車両には使用しないでください)',
  },
  'cli.option.json': {
    en: 'print one JSON event a line',
    ja: '1行に1つのJSONイベントを出力します',
  },
  'cli.option.quiet': { en: 'print nothing but errors', ja: 'エラー以外を出力しません' },
  'cli.option.verbose': {
    en: 'print the cause of an error, too',
    ja: 'エラーの原因も出力します',
  },
  'cli.option.lang': { en: 'language of the output', ja: '出力の言語' },
  'cli.option.version': {
    en: 'print the version; with -v, what it runs on, too',
    ja: 'バージョンを出力します。-v を付けると実行環境も出力します',
  },
  'cli.option.help': { en: 'print this help', ja: 'このヘルプを出力します' },

  'cli.warning': { en: 'Warning', ja: '警告' },
  'cli.error': { en: 'Error', ja: 'エラー' },
  'cli.cause': { en: 'Cause', ja: '原因' },
  'cli.signature-off': {
    en: 'Signatures are not checked: anybody may have made these images. Do not use the result in vehicles.',
    ja: '署名を確認していません。誰が作成したイメージか分かりません。結果を車両に使用しないでください。',
  },
  'cli.image': {
    en: '{{file, file}}: {{files}}, {{bytes, bytes}} stored, {{signature}}',
    ja: '{{file, file}}: {{files}}、保存サイズ {{bytes, bytes}}、{{signature}}',
  },
  'cli.output': {
    en: '{{file, file}}: finished offline OTA image, {{files}}, {{bytes, bytes}}, made {{made}}, {{signature}}',
    ja: '{{file, file}}: 作成済みのオフラインOTAイメージ、{{files}}、{{bytes, bytes}}、作成日時 {{made}}、{{signature}}',
  },
  'cli.output.ecu': { en: 'ECU {{ecuId}}', ja: 'ECU {{ecuId}}' },
  'cli.output.version': {
    en: 'ECU {{ecuId}}, version {{version}}',
    ja: 'ECU {{ecuId}}、バージョン {{version}}',
  },
  'cli.output.unproved': {
    en: 'The contents of its files were not checked; “verify” does that, and so does writing it.',
    ja: 'ファイルの内容は検証していません。内容は verify または書き込みのときに検証します。',
  },
  'cli.signer': { en: 'signer: {{signer}}', ja: '署名者: {{signer}}' },
  'cli.valid': {
    en: 'certificate: {{from, date}} to {{to, date}}',
    ja: '証明書の有効期間: {{from, date}} ~ {{to, date}}',
  },
  'cli.payload': {
    en: 'directories {{directories, number}}, symlinks {{symlinks, number}}, files {{files, number}} (hard links {{links, number}}), blobs {{blobs, number}} (compressed {{compressed, number}}), unpacked {{unpacked, bytes}}',
    ja: 'ディレクトリ {{directories, number}}、シンボリックリンク {{symlinks, number}}、ファイル {{files, number}}(ハードリンク {{links, number}})、ブロブ {{blobs, number}}(圧縮 {{compressed, number}})、展開後 {{unpacked, bytes}}',
  },
  'cli.payload-of': {
    en: 'ECU {{ecuId}} ({{releaseKey}}), version {{version}}',
    ja: 'ECU {{ecuId}} ({{releaseKey}})、バージョン {{version}}',
  },
  'cli.saved': {
    en: '{{path}}: {{bytes, bytes}} written',
    ja: '{{path}}: {{bytes, bytes}} を書き込みました',
  },
  'cli.summary': {
    en: '{{files}} from {{images}}, {{bytes, bytes}} ({{shared, bytes}} saved by storing identical files once), in {{seconds}}',
    ja: '{{images}}から {{files}}、{{bytes, bytes}}(重複ファイルの統合による削減 {{shared, bytes}})、{{seconds}}',
  },
  'cli.complete': {
    en: '{{target}}: complete; {{files}}, {{bytes, bytes}}, all of them right',
    ja: '{{target}}: 完全です。{{files}}、{{bytes, bytes}}、すべて正常です',
  },
  'cli.left': { en: '{{time}} left', ja: '残り{{time}}' },
  'cli.interrupted': {
    en: 'Stopping; what is not complete is removed.',
    ja: '中止しています。未完成のものは削除されます。',
  },
  'cli.removing': {
    en: 'Still putting away what is not complete; many files, or a drive that does not answer, take a while.',
    ja: '未完成のものを片付けています。ファイルが多い場合や、ドライブが応答しない場合は、時間がかかります。',
  },
  'cli.drive': {
    en: '{{path}}: {{name}}, {{size, bytes}}, serial {{serial}}, labels: {{labels}}',
    ja: '{{path}}: {{name}}、{{size, bytes}}、シリアル {{serial}}、ラベル: {{labels}}',
  },
  'cli.drive.usable': { en: 'can be written', ja: '書き込めます' },
  'cli.none': { en: 'none', ja: 'なし' },
  'cli.erase': {
    en: 'Everything on this drive will be erased:',
    ja: 'このドライブの中のデータはすべて消去されます:',
  },
  'cli.erase.several': {
    en: 'Everything on all of these drives will be erased:',
    ja: '次のすべてのドライブの中のデータが消去されます:',
  },
  'cli.erase.prompt.count': {
    en: 'Type the number of drives, {{count}}, to go on: ',
    ja: '続けるにはドライブの台数 {{count}} を入力してください: ',
  },
  'cli.shared-usb': {
    en: 'These sticks share one USB connection and are written more slowly than in sockets of the computer itself: {{drives}}',
    ja: '次のUSBメモリは1つのUSB接続を共有しているため、コンピューター本体のポートに挿した場合より書き込みが遅くなります: {{drives}}',
  },
  'cli.erase.prompt': {
    en: 'Type {{model}} to go on: ',
    ja: '続けるには {{model}} と入力してください: ',
  },
  'cli.written': {
    en: '{{path}}: written, read back and found right; safe to unplug',
    ja: '{{path}}: 書き込みと検証が完了しました。取り外しても安全です',
  },
  'cli.written.on': {
    en: '{{path}}: written, read back and found right; eject it before you unplug it',
    ja: '{{path}}: 書き込みと検証が完了しました。取り外す前に、取り出し操作をしてください',
  },
  'cli.do-not-format': {
    en: 'Windows and macOS may offer to format this stick. Do not format it when your computer asks.',
    ja: 'WindowsやmacOSがフォーマットを促すことがあります。フォーマットしないでください。',
  },
});
