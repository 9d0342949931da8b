import type { Drive, DriveIdentity, DrivePartition } from '../../shared/model/drive.ts';
import type { BlockDevice } from './block-device.ts';
import type { Access } from '../../shared/writer-protocol.ts';
import type { Recognition } from './recognition.ts';

/** One device that was checked, and what it is part of. */
export interface WriterTarget {
  readonly name: string;
  readonly identity: DriveIdentity;
  readonly drive: Drive;
  /** null: the whole disk. */
  readonly partition: DrivePartition | null;
  /** What the job may do to it. */
  readonly access: Access;
}

/** What the writer needs of the operating system besides reading and writing. */
export interface WriterPlatform {
  /**
   * Users of any part of the target's disk that no list of the system shows; empty when there are
   * none. Asked before anything is unmounted.
   */
  usersOutOfSight?(target: WriterTarget): Promise<string>;
  /**
   * Unmounts what a person's desktop has mounted from the target; never lazily, and by force only on macOS,
   * where Spotlight holds it and it is to be erased. Destroys nothing. @throws `drive-mounted-elsewhere` where any other mount is in the way: then none is unmounted.
   */
  unmount(target: WriterTarget): Promise<void>;
  /** true: what is mounted from the target does not keep it from being opened. */
  readonly mayStayMounted: boolean;
  /**
   * Opens for this process alone, and for the target's access only. Throws errors of the system, which
   * `device-errors.ts` turns into ours.
   */
  open(target: WriterTarget, scratch: Uint8Array): Promise<BlockDevice>;
  /**
   * Where writing needs it: takes away what the system has on the target, contents included. Called for
   * jobs that write only, before the target is opened: nothing else can open it then. Must itself make sure
   * that the target is still the one that was judged.
   */
  clear(target: WriterTarget): Promise<void>;
  /** Programs that have any of the target open or mounted; empty when there is none. */
  programsOf?(target: WriterTarget): Promise<string>;
  /** Programs, mounts and devices that keep the target busy; empty when the system tells none. */
  usersOf(target: WriterTarget): Promise<string>;
  /** Other programs that have the target open for writing, which an exclusive open does not notice. */
  othersWriting(target: WriterTarget): Promise<string>;
  /**
   * What the system's own tools find on the target, which is open and flushed; null where there is
   * none to ask. Throws an Error where it gives no answer.
   */
  recognise(target: WriterTarget): Promise<Recognition | null>;
  /** After closing: makes the system look at the partition table and labels again. */
  reread(target: WriterTarget): Promise<void>;
  /** true: `eject` wants the device closed; what was asked of it before is done, and nothing comes after. */
  readonly closesBeforeEject: boolean;
  /** Switches the drive off, or throws why not. */
  eject(target: WriterTarget): Promise<void>;
}
