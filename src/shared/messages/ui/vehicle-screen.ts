import { texts } from './catalogue.ts';

/** The window's screen that updates a vehicle. */
export const vehicleScreenTexts = texts({
  'nav.vehicle': { en: 'Vehicle', ja: '車両' },
  'vehicle-screen.title': { en: 'Update a vehicle', ja: '車両の更新' },
  'vehicle-screen.intro': {
    en: 'For a vehicle without a network: this computer serves a finished offline OTA image over a cable, and the vehicle installs it.',
    ja: 'ネットワークのない車両のために、作成済みのオフラインOTAイメージをこのコンピューターからケーブル経由で提供します。',
  },
  'vehicle-image.title': { en: 'Image', ja: 'イメージ' },
  'vehicle-image.drop': {
    en: 'Drop a finished offline OTA image here',
    ja: 'ここに作成済みのオフラインOTAイメージをドロップ',
  },
  'vehicle-image.kinds': {
    en: 'A tar or disk image file, or a folder',
    ja: 'tarファイル、ディスクイメージ、またはフォルダー',
  },
  'vehicle-image.file': { en: 'Choose a file…', ja: 'ファイルを選択…' },
  'vehicle-image.built': { en: 'Use {{name}}, just built', ja: '作成した {{name}} を使用' },
  'vehicle-image.verifying': {
    en: 'Verifying every file: {{percent}}',
    ja: 'すべてのファイルを検証中: {{percent}}',
  },
  'vehicle-image.opening': { en: 'Opening', ja: '開いています' },
  'vehicle-image.ready': { en: 'Verified', ja: '検証済み' },
  'vehicle-image.other': { en: 'Choose another', ja: '別のものを選択' },
  'vehicle-way.title': { en: 'Connection', ja: '接続' },
  'vehicle-way.label': {
    en: 'What does the proxy_info.yaml of the main ECU say?',
    ja: 'メインECUの proxy_info.yaml の設定',
  },
  'vehicle-way.own': { en: 'Its own proxy is on', ja: '車両のプロキシが有効' },
  'vehicle-way.own.when': {
    en: 'The usual case, also where the file is missing',
    ja: '通常の構成。ファイルがない場合も含みます',
  },
  'vehicle-way.off': { en: 'Its own proxy is off', ja: '車両のプロキシが無効' },
  'vehicle-way.off.when': { en: 'And there is no upper proxy', ja: '上位プロキシもない場合' },
  'vehicle-way.upper': { en: 'An upper proxy', ja: '上位プロキシあり' },
  'vehicle-way.upper.when': {
    en: 'upper_ota_proxy is this computer',
    ja: 'upper_ota_proxy がこのコンピューターの場合',
  },
  'vehicle-way.own.set': {
    en: 'Once for each vehicle: make the main ECU trust this computer with this command, and restart its otaclient.',
    ja: '車両ごとに1回、次のコマンドでメインECUにこのコンピューターのCAを登録し、otaclientを再起動してください。',
  },
  'vehicle-way.off.set': {
    en: 'There is nothing to set on the vehicle.',
    ja: '車両側の設定は必要ありません。',
  },
  'vehicle-way.upper.set': {
    en: 'The proxy_info.yaml has to have this line:',
    ja: 'proxy_info.yaml に次の行が必要です。',
  },
  'vehicle-way.upper.address': { en: '<ADDRESS>', ja: '<アドレス>' },
  'vehicle-network.label': {
    en: 'Network connection of this computer',
    ja: 'このコンピューターのネットワーク接続',
  },
  'vehicle-network.auto': {
    en: 'The one that leads to the vehicle (usual)',
    ja: '車両につながる接続(通常)',
  },
  'vehicle-network.gone': { en: '{{address}} (not there now)', ja: '{{address}}(現在は未接続)' },
  'vehicle-link.title': { en: 'Vehicle', ja: '車両' },
  'vehicle-link.address': { en: 'Address of the main ECU', ja: 'メインECUのアドレス' },
  'vehicle-link.connect': { en: 'Connect', ja: '接続' },
  'vehicle-link.connecting': { en: 'Looking for the vehicle', ja: '車両に接続しています' },
  'vehicle-link.disconnect': { en: 'Disconnect', ja: '切断' },
  'vehicle-link.connected': { en: 'Connected to {{address}}', ja: '{{address}} に接続済み' },
  'vehicle-link.ecus': { en: 'ECUs', ja: 'ECU' },
  'vehicle-link.take': { en: 'Update {{ecuId}}', ja: '{{ecuId}} を更新' },
  'vehicle-link.client': { en: 'otaclient {{version}}', ja: 'otaclient {{version}}' },
  'vehicle-link.not-in-image': {
    en: 'not in this image: it keeps what it has',
    ja: 'イメージに含まれないため、変更しません',
  },
  'vehicle-link.silent': { en: 'does not answer', ja: '応答なし' },
  'vehicle-link.absent': {
    en: 'The vehicle does not have this ECU, or it does not answer.',
    ja: '車両にこのECUがないか、応答していません。',
  },
  'vehicle-link.update': {
    en: { one: 'Update 1 ECU…', other: 'Update {{count, number}} ECUs…' },
    ja: '{{count, number}}個のECUを更新…',
  },
  'vehicle-link.none': {
    en: 'Nothing of this image fits this vehicle. Check that both are the right ones.',
    ja: 'この車両に対応するECUがイメージにありません。車両とイメージが正しいか確認してください。',
  },
  'vehicle-confirm.title': { en: 'Update this vehicle?', ja: 'この車両を更新しますか?' },
  'vehicle-confirm.before': {
    en: 'The vehicle must be parked, with its battery charged. ECUs restart by themselves.',
    ja: '車両を停止させ、バッテリーを充電しておいてください。ECUは自動で再起動します。',
  },
  'vehicle-confirm.type': {
    en: 'To begin, type: {{ecuIds}}',
    ja: '開始するには次のとおり入力: {{ecuIds}}',
  },
  'vehicle-confirm.yes': { en: 'Update', ja: '更新' },
  'vehicle-run.running': { en: 'The vehicle is being updated', ja: '車両を更新しています' },
  'vehicle-run.starting': { en: 'Asking the vehicle', ja: '車両に更新を要求しています' },
  'vehicle-run.stopping': { en: 'Stopping', ja: '中止しています' },
  'vehicle-run.keep': {
    en: 'Leave the cable in, this computer awake and its lid open until all ECUs are done.',
    ja: 'すべてのECUが完了するまで、ケーブルを抜かず、コンピューターをスリープさせず、ふたを開けたままにしてください。',
  },
  'vehicle-run.server': {
    en: 'Serving at {{address}} · {{bytes, bytes}} sent',
    ja: '{{address}} で提供中 · {{bytes, bytes}} 送信済み',
  },
  'vehicle-run.away': {
    en: 'The vehicle does not answer now. While it restarts, that is so for some minutes.',
    ja: '車両が応答していません。再起動中は数分間応答しません。',
  },
  'vehicle-run.waiting': { en: 'waiting', ja: '待機中' },
  'vehicle-run.updated': { en: 'updated', ja: '更新済み' },
  'vehicle-run.progress': { en: 'Progress of {{ecuId}}', ja: '{{ecuId}} の進行状況' },
  'vehicle-run.advice': { en: 'What to look at', ja: '確認してください' },
  'vehicle-run.stop': { en: 'Stop…', ja: '中止…' },
  'vehicle-run.stopped': {
    en: 'The update of the vehicle was stopped.',
    ja: '車両の更新を中止しました。',
  },
  'vehicle-run.done': {
    en: 'All chosen ECUs are updated. The cable can be unplugged.',
    ja: '選択したすべてのECUを更新しました。ケーブルを取り外せます。',
  },
  'vehicle-run.failed': { en: 'The vehicle was not updated', ja: '車両は更新されていません' },
  'vehicle-run.partly': { en: 'Not all ECUs are updated', ja: '更新されていないECUがあります' },
  'vehicle-run.kept': {
    en: 'An ECU that was not updated keeps running what it had.',
    ja: '更新されなかったECUは、以前のソフトウェアのまま動作します。',
  },
  'vehicle-run.another': { en: 'Update another vehicle', ja: '別の車両を更新' },
  'vehicle-run.again': { en: 'Back to the ECUs', ja: 'ECUの一覧に戻る' },
  'vehicle-run.distrust': {
    en: 'When the vehicle is not updated from this computer any more, this command takes the trust back:',
    ja: '今後このコンピューターから更新しない場合は、次のコマンドでCAの登録を削除してください。',
  },
  'vehicle-stop.title': { en: 'Stop the update?', ja: '更新を中止しますか?' },
  'vehicle-stop.body': {
    en: 'ECUs are asked to stop, and nothing is served any more. One that has not restarted yet keeps what it had.',
    ja: 'ECUに中止を指示し、提供を終了します。まだ再起動していないECUは、以前のソフトウェアのまま残ります。',
  },
  'vehicle-stop.yes': { en: 'Stop the update', ja: '更新を中止' },
  'vehicle-stop.no': { en: 'Keep updating', ja: '更新を続ける' },
  'vehicle-closing': {
    en: 'A vehicle is being updated from this computer. If you close now, the update stops.',
    ja: 'このコンピューターから車両を更新中です。今閉じると、更新が中止されます。',
  },
});
