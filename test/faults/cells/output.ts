import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import type { ErrorData } from '../../../src/shared/errors.ts';
import type { DriveCall } from '../faulty-drive.ts';
import { faultyThreads } from '../faulty-threads.ts';
import {
  BEFORE,
  cancelled,
  CHANGES,
  DONE,
  DURING,
  FILES_DONE,
  NONE,
  system,
  wrongBlob,
  wrongZst,
  type Cell,
  type Stage,
} from './cell.ts';

const STICK = 'Stick';
const DRIVE_ERRORS = {
  'elevation-cancelled': {},
  'elevation-refused': {},
  'elevation-missing': { what: 'pkexec' },
  'elevation-broken': { detail: 'exit status 126' },
  'writer-refused': { reason: 'the job belongs to another user' },
  'writer-lost': { drive: STICK },
  'drive-changed': { drive: STICK },
  'drive-busy': { drive: STICK, user: 'vlc (7)' },
  'drive-unmount-failed': { drive: STICK, mount: '/media/x', user: 'bash (8)' },
  'drive-open-failed': { drive: STICK, reason: 'EACCES' },
  'drive-is-system': { drive: STICK },
  'drive-unplugged': { drive: STICK },
  'drive-forgets': { drive: STICK, offset: 0 },
  'drive-hidden': { drive: STICK, found: 'isw_raid_member' },
  'drive-recognition-failed': { drive: STICK, reason: 'blkid: exit status 4' },
  'drive-counterfeit': { drive: STICK, size: 64e9, holds: 8e9 },
  'drive-write-failed': { drive: STICK, offset: 4096, reason: 'EIO' },
  'drive-read-failed': { drive: STICK, offset: 4096, reason: 'EIO' },
} as const;
type DriveCode = keyof typeof DRIVE_ERRORS;

function stick(
  stage: Stage,
  call: DriveCall,
  code: DriveCode,
  fault: string,
  after: Cell['after'],
  calls = 0,
): Cell {
  const error = { code, params: DRIVE_ERRORS[code] } as unknown as ErrorData;
  return {
    ...{ stage, fault: `the stick: ${fault}`, code, after },
    inject: (world) => (world.drive.fault = { call, error, after: calls }),
  };
}

const opening: Cell[] = [
  {
    stage: 'open',
    fault: 'the image lies on the stick, which is unmounted',
    code: 'path-on-drive',
    after: BEFORE,
    inject: (world) => world.whenOpened(() => rmSync(world.imagePath)),
  },
  {
    stage: 'open',
    fault: 'the folder that is to be filled lies on the stick, which is unmounted',
    code: 'path-on-drive',
    after: { folder: 'nothing', stick: 'untouched' },
    inject: (world) => {
      const folder = world.pathOf('folder');
      mkdirSync(folder);
      world.whenOpened(() => rmSync(folder, { recursive: true }));
    },
  },
  {
    stage: 'open',
    fault: 'the image grows while a password is asked for',
    code: 'input-changed',
    after: BEFORE,
    inject: (world) => world.whenOpened(() => appendFileSync(world.imagePath, 'x')),
  },
  ...(
    [
      ['elevation-cancelled', 'the password dialog is closed'],
      ['elevation-refused', 'the password is wrong'],
      ['elevation-missing', 'pkexec is not installed'],
      ['elevation-broken', 'the writer does not come up'],
      ['writer-refused', 'the writer does not take its job'],
      ['writer-lost', 'the writer dies'],
      ['drive-changed', 'is not the one that was confirmed'],
      ['drive-is-system', 'holds the system'],
      ['drive-busy', 'is in use'],
      ['drive-unmount-failed', 'cannot be unmounted'],
      ['drive-open-failed', 'cannot be opened'],
      ['drive-unplugged', 'is unplugged'],
    ] as const
  ).map(([code, fault]) => stick('open', 'open', code, fault, BEFORE)),
];

/** Faults while a stick that is refreshed is looked at. */
const looking = (
  [
    {
      stage: 'look',
      fault: 'the stick: a place of it cannot be read, and it is written as a whole',
      code: null,
      after: { tar: 'complete', stick: 'complete' },
      inject(world) {
        const error = {
          code: 'drive-read-failed',
          params: DRIVE_ERRORS['drive-read-failed'],
        } as const;
        world.drive.fault = { call: 'read', error, once: true };
      },
    },
    stick('look', 'read', 'drive-unplugged', 'is unplugged', { stick: 'untouched' }),
    stick('look', 'read', 'writer-lost', 'the writer dies', { stick: 'untouched' }),
    {
      stage: 'look',
      fault: 'it is cancelled',
      code: 'cancelled',
      after: { stick: 'untouched' },
      inject: cancelled('look'),
    },
  ] satisfies Cell[]
).map((cell: Cell): Cell => ({
  ...cell,
  inject(world) {
    world.refresh();
    cell.inject(world);
  },
}));

