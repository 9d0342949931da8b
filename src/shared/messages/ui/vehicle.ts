import { texts } from './catalogue.ts';

/** Texts of serving an image to a vehicle, and of watching and updating one. */
export const vehicleTexts = texts({
  'cli.command.serve': {
    en: 'serve a finished offline OTA image to vehicles over HTTP and HTTPS, until Ctrl-C; it is verified first',
    ja: '作成済みのオフラインOTAイメージを検証し、車両にHTTPとHTTPSで提供します(Ctrl-Cで終了)',
  },
  'cli.option.listen': {
    en: 'with serve and vehicle update: the one address of this computer to serve at (default: loopback, or for an update the address that faces the vehicle; port 8443)',
    ja: 'serve、vehicle update と共に指定: 提供に使用する、このコンピューターのアドレス(省略時: ループバック、更新では車両側のアドレス。ポート8443)',
  },
  'cli.option.tls-cert': {
    en: 'serve HTTPS, too, with this certificate and its private key (PEM)',
    ja: 'この証明書と秘密鍵 (PEM) で、HTTPSでも提供します',
  },
  'cli.option.tls-self': {
    en: 'serve HTTPS, too, with a certificate made by a CA of your own; the command that makes an ECU trust it is printed',
    ja: '自分専用のCAで作成した証明書で、HTTPSでも提供します。ECUにCAを登録するコマンドも表示します',
  },
  'cli.option.cookie': {
    en: 'access key that clients have to send (default: a random one)',
    ja: 'クライアントが送信するアクセスキー(省略時: ランダム)',
  },
  'cli.option.no-cookie': {
    en: 'serve without an access key: whoever reaches the port gets the files',
    ja: 'アクセスキーなしで提供します(接続できる人は誰でもファイルを取得できます)',
  },
  'serve.ready': {
    en: 'Serving {{file, file}} at {{address}}. Press Ctrl-C to end.',
    ja: '{{file, file}} を {{address}} で提供しています。終了するにはCtrl-Cを押してください。',
  },
  'serve.ecu': {
    en: 'ECU {{ecuId}}, version {{version}}: {{url}}',
    ja: 'ECU {{ecuId}}、バージョン {{version}}: {{url}}',
  },
  'serve.request-file': {
    en: 'Update request for other tools (update_request.yaml):',
    ja: '他のツールに渡す更新要求 (update_request.yaml):',
  },
  'serve.http-only': {
    en: 'Only HTTP is served. A vehicle whose own proxy is on (the usual case) asks over HTTPS whatever the URL says: then use --tls-self or --tls-cert.',
    ja: 'HTTPだけで提供しています。車両のプロキシが有効な場合(通常の構成)、車両はURLにかかわらずHTTPSで接続します。その場合は --tls-self または --tls-cert を使用してください。',
  },
  'serve.trust': {
    en: 'The main ECU has to trust the CA {{path}}. This command makes it do so; then restart its otaclient:',
    ja: 'メインECUにCA {{path}} を登録する必要があります。次のコマンドで登録し、otaclientを再起動してください:',
  },
  'serve.trust-new': {
    en: 'The CA was made now, so that no ECU trusts it yet.',
    ja: 'CAを新しく作成したため、まだどのECUにも登録されていません。',
  },
  'serve.distrust': {
    en: 'When the vehicle is done, remove it again:',
    ja: '車両の作業が終わったら、次のコマンドで削除してください:',
  },
  'serve.no-cookie': {
    en: 'No access key is asked for: whoever reaches this address gets the files.',
    ja: 'アクセスキーを確認しません。このアドレスに接続できる人は、誰でもファイルを取得できます。',
  },
  'serve.request': {
    en: '{{client}} {{scheme}} {{method}} {{target}}: {{status}}, {{bytes, bytes}}, {{milliseconds}} ms',
    ja: '{{client}} {{scheme}} {{method}} {{target}}: {{status}}、{{bytes, bytes}}、{{milliseconds}}ミリ秒',
  },
  'serve.refused': {
    en: '{{client}} was turned away: {{reason}} ({{detail}})',
    ja: '{{client}} の接続を拒否しました: {{reason}} ({{detail}})',
  },
  'serve.untold': {
    en: { one: '1 more was turned away before.', other: '{{count}} more were turned away before.' },
    ja: 'これより前に、ほかに{{count}}件を拒否しました。',
  },
  'serve.traffic': {
    en: '{{client}}: {{files}}, {{bytes, bytes}}, {{speed}}',
    ja: '{{client}}: {{files}}、{{bytes, bytes}}、{{speed}}',
  },
  'serve.ended': { en: 'No longer serving.', ja: '提供を終了しました。' },
  'cli.command.vehicle': {
    en: 'say what the ECUs of a vehicle have and do, once; with watch, until Ctrl-C',
    ja: '車両の各ECUの内容と状態を表示します(watch ではCtrl-Cまで)',
  },
  'cli.command.vehicle-update': {
    en: 'update ECUs of a vehicle from a finished offline OTA image: verify and serve it, trigger, and watch until the end',
    ja: '作成済みのオフラインOTAイメージで車両のECUを更新します(検証、提供、更新の開始、完了までの監視)',
  },
  'cli.option.ecu': {
    en: 'with vehicle update: only this ECU of the image; may be given several times',
    ja: 'vehicle update と共に指定: イメージのうち、このECUだけを更新します。複数指定できます',
  },
  'cli.option.confirm-update': {
    en: 'with vehicle update: do not ask before the ECUs are updated',
    ja: 'vehicle update と共に指定: 更新の前に確認しません',
  },
  'vehicle.will-update': {
    en: 'These ECUs will be updated, and restart by themselves:',
    ja: '次のECUを更新します。ECUは自動で再起動します:',
  },
  'vehicle.from-to': {
    en: '{{ecuId}}: from {{from}} to {{to}}',
    ja: '{{ecuId}}: {{from}} から {{to}} へ',
  },
  'vehicle.confirm': {
    en: 'The vehicle must stand, with its battery charged. Type “{{ecuIds}}” to begin: ',
    ja: '車両を停止させ、バッテリーを充電しておいてください。開始するには「{{ecuIds}}」と入力してください: ',
  },
  'vehicle.proxy': {
    en: 'Serving at {{address}} ({{scheme}}). If the main ECU cannot reach this address, give another one with --listen.',
    ja: '{{address}} ({{scheme}}) で提供します。メインECUから接続できない場合は、--listen で別のアドレスを指定してください。',
  },
  'vehicle.triggered': {
    en: 'The vehicle took the update. Leave this running until all ECUs are done.',
    ja: '車両が更新を受け付けました。すべてのECUが完了するまで、終了しないでください。',
  },
  'vehicle.unanswered': {
    en: 'The answer of the vehicle was lost. Watching whether it took the update; leave this running.',
    ja: '車両の応答を受信できませんでした。更新が開始されるか監視しています。終了しないでください。',
  },
  'vehicle.updated': {
    en: '{{ecuId}}: updated to {{version}}.',
    ja: '{{ecuId}}: {{version}} に更新しました。',
  },
  'vehicle.failed': {
    en: '{{ecuId}}: not updated. {{reason}}',
    ja: '{{ecuId}}: 更新されていません。{{reason}}',
  },
  'vehicle.done': { en: 'All ECUs are updated.', ja: 'すべてのECUを更新しました。' },
  'vehicle.stopped.accepted': {
    en: 'The vehicle stops the update. It keeps what it had.',
    ja: '車両が更新を中止しています。以前のソフトウェアのまま残ります。',
  },
  'vehicle.stopped.refused': {
    en: 'The vehicle did not take the order to stop. It gives up by itself, because nothing is served any more.',
    ja: '車両が中止の指示を受け付けませんでした。提供を終了したため、車両側で更新が終了します。',
  },
  'vehicle.stopped.unknown': {
    en: 'This otaclient cannot be told to stop. It gives up by itself within some minutes, because nothing is served any more.',
    ja: 'このotaclientは中止の指示に対応していません。提供を終了したため、数分以内に車両側で更新が終了します。',
  },
  'outcome.refused': { en: 'It did not take the update.', ja: '更新を受け付けませんでした。' },
  'outcome.failure': { en: 'It reports a failure.', ja: '失敗が報告されました。' },
  'outcome.other-version': {
    en: 'It came back with another version, so the new one did not start.',
    ja: '別のバージョンで起動しました。新しいソフトウェアは起動していません。',
  },
  'outcome.not-started': {
    en: 'It took the update and never began.',
    ja: '更新を受け付けましたが、開始しませんでした。',
  },
  'outcome.silent': {
    en: 'It does not answer any more. Look at its power and its log.',
    ja: '応答がなくなりました。電源とログを確認してください。',
  },
  'outcome.stopped': { en: 'The update was stopped.', ja: '更新が中止されました。' },
  'diagnosis.no-request': {
    en: 'The vehicle has asked for nothing yet. Is the cable in, is the address one that the main ECU reaches, does a firewall of this computer block the port, and is HTTPS served where its proxy is on?',
    ja: '車両からの要求がまだありません。ケーブル、メインECUから接続できるアドレスか、このコンピューターのファイアウォール、車両のプロキシが有効な場合はHTTPSで提供しているかを確認してください。',
  },
  'diagnosis.tls-off': {
    en: 'The vehicle asks over HTTPS, because its own proxy is on. Stop, and begin again: in the window choose “Its own proxy is on”, on the command line give --tls-self.',
    ja: '車両のプロキシが有効なため、HTTPSで接続されています。いったん中止し、画面では「車両のプロキシが有効」を選択し、コマンドラインでは --tls-self を指定して、やり直してください。',
  },
  'diagnosis.tls-failed': {
    en: 'The vehicle does not trust the certificate. Make the main ECU trust the CA with the command that is shown, and restart its otaclient.',
    ja: '車両が証明書を信頼していません。表示されたコマンドでメインECUにCAを登録し、otaclientを再起動してください。',
  },
  'diagnosis.cookie': {
    en: 'Somebody asks with a wrong access key: an update that was begun before, or another program in this network.',
    ja: '違うアクセスキーで要求されています。以前に開始した更新か、ネットワーク上の別のプログラムです。',
  },
  'diagnosis.host': {
    en: 'Somebody asks for another host here: look at the upper proxy of the vehicle.',
    ja: '別のホスト宛ての要求が届いています。車両の上位プロキシの設定を確認してください。',
  },
  'diagnosis.not-found': {
    en: 'Files were asked for that the image does not have: probably the vehicle still has an older image in its cache or in its request.',
    ja: 'イメージにないファイルが要求されました。車両のキャッシュまたは要求に、以前のイメージが残っている可能性があります。',
  },
  'diagnosis.unreadable': {
    en: 'Files of the image cannot be read. Is the drive with it still connected?',
    ja: 'イメージのファイルを読み取れません。ドライブの接続を確認してください。',
  },
  'diagnosis.asleep': {
    en: 'This computer slept, and served nothing meanwhile. Keep it awake and its lid open; what was asked for meanwhile is asked for again.',
    ja: 'このコンピューターがスリープしたため、その間は提供が止まりました。スリープさせず、ふたを開けたままにしてください。中断した要求は、車両から再度送信されます。',
  },
  'diagnosis.stalled': {
    en: 'The vehicle downloads, and has asked for nothing for a minute. Is the cable in, and is this computer awake?',
    ja: 'ダウンロード中の車両から、1分間要求がありません。ケーブルの接続と、このコンピューターがスリープしていないかを確認してください。',
  },
  'diagnosis.cache-off': {
    en: 'The vehicle asks for the same files again and again: the cache of its proxy is off or full. The update takes longer.',
    ja: '車両が同じファイルを繰り返し要求しています。プロキシのキャッシュが無効か、空きがありません。更新に時間がかかります。',
  },
  'vehicle.ecu': {
    en: '{{ecuId}}: version {{version}}, otaclient {{client}}, {{state}}',
    ja: '{{ecuId}}: バージョン {{version}}、otaclient {{client}}、{{state}}',
  },
  'vehicle.none': { en: 'none', ja: 'なし' },
  'vehicle.silent': { en: '{{ecuId}}: does not answer', ja: '{{ecuId}}: 応答なし' },
  'vehicle.no-ecu': {
    en: 'otaclient answers, but tells of no ECU yet.',
    ja: 'otaclientは応答していますが、ECUの情報がまだありません。',
  },
  'vehicle.away': {
    en: 'The vehicle does not answer ({{reason}}); trying again. While it restarts, that is so for some minutes.',
    ja: '車両が応答していません({{reason}})。接続を再試行しています。再起動中は数分間応答しません。',
  },
  'vehicle.back': { en: 'The vehicle answers again.', ja: '車両が再び応答しました。' },
  'ecu-state.initialized': { en: 'ready, never updated', ja: '準備完了(更新履歴なし)' },
  'ecu-state.success': { en: 'ready', ja: '準備完了' },
  'ecu-state.failure': { en: 'failed', ja: '失敗' },
  'ecu-state.updating': { en: 'updating', ja: '更新中' },
  'ecu-state.rollbacking': {
    en: 'going back to the old version',
    ja: '以前のバージョンに戻しています',
  },
  'ecu-state.rollback-failure': {
    en: 'going back to the old version failed',
    ja: '以前のバージョンに戻せませんでした',
  },
  'ecu-state.client-updating': { en: 'updating its otaclient', ja: 'otaclientを更新中' },
  'ecu-state.aborting': { en: 'stopping the update', ja: '更新を中止しています' },
  'ecu-state.aborted': { en: 'update stopped', ja: '更新を中止しました' },
  'ecu-state.unknown': { en: 'in a state that is not known', ja: '不明な状態' },
  'update-phase.initializing': { en: 'beginning', ja: '開始' },
  'update-phase.metadata': { en: 'reading metadata', ja: 'メタデータの読み取り' },
  'update-phase.delta': { en: 'comparing with what is there', ja: '差分の計算' },
  'update-phase.downloading': { en: 'downloading', ja: 'ダウンロード' },
  'update-phase.applying': { en: 'applying', ja: '適用' },
  'update-phase.post-update': { en: 'preparing the restart', ja: '再起動の準備' },
  'update-phase.finalizing': { en: 'restarting', ja: '再起動' },
  'update-phase.client': { en: 'downloading otaclient', ja: 'otaclientのダウンロード' },
  'update-phase.unknown': { en: 'in a phase that is not known', ja: '不明な段階' },
  'failure.network': {
    en: 'The ECU could not download: look at the cable, the address and the proxy settings.',
    ja: 'ECUがダウンロードできませんでした。ケーブル、アドレス、プロキシ設定を確認してください。',
  },
  'failure.image': {
    en: 'The ECU did not find the image at the URL, or could not use it.',
    ja: 'ECUがURLでイメージを見つけられないか、使用できませんでした。',
  },
  'failure.cookies': {
    en: 'The cookies of the request were no JSON object.',
    ja: '更新要求のクッキーがJSONオブジェクトではありませんでした。',
  },
  'failure.bsp': {
    en: 'The image is for another version of the board support package.',
    ja: 'イメージのボードサポートパッケージ (BSP) のバージョンが異なります。',
  },
  'failure.recoverable': {
    en: 'The ECU can try again: begin the update once more.',
    ja: '再試行できます。もう一度更新してください。',
  },
  'failure.space': {
    en: 'The ECU has no space left for the image: free some, and update it again.',
    ja: 'ECUの空き容量が不足しています。空き容量を増やして、もう一度更新してください。',
  },
  'failure.certificate': {
    en: 'The ECU does not trust a certificate: of the server (install the CA) or of the image (its signer).',
    ja: 'ECUが証明書を信頼していません。サーバーの証明書(CAの登録)か、イメージの署名者を確認してください。',
  },
  'failure.unrecoverable': {
    en: 'The ECU cannot try again by itself: restart it, and look at its log.',
    ja: 'ECUは自動では再試行できません。再起動し、ログを確認してください。',
  },
  'failure.other': { en: 'Look at the log of the ECU.', ja: 'ECUのログを確認してください。' },
  'refusal.connections': { en: 'too many connections', ja: '接続が多すぎます' },
  'refusal.slow': { en: 'too slow', ja: '要求が遅すぎます' },
  'refusal.tls-off': {
    en: 'it asks for HTTPS, and there is no certificate',
    ja: 'HTTPSが要求されましたが、証明書がありません',
  },
  'refusal.tls-failed': {
    en: 'the TLS handshake failed; does the ECU trust the CA?',
    ja: 'TLSの接続に失敗しました。ECUにCAが登録されているか確認してください',
  },
  'refusal.malformed': { en: 'no proper request', ja: '正しくない要求です' },
  'refusal.method': { en: 'only GET and HEAD are answered', ja: 'GETとHEADだけに応答します' },
  'refusal.host': { en: 'it is for another host', ja: '別のホスト宛ての要求です' },
  'refusal.cookie': { en: 'wrong or missing access key', ja: 'アクセスキーがないか、違います' },
  'refusal.not-found': { en: 'no such file', ja: 'ファイルがありません' },
  'refusal.unreadable': {
    en: 'the file could not be read; is the drive still connected?',
    ja: 'ファイルを読み取れませんでした。ドライブの接続を確認してください',
  },
});
