/** What a failure reason of otaclient means, as a key of texts. */
export type FailureMeaning =
  | 'network'
  | 'image'
  | 'cookies'
  | 'bsp'
  | 'recoverable'
  | 'space'
  | 'certificate'
  | 'unrecoverable'
  | 'other';

const BY_CODE: Readonly<Record<string, FailureMeaning>> = {
  E203: 'image',
  E204: 'cookies',
  E208: 'bsp',
  E307: 'space',
  E309: 'certificate',
};
const BY_CLASS: Readonly<Record<string, FailureMeaning>> = {
  E1: 'network',
  E2: 'recoverable',
  E3: 'unrecoverable',
};

/** Its text begins with a letter and three digits; the first one says of which kind it is. */
export function failureMeaning(reason: string): FailureMeaning {
  const [code = ''] = /^E\d{3}/.exec(reason.trim()) ?? [];
  return BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 'other';
}