const preparing: Cell[] = [
  ...(
    [
      ['the folder is not there', 'output-folder-missing', 'ENOENT'],
      ['a file is where the folder was', 'output-folder-is-file', 'ENOTDIR'],
      ['the folder holds all that it can', 'output-folder-full', 'EMLINK'],
      ['the name is too long', 'output-path-too-long', 'ENAMETOOLONG'],
      ['the drive is read-only', 'output-read-only', 'EROFS'],
      ['the folder may not be written to', 'output-unwritable', 'EACCES'],
      ['no space is left', 'output-full', 'ENOSPC'],
      ['making the file fails', 'output-write-failed', 'EIO'],
    ] as const
  ).flatMap(([fault, code, errno]): Cell[] => [
    {
      stage: 'prepare',
      fault,
      code,
      after: { tar: 'nothing', img: 'nothing', stick: 'untouched' },
      inject: system('open', 'partial', errno),
    },
    {
      stage: 'prepare',
      fault: `${fault} (folder)`,
      code,
      after: { tar: 'nothing', folder: 'nothing', stick: 'untouched' },
      inject: system('mkdir', 'partial', errno),
    },
  ]),
  {
    stage: 'prepare',
    fault: 'the space cannot be asked for',
    code: 'output-write-failed',
    after: NONE,
    inject: system('statfs', '', 'EIO'),
  },
  {
    stage: 'prepare',
    fault: 'the file is longer than the filesystem allows',
    code: 'output-file-too-large',
    after: { tar: 'nothing', img: 'nothing' },
    inject: system('truncate', 'partial', 'EFBIG'),
  },
  {
    stage: 'prepare',
    fault: 'a file of the folder is longer than the filesystem allows',
    code: 'output-file-too-large',
    after: { folder: 'nothing' },
    inject: system('truncate', 'partial', 'EFBIG'),
  },
  {
    stage: 'prepare',
    fault: 'the filesystem cannot make a file longer (tar)',
    code: null,
    after: { tar: 'complete' },
    inject: system('truncate', 'partial', 'EPERM'),
  },
  {
    stage: 'prepare',
    fault: 'the filesystem cannot make a file longer (img)',
    code: 'output-unwritable',
    after: { img: 'nothing' },
    inject: system('truncate', 'partial', 'EPERM'),
  },
  ...(['tar', 'img', 'folder'] as const).map((name): Cell => ({
    ...{
      stage: 'prepare',
      fault: `somebody makes the ${name} first`,
      code: 'output-exists',
      after: { [name]: 'another’s' },
    },
    inject: (world) => world.when('prepare', () => world.putAnothers(name)),
  })),
  stick('prepare', 'prepare', 'drive-forgets', 'does not keep what is written', DURING),
  stick('prepare', 'prepare', 'drive-counterfeit', 'holds less than it says', DURING),
  stick('prepare', 'prepare', 'drive-write-failed', 'a write fails', DURING),
  stick('prepare', 'prepare', 'drive-unplugged', 'is unplugged', DURING),
  stick('prepare', 'prepare', 'writer-lost', 'the writer dies', DURING),
  {
    stage: 'prepare',
    fault: 'it is cancelled',
    code: 'cancelled',
    after: { ...DURING, stick: 'untouched' },
    inject: cancelled('prepare'),
  },
];

const writing: Cell[] = [
  {
    stage: 'write',
    fault: 'a file is not what its hash says',
    code: 'blob-corrupt',
    after: NONE,
    inject: wrongBlob,
  },
  {
    stage: 'write',
    fault: 'a compressed file unpacks to something else',
    code: 'blob-corrupt',
    after: NONE,
    inject: wrongZst,
  },
  ...(
    [
      ['no space is left', 'output-full', 'ENOSPC'],
      ['the quota is used up', 'output-over-quota', 'EDQUOT'],
      ['a write fails', 'output-write-failed', 'EIO'],
    ] as const
  ).flatMap(([fault, code, errno]) =>
    (['tar', 'img', 'folder'] as const).map((name): Cell => ({
      ...{ stage: 'write', fault: `${fault} (${name})`, code, after: { [name]: 'nothing' } },
      inject: system('write', `.out.${name}`, errno, name === 'folder' ? 3 : 0),
    })),
  ),
  {
    stage: 'write',
    fault: 'a file of the folder cannot be made',
    code: 'output-full',
    after: NONE,
    inject: system('open', 'partial/data', 'ENOSPC', 1),
  },
  ...CHANGES.flatMap(([fault, code, change]) =>
    (['none', 'gzip'] as const).map((image): Cell => ({
      ...{
        stage: 'write',
        fault: `the ${image === 'gzip' ? 'compressed ' : ''}image ${fault}`,
        code,
        after: DURING,
        image,
      },
      inject: (world) => world.when('write', () => change(world.imagePath)),
    })),
  ),
  {
    stage: 'write',
    fault: 'a hashing thread dies',
    code: 'internal',
    after: NONE,
    inject: () => faultyThreads.arm('hash'),
  },
  {
    stage: 'write',
    fault: 'the decoder’s thread dies',
    code: 'internal',
    after: NONE,
    image: 'gzip',
    inject: () => faultyThreads.arm('decode', 1),
  },
  stick('write', 'write', 'drive-write-failed', 'a write fails', { stick: 'unrecognisable' }),
  stick('write', 'write', 'drive-unplugged', 'is unplugged', { stick: 'unrecognisable' }),
  stick('write', 'write', 'writer-lost', 'the writer dies', { stick: 'unrecognisable' }),
  {
    stage: 'write',
    fault: 'it is cancelled',
    code: 'cancelled',
    after: DURING,
    inject: cancelled('write'),
  },
];

