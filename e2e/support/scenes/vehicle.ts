import type { VehicleScenario } from '../../host/fake-vehicle.ts';
import type { VehicleEvent } from '../../../src/main/ipc/vehicle-backend.ts';
import type { EcuStatus, UpdatePhase } from '../../../src/shared/model/vehicle.ts';
import type { Scene, SceneContext } from '../scene.ts';

const IMAGE = '/home/kim/offline-ota-image-2026-11-20.tar';
const ADDRESS = '192.168.10.11';

const offered = (ecuId: string, version: string) => ({
  ...{ ecuId, version, format: 'legacy' as const, releaseKey: null },
});

const OFFERED = [
  offered('autoware', 'ver_20261120'),
  offered('perception', 'ver_20261118'),
  offered('sensing', 'ver_20261101'),
];

function ecu(ecuId: string, change: Partial<EcuStatus> = {}): EcuStatus {
  return {
    ...{ ecuId, version: 'ver_20251002', clientVersion: '3.13.0', state: 'success' },
    ...{ failureReason: '', recoverable: true, progress: null },
    ...change,
  };
}

function updating(ecuId: string, phase: UpdatePhase, part: number): EcuStatus {
  const downloadBytes = 402e6;
  return ecu(ecuId, {
    state: 'updating',
    progress: {
      ...{ version: 'ver_20261120', started: 1, phase, files: 41_250, downloadBytes },
      ...{
        downloadedBytes: downloadBytes * part,
        downloadErrors: 0,
        processedFiles: 41_250 * part,
      },
    },
  });
}

const seen = (...ecus: EcuStatus[]) => ({
  kind: 'status' as const,
  status: { ecuIds: ecus.map(({ ecuId }) => ecuId), ecus },
});

const IDLE = seen(ecu('autoware'), ecu('perception'), ecu('rear_display', { version: '7' }));
const PAIR = ['autoware', 'perception'];

const STARTED: VehicleEvent[] = [
  {
    kind: 'plan',
    ecus: [
      { ecuId: 'autoware', from: 'ver_20251002', to: 'ver_20261120' },
      { ecuId: 'perception', from: 'ver_20251002', to: 'ver_20261118' },
    ],
  },
  { kind: 'server', address: '192.168.10.2', port: 8443 },
  { kind: 'triggered', isCertain: true },
  seen(updating('autoware', 'downloading', 0.42), updating('perception', 'delta', 0.17)),
  { kind: 'traffic', bytes: 168e6 },
];

const outcome = (ecuId: string, reason: 'failure' | null, detail = ''): VehicleEvent => ({
  kind: 'outcome',
  ecuId,
  outcome: reason === null ? { kind: 'updated' } : { kind: 'failed', reason, detail },
});

const vehicle = (changes: VehicleScenario = {}): { readonly vehicle: VehicleScenario } => ({
  vehicle: {
    networks: [
      { name: 'enp3s0', address: '192.168.10.2' },
      { name: 'wlp2s0', address: '10.20.1.77' },
    ],
    offered: OFFERED,
    sight: IDLE,
    ...changes,
  },
});

