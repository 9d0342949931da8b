import type { ArchiveErrors } from '../../errors/archive.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const archiveMessages: ErrorCatalogue<ArchiveErrors> = {
  'input-not-found': {
    en: {
      what: '{{file, file}} is not there.',
      next: 'Check its name, and that the drive or network folder with it is connected; then try again.',
    },
    ja: {
      what: '{{file, file}} が見つかりません。',
      next: '名前と、ファイルのあるドライブやネットワークフォルダーの接続を確認して、もう一度お試しください。',
    },
  },
  'input-unreadable': {
    en: {
      what: '{{file, file}} could not be read ({{reason}}).',
      next: 'Copy the file to this computer and add the copy. If that fails too, get the file again.',
    },
    ja: {
      what: '{{file, file}} を読み取れませんでした({{reason}})。',
      next: 'ファイルをこのコンピューターにコピーして、コピーを追加してください。それでも失敗する場合は、ファイルを入手し直してください。',
    },
  },
  'input-changed': {
    en: {
      what: '{{file, file}} changed after it was checked.',
      next: 'Wait until nothing writes to the file any more. Then begin again with it; in the window, remove it and add it anew.',
    },
    ja: {
      what: '{{file, file}} は確認した後に変更されました。',
      next: 'ファイルへの書き込みが終わるのを待ってから、もう一度実行してください。ウィンドウでは、一覧から外して追加し直してください。',
    },
  },
  'input-is-pipe': {
    en: {
      what: '{{file, file}} is a pipe, not a file or folder.',
      next: 'Give a file or folder. Save to a file first what a program gives.',
    },
    ja: {
      what: '{{file, file}} はファイルでもフォルダーでもなく、パイプです。',
      next: 'ファイルまたはフォルダーを指定してください。プログラムの出力は、先にファイルに保存してください。',
    },
  },
  'input-is-socket': {
    en: {
      what: '{{file, file}} is a socket, not a file or folder.',
      next: 'Give a file or folder. Save to a file first what a program gives.',
    },
    ja: {
      what: '{{file, file}} はファイルでもフォルダーでもなく、ソケットです。',
      next: 'ファイルまたはフォルダーを指定してください。プログラムの出力は、先にファイルに保存してください。',
    },
  },
  'input-is-device': {
    en: {
      what: '{{file, file}} is a device, not a file or folder.',
      next: 'Give a file or folder. Save to a file first what a program gives.',
    },
    ja: {
      what: '{{file, file}} はファイルでもフォルダーでもなく、デバイスです。',
      next: 'ファイルまたはフォルダーを指定してください。プログラムの出力は、先にファイルに保存してください。',
    },
  },
  'not-an-archive': {
    en: {
      what: '{{file, file}} is not an archive that this program knows.',
      next: 'Add an OTA image: a .tar, .tgz, .tar.zst, .tar.xz, .tar.bz2 or .zip file, or a folder.',
    },
    ja: {
      what: '{{file, file}} は対応しているアーカイブではありません。',
      next: 'OTAイメージ(.tar、.tgz、.tar.zst、.tar.xz、.tar.bz2、.zip、またはフォルダー)を追加してください。',
    },
  },
  'archive-kind-unsupported': {
    en: {
      what: '{{file, file}} is a {{kind}} file, which this program cannot read.',
      next: 'Unpack it first. Add an OTA image: a .tar, .tgz, .tar.zst, .tar.xz, .tar.bz2 or .zip file, or a folder.',
    },
    ja: {
      what: '{{file, file}} は {{kind}} 形式のファイルで、このプログラムでは読み取れません。',
      next: '先に展開して、OTAイメージ(.tar、.tgz、.tar.zst、.tar.xz、.tar.bz2、.zip、またはフォルダー)を追加してください。',
    },
  },
  'compressed-without-tar': {
    en: {
      what: '{{file, file}} is a compressed file that holds no tar archive.',
      next: 'Check that it is the right file. If an OTA image is packed in it in another way, unpack it and add that.',
    },
    ja: {
      what: '{{file, file}} は圧縮ファイルですが、中にtarアーカイブがありません。',
      next: '正しいファイルか確認してください。OTAイメージが別の形で入っている場合は、展開してから追加してください。',
    },
  },
  'compressed-kind-unsupported': {
    en: {
      what: '{{file, file}} is a compressed file that holds a {{kind}} file and no tar archive.',
      next: 'Unpack it once and add what comes out, if that is an OTA image. A finished disk image (.img) is checked, not added.',
    },
    ja: {
      what: '{{file, file}} は圧縮ファイルですが、中にあるのはtarアーカイブではなく {{kind}} 形式のファイルです。',
      next: '一度展開し、OTAイメージであればそれを追加してください。完成したディスクイメージ(.img)は追加せずに、検証してください。',
    },
  },
  'archive-needs-memory': {
    en: {
      what: 'Unpacking {{file, file}} needs more than {{limit, bytes}} of memory, which this program does not use for it.',
      next: 'Pack it again with usual settings (zstd without --long, xz -9 at most), or unpack it and add the .tar file.',
    },
    ja: {
      what: '{{file, file}} の展開には {{limit, bytes}} を超えるメモリが必要で、このプログラムの上限を超えています。',
      next: '通常の設定(zstdは --long なし、xzは -9 まで)で圧縮し直すか、展開して.tarファイルを追加してください。',
    },
  },
  'archive-truncated': {
    en: {
      what: '{{file, file}} ends too early: a part of it is missing.',
      next: 'The download or copy was probably cut off. Get the file again.',
    },
    ja: {
      what: '{{file, file}} は途中で切れていて、一部が欠けています。',
      next: 'ダウンロードまたはコピーが中断された可能性があります。ファイルを入手し直してください。',
    },
  },
  'archive-corrupt': {
    en: {
      what: '{{file, file}} is damaged ({{reason}}).',
      next: 'Get the file again. If it stays damaged, tell whoever made it.',
    },
    ja: {
      what: '{{file, file}} は破損しています({{reason}})。',
      next: 'ファイルを入手し直してください。それでも破損している場合は、作成者に連絡してください。',
    },
  },
  'archive-trailing-garbage': {
    en: {
      what: '{{file, file}} has unknown data after its end.',
      next: 'The file may be two files joined together. Get it again.',
    },
    ja: {
      what: '{{file, file}} の末尾に不明なデータがあります。',
      next: '複数のファイルがつながっている可能性があります。ファイルを入手し直してください。',
    },
  },
  'member-name-unsafe': {
    en: {
      what: '{{file, file}} contains a file with an unsafe name: “{{name}}”.',
      next: 'Do not use this file. Tell whoever made it.',
    },
    ja: {
      what: '{{file, file}} に安全でない名前のファイル「{{name}}」が含まれています。',
      next: 'このファイルは使用しないで、作成者に連絡してください。',
    },
  },
  'archive-limit': {
    en: {
      what: '{{file, file}} exceeds a limit: {{what, detail}} (at most {{limit, number}}).',
      next: 'This is not a usual OTA image. Check that it is the right file, and tell whoever made it.',
    },
    ja: {
      what: '{{file, file}} は上限を超えています: {{what, detail}}(上限 {{limit, number}})。',
      next: '通常のOTAイメージではありません。正しいファイルか確認し、作成者に連絡してください。',
    },
  },
};
