import { expect, test } from 'vitest';
import type { EcuState, EcuStatus } from '../../shared/model/vehicle.ts';
import { Traffic } from '../serve/traffic.ts';
import { AwakeClock } from './awake-clock.ts';
import { Diagnoser, diagnose, type Situation } from './diagnosis.ts';
import { EcuTracker } from './ecu-tracker.ts';
import { preflight, selectOffered } from './preflight.ts';

function ecu(state: EcuState, version = '1', started: number | null = null): EcuStatus {
  return {
    ...{ ecuId: 'a', version, clientVersion: '3.13.0', state, failureReason: 'E203' },
    recoverable: true,
    progress:
      started === null
        ? null
        : {
            ...{ version: '2', started, phase: 'applying', files: 0, downloadBytes: 0 },
            ...{ downloadedBytes: 0, downloadErrors: 0, processedFiles: 0 },
          },
  };
}

/** The outcome after these looks, each with its second. */
function after(before: EcuStatus, looks: readonly (readonly [number, EcuStatus | null])[]) {
  const tracker = new EcuTracker(before, '2', 0);
  for (const [at, seen] of looks) tracker.see(seen, at);
  const { outcome } = tracker;
  return outcome?.kind === 'failed' ? outcome.reason : (outcome?.kind ?? null);
}

test.each<[string, EcuStatus, (readonly [number, EcuStatus | null])[], string | null]>([
  [
    'it was updated',
    ecu('success'),
    [
      [1, ecu('updating')],
      [2, ecu('success', '2')],
    ],
    'updated',
  ],
  ['the old success lingers', ecu('success', '2'), [[1, ecu('success', '2')]], null],
  [
    'the same version was installed again',
    ecu('success', '2'),
    [
      [1, ecu('success', '2')],
      [2, ecu('updating', '2')],
      [3, ecu('success', '2')],
    ],
    'updated',
  ],
  ['the old failure lingers', ecu('failure'), [[1, ecu('failure')]], null],
  ['it failed between two looks', ecu('failure', '1', 5), [[1, ecu('failure', '1', 6)]], 'failure'],
  ['an older update is told of', ecu('success', '2', 5), [[1, ecu('success', '2', 5)]], null],
  ['the restart came between two looks', ecu('success'), [[9, ecu('success', '2', 7)]], 'updated'],
  [
    'it is away for ten minutes',
    ecu('success'),
    [
      [1, ecu('updating')],
      [600, null],
    ],
    null,
  ],
  [
    'it is away for ten minutes and comes back',
    ecu('success'),
    [
      [1, ecu('updating')],
      [600, null],
      [601, ecu('success', '2')],
    ],
    'updated',
  ],
  [
    'it never comes back',
    ecu('success'),
    [
      [1, ecu('updating')],
      [2, null],
      [1802, null],
    ],
    'silent',
  ],
  [
    'it never begins',
    ecu('success'),
    [
      [1, ecu('success')],
      [301, ecu('success')],
    ],
    'not-started',
  ],
  [
    'it updates its client first',
    ecu('success'),
    [
      [1, ecu('client-updating')],
      [2, ecu('success', '2')],
    ],
    'updated',
  ],
  [
    'it has another version',
    ecu('success'),
    [
      [1, ecu('updating')],
      [2, ecu('success', '3')],
    ],
    'other-version',
  ],
  [
    'somebody stopped it',
    ecu('success'),
    [
      [1, ecu('updating')],
      [2, ecu('aborted')],
    ],
    'stopped',
  ],
  [
    'its going back failed',
    ecu('success'),
    [
      [1, ecu('updating')],
      [2, ecu('rollback-failure')],
    ],
    'failure',
  ],
])('%s', (_, before, looks, outcome) => {
  expect(after(before, looks)).toBe(outcome);
});

const quiet: Situation = {
  ...{ facts: new Traffic().facts, since: 60, quiet: 60, downloading: false, ecus: 2 },
  slept: false,
};