const press = ({ page }: SceneContext, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();

async function open(on: SceneContext): Promise<void> {
  await press(on, on.words.t('nav.vehicle'));
  await on.page.getByText(on.words.t('vehicle-screen.intro')).waitFor();
}

async function choose(on: SceneContext): Promise<void> {
  await open(on);
  await on.app.ask('answerDialogs', [[IMAGE]]);
  await press(on, on.words.t('vehicle-image.file'));
  await on.page.locator('[data-part=way] code').waitFor();
}

async function connect(on: SceneContext): Promise<void> {
  await choose(on);
  await on.page.getByLabel(on.words.t('vehicle-link.address')).fill(ADDRESS);
  await press(on, on.words.t('vehicle-link.connect'));
}

async function ask(on: SceneContext): Promise<void> {
  await connect(on);
  await press(on, on.words.t('vehicle-link.update', { count: PAIR.length }));
  await on.page.getByRole('textbox').last().fill(PAIR.join(' '));
}

async function update(on: SceneContext): Promise<void> {
  await ask(on);
  await press(on, on.words.t('vehicle-confirm.yes'));
  await on.page.locator('.run-ecus, .error-text').first().waitFor();
}

/** The vehicle screen, from the first look to each end. */
export const VEHICLE_SCENES: readonly Scene[] = [
  { name: '50-vehicle', scenario: vehicle(), act: open },
  {
    name: '51-vehicle-verifying',
    scenario: vehicle({ verifyingAt: 0.42 }),
    act: async (on) => {
      await choose(on);
      const text = on.words.t('vehicle-image.verifying', { percent: '42%' });
      await on.page.getByText(text).first().waitFor();
    },
  },
  {
    name: '52-vehicle-incomplete',
    scenario: vehicle({
      imageError: {
        code: 'verify-failed',
        params: { target: IMAGE, faults: 2, first: 'data/9e3779b1' },
      },
    }),
    act: async (on) => {
      await choose(on);
      await on.page.getByRole('alert').waitFor();
    },
  },
  {
    name: '53-vehicle-upper',
    scenario: vehicle(),
    act: async (on) => {
      await choose(on);
      await on.page.getByText(on.words.t('vehicle-way.upper'), { exact: true }).click();
      await on.page.getByRole('combobox').selectOption('192.168.10.2');
      await on.page.getByText('upper_ota_proxy: "').waitFor();
    },
  },
  {
    name: '54-vehicle-unreachable',
    scenario: vehicle({
      sight: {
        kind: 'unreachable',
        error: {
          code: 'vehicle-unreachable',
          params: { address: `${ADDRESS}:50051`, reason: 'UNAVAILABLE' },
        },
      },
    }),
    act: async (on) => {
      await connect(on);
      await on.page.getByRole('alert').waitFor();
    },
  },
  {
    name: '55-vehicle-ecus',
    scenario: vehicle(),
    act: async (on) => {
      await connect(on);
      await on.page.getByText('rear_display').scrollIntoViewIfNeeded();
    },
  },
  { name: '56-vehicle-confirm', scenario: vehicle(), act: ask },
  {
    name: '57-vehicle-running',
    scenario: vehicle({ events: STARTED }),
    act: async (on) => {
      await update(on);
      await on.page.getByText('42%').waitFor();
    },
  },
  {
    name: '58-vehicle-advice',
    scenario: vehicle({
      events: [
        ...STARTED.slice(0, 3),
        seen(updating('autoware', 'metadata', 0), updating('perception', 'initializing', 0)),
        { kind: 'diagnoses', found: ['tls-failed', 'asleep'] },
      ],
    }),
    act: async (on) => {
      await update(on);
      await on.page.getByText(on.words.t('diagnosis.asleep')).waitFor();
    },
  },
  {
    name: '59-vehicle-stop',
    scenario: vehicle({ events: STARTED }),
    act: async (on) => {
      await update(on);
      await press(on, on.words.t('vehicle-run.stop'));
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: '60-vehicle-done',
    scenario: vehicle({
      events: [...STARTED, outcome('autoware', null), outcome('perception', null)],
      end: 'done',
    }),
    act: async (on) => {
      await update(on);
      await on.page.getByText(on.words.t('vehicle-run.done')).waitFor();
      await on.page.locator('.command').waitFor();
    },
  },
  {
    name: '61-vehicle-partly',
    scenario: vehicle({
      events: [
        ...STARTED,
        outcome('autoware', null),
        outcome('perception', 'failure', 'E307: no space left on device\nTraceback'),
      ],
      end: 'done',
    }),
    act: async (on) => {
      await update(on);
      await on.page.getByText(on.words.t('vehicle-run.partly')).waitFor();
    },
  },
  {
    name: '62-vehicle-stopped',
    scenario: vehicle({ events: [...STARTED, { kind: 'stopped', answer: 'accepted' }] }),
    act: async (on) => {
      await update(on);
      await press(on, on.words.t('vehicle-run.stop'));
      await press(on, on.words.t('vehicle-stop.yes'));
      await on.page.getByText(on.words.t('vehicle-run.stopped')).waitFor();
    },
  },
  {
    name: '63-vehicle-refused',
    scenario: vehicle({
      events: STARTED.slice(0, 2),
      end: { code: 'vehicle-refused', params: { ecuIds: PAIR.join(', ') } },
    }),
    act: async (on) => {
      await update(on);
      await on.page.getByText(on.words.t('vehicle-run.failed')).waitFor();
    },
  },
  {
    name: '64-vehicle-closing',
    scenario: vehicle({ events: STARTED }),
    act: async (on) => {
      await update(on);
      await on.app.ask('closeWindow');
      await on.page.getByRole('alertdialog').waitFor();
    },
  },
];
