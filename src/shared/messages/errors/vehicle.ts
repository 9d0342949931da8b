import type { VehicleErrors } from '../../errors/vehicle.ts';
import type { ErrorCatalogue } from './catalogue.ts';

export const vehicleMessages: ErrorCatalogue<VehicleErrors> = {
  'serve-port-in-use': {
    en: {
      what: 'Another program on this computer uses port {{port}} of {{address}}.',
      next: 'End that program; or on the command line give another port with --listen {{address}}:<PORT>.',
    },
    ja: {
      what: 'このコンピューターの別のプログラムが、{{address}} のポート {{port}} を使用しています。',
      next: 'そのプログラムを終了してください。コマンドラインでは --listen {{address}}:<PORT> で別のポートを指定することもできます。',
    },
  },
  'serve-address-unavailable': {
    en: {
      what: 'This computer has no network connection with the address {{address}}.',
      next: 'Plug the cable in, and choose an address that this computer has.',
    },
    ja: {
      what: 'このコンピューターには、アドレス {{address}} のネットワーク接続がありません。',
      next: 'ケーブルを接続し、このコンピューターのアドレスを選択してください。',
    },
  },
  'serve-listen-failed': {
    en: {
      what: 'Port {{port}} of {{address}} could not be opened ({{reason}}).',
      next: 'Give another port with --listen; ports below 1024 need special rights.',
    },
    ja: {
      what: '{{address}} のポート {{port}} を開けませんでした({{reason}})。',
      next: '--listen で別のポートを指定してください。1024より小さいポートには特別な権限が必要です。',
    },
  },
  'serve-tls-invalid': {
    en: {
      what: '{{path, file}} cannot be used for HTTPS ({{reason}}).',
      next: 'Give a certificate and its own private key as PEM files, the key without a password, or use --tls-self.',
    },
    ja: {
      what: '{{path, file}} はHTTPSに使用できません({{reason}})。',
      next: '証明書とその秘密鍵(パスワードなし)をPEMファイルで指定するか、--tls-self を使用してください。',
    },
  },
  'serve-key-exposed': {
    en: {
      what: 'Other users of this computer may read the private key {{path}}.',
      next: 'Whoever has it can pose as this computer. Delete its folder, remove the CA from the ECUs that trust it, and begin again.',
    },
    ja: {
      what: '秘密鍵 {{path}} を、このコンピューターの他のユーザーが読み取れます。',
      next: '秘密鍵を持つ人は、このコンピューターになりすませます。鍵のフォルダーを削除し、登録済みのECUからCAを削除してから、やり直してください。',
    },
  },
  'serve-authority-failed': {
    en: {
      what: 'The CA in {{folder}} could not be read or made ({{reason}}).',
      next: 'Make sure that the folder can be written; if its files are damaged, delete it and begin again.',
    },
    ja: {
      what: '{{folder}} のCAを読み取るか作成することができませんでした({{reason}})。',
      next: 'フォルダーに書き込めることを確認してください。ファイルが破損している場合は、フォルダーを削除してやり直してください。',
    },
  },
  'usage-listen-everywhere': {
    en: {
      what: '{{address}} means every network of this computer.',
      next: 'Give the one address that the vehicle reaches, so that others cannot take the files.',
    },
    ja: {
      what: '{{address}} は、このコンピューターのすべてのネットワークを意味します。',
      next: '他から接続できないように、車両が接続するアドレスを1つだけ指定してください。',
    },
  },
  'usage-tls-pair': {
    en: {
      what: 'A certificate needs its private key, and a key its certificate.',
      next: 'Give both --tls-cert and --tls-key.',
    },
    ja: {
      what: '証明書と秘密鍵は、両方とも必要です。',
      next: '--tls-cert と --tls-key の両方を指定してください。',
    },
  },
  'usage-tls-twice': {
    en: {
      what: 'A certificate was given, and another one is to be made.',
      next: 'Give either --tls-self, or --tls-cert and --tls-key.',
    },
    ja: {
      what: '証明書の指定と、証明書の作成が同時に指定されました。',
      next: '--tls-self と、--tls-cert および --tls-key の、どちらか一方を指定してください。',
    },
  },
  'usage-cookie': {
    en: {
      what: 'This cannot be sent as a cookie: {{argument}}',
      next: 'Give --cookie NAME=VALUE without spaces, quotation marks, commas and semicolons.',
    },
    ja: {
      what: 'クッキーとして送信できない値です: {{argument}}',
      next: '--cookie NAME=VALUE の形で、空白、引用符、コンマ、セミコロンを使わずに指定してください。',
    },
  },
  'usage-cookie-twice': {
    en: {
      what: '--cookie and --no-cookie contradict each other.',
      next: 'Give one of them, or neither: then a random cookie is made.',
    },
    ja: {
      what: '--cookie と --no-cookie は同時に指定できません。',
      next: 'どちらか一方を指定してください。どちらも指定しないと、ランダムなクッキーが作成されます。',
    },
  },
  'usage-vehicle-address': {
    en: {
      what: 'This is no address of a vehicle: {{argument}}',
      next: 'Give the address of the main ECU, with a port where it is not 50051, such as 192.168.10.11 or [fd00::11]:50051.',
    },
    ja: {
      what: '車両のアドレスではありません: {{argument}}',
      next: 'メインECUのアドレスを指定してください。ポートが50051でない場合は、ポートも指定します(例: 192.168.10.11、[fd00::11]:50051)。',
    },
  },
  'usage-one-image': {
    en: {
      what: 'This command takes exactly one finished offline OTA image.',
      next: 'Give one tar file, image file or folder that was built before.',
    },
    ja: {
      what: 'このコマンドには、作成済みのオフラインOTAイメージを1つだけ指定します。',
      next: '作成済みのtarファイル、ディスクイメージ、フォルダーのいずれか1つを指定してください。',
    },
  },
  'usage-ecu-not-in-image': {
    en: {
      what: 'The image has nothing for the ECU {{ecuId}}.',
      next: 'It is for: {{known}}. Give one of them with --ecu, or leave it out for all.',
    },
    ja: {
      what: 'イメージに、ECU {{ecuId}} 用のデータがありません。',
      next: '含まれているECU: {{known}}。--ecu でいずれかを指定するか、省略してすべてを対象にしてください。',
    },
  },
  'vehicle-unreachable': {
    en: {
      what: 'No otaclient answers at {{address}} ({{reason}}).',
      next: 'Check that the vehicle is on, the cable is in, and the address is that of the main ECU. By default otaclient listens to its own ECU alone: open a tunnel (ssh -L 50051:127.0.0.1:50051 <ECU>) and give 127.0.0.1.',
    },
    ja: {
      what: '{{address}} のotaclientから応答がありません({{reason}})。',
      next: '車両の電源、ケーブルの接続、メインECUのアドレスを確認してください。初期設定のotaclientは、自分のECUからの接続だけを受け付けます。その場合はトンネル(ssh -L 50051:127.0.0.1:50051 <ECU>)を開き、127.0.0.1 を指定してください。',
    },
  },
  'vehicle-not-otaclient': {
    en: {
      what: 'What answers at {{address}} is no otaclient.',
      next: 'Check address and port of the main ECU (ecu_info.yaml on the vehicle).',
    },
    ja: {
      what: '{{address}} で応答しているのは、otaclientではありません。',
      next: 'メインECUのアドレスとポートを確認してください(車両の ecu_info.yaml)。',
    },
  },
  'vehicle-ecu-unknown': {
    en: {
      what: 'The vehicle does not have these ECUs, or they do not answer: {{ecuIds}}',
      next: 'It has: {{known}}. Check that this is the right vehicle and image; an update can leave ECUs of the image out (--ecu <ID>).',
    },
    ja: {
      what: '車両に次のECUがないか、応答していません: {{ecuIds}}',
      next: '車両のECU: {{known}}。車両とイメージが正しいか確認してください。一部のECUだけを更新することもできます(--ecu <ID>)。',
    },
  },
  'vehicle-ecu-busy': {
    en: {
      what: '{{ecuId}} is busy with another update, or with going back from one.',
      next: 'Wait until the ECU has finished, then begin again. Nothing was changed.',
    },
    ja: {
      what: '{{ecuId}} は別の更新、または以前のバージョンに戻す処理を実行中です。',
      next: 'ECUの処理が終わるまで待ち、もう一度実行してください。何も変更していません。',
    },
  },
  'vehicle-client-too-old': {
    en: {
      what: 'otaclient {{version}} of {{ecuId}} cannot install an OTA image v1; that takes {{needed}} or newer.',
      next: 'Build the offline OTA image from a legacy image for this ECU, or update its otaclient first. Nothing was changed.',
    },
    ja: {
      what: '{{ecuId}} のotaclient {{version}} は、OTAイメージv1をインストールできません。{{needed}} 以降が必要です。',
      next: 'このECUには従来形式のイメージから作成するか、先にotaclientを更新してください。何も変更していません。',
    },
  },
  'vehicle-release-key': {
    en: {
      what: 'The payload for {{ecuId}} has the release key prd; clients install dev alone.',
      next: 'Build the offline OTA image again with --release-key dev. Nothing was changed.',
    },
    ja: {
      what: '{{ecuId}} 用のペイロードは製品用 (prd) です。インストールできるのは開発用 (dev) だけです。',
      next: '--release-key dev を指定して、オフラインOTAイメージを作成し直してください。何も変更していません。',
    },
  },
  'vehicle-not-confirmed': {
    en: {
      what: 'The update was not confirmed, so nothing was changed.',
      next: 'Type the ECU IDs as they are shown, or give --confirm-update.',
    },
    ja: {
      what: '更新が確認されなかったため、何も変更していません。',
      next: '表示されたECU IDを入力するか、--confirm-update を指定してください。',
    },
  },
  'vehicle-refused': {
    en: {
      what: 'The vehicle did not take the update for: {{ecuIds}}',
      next: 'It may be busy, or the ECU is not in its ecu_info.yaml. Wait half a minute, look at the states of its ECUs, and begin again. Nothing was changed.',
    },
    ja: {
      what: '車両が次のECUの更新を受け付けませんでした: {{ecuIds}}',
      next: '車両が処理中か、ECUが ecu_info.yaml に登録されていません。30秒ほど待ってECUの状態を確認し、もう一度実行してください。何も変更していません。',
    },
  },
  'vehicle-update-failed': {
    en: {
      what: 'Not updated: {{ecuIds}}',
      next: 'An ECU whose update failed keeps running what it had. Follow the advice above, and begin again.',
    },
    ja: {
      what: '更新されていません: {{ecuIds}}',
      next: '更新に失敗したECUは、以前のソフトウェアのまま動作します。上の案内に従って、もう一度実行してください。',
    },
  },
};