const flushing: Cell[] = [
  {
    stage: 'flush',
    fault: 'what was written does not reach the disk (tar)',
    code: 'output-write-failed',
    after: NONE,
    inject: system('sync', '.out.tar', 'EIO'),
  },
  {
    stage: 'flush',
    fault: 'what was written does not reach the disk (folder)',
    code: 'output-write-failed',
    after: { folder: 'nothing' },
    // Of a file: the folders are flushed after all files.
    inject: system('sync', 'manifest.json', 'EIO'),
  },
  {
    stage: 'flush',
    fault: 'the file cannot get its name',
    code: 'output-write-failed',
    after: { tar: 'nothing' },
    inject: system('link', 'out.tar', 'EIO'),
  },
  {
    stage: 'flush',
    fault: 'the filesystem has no links',
    code: null,
    after: { tar: 'complete', img: 'complete' },
    inject: system('link', 'out.', 'EPERM'),
  },
  ...(['tar', 'img', 'folder'] as const).map((name): Cell => ({
    ...{
      stage: 'flush',
      fault: `somebody makes the ${name} meanwhile`,
      code: 'output-exists',
      after: { [name]: 'another’s' },
    },
    inject: (world) => world.when('write', () => world.putAnothers(name)),
  })),
  stick('flush', 'flush', 'drive-write-failed', 'what was written does not reach it', FILES_DONE),
  stick('flush', 'flush', 'drive-unplugged', 'is unplugged', FILES_DONE),
  stick('flush', 'flush', 'writer-lost', 'the writer dies', FILES_DONE),
  {
    stage: 'flush',
    fault: 'it is cancelled',
    code: 'cancelled',
    after: DURING,
    inject: cancelled('flush'),
  },
];

const verifying: Cell[] = [
  stick('verify', 'read', 'drive-read-failed', 'cannot be read', FILES_DONE, 3),
  stick('verify', 'read', 'drive-unplugged', 'is unplugged', FILES_DONE),
  stick('verify', 'read', 'writer-lost', 'the writer dies', FILES_DONE),
  {
    stage: 'verify',
    fault: 'the stick: a bit is not what was written',
    code: 'verify-failed',
    after: FILES_DONE,
    inject: (world) => (world.drive.fault = { lies: 'flip' }),
  },
  {
    stage: 'verify',
    fault: 'the stick: writes were dropped',
    code: 'filesystem-damaged',
    after: FILES_DONE,
    inject: (world) => (world.drive.fault = { lies: 'forget' }),
  },
  {
    stage: 'verify',
    fault: 'a hashing thread dies',
    code: 'internal',
    after: { stick: 'unrecognisable' },
    inject: (world) => world.when('verify', () => faultyThreads.strike('hash')),
  },
  {
    stage: 'verify',
    fault: 'it is cancelled',
    code: 'cancelled',
    after: FILES_DONE,
    inject: cancelled('verify'),
  },
];

const committing: Cell[] = [
  stick('commit', 'commit', 'drive-write-failed', 'the last block cannot be written', FILES_DONE),
  stick('commit', 'commit', 'drive-forgets', 'the last block is not kept', FILES_DONE),
  stick('commit', 'commit', 'drive-hidden', 'something else hides what was written', FILES_DONE),
  stick('commit', 'commit', 'drive-recognition-failed', 'blkid gives no answer', FILES_DONE),
  stick('commit', 'commit', 'drive-unplugged', 'is unplugged', FILES_DONE),
  stick('commit', 'commit', 'writer-lost', 'the writer dies', FILES_DONE),
  {
    stage: 'commit',
    fault: 'it is cancelled',
    code: 'cancelled',
    after: FILES_DONE,
    inject: cancelled('commit'),
  },
  {
    stage: 'commit',
    fault: 'it is cancelled while the block is written',
    code: null,
    after: DONE,
    inject: (world) => (world.drive.fault = { meanwhile: () => world.cancel() }),
  },
];

const ejecting: Cell[] = [
  {
    stage: 'eject',
    fault: 'the stick: it stays switched on',
    code: null,
    after: DONE,
    inject: (world) => (world.drive.fault = { ejects: false }),
  },
  stick('eject', 'eject', 'writer-lost', 'the writer dies', DONE),
];

/** What goes wrong while something is written. */
export const outputCells: readonly Cell[] = [
  ...opening,
  ...looking,
  ...preparing,
  ...writing,
  ...flushing,
  ...verifying,
  ...committing,
  ...ejecting,
];
