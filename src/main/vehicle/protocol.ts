/**
 * otaclient's gRPC interface as a descriptor, with the numbers of its package `OtaClientV2` and names of fields that
 * are only ours: names are not on the wire. It is part of the program, so that no bundle has to find a file.
 */

type Field = readonly [type: string, id: number, rule?: 'repeated'];

function message(fields: Readonly<Record<string, Field>>) {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, [type, id, rule]]) => [
        name,
        { type, id, ...(rule === undefined ? {} : { rule }) },
      ]),
    ),
  };
}

const method = (requestType: string, responseType: string) => ({ requestType, responseType });

const outcome = message({ ecuId: ['string', 1], result: ['int32', 2], message: ['string', 3] });

/** As protobufjs has descriptors in JSON. */
export const PROTOCOL = {
  nested: {
    OtaClientV2: {
      nested: {
        OtaClientService: {
          methods: {
            Update: method('UpdateRequest', 'UpdateResponse'),
            Status: method('StatusRequest', 'StatusResponse'),
            Abort: method('AbortRequest', 'AbortResponse'),
          },
        },
        UpdateRequestEcu: message({
          ecuId: ['string', 1],
          version: ['string', 2],
          url: ['string', 3],
          cookies: ['string', 4],
        }),
        UpdateRequest: message({
          ecus: ['UpdateRequestEcu', 1, 'repeated'],
          requestId: ['string', 2],
        }),
        EcuOutcome: outcome,
        UpdateResponse: message({ ecus: ['EcuOutcome', 1, 'repeated'] }),
        AbortRequestEcu: message({ ecuId: ['string', 1] }),
        AbortRequest: message({
          ecus: ['AbortRequestEcu', 1, 'repeated'],
          requestId: ['string', 2],
        }),
        AbortResponse: message({ ecus: ['EcuOutcome', 1, 'repeated'] }),
        StatusRequest: message({}),
        UpdateStatus: message({
          version: ['string', 1],
          files: ['uint64', 3],
          started: ['int64', 4],
          phase: ['int32', 11],
          downloadBytes: ['uint64', 13],
          downloadedBytes: ['uint64', 15],
          downloadErrors: ['uint64', 17],
          processedFiles: ['uint64', 20],
        }),
        StatusEcu: message({
          ecuId: ['string', 1],
          version: ['string', 2],
          clientVersion: ['string', 3],
          state: ['int32', 11],
          failureType: ['int32', 12],
          failureReason: ['string', 13],
          updateStatus: ['UpdateStatus', 15],
        }),
        StatusResponse: message({
          ecuIds: ['string', 2, 'repeated'],
          ecus: ['StatusEcu', 3, 'repeated'],
        }),
      },
    },
  },
};

export interface WireOutcome {
  readonly ecuId: string;
  /** 0: accepted; 1: busy; 2: not configured, or it did not answer. */
  readonly result: number;
}

export interface WireStatus {
  readonly ecuIds: readonly string[];
  readonly ecus: readonly {
    readonly ecuId: string;
    readonly version: string;
    readonly clientVersion: string;
    readonly state: number;
    readonly failureType: number;
    readonly failureReason: string;
    readonly updateStatus: {
      readonly version: string;
      readonly files: number;
      readonly started: number;
      readonly phase: number;
      readonly downloadBytes: number;
      readonly downloadedBytes: number;
      readonly downloadErrors: number;
      readonly processedFiles: number;
    } | null;
  }[];
}
