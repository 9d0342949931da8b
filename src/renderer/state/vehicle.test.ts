import { expect, test } from 'vitest';
import {
  NO_VEHICLE,
  type VehicleImage,
  type VehicleRun,
  type VehicleState,
} from '../../shared/model/vehicle-state.ts';
import { INITIAL, reduce } from './reducer.ts';
import { builtFiles, ecuRows, ecusToUpdate, namesAll, nextVehicleStep } from './vehicle.ts';
import type { State } from './model.ts';

const IMAGE: VehicleImage = {
  ...{ path: '/a.tar', state: 'ready', progress: null, error: null },
  ecus: [
    { ecuId: 'a', version: '2', refusal: null },
    { ecuId: 'b', version: '2', refusal: { code: 'vehicle-ecu-busy', params: { ecuId: 'b' } } },
    { ecuId: 'c', version: '2', refusal: null },
  ],
};

const seen = (ecuId: string) => ({
  status: {
    ...{ ecuId, version: '1', clientVersion: '3', state: 'success' as const },
    ...{ failureReason: '', recoverable: true, progress: null },
  },
  speed: { bytesPerSecond: null, secondsLeft: null },
});

const LINK = {
  ...{ address: 'x', seen: true, error: null, silent: ['e'] },
  ecus: [seen('a'), seen('b'), seen('d')],
};

const KNOWN: VehicleState = { image: IMAGE, link: LINK, run: null };

const withVehicle = (vehicle: VehicleState, state: State = INITIAL): State =>
  reduce(state, { type: 'vehicle', vehicle });

test('rows are the ECUs of the image, then the others of the vehicle, then silent ones', () => {
  expect(ecuRows(KNOWN).map(({ ecuId, from, to }) => [ecuId, from, to])).toEqual([
    ['a', '1', '2'],
    ['b', '1', '2'],
    ['c', null, '2'],
    ['d', '1', null],
    ['e', null, null],
  ]);
});

test('what is updated is what the vehicle can have, without what a person left out', () => {
  const state = withVehicle(KNOWN);
  expect(ecusToUpdate(state)).toEqual(['a']);
  const without = reduce(state, { type: 'ecu-taken', ecuId: 'a', taken: false });
  expect(ecusToUpdate(without)).toEqual([]);
  const again = reduce(without, { type: 'ecu-taken', ecuId: 'a', taken: true });
  expect(ecusToUpdate(again)).toEqual(['a']);
});

test.each<[VehicleState, string | null]>([
  [NO_VEHICLE, 'image'],
  [{ ...NO_VEHICLE, image: { ...IMAGE, state: 'failed' } }, 'image'],
  [{ ...NO_VEHICLE, image: { ...IMAGE, state: 'verifying' } }, 'link'],
  [{ ...KNOWN, image: { ...IMAGE, state: 'verifying' } }, null],
  [{ ...KNOWN, link: { ...LINK, seen: false } }, null],
  [KNOWN, 'link'],
])('the next thing to do is in the part of what is lacking', (vehicle, step) => {
  expect(nextVehicleStep(withVehicle(vehicle))).toBe(step);
});

test.each([
  ['a b', true],
  ['b, a', true],
  [' B、A ', true],
  ['a', false],
  ['a b c', false],
  ['a a b', false],
  ['', false],
])('typing %j names a and b: %s', (typed, isNamed) => {
  expect(namesAll(typed, ['a', 'b'])).toBe(isNamed);
});

test('a question is asked no more when what it is about is gone', () => {
  const run: VehicleRun = {
    ...{ state: 'running', way: 'own', server: null, triggered: true, ecus: [], diagnoses: [] },
    ...{ sentBytes: 0, stopAnswer: null, error: null },
  };
  const asked = (question: State['question'], before: VehicleState, after: VehicleState) =>
    withVehicle(after, { ...withVehicle(before), question }).question;
  const going: VehicleState = { ...KNOWN, run };
  const done: VehicleState = { ...KNOWN, run: { ...run, state: 'done' } };
  expect(asked('stop-update', going, going)).toBe('stop-update');
  expect(asked('stop-update', going, done)).toBeNull();
  expect(asked('closing', going, done)).toBeNull();
  expect(asked('closing', KNOWN, KNOWN)).toBe('closing');
  expect(asked('update', KNOWN, KNOWN)).toBe('update');
  expect(asked('update', KNOWN, { ...KNOWN, link: null })).toBeNull();
});

test('of the last build its complete files are offered, sticks are not', () => {
  const outcomes = [
    { request: { kind: 'tar', path: '/a.tar' }, state: 'done' },
    { request: { kind: 'img', path: '/b.img' }, state: 'failed' },
    { request: { kind: 'drive' }, state: 'done' },
  ];
  const jobs = { build: { outcomes }, check: null } as unknown as State['jobs'];
  expect(builtFiles({ ...INITIAL, jobs })).toEqual(['/a.tar']);
});