test.each<[Partial<Situation['facts']>, Partial<Situation>, string[]]>([
  [{}, { since: 19 }, []],
  [{}, {}, ['no-request']],
  [{ requests: 1 }, {}, []],
  [{ requests: 1 }, { downloading: true }, ['stalled']],
  [{ requests: 1 }, { downloading: true, quiet: 59 }, []],
  [{ tlsOff: 1 }, {}, ['tls-off']],
  [{ tlsFailed: 1 }, {}, ['tls-failed']],
  [{ requests: 1, wrongCookie: 1 }, {}, ['cookie']],
  [{ requests: 1, wrongHost: 1 }, {}, ['host']],
  [{ requests: 1, notFound: 1 }, {}, ['not-found']],
  [{ requests: 1, unreadable: 1 }, {}, ['unreadable']],
  [{ requests: 1 }, { slept: true }, ['asleep']],
  [{ requests: 99, repeated: 20 }, {}, ['cache-off']],
  [{ requests: 99, repeated: 20 }, { ecus: 1 }, []],
])('facts %j in the situation %j mean %j', (facts, situation, found) => {
  expect(diagnose({ ...quiet, ...situation, facts: { ...quiet.facts, ...facts } })).toEqual(found);
});

test('a gap between two looks that no look takes means that this computer slept', () => {
  let wall = 0;
  const facts = { ...new Traffic().facts, requests: 1 };
  const diagnoser = new Diagnoser(
    () => facts,
    () => wall,
  );
  // The person thinks about the question before.
  wall += 600_000;
  diagnoser.accepted();
  const sight = { kind: 'status' as const, status: { ecuIds: [], ecus: [] } };
  wall += 16_000;
  expect(diagnoser.see(sight)).toEqual([]);
  wall += 61_000;
  expect(diagnoser.see(sight)).toEqual(['asleep']);
});

test('an ECU is not given up for the hours in which this computer slept', () => {
  let seconds = 0;
  const clock = new AwakeClock(() => seconds);
  const tracker = new EcuTracker(ecu('success'), '2', clock.now());
  seconds = 1;
  tracker.see(ecu('updating'), clock.now());
  // The network is not up yet when the computer wakes.
  seconds = 8 * 3600;
  tracker.see(null, clock.now());
  expect(tracker.outcome).toBeNull();
  seconds += 1;
  tracker.see(ecu('success', '2'), clock.now());
  expect(tracker.outcome).toEqual({ kind: 'updated' });
  const given = new EcuTracker(ecu('success'), '2', clock.now());
  for (let looks = 0; looks < 1900; looks++) {
    seconds += 1;
    given.see(null, clock.now());
  }
  expect(given.outcome).toMatchObject({ reason: 'silent' });
});

const offered = { ecuId: 'a', version: '2', format: 'v1', releaseKey: 'dev' } as const;
const status = (own: Partial<EcuStatus>) => ({
  ecuIds: ['a'],
  ecus: [{ ...ecu('success'), ...own }],
});
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('preflight says from which version to which', () => {
  expect(preflight([offered], status({}))).toEqual([{ ecuId: 'a', from: '1', to: '2' }]);
});

test.each([
  [{}, { clientVersion: '3.12.0' }, 'none'],
  [{}, { clientVersion: 'v3.12.0.dev1+g0' }, 'none'],
  [{}, { clientVersion: '4.0' }, 'none'],
  [{}, { clientVersion: '3.9.9' }, 'vehicle-client-too-old'],
  [{}, { clientVersion: '2.99' }, 'vehicle-client-too-old'],
  [{}, { clientVersion: 'built by hand' }, 'none'],
  [{ format: 'legacy' as const, releaseKey: null }, { clientVersion: '3.6.0' }, 'none'],
  [{ releaseKey: 'prd' as const }, {}, 'vehicle-release-key'],
  [{}, { state: 'failure' as const }, 'none'],
  [{}, { state: 'aborting' as const }, 'vehicle-ecu-busy'],
  [{}, { state: 'client-updating' as const }, 'vehicle-ecu-busy'],
  [{}, { ecuId: 'b' }, 'vehicle-ecu-unknown'],
])('an image %j for an ECU %j: %s', (image, own, code) => {
  expect(codeOf(() => preflight([{ ...offered, ...image }], status(own)))).toBe(code);
});

test('of an image all ECUs are meant, or those that are named', () => {
  const images = [{ ecuId: 'a' }, { ecuId: 'b' }];
  expect(selectOffered(images, [])).toEqual(images);
  expect(selectOffered(images, ['b'])).toEqual([{ ecuId: 'b' }]);
  expect(codeOf(() => selectOffered(images, ['c']))).toBe('usage-ecu-not-in-image');
});
