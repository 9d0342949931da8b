import { loadSync } from '@grpc/proto-loader';
import { join } from 'node:path';

interface Service {
  readonly Status: { readonly responseSerialize: (message: object) => Buffer };
}

/** Messages of vehicles, encoded by the description of the interface that the tests' vehicle has. */
export function vehicleMessages(): Readonly<Record<string, Buffer>> {
  const proto = join(import.meta.dirname, '../support/otaclient-v2.proto');
  const loaded = loadSync(proto, { keepCase: true, enums: String, longs: Number });
  const { Status } = Reflect.get(loaded, 'OtaClientV2.OtaClientService') as unknown as Service;
  const ecu = { ecu_id: 'autoware', firmware_version: '1', otaclient_version: '3.13.0' };
  return {
    idle: Status.responseSerialize({
      available_ecu_ids: ['autoware', 'perception'],
      ecu_v2: [{ ...ecu, ota_status: 'SUCCESS' }],
    }),
    updating: Status.responseSerialize({
      available_ecu_ids: ['autoware'],
      ecu_v2: [
        {
          ...{ ...ecu, ota_status: 'UPDATING' },
          update_status: {
            ...{ update_firmware_version: '2', update_start_timestamp: 1_700_000_000 },
            ...{ phase: 'DOWNLOADING_OTA_FILES', total_files_num: 100 },
            ...{ total_download_files_size: 1000, downloaded_bytes: 420 },
          },
        },
      ],
    }),
    failed: Status.responseSerialize({
      available_ecu_ids: ['autoware'],
      ecu_v2: [{ ...ecu, ota_status: 'FAILURE', failure_reason: 'E307: no space left' }],
    }),
  };
}
